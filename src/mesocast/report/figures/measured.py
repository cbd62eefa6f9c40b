"""Measured electrodes against simulated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from mesocast.columns import with_unit
from mesocast.report.style import BLUE, GREY, VERMILLION, new_figure

if TYPE_CHECKING:
    import pandas as pd


def parity(electrodes: pd.DataFrame) -> go.Figure:
    """Draw measured values of one property against simulated and against corrected ones.

    Parameters
    ----------
    electrodes
        Rows of `mesocast.verification.measured.MeasuredComparison.electrodes`.
    """
    figure = new_figure()
    measured = electrodes["measured"].to_numpy(float)
    spread = electrodes["measured_std"].fillna(0.0).to_numpy(float)
    corrected = electrodes["corrected"].to_numpy(float)
    for label, colour, symbol, x in (
        ("simulated", BLUE, "circle", electrodes["expected"].to_numpy(float)),
        ("corrected by the others", VERMILLION, "diamond", corrected),
    ):
        error_x = (
            None
            if symbol == "circle"
            else {
                "type": "data",
                "symmetric": False,
                "array": (electrodes["corrected_high"].to_numpy(float) - corrected).tolist(),
                "arrayminus": (corrected - electrodes["corrected_low"].to_numpy(float)).tolist(),
                "thickness": 1,
            }
        )
        figure.add_trace(
            go.Scatter(
                x=x.tolist(),
                y=measured.tolist(),
                error_x=error_x,
                error_y={"type": "data", "array": spread.tolist(), "thickness": 1},
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 8},
                text=electrodes["name"].tolist(),
                hovertemplate="%{text}: measured %{y:.4g}, %{x:.4g}<extra></extra>",
                name=label,
            )
        )
    ends = [
        float(electrodes[["measured", "expected", "corrected"]].min().min()),
        float(electrodes[["measured", "expected", "corrected"]].max().max()),
    ]
    figure.add_trace(
        go.Scatter(x=ends, y=ends, mode="lines", line={"color": GREY}, showlegend=False)
    )
    name = str(electrodes["property"].iloc[0])
    figure.update_xaxes(title=with_unit(name, "Simulated, corrected"))
    figure.update_yaxes(title=with_unit(name, "Measured"))
    return figure
