"""How well the surrogates carry over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from mesocast.columns import name_of, with_unit
from mesocast.report.numbers import on_lines
from mesocast.report.style import BLUE, GREEN, GREY, PURPLE, VERMILLION, new_figure
from mesocast.surrogates.registry import method_name
from mesocast.verification.published_accuracy import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mesocast.surrogates.evidence.validation import Validation
    from mesocast.surrogates.surrogate import Surrogate

_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, GREY)
# Below this no method is of use, however far below it is.
_LOWEST_R2 = -0.5
_SIDE_BY_SIDE = 5


def compared_methods(comparison: pd.DataFrame, *, with_published: bool) -> go.Figure:
    """Draw the test R2 of each method and property, with its percentile interval.

    Parameters
    ----------
    comparison
        Rows of ``comparison.csv`` of one kind of split.
    with_published
        Whether to draw the published values as well.
    """
    figure = new_figure()
    methods: Sequence[str] = list(dict.fromkeys(comparison["method"]))
    names: list[str] = list(dict.fromkeys(comparison["property"]))
    is_many = len(names) > _SIDE_BY_SIDE
    width = 0.7 / max(len(methods), 1)
    for number, method in enumerate(methods):
        rows = comparison[comparison["method"] == method].set_index("property").loc[names]
        mean = rows["test_r2"].to_numpy(float)
        low = rows["test_r2_percentile_2_5"].to_numpy(float)
        high = rows["test_r2_percentile_97_5"].to_numpy(float)
        figure.add_trace(
            go.Scatter(
                x=[place + (number + 0.5) * width - 0.35 for place in range(len(names))],
                y=mean.tolist(),
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": (high - mean).tolist(),
                    "arrayminus": (mean - low).tolist(),
                },
                mode="markers",
                marker={"color": _COLOURS[number % len(_COLOURS)], "size": 9},
                customdata=list(zip(low.tolist(), high.tolist(), strict=True)),
                hovertemplate="mean %{y:.3f}, %{customdata[0]:.3f} to %{customdata[1]:.3f}",
                name=method_name(method),
            )
        )
    if with_published:
        figure.add_trace(
            go.Scatter(
                x=list(range(len(names))),
                y=[PUBLISHED[name].r2 if name in PUBLISHED else None for name in names],
                mode="markers",
                marker={"color": GREY, "symbol": "line-ew-open", "size": 40},
                hovertemplate="published %{y:.3f}<extra></extra>",
                name="published (SISSO, 174 electrodes)",
            )
        )
    lowest = float(comparison["test_r2_percentile_2_5"].min())
    figure.update_xaxes(
        tickvals=list(range(len(names))),
        # Names of many properties do not fit side by side.
        ticktext=[name_of(name) if is_many else on_lines(name_of(name)) for name in names],
        tickangle=-90 if is_many else 0,
        range=[-0.5, len(names) - 0.5],
    )
    figure.update_yaxes(title="Test R²", range=[max(min(lowest, 0.0), _LOWEST_R2) - 0.05, 1.05])
    return figure


def residuals(surrogate: Surrogate, validation: Validation) -> go.Figure:
    """Draw the relative residual of each row against its prediction.

    Parameters
    ----------
    surrogate
        Gives the predictions.
    validation
        Gives the residuals, and which rows stand out.
    """
    figure = new_figure()
    predicted = {pair["condition_id"]: pair["predicted"] for pair in surrogate.pairs}
    for label, colour, symbol, chosen in (
        ("train", BLUE, "circle", [row for row in validation.rows if row.split == "train"]),
        ("test", VERMILLION, "diamond", [row for row in validation.rows if row.split == "test"]),
        ("stands out", GREY, "circle-open", [r for r in validation.rows if r.is_influential]),
    ):
        figure.add_trace(
            go.Scatter(
                x=[predicted[row.condition_id] for row in chosen],
                y=[row.relative_residual_pct for row in chosen],
                mode="markers",
                marker={
                    "color": colour,
                    "symbol": symbol,
                    "size": 15 if symbol == "circle-open" else 8,
                },
                text=[row.condition_id for row in chosen],
                hovertemplate="%{text}: %{y:+.2f} %<extra></extra>",
                name=f"{label} ({len(chosen)})",
            )
        )
    figure.update_xaxes(title=with_unit(surrogate.property_name, "Predicted"))
    figure.update_yaxes(title="Residual (%)", zeroline=True, zerolinewidth=2)
    return figure
