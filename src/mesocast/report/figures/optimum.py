"""The optimum against all simulated electrodes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from scipy.stats import gaussian_kde

from mesocast.columns import with_unit
from mesocast.columns.told import possible
from mesocast.report.numbers import on_lines
from mesocast.report.style import BLUE, GREEN, GREY, PURPLE, VERMILLION, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LINES = (
    (VERMILLION, "dash", "circle"),
    (GREEN, "solid", "diamond"),
    (BLUE, "dot", "square"),
    (PURPLE, "dashdot", "cross"),
)


def radar(shapes: Mapping[str, Sequence[float]], axes: Sequence[str]) -> go.Figure:
    """Draw scaled properties around a circle.

    Parameters
    ----------
    shapes
        Per electrode the values on the axes, 1 for the best of the dataset and 0 for the worst.
    axes
        Names of the axes, in the order of the values.
    """
    figure = new_figure()
    # Names on several lines fit beside the circle in a narrow window.
    names = [on_lines(axis) for axis in axes]
    more = max(0, *(name.count("<br>") - 1 for name in names))
    values = [value for shape in shapes.values() for value in shape]
    for (name, shape), (colour, dash, symbol) in zip(shapes.items(), _LINES, strict=False):
        figure.add_trace(
            go.Scatterpolar(
                r=[*shape, shape[0]],
                theta=[*names, names[0]],
                mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2},
                marker={"symbol": symbol, "size": 8},
                hovertemplate="%{theta}: %{r:.2f}<extra></extra>",
                name=name,
            )
        )
    figure.update_layout(
        polar={
            # Room for the upper name below the legend, and for a lower one of many lines.
            "domain": {"y": [0.06 * more, 0.88]},
            "radialaxis": {
                "range": [min(0.0, *values), max(1.0, *values)],
                "dtick": 0.25,
                "tickangle": 45,
                "angle": 45,
            },
        },
        # The names of the axes stand outside of the circle.
        margin={"l": 75 + 15 * more, "r": 75 + 15 * more, "t": 20, "b": 30 + 6 * more},
    )
    return figure


def distribution(
    name: str, values: Sequence[float], predicted: float, verified: Sequence[float]
) -> go.Figure:
    """Draw histogram and kernel density of a property, with the optimum marked.

    Parameters
    ----------
    name
        Column of the property.
    values
        Of all simulated electrodes; those without the property are NaN.
    predicted
        By the surrogate at the optimum.
    verified
        Simulated at the optimum, one per seed; may be empty.
    """
    values = [value for value in values if not math.isnan(value)]
    figure = new_figure()
    figure.add_trace(
        go.Histogram(
            x=values,
            histnorm="probability density",
            nbinsx=max(round(len(values) ** 0.5) * 2, 8),
            marker={"color": GREY, "opacity": 0.45},
            hovertemplate="%{x}: %{y:.3g}<extra></extra>",
            name="histogram",
        )
    )
    low, high = min([*values, predicted, *verified]), max([*values, predicted, *verified])
    margin = 0.15 * (high - low)
    grid = np.linspace(max(low - margin, possible(name)[0]), high + margin, 200)
    # Of values that are all equal there is no density.
    density = gaussian_kde(values)(grid) if len(set(values)) > 1 else np.zeros(len(grid))
    figure.add_trace(
        go.Scatter(
            x=grid.tolist(),
            y=density.tolist(),
            mode="lines",
            line={"color": BLUE, "width": 2},
            hoverinfo="skip",
            name="kernel density",
        )
    )
    top = float(density.max()) or 1.0
    figure.add_trace(_mark([predicted], top, VERMILLION, "dash", "predicted"))
    if verified:
        figure.add_trace(_mark(verified, top, GREEN, "solid", "verified"))
    figure.update_xaxes(title=with_unit(name))
    figure.update_yaxes(title="Density of electrodes", rangemode="tozero", showticklabels=False)
    figure.update_layout(bargap=0.04)
    return figure


def _mark(values: Sequence[float], top: float, colour: str, dash: str, name: str) -> go.Scatter:
    """Vertical line at each value."""
    return go.Scatter(
        x=[x for value in values for x in (value, value, None)],
        y=[y for _ in values for y in (0.0, top, None)],
        mode="lines",
        line={"color": colour, "dash": dash, "width": 2.5},
        hovertemplate=f"{name}: %{{x:.4g}}<extra></extra>",
        name=name,
    )
