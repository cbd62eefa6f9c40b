"""What is weighed and set to make an electrode."""

from __future__ import annotations

from dataclasses import dataclass

from mesocast.errors import InputError
from mesocast.units import refusal


@dataclass(frozen=True)
class Recipe:
    """A recipe: the three numbers that a campaign varies.

    Parameters
    ----------
    am_pct
        Active material, wt % of the dry solids.
    sc_pct
        Solids, wt % of the slurry.
    cr_pct
        Net compression rate, % of the thickness without foil; 0 is not calendered.

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

    def __post_init__(self) -> None:
        for name, low, high in (("am_pct", 1, 100), ("sc_pct", 1, 100), ("cr_pct", 0, 60)):
            value = getattr(self, name)
            if not low <= value < high:
                told = refusal(value, low, high, "%", below=True)
                raise InputError(f"{name} = {value:g}: {told}")

    @property
    def label(self) -> str:
        """The recipe as a person reads it."""
        return f"AM {self.am_pct:g} %, SC {self.sc_pct:g} %, CR {self.cr_pct:g} %"
