"""Read a table of electrodes that were measured on a line.

One row per electrode: its recipe (``am_pct``, ``sc_pct``; ``cr_pct``, or ``gap_um`` with
``thickness_before_um``), and any columns of the dataset, each with its standard deviation in a
column with ``_std`` (or ``_sd``) behind it where that is known. Further columns are left alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns import MEASURED, PARAMETERS, possible, unit_of
from mesocast.dataset.measured import number_in
from mesocast.errors import InputError
from mesocast.recipe import Recipe
from mesocast.storage.rows import records_of
from mesocast.storage.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

# Endings of the columns that hold standard deviations.
DEVIATIONS = ("_std", "_sd")
NAMES = ("name", "id", "electrode")
# They follow from how much is coated, which surrogates do not know.
_OF_THE_LOADING = ("thickness_um", "mass_loading_mg_cm2")
# 1 mg/cm2 over 1 um, in g/cm3.
_G_CM3 = 10.0


@dataclass(frozen=True, eq=False)
class MeasuredTable:
    """Measured electrodes.

    Parameters
    ----------
    names
        One per electrode.
    recipes_pct
        Recipes in percent, shape (n, 3), with the columns ``PARAMETERS``.
    properties
        Per column of the dataset what was measured, shape (n,); NaN where it was not.
    deviations
        Their standard deviations, shape (n,); NaN where they are not told.
    remarks
        What was not taken from the table, and why.
    """

    names: tuple[str, ...]
    recipes_pct: NDArray[np.float64]
    properties: Mapping[str, NDArray[np.float64]]
    deviations: Mapping[str, NDArray[np.float64]]
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def joined(first: MeasuredTable, second: MeasuredTable) -> MeasuredTable:
    """Put two tables under each other; of electrodes with the same name, the second's counts."""
    kept = np.array([name not in second.names for name in first.names], dtype=bool)
    count = int(kept.sum())
    gap = {True: np.full(count, math.nan), False: np.full(len(second), math.nan)}
    names = dict.fromkeys([*first.properties, *second.properties])

    def both(
        above: Mapping[str, NDArray[np.float64]], below: Mapping[str, NDArray[np.float64]]
    ) -> dict[str, NDArray[np.float64]]:
        return {
            name: np.concatenate(
                [above[name][kept] if name in above else gap[True], below.get(name, gap[False])]
            )
            for name in names
        }

    return MeasuredTable(
        names=(*(n for n, k in zip(first.names, kept, strict=True) if k), *second.names),
        recipes_pct=np.concatenate([first.recipes_pct[kept], second.recipes_pct]),
        properties=both(first.properties, second.properties),
        deviations=both(first.deviations, second.deviations),
        remarks=tuple(dict.fromkeys([*first.remarks, *second.remarks])),
    )


def read_measured(path: Path) -> MeasuredTable:
    """Read a table of measured electrodes from Parquet or text.

    Raises
    ------
    InputError
        One line that says which row and column is wrong, what was found and what is allowed.
    """
    return measured_table(read_table(path, texts=NAMES), str(path))


def measured_table(table: pd.DataFrame, where: str = "measured") -> MeasuredTable:
    """Check a table of measured electrodes.

    Parameters
    ----------
    table
        One row per electrode, with the columns that the module's head tells.
    where
        Its place, for the line that says what is wrong.

    Raises
    ------
    InputError
        One line that says which row and column is wrong, what was found and what is allowed.
    """
    for name in PARAMETERS[:2]:
        if name not in table:
            raise InputError(
                f"{where}: column {name} is missing; allowed: recipes in am_pct, sc_pct and cr_pct"
            )
    rows = [_Row(record, number, where) for number, record in enumerate(records_of(table), start=1)]
    kept = [row for row in rows if not row.is_pressed_to_a_pressure]
    if not kept:
        raise InputError(f"{where}: holds no electrode with a compression; allowed: at least one")
    names = tuple(row.name for row in kept)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{where}: {twice} stands twice; allowed: a name of its own for each row")
    recipes = np.array([row.recipe_pct() for row in kept])
    known = [name for name in MEASURED if name in table and name not in PARAMETERS]
    found = {name: [row.value(name) for row in kept] for name in known}
    found |= _densities(kept, found)
    for name in _OF_THE_LOADING:
        found.pop(name, None)
    found = {n: pairs for n, pairs in found.items() if any(math.isfinite(v) for v, _ in pairs)}
    if not found:
        raise InputError(
            f"{where}: holds no measured property; allowed: columns of a dataset such as "
            "porosity_total, density_g_cm3 or tortuosity_factor, or thickness_um with "
            "mass_loading_mg_cm2"
        )
    return MeasuredTable(
        names=names,
        recipes_pct=recipes,
        properties={n: np.array([value for value, _ in pairs]) for n, pairs in found.items()},
        deviations={n: np.array([spread for _, spread in pairs]) for n, pairs in found.items()},
        remarks=_remarks(table, len(rows) - len(kept)),
    )


