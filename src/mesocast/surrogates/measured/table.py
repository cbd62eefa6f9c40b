"""A table of electrodes that were measured on a line, as surrogates see it.

Of the rows (`mesocast.dataset.measured`) those count of which a compression is known; thickness and
loading, of which surrogates know nothing, count as a density.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import PARAMETERS, unit_of
from mesocast.columns.units import looks_like
from mesocast.dataset.design_columns import DesignColumns
from mesocast.dataset.measured import (
    KNOWN,
    NAMES,
    Datum,
    MeasuredElectrode,
    measured_electrodes,
    unused_columns,
    with_known_names,
)
from mesocast.errors import InputError
from mesocast.storage.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

# They follow from how much is coated, which surrogates do not know.
_OF_THE_LOADING = ("thickness_um", "mass_loading_mg_cm2")
# 1 mg/cm2 over 1 um, in g/cm3.
_G_CM3 = 10.0
_NOTHING = Datum(math.nan, math.nan)


@dataclass(frozen=True, eq=False)
class MeasuredTable:
    """Measured electrodes.

    Parameters
    ----------
    names
        One per electrode.
    recipes_pct
        Recipes, shape (n, inputs), in the units of their columns; choices by their place.
    properties
        Per column of the dataset what was measured, shape (n,); NaN where it was not.
    deviations
        Their standard deviations, shape (n,); NaN where they are not told.
    remarks
        What was not taken from the table, and why.
    inputs
        Columns of the recipes: the design variables that are free.
    """

    names: tuple[str, ...]
    recipes_pct: NDArray[np.float64]
    properties: Mapping[str, NDArray[np.float64]]
    deviations: Mapping[str, NDArray[np.float64]]
    remarks: tuple[str, ...] = ()
    inputs: tuple[str, ...] = PARAMETERS

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
        inputs=second.inputs,
    )


def read_measured(path: Path, design: DesignColumns | None = None) -> MeasuredTable:
    """Read a table of measured electrodes from Parquet or text.

    Parameters
    ----------
    path, design
        The file, and the columns of recipes; by default those of a recipe's three numbers.

    Raises
    ------
    InputError
        One line that says which row and column is wrong, what was found and what is allowed.
    """
    return measured_table(read_table(path, texts=NAMES), str(path), design)


def measured_table(
    table: pd.DataFrame, where: str = "measured", design: DesignColumns | None = None
) -> MeasuredTable:
    """Check a table of measured electrodes.

    Parameters
    ----------
    table
        One row per electrode, with the columns that `mesocast.dataset.measured` tells.
    where
        Its place, for the line that says what is wrong.
    design
        The columns of recipes; by default those of a recipe's three numbers.

    Raises
    ------
    InputError
        One line that says which row and column is wrong, what was found and what is allowed.
    """
    design = design or DesignColumns()
    table = with_known_names(table, where, design)
    electrodes = measured_electrodes(table, where, design)
    pressed = [electrode for electrode in electrodes if electrode.cr_pct is not None]
    if not pressed:
        raise InputError(f"{where}: holds no electrode with a compression; allowed: at least one")
    kept = [electrode for electrode in pressed if not _is_another(electrode, design)]
    if not kept:
        held = ", ".join(f"{name} = {value:g}" for name, value in design.fixed.items())
        raise InputError(f"{where}: holds no electrode with {held}; allowed: at least one")
    found = {
        name: [electrode.data.get(name, _NOTHING) for electrode in kept]
        for name in KNOWN
        if any(name in electrode.data for electrode in kept)
    }
    found |= _densities(found)
    for name in _OF_THE_LOADING:
        found.pop(name, None)
    if not found:
        raise InputError(
            f"{where}: holds no measured property; allowed: columns of a dataset such as "
            "porosity_total, density_g_cm3 or tortuosity_factor, or thickness_um with "
            "mass_loading_mg_cm2"
        )
    return MeasuredTable(
        names=tuple(electrode.name for electrode in kept),
        recipes_pct=np.array([[e.recipe[name] for name in design.inputs] for e in kept]),
        properties={n: np.array([d.value for d in data]) for n, data in found.items()},
        deviations={n: np.array([d.standard_deviation for d in data]) for n, data in found.items()},
        remarks=(
            *_left_out(len(electrodes) - len(pressed), len(pressed) - len(kept), design),
            *_unit_remarks(kept, design),
            *_remarks(table, design),
        ),
        inputs=design.inputs,
    )


def _is_another(electrode: MeasuredElectrode, design: DesignColumns) -> bool:
    """Whether an electrode has another value of what the design holds fixed."""
    return any(
        not design.is_same(name, electrode.recipe[name], value)
        for name, value in design.fixed.items()
    )


def only_simulated(measured: MeasuredTable, dataset: pd.DataFrame) -> MeasuredTable:
    """Leave out what no electrode of a dataset has, with a remark.

    An earlier dataset lacks the columns of later versions, and one without a roll diameter has no
    line loads.

    Raises
    ------
    InputError
        Nothing is left.
    """
    empty = [
        name for name in measured.properties if name not in dataset or dataset[name].isna().all()
    ]
    left = [name for name in measured.properties if name not in empty]
    if not left:
        raise InputError(
            f"measured: the dataset has no value of {', '.join(empty)}; allowed: at least one "
            "column that simulated electrodes have, too"
        )
    if not empty:
        return measured
    return replace(
        measured,
        properties={name: measured.properties[name] for name in left},
        deviations={name: measured.deviations[name] for name in left},
        remarks=(*measured.remarks, f"No simulated electrode has {', '.join(empty)}: left out."),
    )


def _densities(found: Mapping[str, list[Datum]]) -> dict[str, list[Datum]]:
    """Density of electrodes of which thickness and loading were measured instead."""
    if any(name not in found for name in _OF_THE_LOADING):
        return {}
    name = "density_g_cm3"
    thicknesses, loadings = (found[of] for of in _OF_THE_LOADING)
    own = found.get(name, [_NOTHING] * len(loadings))
    densities = []
    for told, thickness, loading in zip(own, thicknesses, loadings, strict=True):
        if math.isfinite(told.value) or not (thickness.value > 0 and loading.value > 0):
            densities.append(told)
            continue
        density = _G_CM3 * loading.value / thickness.value
        # Of independent errors; what is not told counts as exact beside what is.
        errors = [d.standard_deviation / d.value for d in (thickness, loading)]
        relative = math.hypot(*(error for error in errors if math.isfinite(error)))
        densities.append(Datum(density, density * relative or math.nan))
    return {name: densities}


def _left_out(to_pressure: int, others: int, design: DesignColumns) -> list[str]:
    remarks = []
    if to_pressure:
        remarks.append(
            f"{to_pressure} electrodes are pressed to a pressure, which surrogates do not know; "
            "they are left out."
        )
    if others:
        held = ", ".join(f"{name} at {value:g}" for name, value in design.fixed.items())
        remarks.append(f"{others} electrodes are left out: the design holds {held}.")
    return remarks


def _unit_remarks(electrodes: list[MeasuredElectrode], design: DesignColumns) -> list[str]:
    """Say of which variables a value would lie in the design in another unit."""
    remarks = []
    for name in design.own:
        if name in design.words:
            continue
        low, high = design.bounds[name]
        outside = [e for e in electrodes if not low <= e.further[name] <= high]
        for electrode in outside[:1]:
            value = electrode.further[name]
            if told := looks_like(value, low, high, unit_of(name)):
                remarks.append(f"{electrode.name}: {name} = {value:g}: {told.rstrip('; ')}.")
    return remarks


def _remarks(table: pd.DataFrame, design: DesignColumns) -> tuple[str, ...]:
    remarks = []
    if "cr_pct" in design.inputs and not any(name in table for name in ("cr_pct", "gap_um")):
        remarks.append("No column tells a compression; all count as not calendered.")
    if other := unused_columns(table, design):
        remarks.append(f"Columns that are no property of an electrode: {', '.join(other)}.")
    return tuple(remarks)
