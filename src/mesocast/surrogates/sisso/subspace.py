"""The features that screening has selected, and the rule by which further ones join them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np

from mesocast.surrogates.sisso.pair_scores import VARIANCE_FLOOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.surrogates.sisso.features import FeatureSpace, Recipe

# Two features are one when 1 - correlation^2 is below this: least squares cannot tell them apart.
_SAME = 1e-10
# Correlations with a third column differ by at most sqrt(_SAME) between two such features.
_NEAR = 2e-5
# Scores that agree to this relative precision are equal; the simpler feature goes first.
_EQUAL_SCORE = 1e-9


@dataclass(frozen=True)
class Candidates:
    """Features of the last rung, out of which some are selected.

    Parameters
    ----------
    space
        Its inner features make them.
    symbols
        Operators; the empty one stands for an inner feature as it is.
    origin
        Number of the symbol and of the (one or two) inner features, shape (candidates, 3).
    complexity
        Operators in each, shape (candidates,).
    values
        At all rows of the data, shape (candidates, rows).
    """

    space: FeatureSpace
    symbols: list[str]
    origin: NDArray[np.int64]
    complexity: NDArray[np.int64]
    values: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        space: FeatureSpace,
        symbols: list[str],
        origin: NDArray[np.int64],
        values: NDArray[np.float64],
    ) -> Candidates:
        """Count the operators of each."""
        known = np.append(space.complexity, 0)  # the last one for arguments that are not there
        is_built = np.array([symbol != "" for symbol in symbols])[origin[:, 0]]
        complexity = known[origin[:, 1]] + known[origin[:, 2]] + is_built
        return cls(space, symbols, origin, complexity, values)

    def recipe(self, number: int) -> Recipe:
        """How a candidate is made from inner features."""
        symbol, first, second = self.origin[number].tolist()
        name = self.symbols[symbol]
        return self.space.recipes[first] if name == "" else (name, first, second)

    def take(self, chosen: NDArray[np.intp]) -> Candidates:
        """Only some of them."""
        return Candidates(
            self.space,
            self.symbols,
            self.origin[chosen],
            self.complexity[chosen],
            self.values[chosen],
        )


@dataclass(frozen=True)
class Subspace:
    """Features that screening has selected.

    Parameters
    ----------
    recipes
        How they are made from the inner features.
    complexity
        Operators in each, shape (features,).
    values
        At all rows of the data, shape (features, rows).
    columns
        At the rows of the fit, centred and of unit length, shape (features, rows of the fit).
    """

    recipes: list[Recipe]
    complexity: NDArray[np.int64]
    values: NDArray[np.float64]
    columns: NDArray[np.float64]

    @classmethod
    def empty(cls, all_rows: int, fit_rows: int) -> Subspace:
        """Start without features."""
        none = np.empty(0, dtype=np.int64)
        return cls([], none, np.empty((0, all_rows)), np.empty((0, fit_rows)))

    def extended(
        self,
        candidates: Candidates,
        rows: NDArray[np.intp],
        targets: NDArray[np.float64],
        count: int,
    ) -> Subspace:
        """Add the best candidates, of equal ones the simplest.

        Parameters
        ----------
        candidates
            To choose from, in an order that does not depend on the data.
        rows
            Rows of the fit.
        targets
            Centred and of unit length, shape (residuals, rows of the fit); a candidate's score is
            its largest squared correlation with one.
        count
            How many to add; none that correlates perfectly with another, so it may be fewer.
        """
        columns = unit_columns(candidates.values[:, rows])
        projections = columns @ targets.T
        score = (projections**2).max(axis=1)
        step = np.round(np.log(np.maximum(score, 1e-300)) / _EQUAL_SCORE)
        order = np.lexsort([candidates.complexity, -step])
        order = order[columns[order].any(axis=1)]
        size = len(self.recipes)
        kept = np.empty((size + count, len(rows)))
        kept[:size] = self.columns
        chosen = _distinct(columns, projections[:, 0].copy(), order, kept, size, targets[0])
        return Subspace(
            [*self.recipes, *map(candidates.recipe, chosen.tolist())],
            np.concatenate([self.complexity, candidates.complexity[chosen]]),
            np.concatenate([self.values, candidates.values[chosen]]),
            kept[: size + len(chosen)],
        )


def unit_columns(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre each row and scale it to length 1; rows without variance become zero."""
    centred = values - values.mean(axis=1, keepdims=True)
    square = np.einsum("ij,ij->i", centred, centred)
    flat = square <= VARIANCE_FLOOR * np.einsum("ij,ij->i", values, values)
    scale = np.where(flat, 0.0, 1 / np.sqrt(np.where(flat, 1.0, square)))
    return np.asarray(centred * scale[:, None])


@numba.njit(cache=True, fastmath=True)
def _dot(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    total = 0.0
    for i in range(len(one)):
        total += one[i] * other[i]
    return total


@numba.njit(cache=True)
def _distinct(
    columns: NDArray[np.float64],
    projections: NDArray[np.float64],
    order: NDArray[np.int64],
    kept: NDArray[np.float64],
    size: int,
    target: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Put those columns behind the kept ones that equal none of them, until there is no room.

    Parameters
    ----------
    columns
        Candidates of unit length.
    projections
        Their inner products with the target.
    order
        In which they are looked at.
    kept
        Room for all that is kept, of which the first ``size`` are there; changed in place.
    target
        Of unit length.

    Returns
    -------
    ndarray
        Numbers of the candidates that were put there.
    """
    known = np.empty(len(kept))
    for k in range(size):
        known[k] = abs(_dot(kept[k], target))
    chosen = np.empty(len(kept) - size, dtype=np.int64)
    added = 0
    for candidate in order:
        if size + added == len(kept):
            break
        projection = abs(projections[candidate])
        is_new = True
        for k in range(size + added):
            # Equal columns have equal projections: nearly all need not be compared in full.
            if abs(known[k] - projection) <= _NEAR:
                overlap = _dot(kept[k], columns[candidate])
                if 1 - overlap * overlap <= _SAME:
                    is_new = False
                    break
        if is_new:
            kept[size + added] = columns[candidate]
            known[size + added] = projection
            chosen[added] = candidate
            added += 1
    return chosen[:added]
