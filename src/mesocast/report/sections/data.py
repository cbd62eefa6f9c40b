"""The data: what was measured on every electrode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mesocast.columns import is_variable, symbol_of, variables_of, with_unit
from mesocast.columns.variables import told_value
from mesocast.report.blocks import Figure, Row, Section, Table, Text
from mesocast.report.figures.data import against_compression, scatter_matrix
from mesocast.report.numbers import count, number, percent
from mesocast.report.sections.rounds import origin
from mesocast.surrogates.evidence.noise_ceiling import replicates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesocast.report.blocks import Block
    from mesocast.report.results import Results

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

# Letters of the smallest type that stand beside each other in a narrow window.
_LETTERS_PER_WIDTH = 72

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
    recipe = variables_of(results.everything.columns)
    inputs = tuple(name for name in recipe if name in results.bounds_pct)
    simulated = results.dataset[results.dataset["status"] != "skipped"]
    failed = simulated[simulated["status"] != "ok"]
    figures = tuple(
        Figure(
            f"compression-{name.replace('_', '-')}",
            f"{with_unit(name)} against compression rate",
            caption,
            "dataset.parquet",
            against_compression(
                results.simulated, results.confirmed, name, results.campaign.design.am_pct.bounds
            ),
        )
        for name, caption in _PLOTTED.items()
    )
    properties = tuple(dict.fromkeys(["porosity_bulk", *results.campaign.targets]))
    letters = letters_of((*inputs, *properties))
    told = "".join(f"; {letters[n]}: {with_unit(n)}" for n in inputs if is_variable(n))
    sources = [origin(turn) for turn in results.dataset["round"]]
    sources += ["verification"] * (len(results.everything) - len(sources))
    listed = tuple(dict.fromkeys([*_LISTED, *results.campaign.targets]))
    rows = tuple(
        (
            str(row["condition_id"]),
            source,
            *(told_value(row[name]) for name in recipe),
            str(row["status"]),
            *(number(_float(row[name])) for name in listed),
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
            Figure(
                "scatter-matrix",
                "Everything against everything",
                f"AM, SC and CR: the recipe{told}; "
                + "; ".join(f"{letters[name]}: {with_unit(name)}" for name in properties)
                + ". A narrow band means that one number tells the other; where the colours lie "
                "in layers, calendering decides.",
                "dataset.parquet",
                scatter_matrix(results.simulated, letters),
                height_px=640,
            ),
            *_seed_noise(results),
            Table(
                "Properties of every electrode",
                "One row per electrode, those of the verification last; a dash is a value that "
                "was not reached. All columns with their definitions are in dataset.csv and "
                "datapackage.json.",
                "dataset.parquet, conditions/<id>/properties.json",
                (
                    "Electrode",
                    "Origin",
                    *map(with_unit, recipe),
                    "Status",
                    *map(with_unit, listed),
                ),
                rows,
            ),
        ],
    )


def letters_of(names: Sequence[str]) -> dict[str, str]:
    """What stands at the axes of a matrix of these columns, each something else.

    The symbol, or the first letters of its words where it is longer than a panel in a narrow window
    is wide.
    """
    found: dict[str, str] = {}
    for name in names:
        symbol = symbol_of(name)
        if len(symbol) > _LETTERS_PER_WIDTH // len(names):
            symbol = "".join(word[0] for word in symbol.split()).upper()
        while symbol in found.values():
            symbol += "′"
        found[name] = symbol
    return found


def _seed_noise(results: Results) -> list[Block]:
    """What the random start alone does, where a recipe was simulated more than once."""
    recipe = list(variables_of(results.everything.columns))
    good = results.everything[results.everything["status"] == "ok"]
    repeated = good[good.duplicated(recipe, keep=False)]
    if repeated.empty:
        return []
    recipes = repeated.groupby(recipe)
    names = dict.fromkeys([*results.campaign.targets, "porosity_bulk", "thickness_um"])
    rows = []
    for name in names:
        found = replicates(
            recipes.ngroup().to_numpy().astype(np.float64)[:, None],
            repeated[name].to_numpy(),
            repeated["slurry_id"].to_numpy(),
        )
        if found is None:
            continue
        pooled = found.standard_deviation
        spread = float(results.simulated[name].std(ddof=1))
        rows.append(
            (
                with_unit(name),
                number(pooled, 3),
                percent(found.of_the_mean_pct),
                percent(100 * pooled / spread),
            )
        )
    return [
        Table(
            "Seed noise",
            f"{count(len(repeated), 'electrode')} of {count(len(recipes), 'recipe')} that were "
            "simulated with several random starts: one standard deviation within a recipe, pooled. "
            "No equation can be better than that; the last column holds it against the standard "
            "deviation of the whole design.",
            "dataset.parquet, verification.json",
            ("Property", "Standard deviation", "of the mean", "of the design"),
            tuple(rows),
        )
    ]


def _float(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type,call-overload]
