"""What batteries do with electrodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from mesocast.columns import LOSSES, RATES
from mesocast.report.style import AMBER, BLUE, GREEN, GREY, PURPLE, VERMILLION, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mesocast.cell.ragone import RagonePoint

#: Colours of the electrodes that are shown, in their order.
COLOURS = (VERMILLION, BLUE, GREEN, PURPLE, AMBER)
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_LOSS_COLOURS = (BLUE, AMBER, GREEN, PURPLE, VERMILLION, GREY)
_LABELS = {
    "reaction": "reaction",
    "particle": "particles",
    "electrolyte_concentration": "salt gradient",
    "electrolyte_ohmic": "electrolyte resistance",
    "electronic": "electronic resistance",
    "counter": "counter electrode",
}
_POWER, _ENERGY = "Mean power of the stack (W/L)", "Energy of the stack (Wh/L)"


def ragone_of_dataset(table: pd.DataFrame, shown: Mapping[str, str]) -> go.Figure:
    """Draw energy against power of every electrode, one line over the rates.

    Parameters
    ----------
    table
        Rows with a cell.
    shown
        Name of each electrode that stands out, by identifier.
    """
    figure = new_figure()
    power = [f"power_stack_{rate}_W_L" for rate in RATES]
    energy = [f"energy_stack_{rate}_Wh_L" for rate in RATES]
    x: list[float | None] = []
    y: list[float | None] = []
    texts: list[str] = []
    for _, row in table[~table["condition_id"].isin(list(shown))].iterrows():
        x += [*row[power].astype(float), None]
        y += [*row[energy].astype(float), None]
        texts += [f"{row['condition_id']} at {label}" for label, _ in RATES.values()] + [""]
    figure.add_trace(
        go.Scatter(
            x=_plain(x),
            y=_plain(y),
            text=texts,
            mode="lines+markers",
            line={"color": GREY, "width": 1},
            marker={"color": GREY, "size": 4},
            opacity=0.35,
            hovertemplate="%{text}: %{y:.0f} Wh/L, %{x:.0f} W/L<extra></extra>",
            name="electrodes",
        )
    )
    rows = table.drop_duplicates("condition_id").set_index("condition_id")
    for (name, label), colour in zip(shown.items(), COLOURS, strict=False):
        if name not in rows.index:
            continue
        figure.add_trace(
            go.Scatter(
                x=_plain(rows.loc[name, power].astype(float)),
                y=_plain(rows.loc[name, energy].astype(float)),
                text=[rate for rate, _ in RATES.values()],
                mode="lines+markers",
                line={"color": colour, "width": 3},
                marker={"color": colour, "size": 8},
                hovertemplate=f"{name} at %{{text}}: %{{y:.0f}} Wh/L, %{{x:.0f}} W/L"
                "<extra></extra>",
                name=label,
            )
        )
    _axes(figure)
    return figure


def ragone_of_loadings(points: Sequence[RagonePoint]) -> go.Figure:
    """Draw energy against power of one electrode, one line per loading."""
    figure = new_figure()
    loadings = sorted({point.loading_mg_cm2 for point in points})
    for loading, colour, dash in zip(loadings, COLOURS, _DASHES, strict=False):
        own = [point for point in points if point.loading_mg_cm2 == loading]
        figure.add_trace(
            go.Scatter(
                x=[point.power_W_L for point in own],
                y=[point.energy_Wh_L for point in own],
                text=[f"{point.rate_C:g}C" for point in own],
                mode="lines+markers",
                line={"color": colour, "dash": dash},
                marker={"color": colour},
                hovertemplate="%{text}: %{y:.0f} Wh/L, %{x:.0f} W/L<extra></extra>",
                name=f"{loading:g} mg/cm²",
            )
        )
    _axes(figure)
    return figure


def _axes(figure: go.Figure) -> None:
    figure.update_xaxes(title=_POWER, type="log")
    figure.update_yaxes(title=_ENERGY, rangemode="tozero")


def discharge_curves(curves: Mapping[str, pd.DataFrame], rates_C: Sequence[float]) -> go.Figure:
    """Draw voltage over charge of full cells: a colour per electrode, a dash per rate.

    Parameters
    ----------
    curves
        ``cell.bdf.csv`` of each electrode, with the column ``capacity_mAh_g``, by its name.
    rates_C
        Rates to draw.
    """
    figure = new_figure()
    for (name, table), colour in zip(curves.items(), COLOURS, strict=False):
        for rate, dash in zip(rates_C, _DASHES, strict=False):
            own = table[(table["cell"] == "full") & (table["rate_C"] == rate)]
            if own.empty:
                continue
            label = "C/5" if rate == 0.2 else f"{rate:g}C"
            figure.add_trace(
                go.Scatter(
                    x=own["capacity_mAh_g"].round(3).tolist(),
                    y=own["voltage_volt"].round(4).tolist(),
                    mode="lines",
                    line={"color": colour, "dash": dash, "width": 2},
                    hovertemplate=f"{name} at {label}: %{{y:.3f}} V after %{{x:.1f}} mAh/g"
                    "<extra></extra>",
                    name=f"{name}, {label}",
                )
            )
    figure.update_xaxes(title="Charge (mAh per g of active material)", rangemode="tozero")
    figure.update_yaxes(title="Voltage of the full cell (V)")
    return figure


def loss_bars(losses: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """Draw what each loss takes of the open-circuit energy, one bar per electrode and rate.

    Parameters
    ----------
    losses
        Percent of the open-circuit energy by loss, by the name of the bar.
    """
    figure = new_figure()
    for loss, colour in zip(LOSSES, _LOSS_COLOURS, strict=True):
        figure.add_trace(
            go.Bar(
                x=list(losses),
                y=[found.get(loss, 0.0) for found in losses.values()],
                name=_LABELS[loss],
                marker={"color": colour},
                hovertemplate="%{x}: %{y:.2f} %<extra>" + _LABELS[loss] + "</extra>",
            )
        )
    figure.update_layout(barmode="relative")
    figure.update_yaxes(title="Lost of the open-circuit energy (%)")
    return figure


def _plain(values: object) -> list[float | None]:
    """Numbers for JSON, which has no NaN."""
    return [None if v is None or v != v else float(v) for v in values]  # type: ignore[attr-defined]  # noqa: PLR0124
