"""The global minimum of a cheap function over a box, by exhaustive search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import minimum_filter
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


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

    It finds the global minimum if the function has no basin narrower than two grid steps.

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

    axis = np.linspace(0.0, 1.0, points_per_axis)
    grid = np.stack(np.meshgrid(*[axis] * len(low), indexing="ij"), axis=-1)
    values = at(grid.reshape(-1, len(low))).reshape(grid.shape[:-1])
    is_minimum = values == minimum_filter(values, size=3, mode="nearest")
    order = np.argsort(values[is_minimum], kind="stable")[:starts]

    best, best_value = grid[np.unravel_index(values.argmin(), values.shape)], float(values.min())

    def at_one(unit: NDArray[np.float64]) -> float:
        return float(at(unit[None])[0])

    for start in grid[is_minimum][order]:
        polished = minimize(
            at_one,
            start,
            method="L-BFGS-B",
            bounds=[(0.0, 1.0)] * len(low),
            options={"ftol": 1e-15, "gtol": 1e-9},
        )
        if polished.fun < best_value:
            best, best_value = polished.x, float(polished.fun)
    point = np.clip(low + best * (high - low), low, high)
    return GlobalMinimum(tuple(point.tolist()), best_value, float(values.max()) - best_value)
