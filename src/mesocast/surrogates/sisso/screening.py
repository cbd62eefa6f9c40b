"""Sure independence screening: the features that correlate best with the residuals.

A small space is kept as columns (:mod:`mesocast.surrogates.sisso.column_screening`). Of a large
one the features of the last rung are scored in blocks and never stored: for products the moments
come from
matrix products over the inner features (``sum(a b r) = (a r) b^T``, ``sum((a b)^2) = a^2
(b^2)^T``), for sums and differences from the Gram matrix; quotients are products with reciprocals.
Only absolute differences are formed one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from mesocast.surrogates.equations.operators import OPERATORS
from mesocast.surrogates.sisso import pair_scores
from mesocast.surrogates.sisso.column_screening import Columns, ColumnScreening
from mesocast.surrogates.sisso.subspace import Candidates, unit_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from mesocast.surrogates.sisso.features import FeatureSpace
    from mesocast.surrogates.sisso.subspace import Subspace

_ROWS, _COLUMNS = 256, 2048
# Columns of a space with more values than this (128 MB) are not stored.
_MAX_VALUES = 2**24
# Equal features fill the top ranks in different guises, so more candidates are kept than features
# are needed; when even these are too few, the pass is repeated with more.
_KEPT_PER_FEATURE = 20


class Screening(Protocol):
    """Screening over some of the rows of the data.

    Parameters
    ----------
    rows
        Rows of the fit.
    """

    rows: NDArray[np.intp]

    def screen(self, residuals: NDArray[np.float64], count: int, subspace: Subspace) -> Subspace:
        """Add the features that explain most of the residuals.

        Parameters
        ----------
        residuals
            Shape (residuals, rows of the fit); a feature's score is its largest squared
            correlation with one.
        count
            How many features to add; fewer when the space holds no more.
        subspace
            Features selected before; none is added that correlates perfectly with one of them.

        Returns
        -------
        Subspace
            The old features, then the new ones in order of their score.
        """


def screenings(
    space: FeatureSpace, x: NDArray[np.float64]
) -> Callable[[NDArray[np.intp]], Screening]:
    """Prepare a space for many choices of rows.

    Parameters
    ----------
    space
        The inner features and the rules of the last rung.
    x
        Inputs, shape (rows, inputs).

    Returns
    -------
    callable
        Takes row numbers and gives the screening over them.
    """
    if space.last_rung_size * len(x) <= _MAX_VALUES:
        columns = Columns(space, x)
        return lambda rows: ColumnScreening(columns, rows)
    inner = space.columns(x)
    return lambda rows: BlockScreening(space, inner, rows)


class BlockScreening:
    """Screening that never holds more than blocks of the last rung.

    Parameters
    ----------
    space
        The inner features and the rules of the last rung.
    inner
        Values of the inner features at all rows, shape (features, rows).
    rows
        Rows of the fit.
    """

    def __init__(
        self, space: FeatureSpace, inner: NDArray[np.float64], rows: NDArray[np.intp]
    ) -> None:
        self.rows = rows
        self._space = space
        self._inner = inner

    def screen(self, residuals: NDArray[np.float64], count: int, subspace: Subspace) -> Subspace:
        """Add the features that explain most of the residuals.

        Parameters and result as for :meth:`Screening.screen`.
        """
        targets = unit_columns(residuals)
        columns = np.ascontiguousarray(self._inner[:, self.rows])
        capacity = _KEPT_PER_FEATURE * count
        while True:
            best = _Best(capacity)
            for symbol, score, first, second in _score(self._space, columns, targets, best):
                best.add(symbol, score, first, second)
            candidates = best.candidates(self._space, self._inner)
            extended = subspace.extended(candidates, self.rows, targets, count)
            is_enough = len(extended.recipes) == len(subspace.recipes) + count
            if is_enough or not best.is_full:
                return extended
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

    def candidates(self, space: FeatureSpace, inner: NDArray[np.float64]) -> Candidates:
        """Form the columns of what was kept."""
        self.shrink()
        origin = self.origin[np.lexsort([self.origin[:, 2], self.origin[:, 1], self.origin[:, 0]])]
        values = np.empty((len(origin), inner.shape[1]))
        for number, symbol in enumerate(self.symbols):
            rows = np.flatnonzero(origin[:, 0] == number)
            first, second = origin[rows, 1:].T
            if symbol == "":
                values[rows] = inner[first]
            else:
                parents = (first, second)[: OPERATORS[symbol].arity]
                values[rows] = OPERATORS[symbol].apply(np, *(inner[p] for p in parents))
        return Candidates.of(space, self.symbols, origin, values)


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
        score = ((unit_columns(values) @ targets.T) ** 2).max(axis=1)
        above = score > best.floor
        chosen = parents[above].astype(np.int64)
        yield symbol, score[above], chosen, np.full_like(chosen, -1)
    binary = [s for s in space.operators if OPERATORS[s].arity == 2] if space.rung > 0 else []
    if not binary:
        return
    limit = np.iinfo(np.int64).max if space.max_complexity is None else space.max_complexity - 1
    pairing = pair_scores.Pairing(space.complexity, space.unit_id, limit)
    centred = columns - columns.mean(axis=1, keepdims=True)
    power = (centred**2).sum(axis=1)
    projections = targets @ columns.T
    for top in range(0, len(columns), _ROWS):
        for left in range(0, len(columns), _COLUMNS):
            rows, cols = everything[top : top + _ROWS], everything[left : left + _COLUMNS]
            if "/" in binary:
                divisors = cols[space.denominators[cols]]
                moments = pair_scores.product_moments(columns[rows], 1 / columns[divisors], targets)
                found = pair_scores.above(
                    moments, rows, divisors, pairing, False, False, best.floor
                )
                yield "/", *found
            if cols[-1] < top:
                continue  # the other operators do not care for the order of a pair
            if "*" in binary:
                moments = pair_scores.product_moments(columns[rows], columns[cols], targets)
                found = pair_scores.above(moments, rows, cols, pairing, True, False, best.floor)
                yield "*", *found
            scale = power[rows, None] + power[cols]
            cross = 2 * centred[rows] @ centred[cols].T
            for symbol, sign in (("+", 1.0), ("-", -1.0)):
                if symbol in binary:
                    sums = projections[:, rows, None] + sign * projections[:, None, cols]
                    moments = sums, scale + sign * cross, scale
                    found = pair_scores.above(moments, rows, cols, pairing, True, True, best.floor)
                    yield symbol, *found
            if "|-|" in binary:
                only_crossing = "-" in binary
                found = pair_scores.absolute_differences(
                    columns, targets, rows, cols, pairing, only_crossing, best.floor
                )
                yield "|-|", *found
