"""Minima of many functions of the same cheap properties, by a dense lattice and shrinking clouds.

Surrogates are analytic: a hundred thousand recipes take a fraction of a second. So every question
that is a minimum (of a weighted sum, of a distance along a direction, of a mean over models) is
answered by looking everywhere and then closer around the best, for all questions at once. Nothing
is differentiated, so that kinks and forbidden regions are allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import qmc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Values = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    Score = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]

#: Points of a lattice.
LATTICE_POINTS = 30_000
# Points of a cloud: for many questions, and for few, where more cost nothing.
_CLOUD_POINTS = 128
_WIDE_CLOUD_POINTS = 1024
_FEW_QUESTIONS = 8
_ZOOMS = 18
_SHRINKAGE = 0.6
#: Dimensions for which these numbers are enough, and a lattice is dense; of more, points of an even
#: sample stand for it.
FEW = 3
# Scores held in memory at once.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class Minima:
    """What was found, one row per question.

    Parameters
    ----------
    points
        Shape (questions, d), in the units of the box.
    values
        The properties there, shape (questions, m).
    scores
        The minima, shape (questions,).
    """

    points: NDArray[np.float64]
    values: NDArray[np.float64]
    scores: NDArray[np.float64]


def lattice(
    lower: Sequence[float], upper: Sequence[float], points: int = LATTICE_POINTS
) -> NDArray[np.float64]:
    """Even lattice over a box, faces included; about as many points as asked for, shape (n, d).

    An axis whose bounds are equal has one point.
    """
    free = sum(low < high for low, high in zip(lower, upper, strict=True))
    each = max(round(points ** (1 / max(free, 1))), 2)
    axes = [
        np.linspace(low, high, each if low < high else 1)
        for low, high in zip(lower, upper, strict=True)
    ]
    return combined(axes)


def combined(axes: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """All combinations of the values on the axes, the last one fastest, shape (n, d)."""
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))


def even_sample(
    lower: ArrayLike, upper: ArrayLike, count: int, *, seed: int = 0
) -> NDArray[np.float64]:
    """Even sample of a box: a scrambled Sobol sequence, shape (count, d)."""
    low, high = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    return np.asarray(low + qmc.Sobol(len(low), rng=seed).random(count) * (high - low))


def minima(
    values: Values,
    score: Score,
    questions: NDArray[np.float64],
    lower: Sequence[float],
    upper: Sequence[float],
    *,
    lattice_points: int = LATTICE_POINTS,
) -> Minima:
    """Find the global minimum of every question.

    It is found if its basin is not narrower than two steps of the lattice; the clouds then come as
    close as ``0.6**18`` (1e-4) of a step.

    Parameters
    ----------
    values
        Maps points, shape (n, d), to properties, shape (n, m).
    score
        Maps properties, shape (..., m), and questions, shape (..., q), which broadcast, to what is
        minimized, shape (...).
    questions
        Shape (questions, q).
    lower, upper
        Corners of the box, length d; equal bounds hold a coordinate fixed.
    lattice_points
        About how many points the lattice has.
    """
    low, high = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    grid = lattice(lower, upper, lattice_points)
    on_grid = values(grid)
    each = max(_BLOCK // on_grid.size, 1)
    best = np.concatenate(
        [
            score(on_grid[None], questions[start : start + each, None]).argmin(axis=1)
            for start in range(0, len(questions), each)
        ]
    )
    points, found = grid[best], on_grid[best]
    scores = score(found, questions)
    reach = (high - low) / (lattice_points ** (1 / max(int((low < high).sum()), 1)) - 1)
    sampler = qmc.Sobol(len(low), rng=0)
    cloud_points = _CLOUD_POINTS if len(questions) > _FEW_QUESTIONS else _WIDE_CLOUD_POINTS
    rows = np.arange(len(questions))
    # In more dimensions a cloud sees less, so it shrinks more slowly; the last one is as small.
    slower = max(len(low) / FEW, 1.0)
    shrinkage = _SHRINKAGE ** (1 / slower)
    for _ in range(round(_ZOOMS * slower)):
        cloud = reach * (2 * sampler.random(cloud_points) - 1)
        near = np.clip(points[:, None] + cloud, low, high)
        values_near = values(near.reshape(-1, len(low))).reshape(*near.shape[:2], -1)
        scores_near = score(values_near, questions[:, None])
        chosen = scores_near.argmin(axis=1)
        better = scores_near[rows, chosen] < scores
        points = np.where(better[:, None], near[rows, chosen], points)
        found = np.where(better[:, None], values_near[rows, chosen], found)
        scores = np.where(better, scores_near[rows, chosen], scores)
        # What was found for one question is often better for another.
        lent = score(found[None], questions[:, None]).argmin(axis=1)
        points, found = points[lent], found[lent]
        scores = score(found, questions)
        reach = reach * shrinkage
    return Minima(points, found, scores)
