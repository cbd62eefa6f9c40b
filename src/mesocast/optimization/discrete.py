"""Searches over design variables of which some have only a few values: choices and levels.

The methods of BoTorch's `optimize_acqf_mixed`, for functions that are cheap and need no gradient:
each combination of choices is searched by itself with all others free, and the best is taken. So it
is with levels as long as the combinations are few; of more, levels are numbers of which the search
looks at the nearest that is allowed.
"""

from __future__ import annotations

import itertools
from functools import partial, reduce
from typing import TYPE_CHECKING

import numpy as np

from mesocast.optimization import exhaustive
from mesocast.optimization import minima as clouds
from mesocast.optimization.minima import Minima

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.columns.variables import Discrete
    from mesocast.optimization.exhaustive import GlobalMinimum
    from mesocast.optimization.minima import Score, Values

# Combinations that are searched one by one; choices always are.
_COMBINATIONS = 12
_STARTS, _LEAST_STARTS = 20, 5
# Questions that are all searched in each combination; points of each one's lattice at least; scores
# held in memory at once.
_FEW_QUESTIONS = 8
_LEAST_LATTICE = 2000
_BLOCK = 4_000_000


def snapped(points: NDArray[np.float64], discrete: Mapping[int, Discrete]) -> NDArray[np.float64]:
    """Points, shape (..., d), with the nearest allowed value along the axes that have only some."""
    if not discrete:
        return points
    found = np.array(points, dtype=float)
    for axis, one in discrete.items():
        found[..., axis] = one.nearest(found[..., axis])
    return found


