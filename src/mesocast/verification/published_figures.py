"""Figures of simulated electrodes beside published ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import PARAMETERS, name_of
from mesocast.storage.files import replacing

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

    from mesocast.verification.published import Comparison


def draw(dataset: pd.DataFrame, found: Comparison, path: Path) -> None:
    """Draw the published series and the parity of all properties into a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_series(left, dataset, found)
    _draw_parity(right, found)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})


def _draw_series(axes: Axes, dataset: pd.DataFrame, found: Comparison) -> None:
    series = found.electrodes[found.electrodes["name"] == "series in compression"]
    good = dataset[
        (dataset["status"] == "ok") & (dataset[list(PARAMETERS[:2])] == [96, 69]).all(axis=1)
    ]
    axes.plot(series["cr_pct"], series["published"], "k-o", label="published (Vijay et al. 2025)")
    axes.plot(good["cr_pct"], good["porosity_total"], "C1.", alpha=0.6, label="simulated, each")
    axes.plot(series["cr_pct"], series["simulated"], "C1-", label="simulated, mean")
    axes.set(
        xlabel="net compression rate (%)",
        ylabel="total porosity",
        title="96 % active material, 69 % solid content",
    )
    axes.legend()


def _draw_parity(axes: Axes, found: Comparison) -> None:
    porosity = found.electrodes[found.electrodes["column"].str.startswith("porosity")]
    for (kind, column), rows in porosity.groupby(["kind", "column"]):
        axes.errorbar(
            rows["published"],
            rows["simulated"],
            yerr=rows["standard_deviation"],
            fmt="s" if kind == "measured" else "o",
            label=f"{kind}, {name_of(str(column)).lower()}",
        )
    ends = [0.2, 0.65]
    axes.plot(ends, ends, "k--", linewidth=1)
    axes.set(xlabel="published porosity", ylabel="simulated porosity", title="All published points")
    axes.legend()
