"""Partial dependence of a cheap function, by quadrature instead of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import qmc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


# With more arguments, quadrature has more nodes than can be looked at.
_FEW = 3
_POINTS = 15
_SAMPLES = 128


def partial_dependence(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    lower: Sequence[float],
    upper: Sequence[float],
    pair: tuple[int, int],
    *,
    points: int = 25,
    nodes: int = 32,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean of a function over a box as a function of two of its arguments (Friedman 2001).

    The other arguments are uniform in the box; their mean is a Gauss-Legendre quadrature, exact to
    rounding for the smooth closed forms it is meant for. Of more than three arguments the others
    are an even sample (Sobol), on a grid of 15 points at most.

    Parameters
    ----------
    function
        Maps points of shape (n, d) to values of shape (n,).
    lower, upper
        Corners of the box, length d.
    pair
        Numbers of the two arguments, the smaller first.
    points
        Grid points along each of the two.
    nodes
        Quadrature nodes along each of the others.

    Returns
    -------
    first, second
        Grid of the two arguments, shape (points,).
    values
        Shape (points, points); ``values[i, j]`` belongs to ``first[i]`` and ``second[j]``.
    """
    if len(lower) > _FEW:
        return _by_sample(function, np.array(lower), np.array(upper), pair, min(points, _POINTS))
    abscissae, weights = np.polynomial.legendre.leggauss(nodes)
    axes = [
        np.linspace(low, high, points)
        if argument in pair
        else low + (high - low) * (abscissae + 1) / 2
        for argument, (low, high) in enumerate(zip(lower, upper, strict=True))
    ]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    values = function(grid.reshape(-1, len(axes))).reshape(grid.shape[:-1])
    for argument in reversed(range(len(axes))):
        if argument not in pair:
            values = np.tensordot(values, weights / 2, axes=(argument, 0))
    return axes[pair[0]], axes[pair[1]], values


def _by_sample(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    pair: tuple[int, int],
    points: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean over an even sample of the other arguments, the same at each point of the grid."""
    others = lower + qmc.Sobol(len(lower), rng=0).random(_SAMPLES) * (upper - lower)
    first, second = (np.linspace(lower[axis], upper[axis], points) for axis in pair)
    grid = np.tile(others, (points, points, 1, 1))
    grid[..., pair[0]] = first[:, None, None]
    grid[..., pair[1]] = second[None, :, None]
    values = function(grid.reshape(-1, len(lower))).reshape(grid.shape[:-1])
    return first, second, values.mean(axis=-1)
