"""Sure independence screening: the features that correlate best with the residuals.

The features of the last rung are scored in blocks and never stored. For products the moments come
from matrix products over the inner features (``sum(a b r) = (a r) b^T``, ``sum((a b)^2) = a^2
(b^2)^T``), for sums and differences from the Gram matrix; quotients are products with reciprocals.
Only absolute differences are formed one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.surrogates import blocks
from mesocast.surrogates.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mesocast.surrogates.features import FeatureSpace, Recipe

_ROWS, _COLUMNS = 256, 2048
# Two features are one when 1 - correlation^2 is below this: least squares cannot tell them apart.
_SAME = 1e-10
# Scores that agree to this relative precision are equal; the simpler feature goes first.
_EQUAL_SCORE = 1e-9


@dataclass(frozen=True)
class Subspace:
    """Features that screening has selected.

    Parameters
    ----------
    recipes
        How they are made from the inner features.
    columns
        Their values, centred and of unit length, shape (features, rows).
    """

    recipes: list[Recipe]
    columns: NDArray[np.float64]

    @classmethod
    def empty(cls, rows: int) -> Subspace:
        """Start without features."""
        return cls([], np.empty((0, rows)))


def screen(
    space: FeatureSpace,
    columns: NDArray[np.float64],
    residuals: NDArray[np.float64],
    count: int,
    subspace: Subspace,
) -> Subspace:
    """Add the features that explain most of the residuals.

    Parameters
    ----------
    space
        The inner features and the rules of the last rung.
    columns
        Values of the inner features, shape (features, rows).
    residuals
        Shape (residuals, rows); a feature's score is its largest squared correlation with one.
    count
        How many features to add; fewer when the space holds no more.
    subspace
        Features selected before; none is added that correlates perfectly with one of them.

    Returns
    -------
    Subspace
        The old features, then the new ones in order of their score.
    """
    targets = _unit_columns(residuals)
    # Equal features fill the top ranks in different guises, so more are kept than are needed;
    # when even these are too few, the pass is repeated with more.
    capacity = 20 * count
    while True:
        best = _Best(capacity)
        for symbol, score, first, second in _score(space, columns, targets, best):
            best.add(symbol, score, first, second)
        merged, exhausted = _select(space, columns, targets, subspace, best, count=count)
        if len(merged.recipes) == len(subspace.recipes) + count or exhausted:
            return merged
        capacity *= 8


class _Best:
    """The candidates with the highest scores so far."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.floor = 1e-14
        self.is_full = False
        self.symbols: list[str] = []
        self.score = np.empty(0)
        self.origin = np.empty((0, 3), dtype=np.int64)

    def add(
        self,
        symbol: str,
        score: NDArray[np.float64],
        first: NDArray[np.int64],
        second: NDArray[np.int64],
    ) -> None:
        if symbol not in self.symbols:
            self.symbols.append(symbol)
        number = np.full_like(first, self.symbols.index(symbol))
        self.score = np.concatenate([self.score, score])
        self.origin = np.concatenate([self.origin, np.stack([number, first, second], axis=1)])
        if len(self.score) > 2 * self.capacity:
            self.shrink()

    def shrink(self) -> None:
        if len(self.score) > self.capacity:
            keep = np.argpartition(-self.score, self.capacity - 1)[: self.capacity]
            self.is_full = True
            self.score, self.origin = self.score[keep], self.origin[keep]
            self.floor = float(self.score.min())


