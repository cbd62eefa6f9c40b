"""What is told of a column, and the columns that have a part of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.electrode import Electrode

ColumnType = Literal["integer", "number", "string"]
Direction = Literal["minimize", "maximize"]

# The four properties that surrogates describe and the optimizer balances in every campaign; the
# goals of a config add to them.
TARGETS = (
    "tortuosity_factor",
    "electronic_conductivity_S_m",
    "active_surface_pct",
    "density_g_cm3",
)

#: Group of entry points whose objects are a `Property`.
PROPERTIES_GROUP = "mesocast.properties"


@dataclass(frozen=True)
class Column:
    """What is told of a column.

    Parameters
    ----------
    name
        Its name in the dataset, the unit at its end.
    description
        One sentence that says what is measured and how.
    unit
        Unit of its numbers; empty for numbers without one.
    label, symbol
        Name for people, and letter in equations; by default the name itself.
    direction
        Which way it is better where no goal says; None where that depends on the use.
    minimum, maximum
        Bounds of what is possible.
    """

    name: str
    description: str
    unit: str = ""
    label: str = ""
    symbol: str = ""
    direction: Direction | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Property:
    """A property that another package measures on every electrode.

    The package names it as an entry point of the group ``mesocast.properties``; then it is a column
    like any other: goals, constraints, surrogates and the report know it.

    Parameters
    ----------
    column
        The column.
    measure
        Gives its value from the electrode and what was measured of it so far, by column; raises
        `PhysicsFailure` where there is none.
    version
        Raise it when the measurement changes: then electrodes are measured again.
    """

    column: Column
    measure: Callable[[Electrode, dict[str, Any]], float]
    version: int = 1


def prefix_with_digits(name: str) -> str:
    """Give letters for identifiers, one set per column: a digit becomes one, too."""
    letters = (chr(ord("A") + int(sign)) if sign.isdigit() else sign for sign in name)
    return "V" + "".join(letter for letter in letters if letter.isalpha()).upper()
