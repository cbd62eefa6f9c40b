from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.equations.domain import Domain
from mesocast.surrogates.equations.expressions import evaluate
from mesocast.surrogates.equations.operators import DEFAULT_OPERATORS
from mesocast.surrogates.sisso.features import FeatureSpace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Combinations = Callable[[FeatureSpace], Iterator[tuple[str, int, int]]]

RECIPES = ((0.86, 0.96), (0.45, 0.71), (0.0, 0.4))
LIMITS = np.array(RECIPES).T[0], np.array(RECIPES).T[1]


def space(
    rung: int, box: Any = RECIPES, operators: tuple[str, ...] = DEFAULT_OPERATORS, **settings: Any
) -> FeatureSpace:
    return FeatureSpace(Domain.of_box(box), operators, rung, **settings)


def singular_arguments(tree: Any) -> Iterator[Any]:
    """Arguments, anywhere in the tree, that must stay away from zero."""
    if isinstance(tree, int):
        return
    if tree[0] in {"/", "inverse", "log"}:
        yield tree[-1]
    for argument in tree[1:]:
        yield from singular_arguments(argument)


@pytest.mark.parametrize(
    "box",
    [
        RECIPES,
        ((-1.0, 1.0), (0.0, 2.0), (0.5, 1.5)),  # poles and roots everywhere
        ((0.2, 1.0), (0.2, 1.0), (0.2, 1.0)),  # every difference changes its sign
    ],
)
def test_no_pole_in_the_box(box: Any, combinations: Combinations) -> None:
    features = space(2, box)
    low, high = np.array(box).T
    points = np.random.default_rng(3).uniform(low, high, (20_000, 3))
    corners = np.array(list(itertools.product(*box)))
    edges = np.concatenate([corners, points])
    edges[len(corners) : len(corners) + 3000] = np.where(
        points[:3000] < (low + high) / 2, low, points[:3000]
    )
    inputs = list(edges.T)
    trees = [features.expression(recipe) for recipe in combinations(features)]
    arguments = {argument for tree in trees for argument in singular_arguments(tree)}
    assert len(trees) > 2000
    assert arguments
    for argument in arguments:
        values = evaluate(argument, inputs)
        assert (values > 0).all() or (values < 0).all(), argument
        assert np.abs(values).min() > 1e-3 * np.abs(values).max(), argument
    with np.errstate(all="raise", under="ignore"):
        for tree in trees:
            assert np.isfinite(evaluate(tree, inputs)).all(), tree


def test_a_pole_between_sample_points_is_found() -> None:
    # 1 / (a - b)^2 is positive everywhere and infinite only on the diagonal.
    features = space(3, ((0.0, 1.0), (0.0, 1.0)), ("-", "square", "inverse"))
    trees = [features.expression(recipe) for recipe in features.recipes]
    assert ("square", ("-", 0, 1)) in trees
    inverted = {trees[parent] for parent in features.unary["inverse"]}
    assert ("square", ("-", 0, 1)) not in inverted


def test_inner_features_differ_up_to_sign() -> None:
    features = space(3)
    x = np.random.default_rng(4).uniform(*LIMITS, (2000, 3))
    columns = features.columns(x)
    columns /= np.linalg.norm(columns, axis=1, keepdims=True)
    lengths = np.linalg.norm(features.columns(x), axis=1)
    order = np.argsort(lengths)
    for one, two in itertools.pairwise(order):
        if lengths[two] - lengths[one] < 1e-10 * lengths[one]:
            assert abs(columns[one] @ columns[two]) < 1 - 1e-12


def test_columns_agree_with_expressions() -> None:
    features = space(3)
    x = np.random.default_rng(5).uniform(*LIMITS, (7, 3))
    columns = features.columns(x)
    for number in range(0, len(features.recipes), 50):
        tree = features.expression(features.recipes[number])
        assert np.array_equal(columns[number], evaluate(tree, list(x.T)))


def test_positive_difference_is_kept_for_log_and_sqrt() -> None:
    features = space(2, ((0.1, 0.2), (0.5, 0.9)))
    trees = [features.expression(recipe) for recipe in features.recipes]
    assert ("-", 1, 0) in trees
    assert ("-", 0, 1) not in trees
    assert trees.index(("-", 1, 0)) in features.unary["log"]


def test_exponential_of_both_signs_of_a_difference(
    combinations: Combinations,
) -> None:
    features = space(2, ((0.0, 1.0), (0.0, 1.0)), ("-", "exp"))
    trees = {features.expression(recipe) for recipe in combinations(features)}
    assert {("exp", ("-", 0, 1)), ("exp-", ("-", 0, 1))} <= trees
    assert ("exp-", 0) not in trees


def test_division_is_left_to_the_product_with_the_reciprocal() -> None:
    features = space(2, ((0.5, 1.0), (0.5, 1.0)))
    trees = [features.expression(recipe) for recipe in features.recipes]
    assert not features.denominators[trees.index(("/", 0, 1))]
    assert features.denominators[trees.index(("+", 0, 1))]


def test_units() -> None:
    features = space(
        2, units=[{"m": 1}, {"m": 1}, {"s": 1}], operators=("+", "*", "exp", "sqrt", "/")
    )
    trees = [features.expression(recipe) for recipe in features.recipes]
    assert ("+", 0, 1) in trees
    assert ("+", 0, 2) not in trees
    assert not any(tree[0] == "exp" for tree in trees if isinstance(tree, tuple))
    ratio = trees.index(("/", 0, 1))
    assert features.unit_id[ratio] == 0
    assert list(features.unary["exp"]) == [
        i for i, unit in enumerate(features.unit_id) if unit == 0
    ]
    # (m^2)^(1/2) is m again
    root = {features.unit_id[trees.index(("sqrt", 0))], features.unit_id[trees.index(("sqrt", 1))]}
    assert len(root) == 1
    assert root != {features.unit_id[0]}
    with_units_ignored = space(1, units=[{"m": 1}] * 3, operators=("exp",), strict_units=False)
    assert len(with_units_ignored.unary["exp"]) == 3


def test_max_complexity() -> None:
    features = space(3, max_complexity=2)
    assert features.complexity.max() <= 2
    assert all(features.complexity[p].max(initial=0) < 2 for p in features.unary.values())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rung": 4}, "rung: found 4"),
        ({"rung": -1}, "rung: found -1"),
        ({"rung": 1, "operators": ("+", "tanh")}, "unknown 'tanh'"),
        ({"rung": 1, "units": [{}]}, "units: found 1"),
        ({"rung": 3, "box": ((0.5, 1.0),) * 8}, "more than 20000"),
    ],
)
def test_bad_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        space(**settings)
