"""Text alternatives: what a figure shows, in one sentence for those who do not see it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

# A list of more is heard to no end.
_NAMED = 6


def describe(title: str, figure: go.Figure) -> str:
    """Say what a figure shows: its title, what its axes are, and what is drawn.

    Parameters
    ----------
    title
        Above the figure on the page.
    figure
        With at least one trace.

    Returns
    -------
    str
        One sentence of plain text.
    """
    begin = ": ".join(filter(None, (_plain(title), _axes(figure))))
    return ", ".join(filter(None, (begin, _drawn(figure), _colour(figure)))) + "."


def _axes(figure: go.Figure) -> str:
    layout = figure.layout.to_plotly_json()
    first = figure.data[0] if figure.data else None
    if first is None:
        return ""
    if first.type == "splom":
        return f"each of {_listed([d.label for d in first.dimensions])} against each other"
    if first.type == "scatterpolar":
        return f"a radar chart of {_listed(list(dict.fromkeys(first.theta)))}"
    if first.type == "mesh3d":
        return "surfaces in three dimensions"
    place = layout.get("scene", {}) if first.type.endswith("3d") else layout
    titles = [
        _plain(place.get(f"{letter}axis", {}).get("title", {}).get("text", "")) for letter in "xyz"
    ]
    if first.type.endswith("3d"):
        return f"{_listed(titles)} in three dimensions"
    across, along = titles[0] or _categories(figure), titles[1]
    return " against ".join(filter(None, (along, across)))


def _categories(figure: go.Figure) -> str:
    """What stands at an axis without a title."""
    ticks = figure.layout.xaxis.ticktext or figure.data[0].x
    names = [tick for tick in (() if ticks is None else ticks) if isinstance(tick, str)]
    return _listed(list(dict.fromkeys(names)))


def _drawn(figure: go.Figure) -> str:
    names = list(dict.fromkeys(_plain(trace.name) for trace in figure.data if trace.name))
    return f"with {_listed(names)}" if names else ""


def _colour(figure: go.Figure) -> str:
    for trace in figure.data:
        bars = (trace, getattr(trace, "marker", None))
        texts = (_title(bar) for bar in bars)
        if text := next(filter(None, texts), ""):
            return f"coloured by {text}"
    return ""


def _title(holder: Any) -> str:
    """Title of the colour bar of a trace or of its markers; empty where there is none."""
    content = {} if holder is None else holder.to_plotly_json()
    return _plain(content.get("colorbar", {}).get("title", {}).get("text", ""))


def _listed(names: Sequence[str]) -> str:
    texts = [_plain(name) for name in names if name]
    if len(texts) > _NAMED:
        texts = [*texts[: _NAMED - 1], f"{len(texts) - _NAMED + 1} more"]
    comma = "; " if any("," in text for text in texts) else ", "
    return " and ".join(filter(None, (comma.join(texts[:-1]), *texts[-1:])))


def _plain(text: str) -> str:
    return re.sub(r"\s*<[^>]*>\s*", " ", text).strip()
