"""Names, units and numbers as people write them."""

from __future__ import annotations

import math

from mesocast.properties import Properties, unit_of

_NAMES = {
    "am_pct": "Active material",
    "sc_pct": "Solid content",
    "cr_pct": "Compression rate",
    "cr_imposed_pct": "Compression reached",
    "cr_gross_pct": "Compression reached, with foil",
    "cr_retained_pct": "Compression retained",
    "tortuosity_factor": "Tortuosity factor",
    "electronic_conductivity_S_m": "Electronic conductivity",
    "active_surface_pct": "Active surface",
    "density_g_cm3": "Density",
    "porosity_bulk": "Bulk porosity",
    "porosity_total": "Total porosity",
    "thickness_um": "Thickness",
    "pressure_max_MPa": "Largest pressure",
    "inertial_number": "Inertial number",
}

_UNITS = {"um": "µm", "g/cm3": "g/cm³", "mg/cm2": "mg/cm²", "1/um": "1/µm"}

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

METHOD_NAMES = {
    "sisso": "SISSO",
    "polynomial": "quadratic polynomial",
    "gaussian_process": "Gaussian process",
    "operon": "Operon",
    "pysr": "PySR",
}

# Letters of the equations; the inputs are fractions there, not percent.
PROPERTY_SYMBOLS = {
    "tortuosity_factor": "τ",
    "electronic_conductivity_S_m": "σ",
    "active_surface_pct": "A",
    "density_g_cm3": "ρ",
}


def name_of(column: str) -> str:
    """Name of a column for people."""
    return _NAMES.get(column, column)


def unit_text(column: str) -> str:
    """Unit of a column with its proper signs; empty for numbers without one."""
    unit = unit_of(column) if column in Properties.model_fields else ""
    return _UNITS.get(unit, unit)


def two_lines(name: str) -> str:
    """Name for a place beside a figure, where a long one would lie on its neighbour."""
    return name.replace(" ", "<br>")


def with_unit(column: str, name: str | None = None) -> str:
    """Name of a column, or another one for it, with the column's unit, as for an axis."""
    unit = unit_text(column)
    name = name or name_of(column)
    return f"{name} ({unit})" if unit else name


def number(value: float | None, digits: int = 4) -> str:
    """Value with significant digits, a dash where there is none.

    Parameters
    ----------
    value
        None and NaN stand for a missing value.
    digits
        Significant digits.
    """
    if value is None or math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    if not -4 <= power < 7:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa} × 10{str(int(exponent)).translate(_RAISED)}".replace("-", "−")
    return f"{value:.{max(digits - 1 - power, 0)}f}".replace("-", "−")


def quantity(column: str, value: float | None) -> str:
    """Value of a column with its unit, if it has one."""
    return f"{number(value)} {unit_text(column)}".rstrip()


def fixed(value: float, decimals: int) -> str:
    """Value with a fixed number of decimals."""
    return f"{value:.{decimals}f}".replace("-", "−")


def percent(value: float | None, *, signed: bool = False) -> str:
    """Percentage with one decimal, a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    return (f"{value:+.1f} %" if signed else f"{value:.1f} %").replace("-", "−")


def duration(seconds: float) -> str:
    """Time in the largest unit of which there is at least one."""
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def count(amount: int, word: str) -> str:
    """Amount and noun, the noun in the plural where it has to be."""
    if amount == 1:
        return f"1 {word}"
    return f"{amount} {word[:-1]}ies" if word.endswith("y") else f"{amount} {word}s"
