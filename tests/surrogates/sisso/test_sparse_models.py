from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.surrogates.sisso.sparse_models import best_models

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unit_columns(values: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.linalg.norm(centred, axis=1, keepdims=True))


def residual_share(columns: NDArray[np.float64], y: Any, subset: tuple[int, ...]) -> float:
    matrix = columns[list(subset)].T
    centred = y - y.mean()
    rest = centred - matrix @ np.linalg.lstsq(matrix, centred)[0]
    return float(rest @ rest / (centred @ centred))


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("correlation", [0.0, 0.99])
def test_agrees_with_brute_force(size: int, correlation: float) -> None:
    rng = np.random.default_rng(size)
    shared = rng.standard_normal(30)
    columns = unit_columns(correlation * shared + (1 - correlation) * rng.standard_normal((14, 30)))
    y = rng.standard_normal(30) + 5
    brute = sorted(
        (residual_share(columns, y, subset), subset)
        for subset in itertools.combinations(range(14), size)
    )
    models = best_models(columns, y, size, 5, np.zeros(14, dtype=np.int64))
    assert [model.subset for model in models] == [subset for _, subset in brute[:5]]
    for model, (share, subset) in zip(models, brute, strict=False):
        assert model.residual_share == pytest.approx(share, rel=1e-9)
        assert model.residual @ columns[list(subset)].T == pytest.approx(0, abs=1e-12)


def test_fewer_columns_than_the_size() -> None:
    columns = unit_columns(np.random.default_rng(0).standard_normal((2, 9)))
    assert best_models(columns, np.arange(9.0), 3, 1, np.zeros(2, dtype=np.int64)) == []


def test_nearly_equal_columns_are_never_used_together() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.standard_normal((2, 20))
    columns = unit_columns(np.stack([one, one + 1e-6 * other, other]))
    # The difference of the first two explains everything, with coefficients of a million.
    models = best_models(columns, other, 2, 10, np.zeros(3, dtype=np.int64))
    assert {model.subset for model in models} == {(0, 2), (1, 2)}


@pytest.mark.parametrize("simple", [0, 1, 2])
def test_of_equal_fits_the_simplest(simple: int) -> None:
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((2, 20))
    columns = unit_columns(np.stack([a, b, a + b]))
    complexity = np.full(3, 3)
    complexity[simple] = 0
    complexity[(simple + 1) % 3] = 1
    best = best_models(columns, 2 * a - 3 * b, 2, 1, complexity)[0]
    assert set(best.subset) == {simple, (simple + 1) % 3}
    assert best.residual_share < 1e-28
