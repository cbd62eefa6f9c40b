"""Scores of all pairs of two blocks of features, without forming the pairs' columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Found = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]
    Moments = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

# Below this share of its mean square the variance of a feature is rounding error.
VARIANCE_FLOOR = 1e-10


class Pairing(NamedTuple):
    """Which pairs of features may be combined.

    Parameters
    ----------
    complexity, unit_id
        Of all inner features.
    limit
        Largest sum of the complexities of a pair.
    """

    complexity: NDArray[np.int64]
    unit_id: NDArray[np.int64]
    limit: int


def product_moments(
    a: NDArray[np.float64], b: NDArray[np.float64], targets: NDArray[np.float64]
) -> Moments:
    """Moments of all products of two blocks, from matrix products.

    Parameters
    ----------
    a, b
        Shapes (p, rows) and (q, rows).
    targets
        Centred, shape (residuals, rows).

    Returns
    -------
    tuple
        Inner products with the targets (residuals, p, q), centred sums of squares (p, q) and
        sums of squares (p, q).
    """
    power = a**2 @ (b**2).T
    variance = power - (a @ b.T) ** 2 / a.shape[1]
    return np.stack([(a * target) @ b.T for target in targets]), variance, power


@numba.njit(cache=True)
def above(
    moments: Moments,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    pairing: Pairing,
    is_symmetric: bool,
    needs_equal_units: bool,
    floor: float,
) -> Found:
    """Pairs whose largest squared correlation with a target exceeds the floor.

    Parameters
    ----------
    moments
        As returned by :func:`product_moments`.
    rows, columns
        Numbers of the features of the two blocks.
    pairing
        Which pairs may be combined.
    is_symmetric
        Whether only pairs with row < column count.
    needs_equal_units
        Whether both must have one unit.
    floor
        Scores up to this one are left out.

    Returns
    -------
    tuple
        Scores, row features and column features of the pairs.
    """
    products, variance, power = moments
    complexity, unit_id, limit = pairing
    size = len(rows) * len(columns)
    score = np.empty(size)
    first = np.empty(size, dtype=np.int64)
    second = np.empty(size, dtype=np.int64)
    found = 0
    for p in range(len(rows)):
        i = rows[p]
        for q in range(len(columns)):
            j = columns[q]
            if i == j or (is_symmetric and i > j):
                continue
            largest = 0.0
            for r in range(products.shape[0]):
                largest = max(largest, products[r, p, q] ** 2)
            # Written without a division, which would be the slowest step of the whole screening.
            if largest <= floor * variance[p, q]:
                continue
            if variance[p, q] <= VARIANCE_FLOOR * power[p, q]:
                continue
            if complexity[i] + complexity[j] > limit:
                continue
            if needs_equal_units and unit_id[i] != unit_id[j]:
                continue
            score[found] = largest / variance[p, q]
            first[found] = i
            second[found] = j
            found += 1
    return score[:found].copy(), first[:found].copy(), second[:found].copy()


@numba.njit(cache=True, fastmath=True)
def absolute_differences(
    features: NDArray[np.float64],
    targets: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    pairing: Pairing,
    only_crossing: bool,
    floor: float,
) -> Found:
    """Like :func:`above`, for ``|a - b|``.

    Parameters
    ----------
    features
        All features, shape (features, rows).
    targets
        Centred, shape (residuals, rows).
    rows, columns, pairing, floor
        As for :func:`above`.
    only_crossing
        Leave out pairs that do not cross in the rows: there ``|a - b|`` is ``a - b`` or its
        negative.

    Returns
    -------
    tuple
        Scores, row features and column features of the pairs.
    """
    complexity, unit_id, limit = pairing
    size = len(rows) * len(columns)
    score = np.empty(size)
    first = np.empty(size, dtype=np.int64)
    second = np.empty(size, dtype=np.int64)
    found = 0
    n = features.shape[1]
    difference = np.empty(n)
    lowest = np.array([features[j].min() for j in columns])
    highest = np.array([features[j].max() for j in columns])
    for i in rows:
        low, high = features[i].min(), features[i].max()
        for q in range(len(columns)):
            j = columns[q]
            if i >= j or unit_id[i] != unit_id[j] or complexity[i] + complexity[j] > limit:
                continue
            if only_crossing and (low >= highest[q] or high <= lowest[q]):
                continue
            signed = 0.0
            total = 0.0
            power = 0.0
            for s in range(n):
                d = features[i, s] - features[j, s]
                difference[s] = abs(d)
                signed += d
                total += abs(d)
                power += d * d
            variance = power - total * total / n
            if only_crossing and abs(signed) >= (1 - 1e-12) * total:
                continue
            if variance <= VARIANCE_FLOOR * power:
                continue
            largest = 0.0
            for r in range(targets.shape[0]):
                product = 0.0
                for s in range(n):
                    product += difference[s] * targets[r, s]
                largest = max(largest, product * product)
            if largest > floor * variance:
                score[found] = largest / variance
                first[found] = i
                second[found] = j
                found += 1
    return score[:found].copy(), first[:found].copy(), second[:found].copy()
