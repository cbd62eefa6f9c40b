"""Colours and layout that all figures share.

The colours are Okabe and Ito's, which people with any colour vision tell apart, and only those
that stand out (contrast at least 3) from a white page and from a dark one.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from plotly.colors import sample_colorscale

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
GREY = "#808080"
# Of the CBD, in the pictures that have it on white too.
AMBER = "#E69F00"

# For lines and markers: the ends differ for all viewers and stand out from both pages.
SCALE = ((0.0, BLUE), (0.5, "#A05BA8"), (1.0, "#D9660A"))
# For filled areas: monotonic in luminance, made for deficient colour vision.
FILLED_SCALE = "Cividis"


def new_figure() -> go.Figure:
    """Empty figure with the shared layout; the page adds the colours of its theme."""
    return go.Figure(
        layout={
            "autosize": True,
            "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
            "hovermode": "closest",
            "legend": {
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1.02,
                "yanchor": "bottom",
            },
            "xaxis": {"automargin": True},
            "yaxis": {"automargin": True},
        }
    )


def colour_bar(title: str) -> dict[str, Any]:
    """Slim colour bar with its title along it, so that it takes little of a narrow window."""
    return {
        "title": {"text": title, "side": "right"},
        "thickness": 12,
        "outlinewidth": 0,
        "len": 0.9,
    }


def colour_at(share: float) -> str:
    """Colour of ``SCALE`` at a share between 0 and 1; beyond them, the colour of the end."""
    return str(sample_colorscale([list(stop) for stop in SCALE], [min(max(share, 0.0), 1.0)])[0])


def colour_bar_trace(title: str, low: float, high: float) -> go.Scatter:
    """Trace without points that carries the colour bar of lines, which have none of their own."""
    return go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        marker={
            "color": [low],
            "colorscale": SCALE,
            "cmin": low,
            "cmax": high,
            "showscale": True,
            "colorbar": colour_bar(title),
        },
        showlegend=False,
        hoverinfo="skip",
    )


def theme(*, text: str, grid: str) -> dict[str, Any]:
    """Plotly template of a page: transparent, with its colours for text and grid."""
    axis = {"gridcolor": grid, "zerolinecolor": grid, "linecolor": grid, "tickcolor": grid}
    clear = "rgba(0,0,0,0)"
    return {
        "layout": {
            "paper_bgcolor": clear,
            "plot_bgcolor": clear,
            "font": {"color": text, "family": "system-ui, sans-serif", "size": 13},
            "colorway": [BLUE, VERMILLION, GREEN, PURPLE],
            "xaxis": axis,
            "yaxis": axis,
            "scene": {
                f"{letter}axis": {**axis, "showbackground": False, "color": text}
                for letter in "xyz"
            },
            "polar": {"bgcolor": clear, "angularaxis": axis, "radialaxis": axis},
        }
    }


THEMES = {
    "light": theme(text="#1d232a", grid="#d5dae0"),
    "dark": theme(text="#e4e7eb", grid="#3a424c"),
}
