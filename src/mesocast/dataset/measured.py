"""Electrodes as measured on a line: a table of recipes, how they were pressed, and what was found.

One row per electrode or coupon. Its recipe is in ``am_pct``, ``sc_pct`` and a campaign's own design
variables (`mesocast.dataset.design_columns`); how it was pressed in
one of ``cr_pct`` (net compression rate), ``gap_um`` (lowest gap, with ``thickness_before_um``) and
``pressure_MPa``, or in none (not calendered). What was measured has a column of its name, any of a
dataset, and one with ``_std`` (or ``_sd``) behind it for its standard deviation.
The same table is compared with simulations, told, and calibrated with.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mesocast.columns import MEASURED, PARAMETERS, possible, unit_of
from mesocast.columns.units import refusal
from mesocast.dataset.design_columns import DesignColumns
from mesocast.errors import InputError
from mesocast.recipe import Recipe
from mesocast.storage.rows import records_of
from mesocast.storage.tables import read_table, refuse_fractions, with_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

_LOGGER = logging.getLogger(__name__)

#: What a calibration can use. Springback is the share of the compression that comes back after
#: pressing; the others are columns of a dataset.
QUANTITIES = (
    "thickness_um",
    "density_g_cm3",
    "porosity_by_mass",
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
#: Columns that may hold an electrode's name, and endings of those that hold standard deviations.
NAMES = ("name", "id", "electrode")
DEVIATIONS = ("_std", "_sd")
PRESSED = ("cr_pct", "gap_um", "pressure_MPa")
#: All that may be measured; how it was pressed is no result.
KNOWN = tuple(name for name in MEASURED if name not in (*PARAMETERS, *PRESSED, "passes"))
_LARGEST_CR_PCT = 60.0
# Standard deviation, in all that is possible, of a value that is anywhere in it: such a measurement
# says nothing.
_LARGEST_DEVIATION = 12**-0.5
# Columns in per cent of which single values may be below 1, but not all.
_NOT_ALL_BELOW_1_PCT = ("cr_pct", "springback_pct", "active_surface_pct")
# A film may rest thicker than before it was pressed.
_LARGEST_SPRINGBACK_PCT = 200.0


@dataclass(frozen=True)
class Datum:
    """A measured value and its standard deviation (NaN: not told), in the unit of its quantity."""

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
    further
        Values of the campaign's own design variables, by column; of choices their places.
    """

    name: str
    am_pct: float
    sc_pct: float
    cr_pct: float | None
    pressure_MPa: float | None
    mass_loading_mg_cm2: float | None
    data: Mapping[str, Datum]
    further: Mapping[str, float] = field(default_factory=dict)

    @property
    def recipe(self) -> dict[str, float]:
        """Its design variables by column; without a compression rate where that is not known."""
        rate = {} if self.cr_pct is None else {"cr_pct": self.cr_pct}
        return {"am_pct": self.am_pct, "sc_pct": self.sc_pct, **rate, **self.further}


def read_for_calibration(path: Path) -> tuple[MeasuredElectrode, ...]:
    """Read a table of measured electrodes that physics is to be calibrated with.

    Parameters
    ----------
    path
        Parquet or text with the columns that the module's head tells; of what was measured,
        `QUANTITIES` are used, and each value needs its standard deviation.

    Raises
    ------
    InputError
        One line that says which row and column is wrong, what was found and what is allowed.
    """
    return electrodes_for_calibration(read_table(path, texts=NAMES), str(path))


def electrodes_for_calibration(table: pd.DataFrame, where: str) -> tuple[MeasuredElectrode, ...]:
    """Read such a table that is at hand.

    Parameters
    ----------
    table
        As :func:`read_for_calibration` reads it.
    where
        Its place, for the line that says what is wrong.

    Raises
    ------
    InputError
        One line that says which row and column is wrong, what was found and what is allowed.
    """
    design = DesignColumns()
    table = with_known_names(table, where, design)
    if unused := unused_columns(table, design):
        _LOGGER.info("%s: columns that are not used: %s", where, ", ".join(unused))
    found = measured_electrodes(table, where)
    if not any(name in table for name in QUANTITIES):
        raise InputError(
            f"{where}: no column of a measured quantity; allowed: {', '.join(QUANTITIES)}, each "
            "with its standard deviation in a column with _std behind it"
        )
    return tuple(
        _for_calibration(electrode, f"{where}: row {number}")
        for number, electrode in enumerate(found, start=1)
    )


