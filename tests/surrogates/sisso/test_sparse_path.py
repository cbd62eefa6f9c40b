from __future__ import annotations

import numpy as np
import pytest

from mesocast.surrogates.equations.domain import Domain
from mesocast.surrogates.sisso.features import FeatureSpace
from mesocast.surrogates.sisso.screening import screenings
from mesocast.surrogates.sisso.sparse_path import find_path

BOX = ((0.5, 2.0), (1.0, 3.0))
X = np.random.default_rng(0).uniform((0.5, 1.0), (2.0, 3.0), (40, 2))
A, B = X.T
ROWS = np.arange(30)
SCREENING = screenings(FeatureSpace(Domain.of_box(BOX), ("+", "*", "inverse"), 1), X)(ROWS)


def test_predicts_rows_that_it_was_not_fitted_to() -> None:
    y = 3 - 2 * A * B + 0.5 / A
    path = find_path(SCREENING, y, 2, subspace_size=10, n_residual=1)
    assert [len(fit.recipes) for fit in path] == [1, 2]
    assert {recipe[0] for recipe in path[1].recipes} == {"*", "inverse"}
    assert sorted(path[1].coefficients) == pytest.approx([-2, 0.5])
    assert path[1].intercept == pytest.approx(3)
    assert path[1].prediction == pytest.approx(y)


def test_rows_outside_of_the_fit_change_nothing() -> None:
    y = 3 - 2 * A * B + 0.1 * np.random.default_rng(1).standard_normal(len(A))
    other = y.copy()
    other[30:] = 99.0
    first, second = (find_path(SCREENING, t, 2, subspace_size=5, n_residual=1) for t in (y, other))
    assert [fit.recipes for fit in first] == [fit.recipes for fit in second]
    assert np.array_equal(first[-1].prediction, second[-1].prediction)


def test_condition_number_is_that_of_the_standardized_descriptors() -> None:
    y = A + B + 0.2 * np.random.default_rng(2).standard_normal(len(A))
    fit = find_path(SCREENING, y, 2, subspace_size=10, n_residual=1)[-1]
    assert fit.condition_number >= 1
    single = find_path(SCREENING, y, 1, subspace_size=10, n_residual=1)[0]
    assert single.condition_number == pytest.approx(1)


def test_ends_when_exact() -> None:
    path = find_path(SCREENING, 1 + 2 * A * B, 2, subspace_size=10, n_residual=1)
    assert [fit.is_exact for fit in path] == [True]


def test_path_that_ends_for_lack_of_features_is_not_exact() -> None:
    # One input and no operators: there is nothing to add to it.
    space = FeatureSpace(Domain.of_box(BOX[:1]), (), 0)
    screening = screenings(space, X[:, :1])(ROWS)
    path = find_path(screening, B, 3, subspace_size=10, n_residual=1)
    assert [fit.is_exact for fit in path] == [False]
