"""Each property against each parameter, as the page draws them under its sliders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mesocast.columns import symbol_of, with_unit
from mesocast.report.numbers import setting_unit
from mesocast.report.style import BLUE, VERMILLION, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

#: Height of the panels of one property.
ROW_PX = 170


@dataclass(frozen=True)
class Curve:
    """A property along one parameter, the others as in the recipe.

    Parameters
    ----------
    at
        The parameter in percent, shape (n,).
    predicted, low, high
        The property and the bounds of its interval, shape (n,).
    """

    at: NDArray[np.float64]
    predicted: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def curves(
    found: Mapping[str, Sequence[Curve]],
    parameters: Mapping[str, float],
    predicted: Mapping[str, float],
) -> go.Figure:
    """Draw a row of panels for each property, one for each parameter.

    Parameters
    ----------
    found
        Curves by property, in the order of the parameters.
    parameters, predicted
        The recipe through which they go, in percent, and what is predicted of it.
    """
    figure = make_subplots(
        rows=len(found), cols=len(parameters), shared_yaxes=True, vertical_spacing=0.05
    )
    figure.update_layout(new_figure().layout)
    figure.update_layout(showlegend=False, margin={"l": 70, "b": 50})
    for row, (name, own) in enumerate(found.items(), start=1):
        for column, (curve, (parameter, value)) in enumerate(
            zip(own, parameters.items(), strict=True), start=1
        ):
            for trace in (
                go.Scatter(
                    x=[*curve.at.tolist(), *curve.at[::-1].tolist()],
                    y=[*curve.high.tolist(), *curve.low[::-1].tolist()],
                    fill="toself",
                    fillcolor=BLUE,
                    opacity=0.18,
                    line={"width": 0},
                    name="95 % interval",
                ),
                go.Scatter(
                    x=curve.at.tolist(),
                    y=curve.predicted.tolist(),
                    mode="lines",
                    line={"color": BLUE, "width": 2},
                    name="predicted",
                ),
                go.Scatter(
                    x=[value],
                    y=[predicted[name]],
                    mode="markers",
                    marker={"color": VERMILLION, "size": 7},
                    name="recipe",
                ),
            ):
                figure.add_trace(trace, row=row, col=column)
            if row == len(found):
                unit = setting_unit(parameter).strip()
                title = symbol_of(parameter) + (f" ({unit})" if unit else "")
                figure.update_xaxes(title=title, row=row, col=column)
        # A name and its unit in one line would be longer than the panel is high.
        title = with_unit(name).replace(" (", "<br>(")
        figure.update_yaxes(title=title, row=row, col=1)
    return figure