def _unit_columns(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre each row and scale it to length 1; rows without variance become zero."""
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    flat = length <= np.sqrt(blocks.VARIANCE_FLOOR) * np.linalg.norm(values, axis=1, keepdims=True)
    return np.where(flat, 0.0, centred / np.where(flat, 1.0, length))


def _select(
    space: FeatureSpace,
    columns: NDArray[np.float64],
    targets: NDArray[np.float64],
    subspace: Subspace,
    best: _Best,
    *,
    count: int,
) -> tuple[Subspace, bool]:
    """Score the candidates again from their values and drop equal ones."""
    best.shrink()
    order = np.lexsort([best.origin[:, 2], best.origin[:, 1], best.origin[:, 0]])
    recipes = []
    for number, first, second in best.origin[order].tolist():
        symbol = best.symbols[number]
        recipes.append(space.recipes[first] if symbol == "" else (symbol, first, second))
    values = np.empty((len(recipes), columns.shape[1]))
    complexity = np.empty(len(recipes), dtype=np.int64)
    for number, symbol in enumerate(best.symbols):
        rows = np.flatnonzero(best.origin[order, 0] == number)
        parents = best.origin[order[rows], 1:].T
        if symbol == "":
            values[rows] = columns[parents[0]]
            complexity[rows] = space.complexity[parents[0]]
        else:
            operator = OPERATORS[symbol]
            parents = parents[: operator.arity]
            values[rows] = operator.apply(np, *(columns[p] for p in parents))
            complexity[rows] = 1 + space.complexity[parents].sum(axis=0)
    values = _unit_columns(values)
    score = ((values @ targets.T) ** 2).max(axis=1)
    step = np.round(np.log(np.maximum(score, 1e-300)) / _EQUAL_SCORE)
    kept = np.empty((len(subspace.recipes) + count, columns.shape[1]))
    kept[: len(subspace.recipes)] = subspace.columns
    chosen = list(subspace.recipes)
    for candidate in np.lexsort([complexity, -step]):
        if len(chosen) == len(kept):
            break
        overlap = kept[: len(chosen)] @ values[candidate]
        if values[candidate].any() and (1 - overlap**2 > _SAME).all():
            kept[len(chosen)] = values[candidate]
            chosen.append(recipes[candidate])
    return Subspace(chosen, kept[: len(chosen)]), not best.is_full


def _score(
    space: FeatureSpace,
    columns: NDArray[np.float64],
    targets: NDArray[np.float64],
    best: _Best,
) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]]:
    """Yield blocks of candidates whose score is above the floor of ``best``.

    The symbol is empty for inner features, which are candidates as they are.
    """
    everything = np.arange(len(columns))
    direct = [("", everything, columns)]
    for symbol, parents in space.unary.items():
        direct.append((symbol, parents, OPERATORS[symbol].apply(np, columns[parents])))
    for symbol, parents, values in direct:
        score = ((_unit_columns(values) @ targets.T) ** 2).max(axis=1)
        above = score > best.floor
        chosen = parents[above].astype(np.int64)
        yield symbol, score[above], chosen, np.full_like(chosen, -1)
    binary = [s for s in space.operators if OPERATORS[s].arity == 2] if space.rung > 0 else []
    if not binary:
        return
    limit = np.iinfo(np.int64).max if space.max_complexity is None else space.max_complexity - 1
    pairing = blocks.Pairing(space.complexity, space.unit_id, limit)
    centred = columns - columns.mean(axis=1, keepdims=True)
    power = (centred**2).sum(axis=1)
    projections = targets @ columns.T
    for top in range(0, len(columns), _ROWS):
        for left in range(0, len(columns), _COLUMNS):
            rows, cols = everything[top : top + _ROWS], everything[left : left + _COLUMNS]
            if "/" in binary:
                divisors = cols[space.denominators[cols]]
                moments = blocks.product_moments(columns[rows], 1 / columns[divisors], targets)
                found = blocks.above(moments, rows, divisors, pairing, False, False, best.floor)
                yield "/", *found
            if cols[-1] < top:
                continue  # the other operators do not care for the order of a pair
            if "*" in binary:
                moments = blocks.product_moments(columns[rows], columns[cols], targets)
                found = blocks.above(moments, rows, cols, pairing, True, False, best.floor)
                yield "*", *found
            scale = power[rows, None] + power[cols]
            cross = 2 * centred[rows] @ centred[cols].T
            for symbol, sign in (("+", 1.0), ("-", -1.0)):
                if symbol in binary:
                    sums = projections[:, rows, None] + sign * projections[:, None, cols]
                    moments = sums, scale + sign * cross, scale
                    found = blocks.above(moments, rows, cols, pairing, True, True, best.floor)
                    yield symbol, *found
            if "|-|" in binary:
                only_crossing = "-" in binary
                found = blocks.absolute_differences(
                    columns, targets, rows, cols, pairing, only_crossing, best.floor
                )
                yield "|-|", *found
