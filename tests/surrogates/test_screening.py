from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.surrogates import screening
from mesocast.surrogates.domain import Domain
from mesocast.surrogates.expressions import evaluate
from mesocast.surrogates.features import FeatureSpace
from mesocast.surrogates.operators import DEFAULT_OPERATORS
from mesocast.surrogates.screening import Subspace, screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Combinations = Callable[[FeatureSpace], Iterator[tuple[str, int, int]]]

    from numpy.typing import NDArray

BOX = ((0.5, 2.0), (1.0, 3.0), (0.0, 1.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]
X = np.random.default_rng(0).uniform(*LIMITS, (50, 3))


def standardized(values: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = values - values.mean()
    return np.asarray(centred / np.linalg.norm(centred))


@pytest.mark.parametrize(
    ("rung", "settings", "n_residual"),
    [
        (0, {}, 1),
        (1, {}, 1),
        (2, {}, 1),
        (2, {}, 3),
        (2, {"operators": ("|-|", "*", "square")}, 1),
        (2, {"max_complexity": 2}, 1),
        (2, {"units": [{"m": 1}, {"m": 1}, {}]}, 1),
    ],
)
def test_finds_what_one_by_one_scoring_finds(
    rung: int,
    settings: dict[str, Any],
    n_residual: int,
    combinations: Combinations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screening, "_ROWS", 7)  # many blocks, also for a small space
    monkeypatch.setattr(screening, "_COLUMNS", 13)
    features = FeatureSpace(
        Domain.of_box(BOX), rung=rung, **({"operators": DEFAULT_OPERATORS} | settings)
    )
    residuals = np.random.default_rng(1).standard_normal((n_residual, len(X)))
    recipes = [*features.recipes, *(combinations(features) if rung else [])]
    limit = settings.get("max_complexity") or 99
    recipes = [recipe for recipe in recipes if features.recipe_complexity(recipe) <= limit]
    scores = []
    for recipe in recipes:
        values = evaluate(features.expression(recipe), list(X.T))
        if np.ptp(values) > 1e-9 * np.abs(values).max():  # not a * (1 / a)
            column = standardized(values)
            scores.append(max((column @ standardized(residual)) ** 2 for residual in residuals))
    best = np.unique(np.round(scores, 10))[::-1][:20]  # equal features have equal scores

    found = screen(features, features.columns(X), residuals, 20, Subspace.empty(len(X)))

    explained = [max((c @ standardized(r)) ** 2 for r in residuals) for c in found.columns]
    assert explained == pytest.approx(sorted(explained, reverse=True), rel=1e-9)
    assert explained == pytest.approx(best[: len(explained)], abs=1e-9)
    assert len(explained) == min(20, len(best))
    for recipe, column in zip(found.recipes, found.columns, strict=True):
        values = standardized(evaluate(features.expression(recipe), list(X.T)))
        assert abs(values @ column) == pytest.approx(1, abs=1e-12)


def test_adds_only_new_features_and_repeats_the_pass_when_equal_ones_fill_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    features = FeatureSpace(Domain.of_box(BOX), DEFAULT_OPERATORS, 2)
    columns = features.columns(X)
    residuals = np.random.default_rng(2).standard_normal((1, len(X)))
    whole = screen(features, columns, residuals, 60, Subspace.empty(len(X)))
    first = screen(features, columns, residuals, 30, Subspace.empty(len(X)))
    both = screen(features, columns, residuals, 30, first)
    assert both.recipes == whole.recipes
    gram = np.abs(both.columns @ both.columns.T) - np.eye(60)
    assert gram.max() < 1 - 1e-11

    capacities = []
    original = screening._Best.__init__

    def small(self: Any, capacity: int) -> None:
        capacities.append(capacity)
        original(self, max(capacity - 570, 30))  # 20 * 30 = 600

    monkeypatch.setattr(screening._Best, "__init__", small)
    assert screen(features, columns, residuals, 30, first).recipes == both.recipes
    assert len(capacities) > 1


def test_returns_fewer_when_the_space_is_exhausted() -> None:
    features = FeatureSpace(Domain.of_box(BOX), ("+",), 1)
    residuals = np.random.default_rng(3).standard_normal((1, len(X)))
    found = screen(features, features.columns(X), residuals, 50, Subspace.empty(len(X)))
    # a, b, c and the three sums of two
    assert len(found.recipes) == 6


def test_features_without_variance_in_the_rows_are_left_out() -> None:
    flat = X.copy()
    flat[:, 1] = 1.5
    features = FeatureSpace(Domain.of_box(BOX), ("*",), 1)
    residuals = np.random.default_rng(4).standard_normal((1, len(X)))
    found = screen(features, features.columns(flat), residuals, 50, Subspace.empty(len(X)))
    trees = {features.expression(recipe) for recipe in found.recipes}
    # b is constant, and a b and b c are a and c over again
    assert trees == {0, 2, ("*", 0, 2)}
