from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.methods.polynomial import fit_quadratic

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUTS = ("am_pct", "sc_pct", "cr_pct")
BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]
X = np.random.default_rng(0).uniform(*LIMITS, (40, 3))


def law(x: Any) -> NDArray[np.float64]:
    a, s, c = x.T / 100
    return np.asarray(3 - 2 * a + 5 * s * c - 4 * c**2 + a * s)


def test_recovers_a_quadratic() -> None:
    equation = fit_quadratic("density_g_cm3", INPUTS, BOX, X, law(X))
    assert len(equation.descriptors) == 9
    other = np.random.default_rng(1).uniform(*LIMITS, (100, 3))
    assert equation(other) == pytest.approx(law(other), rel=1e-10)
    coefficients = dict(zip(equation.descriptors, equation.coefficients, strict=True))
    assert coefficients["*", 1, 2] == pytest.approx(5, rel=1e-6)


def test_is_the_least_squares_solution() -> None:
    y = law(X) + np.random.default_rng(2).standard_normal(len(X))
    residual = y - fit_quadratic("y", INPUTS, BOX, X, y)(X)
    for column in (np.ones(len(X)), *X.T, *(X.T**2), X[:, 0] * X[:, 1], X[:, 1] * X[:, 2]):
        assert residual @ column == pytest.approx(0, abs=1e-6 * np.abs(column).sum())


def test_few_slurries_do_not_blow_up() -> None:
    # Four distinct (AM, SC) cannot determine the six coefficients of a quadratic in them.
    slurries = X[[0, 1, 2, 3], :2].repeat(5, axis=0)
    x = np.column_stack([slurries, np.tile(np.linspace(0, 40, 5), 4)])
    equation = fit_quadratic("y", INPUTS, BOX, x, law(x))
    assert equation(x) == pytest.approx(law(x), rel=1e-8)
    assert np.abs(equation.coefficients).max() < 100


def test_fewer_rows_than_coefficients() -> None:
    with pytest.raises(InputError, match="found 9 rows; at least 10"):
        fit_quadratic("y", INPUTS, BOX, X[:9], law(X[:9]))