class _Row:
    """A row of the table, read number by number."""

    def __init__(self, record: dict[str, Any], number: int, where: str) -> None:
        self._record = record
        self.where = f"{where}: row {number}"
        named = (str(record[key]) for key in NAMES if record.get(key) is not None)
        self.name = next(named, f"row {number}")

    @property
    def is_pressed_to_a_pressure(self) -> bool:
        """Whether only a pressure says how far it was compressed."""
        pressure = self.number("pressure_MPa")
        told = (self.number("cr_pct"), self.number("gap_um"))
        return bool(pressure) and told == (None, None)

    def recipe_pct(self) -> tuple[float, float, float]:
        am_pct, sc_pct = (self.number(name) for name in PARAMETERS[:2])
        if am_pct is None or sc_pct is None:
            name = "am_pct" if am_pct is None else "sc_pct"
            raise InputError(f"{self.where}: {name} is missing; allowed: the recipe, in percent")
        if am_pct <= 1 or sc_pct <= 1:
            name, value = ("am_pct", am_pct) if am_pct <= 1 else ("sc_pct", sc_pct)
            raise InputError(f"{self.where}: {name} = {value:g}; allowed: percent, not a share")
        try:
            recipe = Recipe(am_pct, sc_pct, self._compression_pct())
        except InputError as error:
            raise InputError(f"{self.where}: {error}") from error
        return recipe.am_pct, recipe.sc_pct, recipe.cr_pct

    def _compression_pct(self) -> float:
        cr_pct, gap_um = self.number("cr_pct"), self.number("gap_um")
        if gap_um is None or cr_pct is not None:
            return cr_pct or 0.0
        before_um = self.number("thickness_before_um")
        if before_um is None or not 0 < gap_um <= before_um:
            raise InputError(
                f"{self.where}: gap_um = {gap_um:g} with thickness_before_um = {before_um}; "
                "allowed: both, without the foil, the gap at most the thickness"
            )
        return 100 * (1 - gap_um / before_um)

    def value(self, name: str) -> tuple[float, float]:
        """Value and standard deviation of a column; NaN where they are missing."""
        value = self.number(name)
        given = [(n, v) for end in DEVIATIONS if (v := self.number(n := name + end)) is not None]
        if value is None:
            return math.nan, math.nan
        low, high = possible(name)
        if not low <= value <= high:
            ends = f"{low:g} to {high:g}" if math.isfinite(high) else f"at least {low:g}"
            raise InputError(f"{self.where}: {name} = {value:g}; allowed: {ends} {unit_of(name)}")
        if given and given[0][1] <= 0:
            raise InputError(f"{self.where}: {given[0][0]} = {given[0][1]:g}; allowed: above 0")
        return value, given[0][1] if given else math.nan

    def number(self, name: str) -> float | None:
        return number_in(self._record, name, self.where)


def _densities(
    rows: list[_Row], found: dict[str, list[tuple[float, float]]]
) -> dict[str, list[tuple[float, float]]]:
    """Density of electrodes of which thickness and loading were measured instead."""
    if any(name not in found for name in _OF_THE_LOADING):
        return {}
    name = "density_g_cm3"
    own = found.get(name, [(math.nan, math.nan)] * len(rows))
    densities = []
    for told, (thickness, spread), (loading, loading_spread) in zip(
        own, *(found[n] for n in _OF_THE_LOADING), strict=True
    ):
        if math.isfinite(told[0]) or not thickness > 0:
            densities.append(told)
            continue
        density = _G_CM3 * loading / thickness
        # Of independent errors; what is not told counts as exact beside what is.
        errors = [spread / thickness, loading_spread / loading if loading else math.nan]
        relative = math.sqrt(sum(e * e for e in errors if math.isfinite(e)))
        densities.append((density, density * relative or math.nan))
    return {name: densities}


def _remarks(table: pd.DataFrame, left_out: int) -> tuple[str, ...]:
    remarks = []
    if left_out:
        remarks.append(
            f"{left_out} electrodes are pressed to a pressure, which surrogates do not know; they "
            "are left out."
        )
    if not any(name in table for name in ("cr_pct", "gap_um")):
        remarks.append("No column tells a compression; all count as not calendered.")
    used = {*PARAMETERS, *NAMES, "gap_um", "thickness_before_um", "pressure_MPa"}
    used |= {name + end for name in MEASURED for end in ("", *DEVIATIONS)}
    other = [str(name) for name in table.columns if name not in used]
    if other:
        remarks.append(f"Columns that are no property of an electrode: {', '.join(other)}.")
    return tuple(remarks)
