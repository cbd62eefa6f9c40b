from __future__ import annotations

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


def test_the_most_accurate_tree_without_a_pole_is_taken() -> None:
    y = 1 / (CR - 0.2)
    pole, other = ("inverse", ("-", 2, 0.2)), ("square", 2)
    equation = best_equation(data(y), [2, pole, other])
    assert pole not in equation.descriptors
    errors = [np.mean((y - best_equation(data(y), [tree])(X)) ** 2) for tree in (2, other)]
    assert np.mean((y - equation(X)) ** 2) == min(errors)
    with pytest.raises(InputError, match="finite over the whole box"):
        best_equation(data(y), [pole])


def test_a_constant_is_an_equation() -> None:
    equation = best_equation(data(AM), [2.0])
    assert equation(X) == pytest.approx(np.full(len(X), AM.mean()))
