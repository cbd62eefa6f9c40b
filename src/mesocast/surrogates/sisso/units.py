"""Physical units of features, so that impossible sums are not built."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.equations.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

#: Exponents of the base units, in one order for all features.
Exponents = tuple[Fraction, ...]


def exponents(units: Sequence[Mapping[str, int | Fraction]] | None, inputs: int) -> list[Exponents]:
    """Give the unit of each input.

    Parameters
    ----------
    units
        One mapping from base unit to exponent per input; ``None``: all are dimensionless.
    inputs
        How many there are.

    Raises
    ------
    InputError
        There is not one unit per input.
    """
    if units is None:
        return [()] * inputs
    if len(units) != inputs:
        raise InputError(f"units: found {len(units)}; one per input is needed: {inputs}")
    bases = sorted({base for unit in units for base in unit})
    return [tuple(Fraction(unit.get(base, 0)) for base in bases) for unit in units]


def base_units(unit: str) -> dict[str, int]:
    """Take a column's unit apart; percent and numbers without a unit are dimensionless.

    Examples
    --------
    >>> base_units("mg/cm2")
    {'mg': 1, 'cm': -2}
    >>> base_units("wt %")
    {}
    """
    if "%" in unit or unit == "degrees":
        return {}
    found: dict[str, int] = {}
    for place, part in enumerate(unit.split("/")):
        for name, power in re.findall(r"([A-Za-z]+)(\d*)", part):
            found[name] = found.get(name, 0) + (-1 if place else 1) * int(power or 1)
    return found


def resulting(symbol: str, first: Exponents, second: Exponents) -> Exponents:
    """Unit of an operator's result.

    Parameters
    ----------
    symbol
        The operator.
    first, second
        Units of its arguments, which it may take; the second one counts for products and
        quotients only.
    """
    rule = OPERATORS[symbol].unit
    if rule == "equal":
        return first
    if rule == "product":
        return tuple(p + q for p, q in zip(first, second, strict=True))
    if rule == "quotient":
        return tuple(p - q for p, q in zip(first, second, strict=True))
    if rule == "dimensionless":
        return (Fraction(0),) * len(first)
    return tuple(rule * p for p in first)


def numbered(units: Sequence[Exponents]) -> NDArray[np.int64]:
    """One number per feature, equal for equal units and 0 for none."""
    numbers = {(Fraction(0),) * len(units[0]): 0}
    return np.array([numbers.setdefault(unit, len(numbers)) for unit in units], dtype=np.int64)
