"""What a figure shows, in words."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from mesocast.report.alternatives import describe
from mesocast.report.figures.optimum import radar
from mesocast.report.style import colour_bar


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (
            go.Figure(
                go.Scatter(
                    y=[1], name="best <b>one</b>", marker={"colorbar": colour_bar("CR (%)")}
                ),
                layout={"xaxis_title_text": "Evaluation", "yaxis_title_text": "Objective<br>(0)"},
            ),
            "T: Objective (0) against Evaluation, with best one, coloured by CR (%).",
        ),
        (
            go.Figure([go.Bar(x=["a, b", "c"], y=[1, 2], name=f"n{n}") for n in range(8)]),
            "T: a, b and c, with n0, n1, n2, n3, n4 and 3 more.",
        ),
        (
            radar({"optimum": [0.1, 0.2]}, ["Active surface", "Density"]),
            "T: a radar chart of Active surface and Density, with optimum.",
        ),
        (
            go.Figure(
                go.Scatter3d(x=[1], y=[1], z=[1]),
                layout={"scene": {f"{a}axis": {"title": {"text": a.upper()}} for a in "xyz"}},
            ),
            "T: X, Y and Z in three dimensions.",
        ),
        (
            go.Figure(go.Splom(dimensions=[{"label": "AM"}, {"label": "SC"}])),
            "T: each of AM and SC against each other.",
        ),
        (go.Figure(), "T."),
    ],
)
def test_a_figure_is_told_in_one_sentence(figure: go.Figure, text: str) -> None:
    assert describe("T", figure) == text
