"""Names, units and numbers as people write them."""

from __future__ import annotations

import math
import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

from mesocast.columns import name_of, unit_of, unit_text, with_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Letters of a line beside a figure.
_LINE = 12
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def on_lines(name: str) -> str:
    """Name for a place beside a figure, where a long one would lie on its neighbour.

    Examples
    --------
    >>> on_lines("Energy of the stack at 5C")
    'Energy of<br>the stack at<br>5C'
    """
    return "<br>".join(textwrap.wrap(name, _LINE, break_long_words=False))


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


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table for a terminal, the first column to the left, two blanks between columns.

    Rows may be shorter than the longest one.
    """
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=False))
        ).rstrip()
        for row in rows
    ]


def in_percent(names: Iterable[str]) -> bool:
    """Whether all these design variables are in percent, as those of a plain recipe are."""
    return all("%" in unit_of(name) for name in names)


def setting_unit(name: str) -> str:
    """Unit of a design variable behind a number, with a space before it; nothing without one."""
    unit = "%" if in_percent([name]) else unit_text(name)
    return f" {unit}" if unit else ""


def parameter_name(name: str, *, is_plain: bool) -> str:
    """Name of a design variable in a table whose header has the unit, or else with its own."""
    return name_of(name) if is_plain else with_unit(name)
