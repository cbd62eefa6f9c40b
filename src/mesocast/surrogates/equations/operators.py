"""The operators that build features, each with its values, its interval bounds and its units.

The bounds are the natural interval extensions: for arguments that lie anywhere in ``[lower,
upper]`` the result lies in the returned interval. They prove that a feature has no pole in a box,
which no number of sample points can (Moore, Kearfott, Cloud, Introduction to Interval Analysis,
SIAM 2009, chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class Operator:
    """One operator of the feature space.

    Parameters
    ----------
    symbol
        Its name in settings and in files.
    arity
        Number of arguments, 1 or 2.
    apply
        ``apply(namespace, *arguments)``; the namespace holds ``exp``, ``log``, ... for the kind of
        the arguments: NumPy for arrays, another one for SymPy.
    enclose
        ``enclose(*bounds)``: interval extension over arrays of bounds. Its argument must lie in
        the domain.
    source
        Python text with ``{0}`` and ``{1}`` for the arguments.
    domain
        What the last argument must be over the whole box.
    unit
        ``"equal"``: arguments and result have one unit; ``"product"``, ``"quotient"``;
        ``"dimensionless"``: argument and result have none; a number: that power of the unit.
    """

    symbol: str
    arity: int
    apply: Callable[..., Any]
    enclose: Callable[..., Bounds]
    source: str
    domain: Literal["all", "nonzero", "positive", "nonnegative"]
    unit: Literal["equal", "product", "quotient", "dimensionless"] | Fraction

    @property
    def javascript(self) -> str:
        """JavaScript text: that of Python but for where its functions are found."""
        return self.source.replace("numpy.", "Math.").replace("abs(", "Math.abs(")


def _difference(a: Bounds, b: Bounds) -> Bounds:
    return a[0] - b[1], a[1] - b[0]


def _product(a: Bounds, b: Bounds) -> Bounds:
    corners = np.stack([a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]])
    return corners.min(axis=0), corners.max(axis=0)


def _reciprocal(a: Bounds) -> Bounds:
    return 1 / a[1], 1 / a[0]


def _magnitude(a: Bounds) -> Bounds:
    largest = np.maximum(np.abs(a[0]), np.abs(a[1]))
    smallest = np.where((a[0] <= 0) & (a[1] >= 0), 0.0, np.minimum(np.abs(a[0]), np.abs(a[1])))
    return smallest, largest


def _even_power(a: Bounds, power: int) -> Bounds:
    smallest, largest = _magnitude(a)
    return smallest**power, largest**power


def _cosine(a: Bounds) -> Bounds:
    ends = np.cos(a[0]), np.cos(a[1])
    # A maximum lies at each multiple of 2 pi, a minimum half a period later.
    has_top = np.floor(a[1] / (2 * np.pi)) > np.floor(a[0] / (2 * np.pi))
    has_bottom = np.floor(a[1] / (2 * np.pi) - 0.5) > np.floor(a[0] / (2 * np.pi) - 0.5)
    return (
        np.where(has_bottom, -1.0, np.minimum(*ends)),
        np.where(has_top, 1.0, np.maximum(*ends)),
    )


def _monotonic(function: Callable[..., Any]) -> Callable[[Bounds], Bounds]:
    return lambda a: (function(a[0]), function(a[1]))


_TABLE = (
    Operator("+", 2, lambda _, a, b: a + b, lambda a, b: (a[0] + b[0], a[1] + b[1]),
             "({0} + {1})", "all", "equal"),
    Operator("-", 2, lambda _, a, b: a - b, _difference, "({0} - {1})", "all", "equal"),
    Operator("*", 2, lambda _, a, b: a * b, _product, "({0} * {1})", "all", "product"),
    Operator("/", 2, lambda _, a, b: a / b, lambda a, b: _product(a, _reciprocal(b)),
             "({0} / {1})", "nonzero", "quotient"),
    Operator("|-|", 2, lambda _, a, b: abs(a - b), lambda a, b: _magnitude(_difference(a, b)),
             "abs({0} - {1})", "all", "equal"),
    Operator("exp", 1, lambda m, a: m.exp(a), _monotonic(np.exp),
             "numpy.exp({0})", "all", "dimensionless"),
    Operator("exp-", 1, lambda m, a: m.exp(-a), lambda a: (np.exp(-a[1]), np.exp(-a[0])),
             "numpy.exp(-{0})", "all", "dimensionless"),
    Operator("log", 1, lambda m, a: m.log(a), _monotonic(np.log),
             "numpy.log({0})", "positive", "dimensionless"),
    Operator("sqrt", 1, lambda m, a: m.sqrt(a), _monotonic(np.sqrt),
             "numpy.sqrt({0})", "nonnegative", Fraction(1, 2)),
    Operator("cbrt", 1, lambda m, a: m.cbrt(a), _monotonic(np.cbrt),
             "numpy.cbrt({0})", "all", Fraction(1, 3)),
    Operator("inverse", 1, lambda _, a: 1 / a, _reciprocal,
             "(1 / {0})", "nonzero", Fraction(-1)),
    Operator("square", 1, lambda _, a: a**2, lambda a: _even_power(a, 2),
             "({0}**2)", "all", Fraction(2)),
    Operator("cube", 1, lambda _, a: a**3, _monotonic(lambda a: a**3),
             "({0}**3)", "all", Fraction(3)),
    Operator("sixth", 1, lambda _, a: a**6, lambda a: _even_power(a, 6),
             "({0}**6)", "all", Fraction(6)),
    Operator("sin", 1, lambda m, a: m.sin(a),
             lambda a: _cosine((a[0] - np.pi / 2, a[1] - np.pi / 2)),
             "numpy.sin({0})", "all", "dimensionless"),
    Operator("cos", 1, lambda m, a: m.cos(a), _cosine,
             "numpy.cos({0})", "all", "dimensionless"),
)  # fmt: skip

OPERATORS = {operator.symbol: operator for operator in _TABLE}

#: The operators of the published surrogates; ``exp-``, ``sixth``, ``sin`` and ``cos`` are extra.
DEFAULT_OPERATORS = (
    "+", "-", "*", "/", "|-|", "exp", "log", "sqrt", "cbrt", "inverse", "square", "cube",
)  # fmt: skip
