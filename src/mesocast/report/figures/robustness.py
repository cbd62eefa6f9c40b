"""How sure the optimum is: what cannot be told from it, and what other conventions would choose."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from mesocast.columns import name_of, with_unit
from mesocast.report.numbers import in_percent, setting_unit
from mesocast.report.style import (
    BLUE,
    FILLED_SCALE,
    GREY,
    PURPLE,
    VERMILLION,
    colour_bar,
    new_figure,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.columns.variables import Value
    from mesocast.optimization.optimum.flat import FlatMap

_MARKS = ((VERMILLION, "circle"), (BLUE, "square"), (PURPLE, "diamond"))


def flat_map(
    panel: FlatMap, optimum: Mapping[str, float], alike: Sequence[Mapping[str, float]]
) -> go.Figure:
    """Draw which recipes cannot be told from the optimum, seen in two parameters.

    Parameters
    ----------
    panel
        Shares of the ranges of the other parameters.
    optimum
        The recipe found, in percent.
    alike
        Recipes of simulated electrodes that cannot be told from the best one, in percent.
    """
    figure = new_figure()
    first, second = setting_unit(panel.first), setting_unit(panel.second)
    share = 100 * np.transpose(panel.share)
    figure.add_trace(
        go.Contour(
            x=list(panel.first_pct),
            y=list(panel.second_pct),
            z=share.tolist(),
            colorscale=FILLED_SCALE,
            zmin=0,
            contours={"coloring": "heatmap"},
            line={"width": 0.5},
            colorbar=colour_bar(
                {2: "as good (%)", 3: "share of the third (%)"}.get(
                    len(optimum), "share of the others (%)"
                )
            ),
            hovertemplate=f"%{{x:.1f}}{first}, %{{y:.1f}}{second}: %{{z:.0f}} %<extra></extra>",
            name="as good",
        )
    )
    for name, points, marker in (
        (
            "simulated, as good",
            alike,
            {"color": "white", "size": 6, "line": {"color": "black", "width": 1}},
        ),
        (
            "optimum",
            [optimum],
            {
                "color": VERMILLION,
                "symbol": "star",
                "size": 15,
                "line": {"color": "white", "width": 1.2},
            },
        ),
    ):
        figure.add_trace(
            go.Scatter(
                x=[point[panel.first] for point in points],
                y=[point[panel.second] for point in points],
                mode="markers",
                marker=marker,
                hovertemplate=f"{name}: %{{x}}{first}, %{{y}}{second}<extra></extra>",
                cliponaxis=False,
                name=name,
                showlegend=False,
            )
        )
    for update, name, values in (
        (figure.update_xaxes, panel.first, panel.first_pct),
        (figure.update_yaxes, panel.second, panel.second_pct),
    ):
        # Long ticks keep the labels clear of a star at a bound.
        update(title=with_unit(name), ticks="outside", ticklen=8, range=[values[0], values[-1]])
    return figure


def moved_optima(
    optima: Mapping[str, Mapping[str, Value]], bounds_pct: Mapping[str, tuple[float, float]]
) -> go.Figure:
    """Draw where the optimum lies in the range of each parameter, under each convention.

    Parameters
    ----------
    optima
        The recipe in percent, by what is otherwise; the reported one first.
    bounds_pct
        Bounds of each parameter.
    """
    figure = new_figure()
    labels = [_lines(label) for label in optima]
    (reported, *_) = optima.values()
    for (name, (low, high)), mark in zip(bounds_pct.items(), cycle(_MARKS), strict=False):
        colour, symbol = mark
        values = [float(recipe[name]) for recipe in optima.values()]
        at = [100 * (value - low) / (high - low) for value in values]
        figure.add_trace(
            go.Scatter(
                x=[100 * (float(reported[name]) - low) / (high - low)] * 2,
                y=[labels[0], labels[-1]],
                mode="lines",
                line={"color": colour, "width": 1, "dash": "dot"},
                hoverinfo="skip",
                showlegend=False,
                name=f"{name_of(name)}, reported",
            )
        )
        figure.add_trace(
            go.Scatter(
                x=at,
                y=labels,
                mode="markers",
                marker={
                    "color": colour,
                    "symbol": symbol,
                    "size": 11,
                    "opacity": 0.85,
                    "line": {"color": GREY, "width": 0.5},
                },
                text=[f"{value:{_digits(name)}}{setting_unit(name)}" for value in values],
                hovertemplate="%{y}: " + name_of(name) + " %{text}<extra></extra>",
                cliponaxis=False,
                name=name_of(name),
            )
        )
    figure.update_xaxes(title="Place in range (%)", range=[-3, 103])
    figure.update_yaxes(autorange="reversed", tickfont={"size": 11})
    return figure


def _digits(name: str) -> str:
    return ".1f" if in_percent([name]) else ".3g"


def _lines(label: str, width: int = 22) -> str:
    """Label on as many lines as it needs beside a narrow figure."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)
