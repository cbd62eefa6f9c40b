"""How well an equation repeats the simulations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from mesocast.columns import with_unit
from mesocast.report.style import BLUE, GREY, VERMILLION, new_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPLITS = {"train": (BLUE, "circle"), "test": (VERMILLION, "diamond")}


def predicted_against_simulated(name: str, pairs: Sequence[dict[str, Any]]) -> go.Figure:
    """Draw predicted against simulated values of a property.

    Parameters
    ----------
    name
        Column of the property.
    pairs
        ``condition_id``, ``split`` (``train`` or ``test``), ``simulated`` and ``predicted``.
    """
    figure = new_figure()
    values = [pair[key] for pair in pairs for key in ("simulated", "predicted")]
    ends = [min(values), max(values)]
    figure.add_trace(
        go.Scatter(
            x=ends,
            y=ends,
            mode="lines",
            line={"color": GREY, "dash": "dash", "width": 1},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    for split, (colour, symbol) in _SPLITS.items():
        rows = [pair for pair in pairs if pair["split"] == split]
        figure.add_trace(
            go.Scatter(
                x=[pair["simulated"] for pair in rows],
                y=[pair["predicted"] for pair in rows],
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 8},
                text=[pair["condition_id"] for pair in rows],
                hovertemplate=(
                    "%{text}<br>simulated %{x:.4g}<br>predicted %{y:.4g}<extra></extra>"
                ),
                name=f"{split} ({len(rows)})",
            )
        )
    figure.update_xaxes(title=with_unit(name, "Simulated"))
    figure.update_yaxes(title=with_unit(name, "Predicted"))
    return figure
