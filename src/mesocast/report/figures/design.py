"""The design in the space of recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from mesocast.columns import with_unit
from mesocast.report.style import BLUE, GREEN, GREY, SCALE, colour_bar, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

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


def plane(
    first: str,
    second: str,
    points: NDArray[np.float64],
    bounds_pct: Mapping[str, tuple[float, float]],
) -> go.Figure:
    """Draw recipes in the plane of two parameters.

    Parameters
    ----------
    first, second
        Columns of the parameters, along x and y.
    points
        Both parameters of each recipe in percent, shape (n, 2).
    bounds_pct
        Lower and upper bound of each parameter.
    """
    figure = new_figure()
    figure.add_trace(
        go.Scatter(
            x=points[:, 0].tolist(),
            y=points[:, 1].tolist(),
            mode="markers",
            marker={"color": BLUE, "size": 7},
            hovertemplate="%{x:.4g} %, %{y:.4g} %<extra></extra>",
            name="recipes",
        )
    )
    figure.update_xaxes(title=with_unit(first), range=_wider(*bounds_pct[first]))
    figure.update_yaxes(title=with_unit(second), range=_wider(*bounds_pct[second]))
    return figure


def counts(
    values: Sequence[float], bounds_pct: tuple[float, float]
) -> tuple[list[int], list[float]]:
    """Count the electrodes in each tenth of a parameter's range.

    Parameters
    ----------
    values
        Of all recipes, in percent.
    bounds_pct
        Lower and upper bound; the range is wider where a recipe lies outside.

    Returns
    -------
    tuple
        Counts, shape (10,), and edges in percent, shape (11,).
    """
    low, high = min(bounds_pct[0], *values), max(bounds_pct[1], *values)
    found, edges = np.histogram(values, bins=10, range=(low, high))
    return found.tolist(), edges.tolist()


def marginal(name: str, found: Sequence[int], edges: Sequence[float], optimum: float) -> go.Figure:
    """Draw how many electrodes lie in each tenth of a parameter's range.

    Parameters
    ----------
    name
        Column of the parameter.
    found, edges
        What `counts` gives.
    optimum
        The value found, in percent.
    """
    width = edges[1] - edges[0]
    figure = new_figure()
    figure.add_trace(
        go.Bar(
            x=[edge + width / 2 for edge in edges[:-1]],
            y=list(found),
            width=0.92 * width,
            marker={"color": BLUE, "opacity": 0.75},
            hovertemplate="around %{x:.4g}: %{y} electrodes<extra></extra>",
            name="electrodes",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[edges[0], edges[-1]],
            y=[sum(found) / len(found)] * 2,
            mode="lines",
            line={"color": GREY, "dash": "dash", "width": 2},
            hovertemplate="%{y:.3g} electrodes<extra></extra>",
            name="if even",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[optimum, optimum],
            y=[0, max(found)],
            mode="lines",
            line={"color": GREEN, "width": 2.5},
            hovertemplate="optimum: %{x:.4g}<extra></extra>",
            name="optimum",
        )
    )
    figure.update_xaxes(title=with_unit(name), range=_wider(edges[0], edges[-1]))
    figure.update_yaxes(title="Electrodes", rangemode="tozero")
    return figure


def _positions(rows: pd.DataFrame) -> dict[str, list[float]]:
    return {letter: rows[name].tolist() for letter, name in zip("xyz", _AXES, strict=True)}


def _hover(last: str) -> str:
    return f"%{{text}}<br>AM %{{x}} %, SC %{{y}} %, CR %{{z}} %<br>{last}<extra></extra>"


def _wider(low: float, high: float) -> list[float]:
    """Range of an axis that does not cut the markers at the bounds."""
    margin = 0.05 * (high - low)
    return [low - margin, high + margin]
