"""The sparsifying operator: the best subset of a given size, found by trying all (L0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A descriptor of which less than this share (squared) is not in the span of the others gives
# coefficients that cancel, and a Gram matrix in double precision cannot judge it.
_PIVOT = 1e-8
# Decides between subsets that fit equally well, as all do that hold an exact law; real differences
# are many orders larger.
_COMPLEXITY_PENALTY = 1e-12


@dataclass(frozen=True)
class LinearModel:
    """Least squares on some of the selected features.

    Parameters
    ----------
    subset
        Numbers of the features, ascending.
    residual
        Target minus fit, shape (rows,).
    residual_share
        Residual sum of squares over total sum of squares.
    """

    subset: tuple[int, ...]
    residual: NDArray[np.float64]
    residual_share: float


def best_models(
    columns: NDArray[np.float64],
    y: NDArray[np.float64],
    size: int,
    count: int,
    complexity: NDArray[np.int64],
) -> list[LinearModel]:
    """Fit all subsets of a size by least squares and return the best ones, best first.

    All subsets are compared by their Gram matrix (projected once per prefix; the last two features
    in closed form), the best are fitted again by an orthogonal factorization.

    Parameters
    ----------
    columns
        Centred columns of unit length, shape (features, rows).
    y
        Target, shape (rows,), not constant.
    size
        Features in a subset, at least 1.
    count
        How many models to return; fewer when there are fewer subsets that are well conditioned.
    complexity
        Of the features; between equal fits the simplest is chosen.
    """
    target = y - y.mean()
    target = target / np.linalg.norm(target)
    penalty = _COMPLEXITY_PENALTY * complexity.astype(np.float64)
    # More than asked for, since the Gram matrix ranks them less exactly than the factorization.
    kept = count + 20
    share = np.full(kept, np.inf)
    subsets = np.full((kept, size), -1, dtype=np.int64)
    prefix = np.full(size, -1, dtype=np.int64)
    _descend(columns @ columns.T, columns @ target, 1.0, penalty, 0.0, prefix, 0, share, subsets)
    models = _refit(columns, y, subsets[np.isfinite(share)])
    models.sort(key=lambda m: m.residual_share + penalty[list(m.subset)].sum())
    return models[:count]


def _refit(
    columns: NDArray[np.float64], y: NDArray[np.float64], subsets: NDArray[np.int64]
) -> list[LinearModel]:
    """Fit several subsets, shape (subsets, size), by an orthogonal factorization."""
    centred = y - y.mean()
    basis = np.linalg.qr(columns[subsets].transpose(0, 2, 1)).Q
    residuals = centred - (basis @ (centred @ basis)[..., None])[..., 0]
    share = (residuals**2).sum(axis=1) / (centred @ centred)
    return [
        LinearModel(tuple(subset), residual, left)
        for subset, residual, left in zip(subsets.tolist(), residuals, share.tolist(), strict=True)
    ]


@numba.njit(cache=True)
def _descend(
    gram: NDArray[np.float64],
    moments: NDArray[np.float64],
    unexplained: float,
    penalty: NDArray[np.float64],
    fixed_penalty: float,
    prefix: NDArray[np.int64],
    depth: int,
    share: NDArray[np.float64],
    subsets: NDArray[np.int64],
) -> None:
    """Fix one feature after the other until one or two are left to choose.

    Parameters
    ----------
    gram, moments
        Of the features behind the last fixed one, with all fixed ones projected out.
    unexplained
        Share of the target's sum of squares that the fixed features leave.
    penalty, fixed_penalty
        Of the features behind the last fixed one, and of all fixed ones together.
    prefix
        Fixed features in its first ``depth`` places.
    depth
        How many are fixed.
    share, subsets
        The best subsets so far; changed in place.
    """
    size = len(gram)
    missing = len(prefix) - depth
    start = prefix[depth - 1] + 1 if depth > 0 else 0
    if missing == 1:
        for j in range(size):
            if gram[j, j] >= _PIVOT:
                prefix[depth] = start + j
                left = max(unexplained - moments[j] ** 2 / gram[j, j], 0.0)
                _insert(left + fixed_penalty + penalty[j], prefix, share, subsets)
    elif missing == 2:
        _try_pairs(
            gram, moments, unexplained, penalty, fixed_penalty, prefix, start, share, subsets
        )
    else:
        for i in range(size - missing + 1):
            if gram[i, i] < _PIVOT:
                continue
            behind = gram[i, i + 1 :] / gram[i, i]
            projected = gram[i + 1 :, i + 1 :].copy()
            for p in range(len(behind)):
                _subtract(projected[p, p:], gram[i, i + 1 + p], behind[p:])
            prefix[depth] = start + i
            _descend(
                projected,
                moments[i + 1 :] - behind * moments[i],
                unexplained - moments[i] ** 2 / gram[i, i],
                penalty[i + 1 :],
                fixed_penalty + penalty[i],
                prefix,
                depth + 1,
                share,
                subsets,
            )


@numba.njit(cache=True)
def _insert(
    value: float,
    subset: NDArray[np.int64],
    share: NDArray[np.float64],
    subsets: NDArray[np.int64],
) -> None:
    """Put a subset in the place of the worst one that is kept, when it is better."""
    worst = np.argmax(share)
    if value < share[worst]:
        share[worst] = value
        subsets[worst] = subset


@numba.njit(cache=True, fastmath=True)
def _subtract(row: NDArray[np.float64], factor: float, other: NDArray[np.float64]) -> None:
    for k in range(len(row)):
        row[k] -= factor * other[k]


@numba.njit(cache=True, fastmath=True)
def _lowest_gap(
    row: NDArray[np.float64],
    diagonal: NDArray[np.float64],
    moments: NDArray[np.float64],
    pivot: float,
    moment: float,
    slack: float,
) -> float:
    """Negative when a feature of the row, as the last one, may leave less than is left allowed.

    Without divisions and branches, so that the compiler makes it a loop over vectors: nearly all
    the time of the search is spent here.
    """
    lowest = 0.0
    inverse = 1 / pivot
    share = moment * inverse
    for k in range(len(row)):
        last_pivot = diagonal[k] - row[k] * row[k] * inverse
        last_moment = moments[k] - row[k] * share
        gap = slack * last_pivot - last_moment * last_moment
        lowest = min(lowest, gap if last_pivot >= _PIVOT else 0.0)
    return lowest


@numba.njit(cache=True)
def _try_pairs(
    gram: NDArray[np.float64],
    moments: NDArray[np.float64],
    unexplained: float,
    penalty: NDArray[np.float64],
    fixed_penalty: float,
    prefix: NDArray[np.int64],
    start: int,
    share: NDArray[np.float64],
    subsets: NDArray[np.int64],
) -> None:
    """Compare all choices of the last two features."""
    size = len(gram)
    diagonal = np.diag(gram).copy()
    limit = share.max()
    for j in range(size - 1):
        pivot, moment = diagonal[j], moments[j]
        if pivot < _PIVOT:
            continue
        left = unexplained - moment * moment / pivot
        row, behind = gram[j, j + 1 :], slice(j + 1, None)
        slack = max(left - limit, -1e300)
        if _lowest_gap(row, diagonal[behind], moments[behind], pivot, moment, slack) >= 0:
            continue
        prefix[-2] = start + j
        for k in range(j + 1, size):
            last_pivot = diagonal[k] - gram[j, k] ** 2 / pivot
            if last_pivot >= _PIVOT:
                last_moment = moments[k] - gram[j, k] * moment / pivot
                prefix[-1] = start + k
                value = max(left - last_moment * last_moment / last_pivot, 0.0)
                value += fixed_penalty + penalty[j] + penalty[k]
                if value < limit:
                    _insert(value, prefix, share, subsets)
                    limit = share.max()
