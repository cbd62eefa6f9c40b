"""The design in the space of recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from mesocast.report.style import GREEN, GREY, SCALE, colour_bar, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

# Long titles would run over the ticks in a narrow window.
_AXES = {"am_pct": "AM (wt %)", "sc_pct": "SC (wt %)", "cr_pct": "CR (%)"}


def design_space(
    simulated: pd.DataFrame,
    failed: pd.DataFrame,
    optimum: Mapping[str, float],
    bounds_pct: Mapping[str, tuple[float, float]],
) -> go.Figure:
    """Draw all recipes in 3D, those of one slurry joined by a line.

    Parameters
    ----------
    simulated
        Rows with ``condition_id``, ``slurry_id``, the recipe in percent and ``objective``.
    failed
        Rows without a result: the same columns but ``objective``, and ``status``.
    optimum
        The recipe found, in percent.
    bounds_pct
        Lower and upper bound of each parameter.
    """
    figure = new_figure()
    lines: dict[str, list[float | None]] = {name: [] for name in _AXES}
    for _, slurry in simulated.groupby("slurry_id"):
        ordered = slurry.sort_values("cr_pct")
        for name in _AXES:
            lines[name] += [*ordered[name].tolist(), None]
    figure.add_trace(
        go.Scatter3d(
            x=lines["am_pct"],
            y=lines["sc_pct"],
            z=lines["cr_pct"],
            mode="lines",
            line={"color": GREY, "width": 2},
            name="one slurry",
            hoverinfo="skip",
        )
    )
    figure.add_trace(
        go.Scatter3d(
            **_positions(simulated),
            mode="markers",
            marker={
                "size": 5,
                "color": simulated["objective"].tolist(),
                "colorscale": SCALE,
                "colorbar": {
                    **colour_bar("objective (0 is best)"),
                    "orientation": "h",
                    "lenmode": "pixels",
                    "len": 280,
                    "y": -0.02,
                    "yanchor": "top",
                    "title": {"text": "objective (0 is best)", "side": "bottom"},
                },
            },
            text=simulated["condition_id"].tolist(),
            hovertemplate=_hover("objective %{marker.color:.4f}"),
            name="simulated",
        )
    )
    if not failed.empty:
        figure.add_trace(
            go.Scatter3d(
                **_positions(failed),
                mode="markers",
                marker={"size": 5, "symbol": "circle-open", "color": GREY},
                text=(failed["condition_id"] + ": " + failed["status"]).tolist(),
                hovertemplate=_hover("failed"),
                name="failed",
            )
        )
    figure.add_trace(
        go.Scatter3d(
            x=[optimum["am_pct"]],
            y=[optimum["sc_pct"]],
            z=[optimum["cr_pct"]],
            mode="markers",
            marker={"size": 8, "symbol": "diamond", "color": GREEN},
            text=["optimum"],
            hovertemplate=_hover("found by the optimizer"),
            name="optimum",
        )
    )
    figure.update_layout(
        scene={
            **{
                f"{letter}axis": {
                    "title": {"text": title},
                    "tickfont": {"size": 11},
                    "range": _wider(*bounds_pct[name]),
                    "nticks": 5,
                }
                for letter, (name, title) in zip("xyz", _AXES.items(), strict=True)
            },
            "aspectmode": "cube",
            "camera": {
                "eye": {"x": 1.4, "y": 1.4, "z": 0.7},
                "center": {"x": 0, "y": 0, "z": -0.18},
            },
        }
    )
    return figure


def _positions(rows: pd.DataFrame) -> dict[str, list[float]]:
    return {letter: rows[name].tolist() for letter, name in zip("xyz", _AXES, strict=True)}


def _hover(last: str) -> str:
    return f"%{{text}}<br>AM %{{x}} %, SC %{{y}} %, CR %{{z}} %<br>{last}<extra></extra>"


def _wider(low: float, high: float) -> list[float]:
    """Range of an axis that does not cut the markers at the bounds."""
    margin = 0.05 * (high - low)
    return [low - margin, high + margin]