def global_minimum(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    lower: Sequence[float],
    upper: Sequence[float],
    discrete: Mapping[int, Discrete],
    *,
    points_per_axis: int = 41,
) -> GlobalMinimum:
    """Global minimum of a function over a box with choices and levels.

    Parameters are those of `mesocast.optimization.exhaustive.global_minimum`, and what is allowed
    along some axes.
    """
    if not discrete:
        return exhaustive.global_minimum(function, lower, upper, points_per_axis=points_per_axis)

    def whole(
        points: NDArray[np.float64], base: NDArray[np.float64], free: list[int]
    ) -> NDArray[np.float64]:
        recipes = np.tile(base, (len(points), 1))
        recipes[:, free] = points
        return snapped(recipes, discrete)

    def at_held(
        base: NDArray[np.float64], free: list[int], points: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return function(whole(points, base, free))

    combinations = _combinations(discrete)
    starts = max(_STARTS // len(combinations), _LEAST_STARTS)
    found, highest = [], -np.inf
    for held in combinations:
        free = [i for i in range(len(lower)) if i not in held and lower[i] < upper[i]]
        base = np.array(lower, dtype=float)
        base[list(held)] = list(held.values())
        if free:
            own = exhaustive.global_minimum(
                partial(at_held, base, free),
                [lower[axis] for axis in free],
                [upper[axis] for axis in free],
                points_per_axis=points_per_axis,
                starts=starts,
            )
        else:
            own = exhaustive.GlobalMinimum((), float(function(base[None])[0]), 0.0)
        point = whole(np.array([own.point]), base, free)[0]
        one = exhaustive.GlobalMinimum(tuple(point.tolist()), own.value, own.span)
        found.append(one)
        highest = max(highest, one.value + one.span)
    best = min(found, key=lambda one: one.value)
    return exhaustive.GlobalMinimum(best.point, best.value, float(highest - best.value))


def minima(
    values: Values,
    score: Score,
    questions: NDArray[np.float64],
    lower: Sequence[float],
    upper: Sequence[float],
    discrete: Mapping[int, Discrete],
    *,
    lattice_points: int = clouds.LATTICE_POINTS,
) -> Minima:
    """Global minimum of every question over a box with choices and levels.

    Parameters are those of `mesocast.optimization.minima.minima`, and what is allowed along some
    axes.
    """
    if not discrete:
        return clouds.minima(values, score, questions, lower, upper, lattice_points=lattice_points)
    combinations = _combinations(discrete)
    each = max(lattice_points // len(combinations), _LEAST_LATTICE)

    def at(held: dict[int, float], own: NDArray[np.float64]) -> Minima:
        low, high = (np.array(corner, dtype=float) for corner in (lower, upper))
        low[list(held)] = high[list(held)] = list(held.values())
        return clouds.minima(
            lambda points: values(snapped(points, discrete)),
            score,
            own,
            low.tolist(),
            high.tolist(),
            lattice_points=each,
        )

    if len(questions) <= _FEW_QUESTIONS:
        found = reduce(_better, [at(held, questions) for held in combinations])
        return Minima(snapped(found.points, discrete), found.values, found.scores)
    # Of many questions, each is searched on in the combination where the lattice answers it best.
    grid = lattice(lower, upper, discrete, lattice_points)
    on_grid = values(grid)
    step = max(_BLOCK // on_grid.size, 1)
    best = np.concatenate(
        [
            score(on_grid[None], questions[start : start + step, None]).argmin(axis=1)
            for start in range(0, len(questions), step)
        ]
    )
    points, properties, scores = grid[best], on_grid[best], score(on_grid[best], questions)
    for held in combinations:
        own = (points[:, list(held)] == list(held.values())).all(axis=1)
        if own.any():
            found = at(held, questions[own])
            is_better = found.scores < scores[own]
            rows = np.flatnonzero(own)[is_better]
            points[rows] = snapped(found.points, discrete)[is_better]
            properties[rows], scores[rows] = found.values[is_better], found.scores[is_better]
    return Minima(points, properties, scores)


def _better(first: Minima, second: Minima) -> Minima:
    """Of each question the lower of two minima."""
    is_second = second.scores < first.scores
    return Minima(
        np.where(is_second[:, None], second.points, first.points),
        np.where(is_second[:, None], second.values, first.values),
        np.where(is_second, second.scores, first.scores),
    )


def lattice(
    lower: Sequence[float],
    upper: Sequence[float],
    discrete: Mapping[int, Discrete],
    points: int = clouds.LATTICE_POINTS,
) -> NDArray[np.float64]:
    """Even lattice over a box, shape (n, d), with all that is allowed along some axes."""
    if not discrete:
        return clouds.lattice(lower, upper, points)
    others = [axis for axis in range(len(lower)) if axis not in discrete]
    share = points
    for one in discrete.values():
        share = max(share // len(one.allowed), 2)
    free = sum(lower[axis] < upper[axis] for axis in others)
    each = max(round(share ** (1 / max(free, 1))), 2)
    return clouds.combined(
        [
            np.array(discrete[axis].allowed)
            if axis in discrete
            else np.linspace(lower[axis], upper[axis], each if lower[axis] < upper[axis] else 1)
            for axis in range(len(lower))
        ]
    )


def even_sample(
    lower: Sequence[float],
    upper: Sequence[float],
    discrete: Mapping[int, Discrete],
    count: int,
    *,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Even sample of a box, shape (count, d), with equal shares of what is allowed on some axes."""
    sample = clouds.even_sample(lower, upper, count, seed=seed)
    if not discrete:
        return sample
    unit = clouds.even_sample([0.0] * len(lower), [1.0] * len(lower), count, seed=seed)
    return in_shares(sample, unit, discrete)


def in_shares(
    points: NDArray[np.float64], unit: NDArray[np.float64], discrete: Mapping[int, Discrete]
) -> NDArray[np.float64]:
    """Points, shape (n, d), with equal shares of the unit interval for each allowed value."""
    found = np.array(points, dtype=float)
    for axis, one in discrete.items():
        place = np.minimum((unit[:, axis] * len(one.allowed)).astype(int), len(one.allowed) - 1)
        found[:, axis] = np.array(one.allowed)[place]
    return found


def _combinations(discrete: Mapping[int, Discrete]) -> list[dict[int, float]]:
    """Values of axes that are searched one by one."""
    held = dict(discrete)
    if np.prod([len(one.allowed) for one in held.values()]) > _COMBINATIONS:
        held = {axis: one for axis, one in held.items() if one.words}
    axes = [one.allowed for one in held.values()]
    return [dict(zip(held, values, strict=True)) for values in itertools.product(*axes)]
