"""The properties against the recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from mesocast.columns import with_unit
from mesocast.report.style import GREEN, SCALE, colour_at, colour_bar, colour_bar_trace, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

# Panels beside each other at which their names need a smaller type.
_MANY = 7


def scatter_matrix(simulated: pd.DataFrame, symbols: Mapping[str, str]) -> go.Figure:
    """Draw each column against each other, coloured by the compression rate.

    Parameters
    ----------
    simulated
        Rows of the dataset that are ok.
    symbols
        Columns to draw, with what stands at their axes: short, since panels are small.
    """
    figure = new_figure()
    figure.add_trace(
        go.Splom(
            dimensions=[
                {"label": symbol, "values": simulated[name].tolist()}
                for name, symbol in symbols.items()
            ],
            text=simulated["condition_id"].tolist(),
            hovertemplate="%{text}: %{x:.4g}, %{y:.4g}<extra></extra>",
            marker={
                "color": simulated["cr_pct"].tolist(),
                "colorscale": SCALE,
                "size": 4,
                "showscale": True,
                "colorbar": colour_bar("compression rate (%)"),
            },
            showupperhalf=False,
            diagonal={"visible": False},
            name="electrodes",
            showlegend=False,
        )
    )
    figure.update_layout(margin={"l": 40})
    if len(symbols) > _MANY:
        figure.update_layout(font={"size": 7})
    # Ticks of so many small panels would lie on each other; a point shows its numbers.
    for place in ("", *range(2, len(symbols) + 1)):
        for letter in "xy":
            figure.update_layout({f"{letter}axis{place}": {"showticklabels": False}})
    return figure


def against_compression(
    simulated: pd.DataFrame, confirmed: pd.DataFrame, name: str, am_pct: tuple[float, float]
) -> go.Figure:
    """Draw a property against the compression rate, one line per slurry.

    Parameters
    ----------
    simulated
        Rows of the dataset that are ok.
    confirmed
        Rows of the optimum's electrodes that are ok; may be empty.
    name
        Column to draw.
    am_pct
        Bounds of the active material, for the colours.
    """
    figure = new_figure()
    low, high = am_pct
    for slurry_id, rows in simulated.groupby("slurry_id"):
        ordered = rows.sort_values("cr_pct")
        am, sc = float(ordered["am_pct"].iloc[0]), float(ordered["sc_pct"].iloc[0])
        colour = colour_at((am - low) / (high - low) if low < high else 0.5)
        figure.add_trace(
            go.Scatter(
                x=ordered["cr_pct"].tolist(),
                y=ordered[name].tolist(),
                mode="lines+markers",
                line={"color": colour, "width": 1.5},
                marker={"color": colour, "size": 6},
                name=str(slurry_id),
                showlegend=False,
                text=ordered["condition_id"].tolist(),
                hovertemplate=(
                    f"%{{text}} (AM {am:g} %, SC {sc:g} %)<br>"
                    "CR %{x} %: %{y:.4g}<extra></extra>"
                ),
            )
        )
    if not confirmed.empty:
        figure.add_trace(
            go.Scatter(
                x=confirmed["cr_pct"].tolist(),
                y=confirmed[name].tolist(),
                mode="markers",
                marker={
                    "color": GREEN,
                    "size": 13,
                    "symbol": "star",
                    "line": {"color": "white", "width": 1},
                },
                text=confirmed["condition_id"].tolist(),
                hovertemplate="%{text}<br>CR %{x} %: %{y:.4g}<extra></extra>",
                name="simulated at the optimum",
            )
        )
    figure.add_trace(colour_bar_trace("active material (wt %)", low, high))
    figure.update_xaxes(title=with_unit("cr_pct"))
    figure.update_yaxes(title=with_unit(name))
    return figure
