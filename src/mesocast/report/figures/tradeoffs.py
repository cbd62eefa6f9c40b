"""The Pareto front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from mesocast.columns import with_unit
from mesocast.report.style import BLUE, GREEN, GREY, PURPLE, VERMILLION, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MARKS = ((VERMILLION, "star"), (GREEN, "diamond"), (PURPLE, "square"), (BLUE, "cross"))


def front(
    first: str,
    second: str,
    recipes: Sequence[Mapping[str, float]],
    marks: Mapping[str, Mapping[str, float]],
) -> go.Figure:
    """Draw recipes of the front in the plane of two properties.

    Parameters
    ----------
    first, second
        Columns of the properties, along x and y.
    recipes
        Properties of each recipe of the front.
    marks
        Properties of recipes that stand out, by their names; at most four.
    """
    figure = new_figure()
    figure.add_trace(
        go.Scatter(
            x=[recipe[first] for recipe in recipes],
            y=[recipe[second] for recipe in recipes],
            mode="markers",
            marker={"color": GREY, "size": 4, "opacity": 0.5},
            hovertemplate="%{x:.4g}, %{y:.4g}<extra></extra>",
            name="front",
        )
    )
    for (name, properties), (colour, symbol) in zip(marks.items(), _MARKS, strict=False):
        figure.add_trace(
            go.Scatter(
                x=[properties[first]],
                y=[properties[second]],
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 12},
                hovertemplate=f"{name}: %{{x:.4g}}, %{{y:.4g}}<extra></extra>",
                name=name,
            )
        )
    figure.update_xaxes(title=with_unit(first))
    figure.update_yaxes(title=with_unit(second))
    return figure
