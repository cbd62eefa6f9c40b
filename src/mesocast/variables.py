"""Names of design variables: a recipe's three numbers, and what else a campaign sets.

Names of the others begin with ``set_`` and end with the unit, as in ``set_mass_loading_mg_cm2``: so
a dataset tells by itself what was set and in which unit, whichever campaign it comes from, and what
is set never has the name of what is measured.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The three numbers of a recipe.
PARAMETERS = ("am_pct", "sc_pct", "cr_pct")

PREFIX = "set_"
#: What the names of design variables look like.
PATTERN = r"^set_[A-Za-z][A-Za-z0-9_]*$"
_PATTERN = re.compile(PATTERN)

# How units are written at the end of a column's name, the longer ones first.
_ENDINGS = {
    "_mg_cm2": "mg/cm2",
    "_g_cm3": "g/cm3",
    "_mN_m": "mN/m",
    "_mPa_s": "mPa s",
    "_S_m": "S/m",
    "_m_s": "m/s",
    "_degrees": "degrees",
    "_kPa": "kPa",
    "_MPa": "MPa",
    "_N_mm": "N/mm",
    "_pct": "%",
    "_mm": "mm",
    "_um": "um",
    "_ug": "ug",
    "_us": "us",
    "_ns": "ns",
    "_V": "V",
}


def is_variable(name: str) -> bool:
    """Whether a column is a design variable beyond the three numbers of a recipe.

    Examples
    --------
    >>> is_variable("set_mass_loading_mg_cm2"), is_variable("mass_loading_mg_cm2")
    (True, False)
    """
    return _PATTERN.match(name) is not None


def variables_of(columns: Iterable[str]) -> tuple[str, ...]:
    """Design variables among columns: a recipe's three, then the others as they stand there.

    Examples
    --------
    >>> variables_of(["set_x", "porosity_bulk", "cr_pct"])
    ('am_pct', 'sc_pct', 'cr_pct', 'set_x')
    """
    return (*PARAMETERS, *(name for name in columns if is_variable(name)))


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Put design variables in the order of every table: a recipe's three, then the others.

    Examples
    --------
    >>> in_order(["set_x", "cr_pct", "am_pct"])
    ('am_pct', 'cr_pct', 'set_x')
    """
    given = tuple(dict.fromkeys(names))
    return (
        *(name for name in PARAMETERS if name in given),
        *(name for name in given if name not in PARAMETERS),
    )


def unit_ending(name: str) -> str:
    """How the unit is written at the end of a name, also a key's; empty where there is none.

    Examples
    --------
    >>> unit_ending("electrode.mass_loading_mg_cm2")
    '_mg_cm2'
    """
    return next((ending for ending in _ENDINGS if name.endswith(ending)), "")


def variable_unit(name: str) -> str:
    """Unit of a design variable, by the end of its name; empty for a number without one.

    Examples
    --------
    >>> variable_unit("set_mass_loading_mg_cm2")
    'mg/cm2'
    """
    return _ENDINGS.get(unit_ending(name), "")


def variable_label(name: str) -> str:
    """Name of a design variable for people: what stands between prefix and unit.

    Examples
    --------
    >>> variable_label("set_mass_loading_mg_cm2")
    'Mass loading'
    """
    plain = name.removeprefix(PREFIX)
    words = plain.removesuffix(unit_ending(plain)).replace("_", " ")
    return words[:1].upper() + words[1:]
