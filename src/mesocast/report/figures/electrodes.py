"""One electrode on its way through slurry, drying and calendering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from scipy.spatial import ConvexHull

from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.report.style import (
    AMBER,
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
    from numpy.typing import NDArray

    from mesocast.electrode import Electrode

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


# Species: name, colour as in the sections, corners of a bead (as few as look round).
_SPECIES = {ACTIVE_MATERIAL: ("active material", BLUE, 80), CBD: ("CBD", AMBER, 12)}


def spheres(electrode: Electrode) -> go.Figure:
    """Draw every bead as a sphere that can be turned, each species as one surface to switch off."""
    figure = new_figure()
    for species, (name, colour, corners) in _SPECIES.items():
        own = electrode.species == species
        points, triangles = _sphere(corners)
        vertices = (
            electrode.positions_um[own, np.newaxis]
            + electrode.radii_um[own, np.newaxis, np.newaxis] * points
        ).reshape(-1, 3)
        first = corners * np.arange(own.sum())
        faces = (first[:, np.newaxis, np.newaxis] + triangles).reshape(-1, 3)
        figure.add_trace(
            go.Mesh3d(
                **{
                    letter: vertices[:, axis].astype(np.float32)
                    for axis, letter in enumerate("xyz")
                },
                **{
                    letter: faces[:, corner].astype(np.int32) for corner, letter in enumerate("ijk")
                },
                color=colour,
                lighting={"ambient": 0.55, "diffuse": 0.6, "specular": 0.1},
                lightposition={"x": 1000, "y": -2000, "z": 3000},
                name=name,
                showlegend=True,
                hoverinfo="skip",
            )
        )
    figure.update_layout(
        scene={
            **{f"{letter}axis": {"title": {"text": letter}, "nticks": 5} for letter in "xyz"},
            "aspectmode": "data",
            "camera": {
                "eye": {"x": 1.5, "y": -1.7, "z": 0.6},
                "center": {"x": 0, "y": 0, "z": -0.1},
            },
        }
    )
    return figure


def _sphere(corners: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Corners of a unit sphere, shape (corners, 3), on a Fibonacci lattice, and its triangles."""
    turn = np.arange(corners)
    height = 1 - (2 * turn + 1) / corners
    angle = np.pi * (3 - np.sqrt(5)) * turn
    ring = np.sqrt(1 - height**2)
    points = np.column_stack([ring * np.cos(angle), ring * np.sin(angle), height])
    triangles = ConvexHull(points).simplices.astype(np.int64)
    a, b, c = points[triangles].transpose(1, 0, 2)
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), a) < 0
    # Light falls on the side from which a triangle's corners go counterclockwise.
    triangles[inward] = triangles[inward][:, ::-1]
    return points, triangles


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


def press_curves(curves: Sequence[PressCurve], pressure_scale: float | None) -> go.Figure:
    """Draw the pressure on the plane against the gap below it, while they touch.

    Parameters
    ----------
    curves
        At least one; those without contact (an uncalendered electrode) leave no line.
    pressure_scale
        Pressure of a line over that in the model; with None the axis says that it is not known.
    """
    scale, axis = 1.0, "Pressure in the model, not calibrated (MPa)"
    if pressure_scale is not None:
        scale, axis = pressure_scale, "Pressure on the plane (MPa)"
    figure = new_figure()
    pressed = [(c, c.history[c.history["phase"].isin(_LOADED)]) for c in curves]
    drawn = [(curve, rows) for curve, rows in pressed if not rows.empty]
    largest = max((curve.cr_pct for curve, _ in drawn), default=0.0) or 1.0
    for curve, rows in sorted(drawn, key=lambda pair: (pair[0].highlighted, pair[0].name)):
        colour = GREEN if curve.highlighted else colour_at(curve.cr_pct / largest)
        figure.add_trace(
            go.Scatter(
                x=rows["plane_um"].tolist(),
                y=(scale * rows["pressure_kPa"] / 1e3).tolist(),
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
    figure.update_yaxes(title=axis)
    return figure
