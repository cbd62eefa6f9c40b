"""Electrodes as measured on a line: a table of recipes, how they were pressed, and what was found.

One row per electrode or coupon. Its recipe is in ``am_pct`` and ``sc_pct``; how it was pressed in
one of ``cr_pct`` (net compression rate), ``gap_um`` (lowest gap, with ``thickness_before_um``) and
``pressure_MPa``, or in none (not calendered). Each quantity has a column of its name and one with
``_sd`` behind it for its standard deviation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesocast.columns import possible, unit_of
from mesocast.errors import InputError
from mesocast.recipe import Recipe
from mesocast.storage.rows import records_of
from mesocast.storage.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: What a table may tell of an electrode. Springback is the share of the compression that comes
#: back after pressing; the others are columns of a dataset.
QUANTITIES = (
    "thickness_um",
    "density_g_cm3",
    "porosity_total",
    "porosity_bulk",
    "springback_pct",
    "pressure_max_MPa",
    "electronic_conductivity_S_m",
    "tortuosity_factor",
    "active_surface_pct",
)
# Quantities that vary by factors rather than by differences.
LOGARITHMIC = ("electronic_conductivity_S_m", "pressure_max_MPa")
_PRESSED = ("cr_pct", "gap_um", "pressure_MPa")
_LARGEST_CR_PCT = 60.0


@dataclass(frozen=True)
class Datum:
    """A measured value and its standard deviation, in the unit of its quantity."""

    value: float
    standard_deviation: float


@dataclass(frozen=True)
class MeasuredElectrode:
    """A row of the table.

    Parameters
    ----------
    name
        Its name in the table, or its row.
    am_pct, sc_pct
        Recipe.
    cr_pct
        Net compression rate; None if it was pressed to a pressure.
    pressure_MPa
        Pressure to which it was pressed; None if it was pressed to a gap or not at all.
    mass_loading_mg_cm2
        Dry mass per area; None where the table does not tell.
    data
        What was measured, by quantity; empty for an electrode that is only to be predicted.
    """

    name: str
    am_pct: float
    sc_pct: float
    cr_pct: float | None
    pressure_MPa: float | None
    mass_loading_mg_cm2: float | None
    data: Mapping[str, Datum]


def read_measured(path: Path) -> tuple[MeasuredElectrode, ...]:
    """Read a table of measured electrodes.

    Parameters
    ----------
    path
        Parquet or text with the columns that the module's head tells; others are not used.

    Raises
    ------
    InputError
        One line that says which row and column is wrong, what was found and what is allowed.
    """
    table = read_table(path, "am_pct", "sc_pct", texts=("name", "id"))
    known = [name for name in QUANTITIES if name in table]
    for name in known:
        if f"{name}_sd" not in table:
            raise InputError(
                f"{path}: column {name}_sd is missing; allowed: the standard deviations of {name}"
            )
    if not known:
        raise InputError(
            f"{path}: no column of a measured quantity; allowed: {', '.join(QUANTITIES)}, each "
            "with its standard deviation in a column with _sd behind it"
        )
    found = tuple(
        _electrode(record, known, f"{path}: row {number}", number)
        for number, record in enumerate(records_of(table), start=1)
    )
    names = [electrode.name for electrode in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{path}: name = {name} twice; allowed: once")
    return found


def _electrode(
    record: dict[str, Any], known: list[str], where: str, number: int
) -> MeasuredElectrode:
    name = next((str(record[key]) for key in ("name", "id") if record.get(key)), f"row {number}")
    am_pct, sc_pct = (number_in(record, key, where) for key in ("am_pct", "sc_pct"))
    if am_pct is None or sc_pct is None:
        key = "am_pct" if am_pct is None else "sc_pct"
        raise InputError(f"{where}: {key} is missing; allowed: the recipe, in per cent")
    cr_pct, pressure_MPa = _pressing(record, where)
    try:
        Recipe(am_pct, sc_pct, cr_pct or 0.0)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    loading = number_in(record, "mass_loading_mg_cm2", where)
    if loading is not None and loading <= 0:
        raise InputError(f"{where}: mass_loading_mg_cm2 = {loading:g}; allowed: above 0")
    data = {key: datum for key in known if (datum := _datum(record, key, where)) is not None}
    if "thickness_um" in data and loading is None:
        raise InputError(
            f"{where}: thickness_um without mass_loading_mg_cm2; allowed: both, since a film is as "
            "thick as it is loaded"
        )
    is_pressed = pressure_MPa is not None or bool(cr_pct)
    for key in ("springback_pct", "pressure_max_MPa"):
        if key in data and not is_pressed:
            raise InputError(
                f"{where}: {key} of an electrode that was not pressed; allowed: with one of "
                f"{', '.join(_PRESSED)}"
            )
    return MeasuredElectrode(name, am_pct, sc_pct, cr_pct, pressure_MPa, loading, data)


def _pressing(record: dict[str, Any], where: str) -> tuple[float | None, float | None]:
    """Compression rate (%) or pressure (MPa) to which an electrode was pressed; one is None."""
    given = {key: v for key in _PRESSED if (v := number_in(record, key, where)) is not None}
    if len(given) > 1:
        raise InputError(f"{where}: {' and '.join(given)} are given; allowed: one of them")
    if "pressure_MPa" in given:
        pressure_MPa = given["pressure_MPa"]
        if pressure_MPa < 0:
            raise InputError(f"{where}: pressure_MPa = {pressure_MPa:g}; allowed: at least 0")
        return (None, pressure_MPa) if pressure_MPa > 0 else (0.0, None)
    if "gap_um" not in given:
        return given.get("cr_pct", 0.0), None
    gap_um, before_um = given["gap_um"], number_in(record, "thickness_before_um", where)
    if before_um is None:
        raise InputError(
            f"{where}: gap_um without thickness_before_um; allowed: both, without the foil"
        )
    if not (1 - _LARGEST_CR_PCT / 100) * before_um < gap_um <= before_um:
        raise InputError(
            f"{where}: gap_um = {gap_um:g} with thickness_before_um = {before_um:g}; allowed: "
            f"above {1 - _LARGEST_CR_PCT / 100:g} of it and at most it (the film's own gap, "
            "which is not a roll's setting)"
        )
    return 100 * (1 - gap_um / before_um), None


def _datum(record: dict[str, Any], key: str, where: str) -> Datum | None:
    value, deviation = number_in(record, key, where), number_in(record, f"{key}_sd", where)
    if value is None:
        return None
    low, high = bounds_of(key)
    if not low <= value <= high or (key in LOGARITHMIC and value <= 0):
        above = "above 0" if key in LOGARITHMIC else f"at least {low:g}"
        below = "" if math.isinf(high) else f" and at most {high:g}"
        raise InputError(f"{where}: {key} = {value:g}; allowed: {above}{below}{_unit(key)}")
    if deviation is None:
        raise InputError(f"{where}: {key}_sd is missing; allowed: a standard deviation above 0")
    if deviation <= 0:
        raise InputError(f"{where}: {key}_sd = {deviation:g}; allowed: above 0")
    return Datum(value, deviation)


def bounds_of(quantity: str) -> tuple[float, float]:
    """Bounds of what a quantity can be, in its unit."""
    if quantity == "springback_pct":
        return 0.0, 200.0  # a film may rest thicker than before it was pressed
    low, high = possible(quantity)
    return (0.0 if math.isinf(low) else low), high


def _unit(quantity: str) -> str:
    if quantity == "springback_pct":
        return " % of the compression"
    if bounds_of(quantity)[1] == 1:
        return " (a share, not per cent)"
    return f" {unit_of(quantity)}".rstrip()


def number_in(record: Mapping[str, Any], key: str, where: str) -> float | None:
    """Give the number in a cell of a row; None where it is empty.

    Raises
    ------
    InputError
        The cell holds something else.
    """
    value = record.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError(f"{where}: {key} = {value!r}; allowed: a number")
    return float(value)
