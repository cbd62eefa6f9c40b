"""Formulas of a config: one key as a calculation with design variables; nothing is executed."""

from __future__ import annotations

import ast
import contextlib
import operator
from typing import TYPE_CHECKING, Any

from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_ALLOWED = "numbers, names of design variables, + - * / ** and brackets"


def names_in(formula: str) -> tuple[str, ...]:
    """Design variables of a formula, in their order.

    Raises
    ------
    InputError
        It holds anything but numbers, names, the five operations and brackets.

    Examples
    --------
    >>> names_in("1 - set_a - 2 * set_b")
    ('set_a', 'set_b')
    """
    tree = _tree(formula)
    with contextlib.suppress(ArithmeticError):  # at the ones that stand for the values
        _value(tree, lambda _: 1.0, formula)
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return tuple(dict.fromkeys(node.id for node in sorted(named, key=lambda n: n.col_offset)))


def calculate(formula: str, values: Mapping[str, float]) -> float:
    """Value of a formula.

    Raises
    ------
    InputError
        A name has no value, or the result is no number (as of a division by 0).

    Examples
    --------
    >>> calculate("1 - set_a", {"set_a": 0.25})
    0.75
    """

    def look_up(name: str) -> float:
        if name not in values:
            raise InputError(f"{formula}: {name} is unknown; allowed: {', '.join(values)}")
        return values[name]

    try:
        return float(_value(_tree(formula), look_up, formula))
    except (ArithmeticError, TypeError) as error:
        raise InputError(f"{formula}: {error}; allowed: a number as the result") from error


def calculate_rows(formula: str, columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Values of a formula at many recipes, shape (n,); not finite where there is none."""
    import numpy as np

    count = len(next(iter(columns.values())))
    with np.errstate(all="ignore"):
        values = _value(_tree(formula), columns.__getitem__, formula)
    return np.broadcast_to(np.asarray(values, dtype=float), (count,))


def _tree(formula: str) -> ast.expr:
    try:
        return ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{formula}: cannot be read; allowed: {_ALLOWED}") from error


def _value(node: ast.expr, look_up: Callable[[str], Any], formula: str) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name):
            return look_up(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, look_up, formula)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            both = _value(left, look_up, formula), _value(right, look_up, formula)
            return _OPERATORS[type(sign)](*both)
    raise InputError(f"{formula}: {ast.unparse(node)} is not allowed; allowed: {_ALLOWED}")