def measured_electrodes(
    table: pd.DataFrame, where: str, design: DesignColumns | None = None
) -> tuple[MeasuredElectrode, ...]:
    """Read the rows of a table of measured electrodes.

    Parameters
    ----------
    table
        With the columns that the module's head tells (`with_known_names`); others are not used.
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
    for name in (*PARAMETERS[:2], *design.own):
        if name not in table and name not in design.fixed:
            told = " and ".join((", ".join(design.all[:-1]), design.all[-1]))
            raise InputError(f"{where}: column {name} is missing; allowed: recipes in {told}")
    known = [name for name in KNOWN if name in table]
    refuse_fractions(table, _NOT_ALL_BELOW_1_PCT, where)
    found = tuple(
        _electrode(_with_held(record, design), known, f"{where}: row {number}", number, design)
        for number, record in enumerate(records_of(table), start=1)
    )
    names = [electrode.name for electrode in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{where}: {twice} stands twice; allowed: a name of its own for each row")
    return found


def with_known_names(
    table: pd.DataFrame, where: str, design: DesignColumns, *, more: Sequence[str] = ()
) -> pd.DataFrame:
    """Give the columns of a table Mesocast's names, whatever their case.

    Raises
    ------
    InputError
        Two columns have one name.
    """
    return with_names(table, (*_known(design), *more), where)


def unused_columns(table: pd.DataFrame, design: DesignColumns) -> list[str]:
    """Columns that say nothing of an electrode that was measured."""
    known = set(_known(design))
    return [str(name) for name in table.columns if name not in known]


def _known(design: DesignColumns) -> tuple[str, ...]:
    measured = [name + end for name in KNOWN for end in ("", *DEVIATIONS)]
    more = ("thickness_before_um", "mass_loading_mg_cm2")
    return (*NAMES, *PARAMETERS, *PRESSED, *more, *measured, *design.all)


def name_in(record: Mapping[str, Any]) -> str | None:
    """Name of an electrode in a row of a table; None where it has none."""
    return next((str(record[key]) for key in NAMES if record.get(key) is not None), None)


def _with_held(record: dict[str, Any], design: DesignColumns) -> dict[str, Any]:
    """Row with the mass shares that it need not tell, because the design holds them."""
    held = {n: v for n, v in design.fixed.items() if n not in PRESSED and record.get(n) is None}
    return record | held


def _electrode(
    record: dict[str, Any], known: list[str], where: str, number: int, design: DesignColumns
) -> MeasuredElectrode:
    am_pct, sc_pct = (_percentage(record, key, where) for key in PARAMETERS[:2])
    rate_pct = design.fixed.get("cr_pct", 0.0)
    cr_pct, pressure_MPa = (
        _pressing(record, where, rate_pct) if design.is_pressed_by_rate else (rate_pct, None)
    )
    try:
        Recipe(am_pct, sc_pct, cr_pct or 0.0)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    loading = number_in(record, "mass_loading_mg_cm2", where)
    if loading is not None and loading <= 0:
        raise InputError(f"{where}: mass_loading_mg_cm2 = {loading:g}; allowed: above 0")
    data = {key: datum for key in known if (datum := _datum(record, key, where)) is not None}
    name = name_in(record) or f"row {number}"
    further = {key: _variable(record, key, where, design) for key in design.own}
    return MeasuredElectrode(name, am_pct, sc_pct, cr_pct, pressure_MPa, loading, data, further)


def _variable(record: dict[str, Any], key: str, where: str, design: DesignColumns) -> float:
    if record.get(key) is None:
        raise InputError(f"{where}: {key} is missing; allowed: the value that was set")
    if words := design.words.get(key):
        if record[key] not in words:
            raise InputError(f"{where}: {key} = {record[key]}; allowed: {', '.join(words)}")
        return design.number(key, record[key])
    value, (low, high) = number_in(record, key, where) or 0.0, design.possible[key]
    if not low <= value <= high:
        raise InputError(f"{where}: {key} = {value:g}; {refusal(value, low, high, unit_of(key))}")
    return value


def _for_calibration(electrode: MeasuredElectrode, where: str) -> MeasuredElectrode:
    data = {key: electrode.data[key] for key in QUANTITIES if key in electrode.data}
    for key, datum in data.items():
        if math.isnan(datum.standard_deviation):
            raise InputError(
                f"{where}: {key}_std is missing; allowed: a standard deviation above 0"
            )
    if "thickness_um" in data and electrode.mass_loading_mg_cm2 is None:
        raise InputError(
            f"{where}: thickness_um without mass_loading_mg_cm2; allowed: both, since a film is as "
            "thick as it is loaded"
        )
    is_pressed = electrode.pressure_MPa is not None or bool(electrode.cr_pct)
    for key in ("springback_pct", "pressure_max_MPa"):
        if key in data and not is_pressed:
            raise InputError(
                f"{where}: {key} of an electrode that was not pressed; allowed: with one of "
                f"{', '.join(PRESSED)}"
            )
    return replace(electrode, data=data)


def _percentage(record: dict[str, Any], key: str, where: str) -> float:
    value = number_in(record, key, where)
    if value is None:
        raise InputError(f"{where}: {key} is missing; allowed: the recipe, in percent")
    if value <= 1:
        told = refusal(value, 1, 100, "%", above=True)
        raise InputError(f"{where}: {key} = {value:g}; {told}")
    return value


def _pressing(
    record: dict[str, Any], where: str, rate_pct: float
) -> tuple[float | None, float | None]:
    """Compression rate (%) or pressure (MPa) to which an electrode was pressed; one is None.

    Where the row tells none, the rate that is given.
    """
    given = {key: v for key in PRESSED if (v := number_in(record, key, where)) is not None}
    if len(given) > 1:
        raise InputError(f"{where}: {' and '.join(given)} are given; allowed: one of them")
    if "pressure_MPa" in given:
        pressure_MPa = given["pressure_MPa"]
        if pressure_MPa < 0:
            raise InputError(f"{where}: pressure_MPa = {pressure_MPa:g}; allowed: at least 0")
        return (None, pressure_MPa) if pressure_MPa > 0 else (0.0, None)
    if "gap_um" not in given:
        return given.get("cr_pct", rate_pct), None
    gap_um, before_um = given["gap_um"], number_in(record, "thickness_before_um", where)
    if before_um is None:
        raise InputError(
            f"{where}: gap_um = {gap_um:g} without thickness_before_um; allowed: both, without the "
            "foil"
        )
    if not (1 - _LARGEST_CR_PCT / 100) * before_um < gap_um <= before_um:
        raise InputError(
            f"{where}: gap_um = {gap_um:g} with thickness_before_um = {before_um:g}; allowed: "
            f"above {1 - _LARGEST_CR_PCT / 100:g} of it and at most it (the film's own gap, "
            "which is not a roll's setting)"
        )
    return 100 * (1 - gap_um / before_um), None


def _datum(record: dict[str, Any], key: str, where: str) -> Datum | None:
    value, *deviations = (number_in(record, key + end, where) for end in ("", *DEVIATIONS))
    told = {key + end: v for end, v in zip(DEVIATIONS, deviations, strict=True) if v is not None}
    if value is None:
        return None
    is_springback, is_logarithmic = key == "springback_pct", key in LOGARITHMIC
    low, high = (0.0, _LARGEST_SPRINGBACK_PCT) if is_springback else possible(key)
    if not low <= value <= high or (is_logarithmic and value <= 0):
        unit = "% of the compression" if is_springback else unit_of(key)
        refused = refusal(value, low, high, unit, above=is_logarithmic)
        raise InputError(f"{where}: {key} = {value:g}; {refused}")
    if len(told) > 1:
        raise InputError(f"{where}: {' and '.join(told)} are given; allowed: one of them")
    for name, deviation in told.items():
        if deviation <= 0:
            raise InputError(f"{where}: {name} = {deviation:g}; allowed: above 0")
        largest = _LARGEST_DEVIATION * (high - low)
        if deviation > largest:
            raise InputError(f"{where}: {name} = {deviation:g}; allowed: at most {largest:.3g}")
    return Datum(value, next(iter(told.values()), math.nan))


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
