"""Figures of a calibration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mesocast.calibration.answer import Calibration, Found, Interval, Row
from mesocast.report.figures.calibration import marginals, parity, pressure_curves


def row(electrode: str, pressing: str, quantity: str, measured: float | None) -> Row:
    middle = measured or 0.4
    around = Interval(middle, 0.9 * middle, 1.1 * middle)
    return Row(
        *(electrode, 94.0, 60.0, pressing, quantity, measured, 0.01 if measured else None),
        *(around, around, 0.01, {"x": 1.0}, 0.1),
    )


def calibration(*rows: Row) -> Calibration:
    return Calibration(
        *((), (), rows, {}, {}),
        points=1,
        films=1,
        failed_films=0,
        effective_draws=1000.0,
        left_out=(),
        mass_ug=0.1,
    )


ROWS = (
    row("dried", "cr_pct=0", "porosity_total", 0.5),
    row("far", "pressure_MPa=80", "porosity_total", 0.3),
    row("near", "cr_pct=20", "porosity_total", 0.4),
    row("near", "cr_pct=20", "pressure_max_MPa", 30.0),
    row("unknown", "cr_pct=30", "porosity_total", 0.35),
)


def test_porosity_is_drawn_over_the_pressure_set_or_measured() -> None:
    figure = pressure_curves(calibration(*ROWS))
    assert figure is not None
    traces: dict[str, Any] = {trace.name: trace for trace in figure.data}
    measured = traces["94/60, total, measured"]
    assert list(measured.x) == [0, 30, 80]
    assert list(measured.y) == [0.5, 0.4, 0.3]
    assert pressure_curves(calibration(ROWS[0], ROWS[4])) is None


def test_what_lies_outside_of_its_interval_stands_out() -> None:
    missed = replace(ROWS[1], predicted=Interval(0.4, 0.38, 0.42))
    points = parity([ROWS[0], missed]).data[-1]
    assert points.marker.color[0] != points.marker.color[1]
    assert list(points.y) == [0.5, 0.4]
    assert points.error_y.arrayminus[1] == pytest.approx(0.02)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_coefficient_is_drawn_between_its_bounds(scale: str) -> None:
    found = Found("x", 1.0, 100.0, scale, 10.0, 5.0, 20.0, 0.2)
    bars = marginals(found, [1.0, 10.0, 10.0, 100.0]).data[0]
    assert sum(bars.y) == pytest.approx(1)
    assert sum(bars.width) == pytest.approx(99)
