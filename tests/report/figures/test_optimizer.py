from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.report.figures.optimizer import convergence, dependence

if TYPE_CHECKING:
    from mesocast.report.results import Results


def test_best_so_far_never_rises_and_ends_at_the_best(results: Results) -> None:
    trace = results.optimum.trace
    figure = convergence(trace, results.optimum.truth.objective)
    best = next(t for t in figure.data if t.name == "best so far")
    assert (np.diff(best.y) <= 0).all()
    assert best.y[-1] == min(visit.objective for visit in trace)
    points = [t for t in figure.data if t.mode == "markers"]
    assert sum(len(t.x) for t in points) == len(trace)


def test_dependence_has_its_axes_the_right_way_round(results: Results) -> None:
    optimum = results.optimum
    for panel in optimum.partial_dependence:
        figure = dependence(panel, optimum.trace, optimum.parameters)
        surface = figure.data[0]
        # Plotly takes rows along y; the optimum's file has rows along the first parameter.
        assert surface.z[3][5] == panel.objective[5][3]
        assert surface.x[5] == panel.first_pct[5]
        star = figure.data[-1]
        assert list(star.x) == [optimum.parameters[panel.first]]
        assert list(star.y) == [optimum.parameters[panel.second]]
