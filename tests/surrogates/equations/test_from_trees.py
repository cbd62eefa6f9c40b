from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.equations.from_trees import best_equation
from mesocast.surrogates.training import TrainingData

if TYPE_CHECKING:
    from mesocast.surrogates.equations.expressions import Expression

INPUTS = ("am_pct", "sc_pct", "cr_pct")
BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]
X = np.random.default_rng(0).uniform(*LIMITS, (40, 3))
AM, SC, CR = X.T / 100


def data(y: Any) -> TrainingData:
    return TrainingData("density_g_cm3", INPUTS, "g/cm3", BOX, X, y, None, seed=0)


@pytest.mark.parametrize(
    ("tree", "values", "terms"),
    [
        (("+", 3.0, ("*", 2.0, ("-", 0, 0.5))), 2 + 2 * AM, {0}),
        (("-", ("*", ("*", 2.0, 0), ("*", 1, 3.0)), 2), 6 * AM * SC - CR, {("*", 0, 1), 2}),
        (("/", ("+", 0, 1), 4.0), (AM + SC) / 4, {0, 1}),
        (("/", ("*", 2.0, 0), ("*", 4.0, 1)), AM / SC / 2, {("/", 0, 1)}),
        (("/", 2.0, ("+", 0, 1.0)), 2 / (AM + 1), {("inverse", ("+", 1.0, 0))}),
        (("exp", ("*", -1.0, 2)), np.exp(-CR), {("exp", ("*", -1.0, 2))}),
        (("-", ("+", 0, 1), 0), SC, {1}),
        (("*", 2, ("sqrt", 4.0)), 2 * CR, {2}),
        (("square", ("-", 0, ("*", 2.0, 1))), (AM - 2 * SC) ** 2,
         {("square", ("-", 0, ("*", 2.0, 1)))}),
    ],
)  # fmt: skip
def test_tree_becomes_a_sum_of_terms(tree: Expression, values: Any, terms: set[Expression]) -> None:
    equation = best_equation(data(values), [tree])
    assert set(equation.descriptors) == terms
    assert equation(X) == pytest.approx(values, rel=1e-9, abs=1e-12)


def test_coefficients_are_fitted_again() -> None:
    equation = best_equation(data(1 + 2 * AM - 3 * CR), [("+", ("*", 1.9, 0), ("*", -2.9, 2))])
    assert dict(zip(equation.descriptors, equation.coefficients, strict=True)) == pytest.approx(
        {0: 2.0, 2: -3.0}, rel=1e-9
    )
    assert equation.intercept == pytest.approx(1.0, rel=1e-9)
    assert (equation.unit, equation.divisor, equation.box) == ("g/cm3", 100, BOX)


def test_terms_that_say_the_same_keep_their_coefficients() -> None:
    tree = ("+", ("exp", ("*", 1e-9, 0)), ("*", 2.0, ("exp", ("*", 1e-9, 1))))
    assert best_equation(data(3 + 1e-3 * AM), [tree]).coefficients == (1.0, 2.0)


def test_tree_with_a_pole_is_not_taken() -> None:
    y = 1 / (CR - 0.2)
    pole = ("inverse", ("-", 2, 0.2))
    equation = best_equation(data(y), [2, pole, ("square", 2)])
    assert pole not in equation.descriptors
    with pytest.raises(InputError, match="finite over the whole box"):
        best_equation(data(y), [pole])


@pytest.mark.parametrize(
    "bad",
    [
        ("exp", 1000.0),
        ("/", 1.0, 0.0),
        ("log", -1.0),
        ("*", 1e308, ("*", 1e308, 0)),
        ("*", ("square", ("square", ("square", 1e300))), 0),
        ("+", 0, ("inverse", ("-", 2.0, 2.0))),
        float("inf"),
    ],
)
def test_tree_that_is_not_finite_is_left_out(bad: Expression) -> None:
    equation = best_equation(data(1 + 2 * AM), [bad, 0, ("exp", ("*", 1e4, 2))])
    assert equation.descriptors == (0,)
    with pytest.raises(InputError, match="finite over the whole box"):
        best_equation(data(AM), [bad])


def test_no_tree_breaks_the_choice() -> None:
    random = np.random.default_rng(3)
    symbols = {"+": 2, "-": 2, "*": 2, "/": 2, "exp": 1, "log": 1, "sqrt": 1, "square": 1}
    constants = (0.0, 1.0, -3.0, 1e308, -1e-308, 800.0)

    def grown(depth: int) -> Expression:
        kind = random.integers(0, 3 if depth else 2)
        if kind == 0:
            return int(random.integers(0, 3))
        if kind == 1:
            return float(random.choice(constants))
        symbol = str(random.choice([*symbols]))
        return (symbol, *(grown(depth - 1) for _ in range(symbols[symbol])))

    trees = [grown(4) for _ in range(1500)]
    equation = best_equation(data(1 + AM * SC + 0.01 * random.standard_normal(len(X))), trees)
    assert np.isfinite(equation(X)).all()


def test_longer_tree_must_earn_its_place_on_rows_that_it_has_not_seen() -> None:
    """The smallest error on the rows of the fit is that of the tree that fits their noise."""
    random = np.random.default_rng(5)
    y = 1 + 2 * AM + 0.02 * random.standard_normal(len(X))
    noisy: Expression = 0
    for number in range(12):
        noisy = ("+", noisy, ("exp", ("*", float(number - 6), (number % 2) + 1)))
    equation = best_equation(data(y), [noisy, 0])
    assert equation.descriptors == (0,)
    # With a law in it, the longer one is taken.
    law = ("+", 0, ("exp", ("*", 3.0, 2)))
    y = 1 + 2 * AM + np.exp(3 * CR) + 0.02 * random.standard_normal(len(X))
    assert set(best_equation(data(y), [noisy, 0, law]).descriptors) == {0, law[2]}


def test_slurries_stay_together_in_the_folds() -> None:
    """A tree that tells slurries apart says nothing of a slurry that it has not seen."""
    random = np.random.default_rng(8)
    slurries = np.repeat(np.arange(8), 5)
    x = X.copy()
    x[:, 0] = np.linspace(86.5, 95.5, 8)[slurries]
    y = 1 + 2 * x[:, 2] / 100 + 0.2 * random.standard_normal(8)[slurries]
    wiggles: Expression = 2
    for number in range(4):
        wiggles = ("+", wiggles, ("sin", ("*", 60.0 + 10 * number, 0)))
    rows = dataclasses.replace(data(y), x=x)
    together = dataclasses.replace(rows, slurries=slurries.astype(object))
    assert best_equation(rows, [2, wiggles]).descriptors != (2,)
    assert best_equation(together, [2, wiggles]).descriptors == (2,)


def test_a_constant_is_an_equation() -> None:
    equation = best_equation(data(AM), [2.0])
    assert equation(X) == pytest.approx(np.full(len(X), AM.mean()))
