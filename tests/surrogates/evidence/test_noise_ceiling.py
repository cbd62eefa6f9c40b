from __future__ import annotations

import numpy as np
import pytest

from mesocast.surrogates.evidence.noise_ceiling import noise_ceiling, replicates


def test_without_replicates_nothing_is_known() -> None:
    assert noise_ceiling(np.arange(6.0).reshape(3, 2), np.array([1.0, 2.0, 4.0])) is None


def test_by_hand() -> None:
    x = np.array([[1.0, 2.0], [1.0, 2.0], [3.0, 2.0], [3.0, 2.0], [5.0, 5.0]])
    y = np.array([1.0, 3.0, 10.0, 14.0, 20.0])
    found = noise_ceiling(x, y)
    assert found is not None
    assert (found.recipes, found.rows) == (2, 4)
    assert found.standard_deviation == pytest.approx(np.sqrt((2 + 8) / 2))
    relative = (0.5**2 * 2 + (2 / 12) ** 2 * 2) / 2
    assert found.relative_standard_deviation_pct == pytest.approx(100 * np.sqrt(relative))
    assert found.r2 == pytest.approx(1 - 5 / np.var(y, ddof=1))


def test_known_noise_lies_in_the_interval() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        recipes = rng.uniform(size=(20, 3))
        x = recipes.repeat(3, axis=0)
        y = 10 * x[:, 0] + 0.5 * rng.standard_normal(60)
        found = noise_ceiling(x, y)
        assert found is not None
        ceiling = 1 - 0.25 / np.var(y, ddof=1)
        hits += int(found.r2_ci95[0] <= ceiling <= found.r2_ci95[1])
    assert 180 <= hits <= 200


def test_values_that_are_missing_do_not_count() -> None:
    x = np.array([[1.0], [1.0], [1.0], [3.0], [3.0]])
    found = replicates(x, np.array([1.0, 3.0, np.nan, 10.0, np.inf]))
    assert found is not None
    assert (found.recipes, found.rows) == (1, 2)
    assert found.standard_deviation == pytest.approx(np.sqrt(2))
