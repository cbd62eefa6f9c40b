"""Numbers that were written in another unit: which one it looks like, and what to write."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Per unit what else people write, and what it is in ours.
_OTHERS: dict[str, dict[str, float]] = {
    "um": {"nm": 1e-3, "mm": 1e3, "m": 1e6},
    "g/cm3": {"kg/m3": 1e-3},
    "%": {"a fraction": 100.0},
    "S/m": {"S/cm": 100.0, "mS/cm": 0.1},
    "mg/cm2": {"g/m2": 0.1, "g/cm2": 1e3},
    "ug": {"mg": 1e3, "ng": 1e-3, "pg": 1e-6},
    "kPa": {"MPa": 1e3, "Pa": 1e-3},
    "MPa": {"Pa": 1e-6, "kPa": 1e-3},
    "us": {"s": 1e6, "ms": 1e3, "ns": 1e-3},
    "ns": {"us": 1e3, "ps": 1e-3, "s": 1e9},
    "m/s": {"mm/s": 1e-3},
    "N/mm": {"N/m": 1e-3, "kN/mm": 1e3},
    "mm": {"m": 1e3, "cm": 10.0, "um": 1e-3},
    "V": {"mV": 1e-3},
    "mN/m": {"N/m": 1e3},
    "mPa s": {"Pa s": 1e3},
    "share": {"per cent": 0.01},
}


def looks_like(value: float, low: float, high: float, unit: str) -> str:
    """Say of a number outside of its bounds in which unit it would lie inside.

    Parameters
    ----------
    value
        The number.
    low, high
        What is possible, in the unit.
    unit
        As of a column; empty for a number without one, which is a share where it ends at 1.

    Returns
    -------
    str
        ``"looks like nm, write 2.5; "``, or nothing where no unit fits.

    Examples
    --------
    >>> looks_like(2500, 0.05, 100, "um")
    'looks like nm, write 2.5; '
    >>> looks_like(0.9, 1, 100, "wt %")
    'looks like a fraction, write 90; '
    """
    kind = "share" if not unit and high <= 1 else unit.removeprefix("wt ")
    for other, factor in _OTHERS.get(kind, {}).items():
        # Not 0, which is 0 in any unit.
        if value and low <= value * factor <= high:
            return f"looks like {other}, write {value * factor:.6g}; "
    return ""


def refusal(
    value: float,
    low: float,
    high: float,
    unit: str = "",
    *,
    above: bool = False,
    below: bool = False,
) -> str:
    """Say what a number outside of its bounds looks like, and what is allowed.

    Parameters
    ----------
    value, low, high, unit
        As for `looks_like`.
    above, below
        Whether the lower and the upper bound itself are none of the allowed values.

    Examples
    --------
    >>> refusal(150, 1, 100, "%", below=True)
    'allowed: at least 1 and below 100 %'
    """
    ends = []
    if low > float("-inf"):
        ends.append(f"{'above' if above else 'at least'} {low:g}")
    if high < float("inf"):
        ends.append(f"{'below' if below else 'at most'} {high:g}")
    allowed = " and ".join(ends) or "a number"
    return f"{looks_like(value, low, high, unit)}allowed: {allowed} {unit}".rstrip()


def look_like_fractions(percents: Iterable[float]) -> bool:
    """Whether numbers that may each be below 1 per cent are all of them, and differ.

    Examples
    --------
    >>> look_like_fractions([0, 0.1, 0.25])
    True
    >>> look_like_fractions([0, 0, 0.5])
    False
    """
    values = {value for value in percents if not math.isnan(value)} - {0.0}
    return len(values) > 1 and max(values) <= 1
