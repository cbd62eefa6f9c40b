"""Names of design variables: a recipe's three numbers, and what else a campaign sets.

Names of the others begin with ``set_`` and end with the unit, as in ``set_mass_loading_mg_cm2``: so
a dataset tells by itself what was set and in which unit, whichever campaign it comes from, and what
is set never has the name of what is measured.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: The three numbers of a recipe.
PARAMETERS = ("am_pct", "sc_pct", "cr_pct")

PREFIX = "set_"
#: What the names of design variables look like.
PATTERN = r"^set_[A-Za-z][A-Za-z0-9_]*$"
_PATTERN = re.compile(PATTERN)

#: A value of a design variable: a number, or the word of a choice.
Value = float | str

# Numbers of a recipe are calculated with wherever they are named; only choices are words.
if TYPE_CHECKING:
    Values = dict[str, Any]
else:
    #: Values of a recipe by column: numbers, and the words of choices.
    Values = dict[str, float | str]

#: What the words of choices look like: they stand in commands and in tables.
WORD = r"^[A-Za-z./][A-Za-z0-9_./+-]*$"

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


class Discrete(tuple[float, float]):  # noqa: SLOT001 - a tuple can have none of its own
    """Bounds of a design variable that has only some values: levels, or the numbers of choices.

    It is the pair of bounds wherever nothing else is asked for. A choice counts, wherever numbers
    are calculated with, as its place among the words, from 0.

    Parameters
    ----------
    allowed
        What it may be, in any order; at least one.
    words
        Of choices: what ``allowed``, which are then 0, 1, 2 and so on, stand for.

    Examples
    --------
    >>> Discrete.of_words(["NMC111", "LFP"]).nearest([0.2, 0.9]).tolist()
    [0.0, 1.0]
    """

    allowed: tuple[float, ...]
    words: tuple[str, ...]

    def __new__(cls, allowed: Iterable[float], words: Iterable[str] = ()) -> Self:
        """Make it of what is allowed."""
        ordered = tuple(sorted(map(float, allowed)))
        made = super().__new__(cls, (ordered[0], ordered[-1]))
        made.allowed, made.words = ordered, tuple(words)
        return made

    @classmethod
    def of_words(cls, words: Sequence[str]) -> Self:
        """Make it of choices."""
        return cls(range(len(words)), words)

    def __getnewargs__(self) -> tuple[tuple[float, ...], tuple[str, ...]]:
        """Give what a copy is made of."""
        return self.allowed, self.words

    def nearest(self, values: Any) -> Any:
        """Nearest allowed value to each number, an array of the same shape."""
        import numpy as np

        own = np.array(self.allowed)
        middles = (own[1:] + own[:-1]) / 2
        return own[np.searchsorted(middles, np.asarray(values, dtype=float))]


def words_of(bounds: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Words of the choices among bounds of design variables, by column.

    Examples
    --------
    >>> words_of({"cr_pct": (0.0, 40.0), "set_material": Discrete.of_words(["LCO", "LFP"])})
    {'set_material': ('LCO', 'LFP')}
    """
    return {n: b.words for n, b in bounds.items() if isinstance(b, Discrete) and b.words}


def value_of(text: str) -> Value:
    """Read a value of a design variable: a number where it is one, else a word.

    Examples
    --------
    >>> value_of("2.5"), value_of("LFP")
    (2.5, 'LFP')
    """
    try:
        return float(text)
    except ValueError:
        return text


def told_value(value: Value, name: str = "") -> str:
    """Write a value for people, with the unit of its column where that has one.

    Examples
    --------
    >>> told_value(2.5, "set_mass_loading_mg_cm2"), told_value("LFP")
    ('2.5 mg/cm2', 'LFP')
    """
    if isinstance(value, str):
        return value
    return f"{value:g} {variable_unit(name)}".rstrip()


def is_value(value: object) -> bool:
    """Whether something can be a value of a design variable: a word, or a finite number."""
    if isinstance(value, str):
        return re.match(WORD, value) is not None and isinstance(value_of(value), str)
    return isinstance(value, (int, float)) and math.isfinite(value)
