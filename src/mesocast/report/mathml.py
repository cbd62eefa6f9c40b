"""Equations in MathML, which browsers draw without any library."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy.printing.mathml import mathml

if TYPE_CHECKING:
    from mesocast.surrogates.equations.equation import Equation

_PLUS, _MINUS = '<mo form="infix">+</mo>', '<mo form="infix">−</mo>'
_TIMES = "<mo>·</mo>"


def formula(equation: Equation, symbol: str, *, digits: int = 4) -> str:
    """Draw an equation, one term per line, so that it fits a narrow window.

    Parameters
    ----------
    equation
        Sum of coefficients times descriptors; the inputs are written as AM, SC and CR.
    symbol
        Letter of the property.
    digits
        Significant digits of the coefficients.

    Returns
    -------
    str
        A ``math`` element.
    """
    left = f"<mi>{symbol}</mi>"
    if equation.transform == "log":
        left = f"<mi>ln</mi><mo>&#x2061;</mo>{left}"
    lines = [("<mo>−</mo>" if equation.intercept < 0 else "", _number(equation.intercept, digits))]
    for coefficient, descriptor in zip(equation.coefficients, _descriptors(equation), strict=True):
        sign = _MINUS if coefficient < 0 else _PLUS
        lines.append((sign, f"{_number(coefficient, digits)}{_TIMES}{_drawn(descriptor, digits)}"))
    rows = "".join(
        f"<mtr><mtd>{left if number == 0 else ''}</mtd>"
        f"<mtd>{'<mo>=</mo>' if number == 0 else ''}</mtd>"
        f'<mtd class="term"><mrow>{sign}{term}</mrow></mtd></mtr>'
        for number, (sign, term) in enumerate(lines)
    )
    return f'<math display="block"><mtable displaystyle="true">{rows}</mtable></math>'


def _descriptors(equation: Equation) -> list[Any]:
    """SymPy expression of each descriptor on its own."""
    ones = {sympy.Float(1.0): sympy.Integer(1), sympy.Float(-1.0): sympy.Integer(-1)}
    return [
        replace(
            equation,
            descriptors=(descriptor,),
            coefficients=(1.0,),
            intercept=0.0,
            transform="identity",
        )
        .sympy()
        .xreplace({sympy.Float(0.0): sympy.Integer(0), **ones})
        for descriptor in equation.descriptors
    ]


def _drawn(expression: Any, digits: int) -> str:
    """MathML of a descriptor, in brackets where it is a sum."""
    rounded = {n: sympy.Float(n, digits) for n in expression.atoms(sympy.Float)}
    expression = expression.xreplace(rounded)
    names = {symbol: sympy.Symbol(symbol.name.upper()) for symbol in expression.free_symbols}
    # Large exponents are hard to read small and raised.
    expression = expression.xreplace(names).replace(sympy.exp, sympy.Function("exp"))
    expression = expression.replace(sympy.log, sympy.Function("ln"))
    text = str(mathml(expression, printer="presentation", mul_symbol="&#xB7;"))
    text = text.replace("<mo>-</mo>", "<mo>−</mo>")
    return f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>" if expression.is_Add else text


def _number(value: float, digits: int) -> str:
    """Magnitude of a number, with a power of ten where digits alone would be hard to read."""
    value = abs(value)
    power = math.floor(math.log10(value)) if value > 0 else 0
    if -3 <= power < 5:
        return f"<mn>{value:.{max(digits - 1 - power, 0)}f}</mn>"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    raised = f"<msup><mn>10</mn><mn>{int(exponent)}</mn></msup>".replace("-", "−")
    return f"<mn>{mantissa}</mn><mo>×</mo>{raised}"
