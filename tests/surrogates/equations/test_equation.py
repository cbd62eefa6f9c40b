from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.equations.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS = ("am_pct", "sc_pct", "cr_pct")
BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]
X = np.random.default_rng(0).uniform(*LIMITS, (30, 3))
AM, SC, CR = X.T / 100

# Every operator, and a cube root whose argument changes its sign in the box.
TREES = [
    ("/", ("*", 0, 1), ("+", 1, 2)),
    ("exp", ("-", 0, 1)),
    ("exp-", ("sqrt", 2)),
    ("log", ("inverse", 0)),
    ("cbrt", ("-", 1, ("cube", 0))),
    ("|-|", ("square", 1), 2),
    ("sin", ("sixth", 0)),
    ("cos", 2),
]


def equation(trees: Any = tuple(TREES), transform: str = "identity", **changes: Any) -> Equation:
    settings = {
        "property_name": "density_g_cm3",
        "inputs": INPUTS,
        "box": BOX,
        "descriptors": tuple(trees),
        "coefficients": tuple((0.1 + i) / 3 for i in range(len(trees))),
        "intercept": 1 / 7,
        "transform": transform,
        "unit": "g/cm3",
    }
    return Equation(**{**settings, **changes})


def used(tree: Any) -> set[str]:
    return set() if isinstance(tree, int) else {tree[0]}.union(*map(used, tree[1:]))


def test_takes_percent_and_computes_with_fractions() -> None:
    law = equation([("/", 0, 1), ("exp", 2)], coefficients=(2.0, -1.0), intercept=3.0)
    assert law(X) == pytest.approx(3 + 2 * AM / SC - np.exp(CR), rel=1e-15)
    assert law(X.tolist()).shape == (30,)
    assert law(X[:0]).shape == (0,)


def test_logarithmic_target() -> None:
    law = equation([2], "log", coefficients=(2.0,), intercept=1.0)
    assert law(X) == pytest.approx(np.exp(1 + 2 * CR), rel=1e-15)


@pytest.mark.parametrize("transform", ["identity", "log"])
def test_json_round_trip_keeps_every_digit(transform: str) -> None:
    law = equation(transform=transform)
    again = Equation.from_dict(json.loads(json.dumps(law.to_dict())))
    assert again == law
    assert hash(again) == hash(law)
    assert np.array_equal(again(X), law(X))


@pytest.mark.parametrize("transform", ["identity", "log"])
def test_sympy_agrees_with_numpy(transform: str) -> None:
    import sympy

    assert set().union(*map(used, TREES)) == set(OPERATORS)
    law = equation(transform=transform)
    expression = law.sympy()
    symbols = sorted(expression.free_symbols, key=lambda s: law.symbols.index(s.name))
    assert [s.name for s in symbols] == ["am", "sc", "cr"]
    for row, expected in zip(X[:5] / 100, law(X[:5]), strict=True):
        values = {s: sympy.Float(float(v)) for s, v in zip(symbols, row, strict=True)}
        assert float(expression.subs(values)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("transform", ["identity", "log"])
def test_python_text_gives_the_same_numbers(transform: str) -> None:
    law = equation(transform=transform)
    scope: dict[str, Any] = {}
    exec(law.python(), scope)
    assert np.array_equal(scope["density_g_cm3"](*X.T), law(X))


def test_javascript_text() -> None:
    law = equation([("|-|", 0, ("square", -2.5)), ("exp-", 2)], coefficients=(2.0, -1e-05))
    law = replace(law, intercept=1.5, transform="log")
    assert law.javascript() == (
        "(am_pct, sc_pct, cr_pct) => { const am = am_pct / 100.0; const sc = sc_pct / 100.0; "
        "const cr = cr_pct / 100.0; return "
        "Math.exp(1.5 + 2.0 * Math.abs(am - ((-2.5)**2)) + -1e-05 * Math.exp(-cr)); }"
    )


def test_javascript_of_every_operator_needs_math_only() -> None:
    for operator in OPERATORS.values():
        text = operator.javascript.format("a", "b")
        assert "numpy" not in text
        called = re.findall(r"[\w.]+(?=\()", text)
        assert all(name.startswith("Math.") for name in called), text


def test_latex() -> None:
    law = equation([("/", 0, 1)], coefficients=(1.23456789,), intercept=-2.0)
    assert law.latex() == r"\frac{1.235 \mathrm{AM}}{\mathrm{SC}} - 2.0"
    assert law.latex(digits=2).startswith(r"\frac{1.2 ")


def test_is_inside() -> None:
    law = equation()
    rows = np.array([[86.0, 45.0, 0.0], [85.9, 50.0, 10.0], [90.0, 50.0, 40.1]])
    assert law.is_inside(rows).tolist() == [True, False, False]


def test_outside_the_box_it_warns_nobody_and_invents_nothing() -> None:
    law = equation([("log", 2)], coefficients=(1.0,))
    assert np.isneginf(law([[90.0, 50.0, 0.0]])).all()
    assert np.isnan(law([[90.0, 50.0, -1.0]])).all()


@pytest.mark.parametrize("x", [[1.0, 2.0, 3.0], [[1.0, 2.0]], 4.0])
def test_wrong_shape(x: Any) -> None:
    with pytest.raises(InputError, match=r"\(n, 3\) is needed"):
        equation()(x)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"coefficients": (1.0,)}, "1 coefficients for 8"),
        ({"box": BOX[:2]}, "2 bounds for 3"),
        ({"transform": "sqrt"}, "'sqrt'; allowed"),
        ({"intercept": np.nan}, "not finite"),
    ],
)
def test_inconsistent(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        equation(**changes)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("terms"),
        lambda d: d.pop("divisor"),
        lambda d: d["terms"][0].pop("coefficient"),
        lambda d: d["terms"][0].update(coefficient="one"),
        lambda d: d["terms"][0].update(descriptor=["pow", "am_pct", "sc_pct"]),
        lambda d: d["terms"][0].update(descriptor="__import__('os')"),
        lambda d: d.update(inputs=3),
        lambda d: d.update(transform=None),
    ],
)
def test_broken_file(change: Callable[..., Any]) -> None:
    data = equation().to_dict()
    change(data)
    with pytest.raises(InputError):
        Equation.from_dict(data)
