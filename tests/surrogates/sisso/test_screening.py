from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.surrogates.equations.domain import Domain
from mesocast.surrogates.equations.expressions import complexity, evaluate
from mesocast.surrogates.equations.operators import DEFAULT_OPERATORS
from mesocast.surrogates.sisso import screening
from mesocast.surrogates.sisso.features import FeatureSpace
from mesocast.surrogates.sisso.screening import screenings
from mesocast.surrogates.sisso.subspace import Subspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from mesocast.surrogates.sisso.screening import Screening

    Combinations = Callable[[FeatureSpace], Iterator[tuple[str, int, int]]]

BOX = ((0.5, 2.0), (1.0, 3.0), (0.0, 1.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]
X = np.random.default_rng(0).uniform(*LIMITS, (50, 3))
EVERY = np.arange(len(X))
# A fit to some rows must not see the others.
SOME = np.flatnonzero(np.random.default_rng(7).random(len(X)) < 0.6)
EMPTY = Subspace.empty(len(X), len(X))


@pytest.fixture(params=["columns", "blocks"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let a test run on spaces that are kept as columns and on spaces that are not."""
    if request.param == "blocks":
        monkeypatch.setattr(screening, "_MAX_VALUES", 0)
        monkeypatch.setattr(screening, "_ROWS", 7)  # many blocks, also for a small space
        monkeypatch.setattr(screening, "_COLUMNS", 13)
    return str(request.param)


def prepare(
    features: FeatureSpace, kind: str, rows: NDArray[np.intp] = EVERY, x: NDArray[np.float64] = X
) -> Screening:
    found = screenings(features, x)(rows)
    expected = {"columns": "ColumnScreening", "blocks": "BlockScreening"}
    assert type(found).__name__ == expected[kind]
    return found


def standardized(values: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = values - values.mean()
    return np.asarray(centred / np.linalg.norm(centred))


@pytest.mark.parametrize("rows", [EVERY, SOME], ids=["all rows", "some rows"])
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
    rows: NDArray[np.intp],
    kind: str,
    combinations: Combinations,
) -> None:
    features = FeatureSpace(
        Domain.of_box(BOX), rung=rung, **({"operators": DEFAULT_OPERATORS} | settings)
    )
    residuals = np.random.default_rng(1).standard_normal((n_residual, len(rows)))
    recipes = [*features.recipes, *(combinations(features) if rung else [])]
    limit = settings.get("max_complexity") or 99
    recipes = [recipe for recipe in recipes if complexity(features.expression(recipe)) <= limit]
    scores = []
    for recipe in recipes:
        values = evaluate(features.expression(recipe), list(X[rows].T))
        if np.ptp(values) > 1e-9 * np.abs(values).max():  # not a * (1 / a)
            column = standardized(values)
            scores.append(max((column @ standardized(residual)) ** 2 for residual in residuals))
    best = np.unique(np.round(scores, 10))[::-1][:20]  # equal features have equal scores

    empty = Subspace.empty(len(X), len(rows))
    found = prepare(features, kind, rows).screen(residuals, 20, empty)

    explained = [max((c @ standardized(r)) ** 2 for r in residuals) for c in found.columns]
    assert explained == pytest.approx(sorted(explained, reverse=True), rel=1e-9)
    assert explained == pytest.approx(best[: len(explained)], abs=1e-9)
    assert len(explained) == min(20, len(best))
    for recipe, column in zip(found.recipes, found.columns, strict=True):
        values = standardized(evaluate(features.expression(recipe), list(X[rows].T)))
        assert abs(values @ column) == pytest.approx(1, abs=1e-12)
    for recipe, number, values in zip(found.recipes, found.complexity, found.values, strict=True):
        assert number == complexity(features.expression(recipe))
        assert np.array_equal(values, evaluate(features.expression(recipe), list(X.T)))


def test_adds_only_new_features(kind: str) -> None:
    prepared = prepare(FeatureSpace(Domain.of_box(BOX), DEFAULT_OPERATORS, 2), kind)
    residuals = np.random.default_rng(2).standard_normal((1, len(X)))
    whole = prepared.screen(residuals, 60, EMPTY)
    first = prepared.screen(residuals, 30, EMPTY)
    both = prepared.screen(residuals, 30, first)
    assert both.recipes == whole.recipes
    gram = np.abs(both.columns @ both.columns.T) - np.eye(60)
    assert gram.max() < 1 - 1e-11


def test_blocks_are_passed_again_when_equal_features_fill_the_top_ranks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screening, "_MAX_VALUES", 0)
    prepared = prepare(FeatureSpace(Domain.of_box(BOX), DEFAULT_OPERATORS, 2), "blocks")
    residuals = np.random.default_rng(2).standard_normal((1, len(X)))
    expected = prepared.screen(residuals, 30, EMPTY)
    # With as many candidates as features are wanted, equal ones leave too few at first.
    monkeypatch.setattr(screening, "_KEPT_PER_FEATURE", 1)
    found = prepared.screen(residuals, 30, EMPTY)
    # The same features, though perhaps in another guise.
    assert np.abs(np.sum(found.columns * expected.columns, axis=1)) == pytest.approx(np.ones(30))


def test_both_kinds_select_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    features = FeatureSpace(Domain.of_box(BOX), DEFAULT_OPERATORS, 2)
    residuals = np.random.default_rng(5).standard_normal((1, len(SOME)))
    empty = Subspace.empty(len(X), len(SOME))
    columns = prepare(features, "columns", SOME).screen(residuals, 40, empty)
    monkeypatch.setattr(screening, "_MAX_VALUES", 0)
    blocks = prepare(features, "blocks", SOME).screen(residuals, 40, empty)
    assert blocks.complexity.tolist() == columns.complexity.tolist()
    assert np.abs(blocks.columns) == pytest.approx(np.abs(columns.columns), abs=1e-9)


def test_returns_fewer_when_the_space_is_exhausted(kind: str) -> None:
    features = FeatureSpace(Domain.of_box(BOX), ("+",), 1)
    residuals = np.random.default_rng(3).standard_normal((1, len(X)))
    found = prepare(features, kind).screen(residuals, 50, EMPTY)
    # a, b, c and the three sums of two
    assert len(found.recipes) == 6


def test_features_without_variance_in_the_rows_are_left_out(kind: str) -> None:
    flat = X.copy()
    flat[:, 1] = 1.5
    features = FeatureSpace(Domain.of_box(BOX), ("*",), 1)
    residuals = np.random.default_rng(4).standard_normal((1, len(X)))
    found = prepare(features, kind, x=flat).screen(residuals, 50, EMPTY)
    trees = {features.expression(recipe) for recipe in found.recipes}
    # b is constant, and a b and b c are a and c over again
    assert trees == {0, 2, ("*", 0, 2)}
