from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.report.figures.design import counts, design_space, marginal

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from mesocast.report.results import Results


def _figure(results: Results) -> go.Figure:
    failed = results.dataset[results.dataset["status"] != "ok"]
    optimum = results.optimum
    return design_space(results.simulated, failed, optimum.parameters, optimum.bounds_pct)


def test_every_condition_is_one_marker(results: Results) -> None:
    traces = {trace.name: trace for trace in _figure(results).data}
    assert len(traces["simulated"].x) + len(traces["failed"].x) == len(results.dataset)
    assert list(traces["simulated"].marker.color) == results.simulated["objective"].tolist()
    assert "S003-C01: lost_beads" in traces["failed"].text


def test_lines_join_one_slurry_only(results: Results) -> None:
    line = _figure(results).data[0]
    breaks = [i for i, value in enumerate(line.x) if value is None]
    starts = [0, *(i + 1 for i in breaks[:-1])]
    assert len(breaks) == results.simulated["slurry_id"].nunique()
    for start, end in zip(starts, breaks, strict=True):
        assert len(set(line.x[start:end])) == 1
        assert list(line.z[start:end]) == sorted(line.z[start:end])


def test_axes_hold_the_bounds(results: Results) -> None:
    scene = _figure(results).layout.scene
    for axis, (low, high) in zip(
        (scene.xaxis, scene.yaxis, scene.zaxis), results.optimum.bounds_pct.values(), strict=True
    ):
        assert axis.range[0] < low < high < axis.range[1]


def test_campaign_without_failures_has_no_trace_of_them(results: Results) -> None:
    optimum = results.optimum
    figure = design_space(
        results.simulated, results.simulated.head(0), optimum.parameters, optimum.bounds_pct
    )
    assert "failed" not in {trace.name for trace in figure.data}


def test_every_electrode_is_counted_once(results: Results) -> None:
    values = results.design["cr_pct"].tolist()
    found, edges = counts(values, (0, 40))
    assert sum(found) == len(values)
    assert edges == pytest.approx([4 * i for i in range(11)])
    assert found[2] == sum(8 <= value < 12 for value in values)
    # A recipe outside of the bounds widens the range.
    assert counts([*values, 50], (0, 40))[1][-1] == 50


def test_bars_stand_beside_the_even_height_and_the_optimum(results: Results) -> None:
    values = results.design["cr_pct"].tolist()
    figure = marginal("cr_pct", *counts(values, (0, 40)), 20.5)
    traces = {trace.name: trace for trace in figure.data}
    assert list(traces["electrodes"].y) == counts(values, (0, 40))[0]
    assert traces["if even"].y[0] == pytest.approx(len(values) / 10)
    assert set(traces["optimum"].x) == {20.5}
