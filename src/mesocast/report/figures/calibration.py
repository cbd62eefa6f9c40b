"""Measured electrodes against what a calibration predicts, and the coefficients themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from mesocast.report.style import BLUE, GREEN, GREY, PURPLE, VERMILLION, new_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesocast.calibration.answer import Calibration, Found, Row

_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE)
_POROSITIES = ("porosity_by_mass", "porosity_total", "porosity_bulk")
_BINS = 24


def _bars(rows: Sequence[Row], *, predicted: bool) -> dict[str, object]:
    """Error bars of what is predicted, or of what was measured."""
    if not predicted:
        deviations = [row.standard_deviation for row in rows]
        return {"type": "data", "array": deviations, "color": GREY, "thickness": 1}
    intervals = [row.predicted or row.fitted for row in rows]
    return {
        "type": "data",
        "color": GREY,
        "thickness": 1,
        "symmetric": False,
        "array": [i.high - i.median for i in intervals],
        "arrayminus": [i.median - i.low for i in intervals],
    }


def parity(rows: Sequence[Row]) -> go.Figure:
    """Draw predicted against measured values of one quantity, with intervals and the diagonal."""
    figure = new_figure()
    measured = [row.measured for row in rows if row.measured is not None]
    intervals = [row.predicted or row.fitted for row in rows]
    medians = [interval.median for interval in intervals]
    ends = [
        min([*measured, *(interval.low for interval in intervals)]),
        max([*measured, *(interval.high for interval in intervals)]),
    ]
    figure.add_trace(
        go.Scatter(
            x=ends, y=ends, mode="lines", line={"color": GREY}, hoverinfo="skip", showlegend=False
        )
    )
    figure.add_trace(
        go.Scatter(
            x=measured,
            y=medians,
            error_x=_bars(rows, predicted=False),
            error_y=_bars(rows, predicted=True),
            mode="markers",
            marker={"color": [BLUE if row.is_inside else VERMILLION for row in rows], "size": 8},
            customdata=[f"{row.electrode}, {row.am_pct:g}/{row.sc_pct:g}" for row in rows],
            hovertemplate="%{customdata}: measured %{x:.4g}, predicted %{y:.4g}<extra></extra>",
            showlegend=False,
        )
    )
    figure.update_xaxes(title="Measured")
    figure.update_yaxes(title="Predicted")
    return figure


def marginals(found: Found, draws: Sequence[float]) -> go.Figure:
    """Draw the distribution of a coefficient between its bounds, and the most probable value."""
    figure = new_figure()
    low, high = found.minimum, found.maximum
    is_log = found.scale == "log"
    edges = (np.geomspace if is_log else np.linspace)(low, high, _BINS + 1)
    shares = np.histogram(draws, edges)[0] / len(draws)
    centres = np.sqrt(edges[1:] * edges[:-1]) if is_log else (edges[1:] + edges[:-1]) / 2
    figure.add_trace(
        go.Bar(
            x=centres.tolist(),
            y=shares.tolist(),
            width=np.diff(edges).tolist(),
            marker={"color": BLUE},
            hovertemplate="%{x:.3g}: %{y:.0%}<extra></extra>",
            showlegend=False,
        )
    )
    figure.add_vline(x=found.best, line={"color": VERMILLION})
    figure.update_xaxes(
        type="log" if is_log else "linear",
        range=np.log10([low, high]).tolist() if is_log else [low, high],
    )
    figure.update_yaxes(title="Share of the draws", tickformat=".0%")
    return figure


def pressure_curves(found: Calibration) -> go.Figure | None:
    """Draw porosity against the pressure that electrodes were under; None without any."""
    pressures_MPa = _pressures_MPa(found)
    pressed = [
        row for row in found.rows if row.quantity in _POROSITIES and row.electrode in pressures_MPa
    ]
    recipes = dict.fromkeys(
        (row.am_pct, row.sc_pct, row.quantity)
        for row in pressed
        if pressures_MPa[row.electrode] > 0
    )
    if not recipes:
        return None
    figure = new_figure()
    for place, (am_pct, sc_pct, quantity) in enumerate(recipes):
        colour = _COLOURS[place % len(_COLOURS)]
        rows = sorted(
            (r for r in pressed if (r.am_pct, r.sc_pct, r.quantity) == (am_pct, sc_pct, quantity)),
            key=lambda row: pressures_MPa[row.electrode],
        )
        name = f"{am_pct:g}/{sc_pct:g}, {quantity.removeprefix('porosity_')}"
        x = [pressures_MPa[row.electrode] for row in rows]
        figure.add_trace(
            go.Scatter(
                x=[*x, *reversed(x)],
                y=[*(r.fitted.low for r in rows), *(r.fitted.high for r in reversed(rows))],
                fill="toself",
                fillcolor=colour,
                opacity=0.2,
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        )
        figure.add_trace(
            go.Scatter(
                x=x,
                y=[r.fitted.median for r in rows],
                mode="lines+markers",
                marker={"symbol": "line-ew-open", "size": 10},
                line={"color": colour},
                name=name,
            )
        )
        known = [row for row in rows if row.measured is not None]
        figure.add_trace(
            go.Scatter(
                x=[pressures_MPa[row.electrode] for row in known],
                y=[row.measured for row in known],
                error_y=_bars(known, predicted=False),
                mode="markers",
                marker={"color": colour, "size": 8},
                name=f"{name}, measured",
            )
        )
    figure.update_xaxes(title="Pressure (MPa)")
    figure.update_yaxes(title="Porosity")
    return figure


def _pressures_MPa(found: Calibration) -> dict[str, float]:
    """Pressure of each electrode that has one: to which it was pressed, or measured on its way."""
    pressures: dict[str, float] = {}
    for row in found.rows:
        kind, _, value = row.pressing.partition("=")
        if kind == "pressure_MPa":
            pressures[row.electrode] = float(value)
        elif float(value) == 0:
            pressures[row.electrode] = 0.0
        elif row.quantity == "pressure_max_MPa" and row.measured is not None:
            pressures[row.electrode] = row.measured
    return pressures
