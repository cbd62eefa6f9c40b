"""What the optimizer did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from mesocast.columns import symbol_of, with_unit
from mesocast.report.numbers import setting_unit
from mesocast.report.style import (
    BLUE,
    FILLED_SCALE,
    GREY,
    PURPLE,
    VERMILLION,
    colour_bar,
    new_figure,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.optimization.optimum.result import Evaluation, PartialDependence


def convergence(trace: Sequence[Evaluation], truth: float) -> go.Figure:
    """Draw the objective of each evaluation, and the best one so far that meets the constraints.

    Parameters
    ----------
    trace
        Evaluations in their order.
    truth
        The smallest objective within the bounds, by exhaustive search.
    """
    figure = new_figure()
    values = [visit.objective for visit in trace]
    numbers = list(range(1, len(trace) + 1))
    best = np.minimum.accumulate([v.objective if v.violation == 0 else np.inf for v in trace])
    for kind, colour, symbol in (
        ("initial points", PURPLE, "square"),
        ("proposed points", BLUE, "circle"),
    ):
        chosen = [
            i for i, v in enumerate(trace) if (v.acquisition == "initial") == (symbol == "square")
        ]
        symbols = [symbol if trace[i].violation == 0 else "x-thin-open" for i in chosen]
        figure.add_trace(
            go.Scatter(
                x=[numbers[i] for i in chosen],
                y=[values[i] for i in chosen],
                mode="markers",
                marker={"color": colour, "symbol": symbols, "size": 5},
                text=[_recipe(trace[i]) for i in chosen],
                hovertemplate="evaluation %{x}: %{y:.5f}<br>%{text}<extra></extra>",
                name=kind,
            )
        )
    figure.add_trace(
        go.Scatter(
            x=numbers,
            y=[value if np.isfinite(value) else None for value in best.tolist()],
            mode="lines",
            line={"color": VERMILLION, "width": 2, "shape": "hv"},
            hovertemplate="best of %{x}: %{y:.5f}<extra></extra>",
            name="best so far",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[numbers[0], numbers[-1]],
            y=[truth, truth],
            mode="lines",
            line={"color": GREY, "dash": "dash", "width": 1},
            hovertemplate="exhaustive search: %{y:.5f}<extra></extra>",
            name="minimum",
        )
    )
    figure.update_xaxes(title="Evaluation")
    figure.update_yaxes(title="Objective (0 is best)", rangemode="tozero")
    return figure


def dependence(
    panel: PartialDependence, trace: Sequence[Evaluation], optimum: Mapping[str, float]
) -> go.Figure:
    """Draw the mean objective over two parameters, with the visited points and the optimum.

    Parameters
    ----------
    panel
        Partial dependence of the objective.
    trace
        Evaluations, drawn as their projections.
    optimum
        The recipe found.
    """
    figure = new_figure()
    first, second = setting_unit(panel.first), setting_unit(panel.second)
    figure.add_trace(
        go.Contour(
            x=list(panel.first_pct),
            y=list(panel.second_pct),
            z=np.transpose(panel.objective).tolist(),
            colorscale=FILLED_SCALE,
            contours={"coloring": "heatmap"},
            line={"width": 0.5},
            colorbar=colour_bar("mean objective"),
            hovertemplate=f"%{{x:.1f}}{first}, %{{y:.1f}}{second}: %{{z:.4f}}<extra></extra>",
            name="mean objective",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[visit.parameters[panel.first] for visit in trace],
            y=[visit.parameters[panel.second] for visit in trace],
            mode="markers",
            marker={"color": "white", "size": 4, "line": {"color": "black", "width": 0.8}},
            text=[f"{visit.objective:.5f}" for visit in trace],
            hovertemplate="visited: objective %{text}<extra></extra>",
            cliponaxis=False,
            name="visited",
            showlegend=False,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[optimum[panel.first]],
            y=[optimum[panel.second]],
            mode="markers",
            marker={
                "color": VERMILLION,
                "symbol": "star",
                "size": 15,
                "line": {"color": "white", "width": 1.2},
            },
            hovertemplate=f"optimum: %{{x}}{first}, %{{y}}{second}<extra></extra>",
            cliponaxis=False,
            name="optimum",
            showlegend=False,
        )
    )
    # Long ticks keep the labels clear of a star at a bound.
    figure.update_xaxes(
        title=with_unit(panel.first),
        ticks="outside",
        ticklen=8,
        range=[panel.first_pct[0], panel.first_pct[-1]],
    )
    figure.update_yaxes(
        title=with_unit(panel.second),
        ticks="outside",
        ticklen=8,
        range=[panel.second_pct[0], panel.second_pct[-1]],
    )
    return figure


def _recipe(visit: Evaluation) -> str:
    recipe = ", ".join(
        f"{symbol_of(name)} "
        + (value if isinstance(value, str) else f"{value:.2f}{setting_unit(name)}")
        for name, value in visit.parameters.items()
    )
    return f"{recipe}<br>{visit.acquisition}"
