"""The global minimum of a cheap function over a box, by exhaustive search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import minimum_filter
from scipy.optimize import minimize

from mesocast.optimization.minima import FEW, even_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]

# In more dimensions than a grid is dense in: points of the sample, and how far apart two must be
# along one axis of the unit box at least.
_SAMPLES = 32768
_NEIGHBOUR = 0.1
# Points along each axis, and what is no gain, as a share of the range.
_POINTS_PER_AXIS = 101
_NOTHING = 1e-12
# Of finite differences, in the unit box; SciPy's own for L-BFGS-B.
_STEP = 1e-8


@dataclass(frozen=True)
class GlobalMinimum:
    """The lowest point found.

    Parameters
    ----------
    point
        Where it is, in the units of the function's argument.
    value
        The function there.
    span
        Highest minus lowest value over the box: the unit of a regret.
    """

    point: tuple[float, ...]
    value: float
    span: float


def global_minimum(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    lower: Sequence[float],
    upper: Sequence[float],
    *,
    points_per_axis: int = 41,
    starts: int = 20,
) -> GlobalMinimum:
    """Evaluate a dense grid and polish its lowest local minima by L-BFGS-B.

    It finds the global minimum if the function has no basin narrower than two grid steps. In more
    than three dimensions an even sample (Sobol) stands for the grid, and the lowest points that
    are no neighbours are polished. From the lowest minimum the function is then looked at along
    every axis, and polished from where it is lower, until it is lower nowhere: so a minimum that
    differs from the global one in single coordinates is left.

    Parameters
    ----------
    function
        Maps points of shape (n, d) to finite values of shape (n,).
    lower, upper
        Corners of the box, length d.
    points_per_axis
        The grid has this number to the power d of points, the faces of the box included.
    starts
        How many local minima of the grid are polished, the lowest first.
    """
    low, high = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)

    def at(unit: NDArray[np.float64]) -> NDArray[np.float64]:
        return function(np.clip(low + unit * (high - low), low, high))

    if len(low) > FEW:
        return _along_axes(
            at, low, high, _polished(at, low, high, *_lowest_of_sample(at, len(low), starts))
        )
    axis = np.linspace(0.0, 1.0, points_per_axis)
    grid = np.stack(np.meshgrid(*[axis] * len(low), indexing="ij"), axis=-1)
    values = at(grid.reshape(-1, len(low))).reshape(grid.shape[:-1])
    is_minimum = values == minimum_filter(values, size=3, mode="nearest")
    order = np.argsort(values[is_minimum], kind="stable")[:starts]

    return _polished(at, low, high, grid[is_minimum][order], values)


def _lowest_of_sample(
    at: Function, size: int, starts: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest points of an even sample that are no neighbours, and the values of all."""
    sample = np.concatenate(
        [even_sample([0.0] * size, [1.0] * size, _SAMPLES), np.full((1, size), 0.5)]
    )
    values = at(sample)
    chosen: list[NDArray[np.float64]] = []
    for point in sample[np.argsort(values, kind="stable")]:
        if all(np.abs(point - other).max() > _NEIGHBOUR for other in chosen):
            chosen.append(point)
        if len(chosen) == starts:
            break
    return np.array(chosen), values


def _polished(
    at: Function,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    starts: NDArray[np.float64],
    values: NDArray[np.float64],
) -> GlobalMinimum:
    """Polish points of the unit box; ``values`` are all that were seen, the first one's lowest."""
    best, best_value = starts[0], float(values.min())

    def with_slopes(unit: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        # Finite differences as SciPy takes them, but all in one evaluation.
        steps = np.where(unit + _STEP > 1, -_STEP, _STEP)
        value, *moved = at(np.vstack([unit, unit + np.diag(steps)]))
        return float(value), (np.array(moved) - value) / steps

    for start in starts:
        polished = minimize(
            with_slopes,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, 1.0)] * len(low),
            options={"ftol": 1e-15, "gtol": 1e-9},
        )
        if polished.fun < best_value:
            best, best_value = polished.x, float(polished.fun)
    point = np.clip(low + best * (high - low), low, high)
    return GlobalMinimum(tuple(point.tolist()), best_value, float(values.max()) - best_value)


def _along_axes(
    at: Function, low: NDArray[np.float64], high: NDArray[np.float64], found: GlobalMinimum
) -> GlobalMinimum:
    """Leave a minimum along single axes of the unit box as long as that is lower."""
    grid = np.linspace(0.0, 1.0, _POINTS_PER_AXIS)
    width = np.where(high > low, high - low, 1.0)
    while True:
        best = (np.array(found.point) - low) / width
        around = np.tile(best, (len(low) * len(grid), 1))
        around[np.arange(len(around)), np.repeat(np.arange(len(low)), len(grid))] = np.tile(
            grid, len(low)
        )
        values = at(around)
        by_axis = values.reshape(len(low), -1)
        # Where several axes lead down, all of them together may lead down further.
        together = np.where(by_axis.min(axis=1) < found.value, grid[by_axis.argmin(axis=1)], best)
        starts = np.stack([around[values.argmin()], together])
        starts = starts[np.argsort(at(starts), kind="stable")]
        highest = found.value + found.span
        lower = _polished(at, low, high, starts, np.array([*at(starts), highest]))
        if lower.value >= found.value - _NOTHING * found.span:
            return found
        found = lower
