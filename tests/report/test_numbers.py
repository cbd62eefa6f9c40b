from __future__ import annotations

import pytest

from mesocast.columns import with_unit
from mesocast.report.numbers import count, duration, number, percent, quantity


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.0, "0"),
        (3.14159, "3.142"),
        (-0.05, "−0.05000"),
        (123456.0, "123456"),
        (6.62e-34, "6.620 × 10⁻³⁴"),
        (-1e9, "−1.000 × 10⁹"),
    ],
)
def test_number_has_significant_digits(value: float | None, text: str) -> None:
    assert number(value) == text


def test_percent_shows_its_sign_when_asked() -> None:
    assert percent(1.25, signed=True) == "+1.2 %"
    assert percent(-1.25) == "−1.2 %"
    assert percent(None) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"), [(3.0, "3.0 s"), (90.0, "1.5 min"), (7200.0, "2.0 h")]
)
def test_duration_takes_the_largest_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_count_makes_the_plural() -> None:
    assert [count(1, "slurry"), count(2, "slurry"), count(2, "seed")] == [
        "1 slurry",
        "2 slurries",
        "2 seeds",
    ]


def test_units_have_their_proper_signs() -> None:
    assert with_unit("thickness_um") == "Thickness (µm)"
    assert with_unit("density_g_cm3") == "Density (g/cm³)"
    assert with_unit("tortuosity_factor") == "Tortuosity factor"


def test_a_quantity_without_unit_is_a_number_only() -> None:
    assert quantity("density_g_cm3", 2.5) == "2.500 g/cm³"
    assert quantity("tortuosity_factor", 2.5) == "2.500"
