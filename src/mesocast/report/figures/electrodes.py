"""One electrode on its way through slurry, drying and calendering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from mesocast.report.style import (
    BLUE,
    GREEN,
    VERMILLION,
    colour_at,
    colour_bar_trace,
    new_figure,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

_STAGES = {"slurry": BLUE, "drying": VERMILLION, "calendering": GREEN}
_DASHES = ("solid", "dash", "dot", "dashdot")
# Parts of the calendering in which the plane touches the film.
_LOADED = ("press", "hold", "unload")


@dataclass(frozen=True)
class PressCurve:
    """The calendering of one electrode.

    Parameters
    ----------
    name
        Identifier of the electrode.
    cr_pct
        Net compression rate asked for.
    history
        Columns ``phase``, ``plane_um`` and ``pressure_kPa`` of ``calendering.csv``.
    highlighted
        Whether it is an electrode of the optimum.
    """

    name: str
    cr_pct: float
    history: pd.DataFrame
    highlighted: bool


def thickness_history(electrodes: Mapping[str, Mapping[str, pd.DataFrame]]) -> go.Figure:
    """Draw the net thickness against simulated time, stage after stage.

    Parameters
    ----------
    electrodes
        Per electrode, per stage (``slurry``, ``drying``, ``calendering``) its history with the
        columns ``time_us``, ``thickness_um`` and ``phase``; each stage begins at its own zero.
    """
    figure = new_figure()
    in_legend: set[str] = set()
    for turn, (name, stages) in enumerate(electrodes.items()):
        start_us, part_start_us = 0.0, 0.0
        for stage, colour in _STAGES.items():
            if stage not in stages:
                continue
            history = stages[stage]
            times: list[float] = []
            previous = 0.0
            part_start_us = start_us
            for time_us in history["time_us"].tolist():
                # A stage of two simulations counts its time from zero twice.
                if time_us < previous:
                    part_start_us += previous
                previous = time_us
                times.append(part_start_us + time_us)
            start_us = times[-1]
            figure.add_trace(
                go.Scatter(
                    x=times,
                    y=history["thickness_um"].tolist(),
                    mode="lines",
                    line={"color": colour, "dash": _DASHES[turn % len(_DASHES)], "width": 2},
                    name=stage,
                    legendgroup=stage,
                    showlegend=stage not in in_legend,
                    text=(name + ", " + stage + ": " + history["phase"]).tolist(),
                    hovertemplate="%{text}<br>%{x:.1f} µs: %{y:.2f} µm<extra></extra>",
                )
            )
            in_legend.add(stage)
    figure.update_xaxes(title="Simulated time (µs)")
    figure.update_yaxes(title="Net thickness (µm)", rangemode="tozero")
    return figure


def press_curves(curves: Sequence[PressCurve]) -> go.Figure:
    """Draw the pressure on the plane against the gap below it, while they touch.

    Parameters
    ----------
    curves
        At least one; those without contact (an uncalendered electrode) leave no line.
    """
    figure = new_figure()
    pressed = [(c, c.history[c.history["phase"].isin(_LOADED)]) for c in curves]
    drawn = [(curve, rows) for curve, rows in pressed if not rows.empty]
    largest = max((curve.cr_pct for curve, _ in drawn), default=1.0)
    for curve, rows in sorted(drawn, key=lambda pair: (pair[0].highlighted, pair[0].name)):
        colour = GREEN if curve.highlighted else colour_at(curve.cr_pct / largest)
        figure.add_trace(
            go.Scatter(
                x=rows["plane_um"].tolist(),
                y=(rows["pressure_kPa"] / 1e3).tolist(),
                mode="lines",
                line={"color": colour, "width": 3 if curve.highlighted else 1.5},
                name=curve.name,
                showlegend=curve.highlighted,
                text=(f"{curve.name}, CR {curve.cr_pct:g} %: " + rows["phase"]).tolist(),
                hovertemplate="%{text}<br>%{x:.2f} µm: %{y:.3g} MPa<extra></extra>",
            )
        )
    if not all(curve.highlighted for curve, _ in drawn):
        figure.add_trace(colour_bar_trace("compression rate (%)", 0.0, largest))
    figure.update_xaxes(title="Gap between plane and collector (µm)")
    figure.update_yaxes(title="Pressure on the plane (MPa)")
    return figure
