"""Expression trees of descriptors: immutable, hashable, and written to files without code.

An expression is the index of an input (an ``int``), a constant (a ``float``), or a tuple of an
operator's symbol and its arguments: ``("/", 0, ("exp", ("*", 2.5, 2)))`` is the first input over
the exponential of 2.5 times the third.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.equations.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Sequence

Expression = int | float | tuple[Any, ...]


def evaluate(expression: Expression, inputs: Sequence[Any], namespace: Any = np) -> Any:
    """Value for the given inputs: arrays with NumPy, symbols with another namespace.

    Parameters
    ----------
    expression
        The tree.
    inputs
        One value per input, in order.
    namespace
        Where ``exp``, ``log``, ``sqrt``, ``cbrt``, ``sin`` and ``cos`` are found.
    """
    if isinstance(expression, int):
        return inputs[expression]
    if isinstance(expression, float):
        return expression
    arguments = (evaluate(argument, inputs, namespace) for argument in expression[1:])
    return OPERATORS[expression[0]].apply(namespace, *arguments)


def complexity(expression: Expression) -> int:
    """Count the operators."""
    if not isinstance(expression, tuple):
        return 0
    return 1 + sum(complexity(argument) for argument in expression[1:])


def python_source(expression: Expression, names: Sequence[str]) -> str:
    """Python text of the expression; functions come from the module ``numpy``."""
    if isinstance(expression, int):
        return names[expression]
    if isinstance(expression, float):
        return repr(expression) if expression >= 0 else f"({expression!r})"
    arguments = (python_source(argument, names) for argument in expression[1:])
    return OPERATORS[expression[0]].source.format(*arguments)


def javascript_source(expression: Expression, names: Sequence[str]) -> str:
    """JavaScript text of the expression; functions come from the object ``Math``."""
    if not isinstance(expression, tuple):
        return python_source(expression, names)
    arguments = (javascript_source(argument, names) for argument in expression[1:])
    return OPERATORS[expression[0]].javascript.format(*arguments)


def to_json(expression: Expression, names: Sequence[str]) -> str | float | list[Any]:
    """Nested lists with the names of the inputs, for example ``["/", "am_pct", 2.5]``."""
    if isinstance(expression, int):
        return names[expression]
    if isinstance(expression, float):
        return expression
    return [expression[0], *(to_json(argument, names) for argument in expression[1:])]


def from_json(data: Any, names: Sequence[str]) -> Expression:
    """Read what ``to_json`` wrote.

    Raises
    ------
    InputError
        An unknown input or operator, the wrong number of arguments, or a number that is not finite.
    """
    if isinstance(data, float):
        if not math.isfinite(data):
            raise InputError(f"descriptor: found the number {data}; it must be finite")
        return data
    if isinstance(data, str):
        if data not in names:
            raise InputError(f"descriptor: unknown input {data!r}; allowed: {', '.join(names)}")
        return list(names).index(data)
    symbol = data[0] if isinstance(data, list) and data else None
    if not isinstance(symbol, str) or symbol not in OPERATORS:
        raise InputError(
            f"descriptor: {data!r} is neither an input nor a number nor a list that starts "
            f"with one of {' '.join(OPERATORS)}"
        )
    arity = OPERATORS[symbol].arity
    if len(data) != arity + 1:
        raise InputError(f"descriptor: {symbol!r} takes {arity} argument(s), found {len(data) - 1}")
    return (symbol, *(from_json(argument, names) for argument in data[1:]))
