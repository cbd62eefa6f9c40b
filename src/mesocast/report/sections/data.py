"""The data: what was measured on every electrode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from mesocast.report.blocks import Figure, Row, Section, Table, Text
from mesocast.report.figures.data import against_compression
from mesocast.report.labels import count, number, with_unit
from mesocast.report.sections.rounds import origin

if TYPE_CHECKING:
    from mesocast.report.collect import Results

_PLOTTED = {
    "porosity_bulk": (
        "Each line is a slurry; pores close as the film is pressed, so lines fall. The colour is "
        "the share of active material."
    ),
    "density_g_cm3": (
        "Lines rise with compression; those with more active material, the heavy component, lie "
        "higher unless they pack worse."
    ),
}

_RECIPE = ("am_pct", "sc_pct", "cr_pct")
_LISTED = (
    "cr_retained_pct",
    "thickness_um",
    "density_g_cm3",
    "porosity_bulk",
    "porosity_total",
    "active_surface_pct",
    "electronic_conductivity_S_m",
    "tortuosity_factor",
    "pressure_max_MPa",
)


def build(results: Results) -> Section:
    """Write the section."""
    bounds = results.campaign.design.am_pct
    simulated = results.dataset[results.dataset["status"] != "skipped"]
    failed = simulated[simulated["status"] != "ok"]
    figures = tuple(
        Figure(
            f"compression-{name.replace('_', '-')}",
            f"{with_unit(name)} against compression rate",
            caption,
            "dataset.parquet",
            against_compression(
                results.simulated, results.confirmed, name, (bounds.min, bounds.max)
            ),
        )
        for name, caption in _PLOTTED.items()
    )
    sources = [origin(turn) for turn in results.dataset["round"]]
    sources += ["verification"] * (len(results.everything) - len(sources))
    rows = tuple(
        (
            str(row["condition_id"]),
            source,
            *(f"{row[name]:g}" for name in _RECIPE),
            str(row["status"]),
            *(number(_float(row[name])) for name in _LISTED),
        )
        for source, (_, row) in zip(sources, results.everything.iterrows(), strict=True)
    )
    return Section(
        "data",
        "The data",
        [
            Text(
                f"{count(len(simulated), 'condition')} of the design and its rounds, "
                f"{len(simulated) - len(failed)} with a result, {len(failed)} failed"
                + (
                    f" ({', '.join(failed['condition_id'])}; see what failed)."
                    if len(failed)
                    else "."
                )
            ),
            Row(figures),
            Table(
                "Properties of every electrode",
                "One row per electrode, those of the verification last; a dash is a value that "
                "was not reached. All columns with their definitions are in dataset.csv and "
                "datapackage.json.",
                "dataset.parquet, conditions/<id>/properties.json",
                (
                    "Electrode",
                    "Origin",
                    *map(with_unit, _RECIPE),
                    "Status",
                    *map(with_unit, _LISTED),
                ),
                rows,
            ),
        ],
    )


def _float(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type,call-overload]
