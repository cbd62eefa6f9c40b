from __future__ import annotations

import math

import numpy as np

from mesocast.report.figures.optimum import distribution, radar

VALUES = np.random.default_rng(0).normal(10.0, 1.0, 50).tolist()


def test_radar_closes_and_holds_values_outside_the_data() -> None:
    figure = radar({"predicted": [0.2, 1.3, -0.1]}, ["tortuosity factor", "b", "c"])
    (shape,) = figure.data
    assert shape.r[0] == shape.r[-1]
    assert shape.theta[0] == shape.theta[-1] == "tortuosity<br>factor"
    low, high = figure.layout.polar.radialaxis.range
    assert low <= -0.1
    assert high >= 1.3


def test_density_integrates_to_one_over_a_wide_enough_grid() -> None:
    figure = distribution("density_g_cm3", VALUES, predicted=2.0, verified=[18.0])
    curve = next(trace for trace in figure.data if trace.name == "kernel density")
    assert abs(np.trapezoid(curve.y, curve.x) - 1) < 0.01


def test_optimum_is_marked_even_beyond_the_data() -> None:
    figure = distribution("density_g_cm3", VALUES, predicted=2.0, verified=[18.0, 18.5])
    traces = {trace.name: trace for trace in figure.data}
    assert {x for x in traces["predicted"].x if x is not None} == {2.0}
    assert {x for x in traces["verified"].x if x is not None} == {18.0, 18.5}
    curve = traces["kernel density"]
    assert curve.x[0] < 2.0
    assert curve.x[-1] > 18.5


def test_unverified_optimum_has_no_mark_of_verification() -> None:
    figure = distribution("density_g_cm3", VALUES, predicted=10.0, verified=[])
    assert "verified" not in {trace.name for trace in figure.data}


def test_a_name_of_three_lines_below_the_circle_has_room_in_the_lowest_figure() -> None:
    """Lines of 17 px, 4 px below the circle, as Chromium draws them; figures of 400 px."""
    figure = radar({"predicted": [0.5, 0.5]}, ["Density", "Energy of the stack at 5C"])
    margin, domain = figure.layout.margin, figure.layout.polar.domain
    below_px = margin.b + domain.y[0] * (400 - margin.t - margin.b)
    assert below_px >= 3 * 17 + 4
    assert radar({"predicted": [0.5, 0.5]}, ["Density", "Active surface"]).layout.margin.b == 30


def test_electrodes_without_the_property_are_left_out() -> None:
    alone = distribution("density_g_cm3", VALUES, predicted=2.0, verified=[])
    found = distribution("density_g_cm3", [*VALUES, math.nan], predicted=2.0, verified=[])
    assert found.data == alone.data


def test_density_is_drawn_where_the_property_can_be() -> None:
    values = [value - 10 for value in VALUES]
    lowest = {
        name: min(distribution(name, values, predicted=0.0, verified=[]).data[1].x)
        for name in ("density_g_cm3", "pore_euler_1_um3")
    }
    assert lowest["density_g_cm3"] == 0
    assert lowest["pore_euler_1_um3"] < min(values)


def test_equal_values_have_no_density() -> None:
    figure = distribution("density_g_cm3", [2.0, 2.0], predicted=2.1, verified=[])
    assert set(figure.data[1].y) == {0.0}
