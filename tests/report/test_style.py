from __future__ import annotations

import pytest

from mesocast.report import style

PAGES = {"light": "#ffffff", "dark": "#14181d"}


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", PAGES.values())
@pytest.mark.parametrize(
    "colour",
    [
        style.BLUE,
        style.VERMILLION,
        style.GREEN,
        style.PURPLE,
        style.GREY,
        *(colour for _, colour in style.SCALE),
    ],
)
def test_colours_stand_out_from_both_pages(colour: str, page: str) -> None:
    # WCAG 2.2, criterion 1.4.11: 3 for graphics.
    assert _contrast(colour, page) >= 3


@pytest.mark.parametrize("name", PAGES)
def test_text_is_readable(name: str) -> None:
    # WCAG 2.2, criterion 1.4.3: 4.5 for text.
    assert _contrast(style.THEMES[name]["layout"]["font"]["color"], PAGES[name]) >= 4.5


def test_scale_ends_are_kept_for_shares_outside() -> None:
    assert style.colour_at(-1.0) == style.colour_at(0.0)
    assert style.colour_at(2.0) == style.colour_at(1.0)
    assert style.colour_at(0.0) != style.colour_at(1.0)
