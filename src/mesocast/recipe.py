"""What is weighed and set to make an electrode."""

from __future__ import annotations

from dataclasses import dataclass

from mesocast.errors import InputError


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
    >>> Recipe(am_pct=0.94, sc_pct=62, cr_pct=60)
    Traceback (most recent call last):
    ...
    mesocast.errors.InputError: cr_pct = 60; allowed: at least 0 and below 60
    """

    am_pct: float
    sc_pct: float
    cr_pct: float = 0.0

    def __post_init__(self) -> None:
        for name in ("am_pct", "sc_pct"):
            value = getattr(self, name)
            if not 0 < value < 100:
                raise InputError(f"{name} = {value:g}; allowed: above 0 and below 100")
        if not 0 <= self.cr_pct < 60:
            raise InputError(f"cr_pct = {self.cr_pct:g}; allowed: at least 0 and below 60")
