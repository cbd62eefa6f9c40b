"""What decides a property."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from mesocast.columns import name_of
from mesocast.report.numbers import on_lines
from mesocast.report.style import BLUE, VERMILLION, new_figure

if TYPE_CHECKING:
    from mesocast.surrogates.sensitivity import SobolIndices


def sobol_bars(indices: SobolIndices) -> go.Figure:
    """Draw first-order and total index of each input, with their intervals."""
    figure = new_figure()
    for label, colour, values, half_width in (
        ("alone", BLUE, indices.first_order, indices.first_order_half_width),
        ("with its interactions", VERMILLION, indices.total, indices.total_half_width),
    ):
        figure.add_trace(
            go.Bar(
                x=[on_lines(name_of(name)) for name in indices.inputs],
                y=list(values),
                error_y={"type": "data", "array": list(half_width)},
                marker={"color": colour},
                hovertemplate="%{x}: %{y:.3f}<extra></extra>",
                name=label,
            )
        )
    figure.update_yaxes(title="Share of the variance", range=[0, 1.1])
    figure.update_layout(barmode="group")
    return figure
