"""Screening of a small feature space, of which all features are kept as columns.

The columns are made once for all rows; a fold or a split is a choice of rows, for which only sums
over the columns are taken (matrix times vector), not new columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.surrogates.equations.operators import OPERATORS
from mesocast.surrogates.sisso.pair_scores import VARIANCE_FLOOR
from mesocast.surrogates.sisso.subspace import Candidates, unit_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.surrogates.sisso.features import FeatureSpace
    from mesocast.surrogates.sisso.subspace import Subspace

# Lower scores are rounding errors.
_FLOOR = 1e-14


class Columns:
    """All features of a space at all rows of the data.

    Parameters
    ----------
    space
        The inner features and the rules of the last rung.
    x
        Inputs, shape (rows, inputs).
    """

    def __init__(self, space: FeatureSpace, x: NDArray[np.float64]) -> None:
        inner = space.columns(x)
        symbols, values = [""], [inner]
        origins = [_origin(0, np.arange(len(inner)), np.full(len(inner), -1))]
        for symbol, first, second in space.last_rung():
            origins.append(_origin(len(symbols), first, second))
            symbols.append(symbol)
            parents = (first, second)[: OPERATORS[symbol].arity]
            values.append(OPERATORS[symbol].apply(np, *(inner[p] for p in parents)))
        self.candidates = Candidates.of(
            space, symbols, np.concatenate(origins), np.concatenate(values)
        )
        #: Centred and of unit length over all rows, so that sums over some rows are exact enough.
        self.standardized = unit_columns(self.candidates.values)
        self.squares = self.standardized**2


class ColumnScreening:
    """Screening over some of the rows.

    Parameters
    ----------
    columns
        The features.
    rows
        Rows of the fit.
    """

    def __init__(self, columns: Columns, rows: NDArray[np.intp]) -> None:
        self._columns = columns
        self.rows = rows
        self._all_rows = columns.standardized.shape[1]
        is_used = np.zeros(self._all_rows)
        is_used[rows] = 1.0
        mean = columns.standardized @ is_used / len(rows)
        power = columns.squares @ is_used
        variance = power - len(rows) * mean**2
        # No share of anything is explained by a feature that does not vary.
        self._variance = np.where(variance > VARIANCE_FLOOR * power, variance, np.inf)

    def screen(self, residuals: NDArray[np.float64], count: int, subspace: Subspace) -> Subspace:
        """Add the features that explain most of the residuals.

        Parameters and result as for :meth:`mesocast.surrogates.sisso.screening.Screening.screen`.
        """
        targets = unit_columns(residuals)
        spread = np.zeros((self._all_rows, len(targets)))
        spread[self.rows] = targets.T
        score = ((self._columns.standardized @ spread) ** 2).max(axis=1) / self._variance
        capacity = 4 * count
        while True:
            is_all = capacity >= len(score)
            best = np.arange(len(score)) if is_all else np.argpartition(-score, capacity)[:capacity]
            best = np.sort(best[score[best] > _FLOOR])
            extended = subspace.extended(
                self._columns.candidates.take(best), self.rows, targets, count
            )
            if is_all or len(extended.recipes) == len(subspace.recipes) + count:
                return extended
            capacity *= 8


def _origin(symbol: int, first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.int64]:
    return np.stack([np.full_like(first, symbol), first, second], axis=1)
