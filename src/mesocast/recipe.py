"""What is weighed and set to make an electrode."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from mesocast.columns.units import refusal
from mesocast.columns.variables import (
    PARAMETERS,
    Value,
    Values,
    is_value,
    is_variable,
    told_value,
    variable_label,
)
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Recipe:
    """A recipe: the numbers that a campaign varies.

    Parameters
    ----------
    am_pct
        Active material, wt % of the dry solids.
    sc_pct
        Solids, wt % of the slurry.
    cr_pct
        Net compression rate, % of the thickness without foil; 0 is not calendered.
    further
        Values of a campaign's own design variables, by their columns (``set_...``).

    Raises
    ------
    InputError
        A number is outside of what can be made.

    Examples
    --------
    >>> Recipe(am_pct=94, sc_pct=62, cr_pct=20)
    Recipe(am_pct=94, sc_pct=62, cr_pct=20)
    >>> Recipe(am_pct=0.94, sc_pct=62, cr_pct=20)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    mesocast.errors.InputError: am_pct = 0.94: looks like a fraction, write 94; allowed: at least...
    """

    am_pct: float
    sc_pct: float
    cr_pct: float = 0.0
    further: Mapping[str, Value] = field(default_factory=dict, repr=False, hash=False)

    def __post_init__(self) -> None:
        for name, low, high in (("am_pct", 1, 100), ("sc_pct", 1, 100), ("cr_pct", 0, 60)):
            value = getattr(self, name)
            if not low <= value < high:
                told = refusal(value, low, high, "%", below=True)
                raise InputError(f"{name} = {value:g}: {told}")
        for name, value in self.further.items():
            if not is_variable(name):
                raise InputError(f"{name}: is no design variable; allowed: a name like set_...")
            if not is_value(value):
                raise InputError(f"{name} = {value}; allowed: a finite number, or a word")

    @classmethod
    def of(cls, values: Mapping[Any, Any]) -> Self:
        """Make it from values by their columns; others than those of a recipe are not looked at.

        Raises
        ------
        InputError
            One of the three numbers is missing, or a number is outside of what can be made.

        Examples
        --------
        >>> Recipe.of({"am_pct": 94, "sc_pct": 62, "set_mass_loading_mg_cm2": 12}).label
        'AM 94 %, SC 62 %, CR 0 %, Mass loading 12 mg/cm2'
        """
        for name in PARAMETERS[:2]:
            if name not in values:
                raise InputError(f"recipe: {name} is missing; needed: {', '.join(PARAMETERS)}")
        return cls(
            **{name: float(values[name]) for name in PARAMETERS if name in values},
            further={
                n: value if isinstance(value, str) else float(value)
                for n, value in values.items()
                if is_variable(n)
            },
        )

    @property
    def values(self) -> Values:
        """All values by their columns."""
        return {name: getattr(self, name) for name in PARAMETERS} | dict(self.further)

    @property
    def label(self) -> str:
        """The recipe as a person reads it."""
        own = "".join(
            f", {variable_label(name)} {told_value(value, name)}"
            for name, value in self.further.items()
        )
        return f"AM {self.am_pct:g} %, SC {self.sc_pct:g} %, CR {self.cr_pct:g} %{own}"
