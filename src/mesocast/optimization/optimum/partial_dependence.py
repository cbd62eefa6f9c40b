"""Partial dependence of a cheap function, by quadrature instead of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.optimization.minima import FEW, even_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


# With more arguments, quadrature has more nodes than can be looked at: points of a grid along each
# of two, and of the sample of the others.
SAMPLED_POINTS = 15
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
    if len(lower) > FEW:
        others = even_sample(lower, upper, _SAMPLES)
        axes = [np.linspace(lower[i], upper[i], min(points, SAMPLED_POINTS)) for i in pair]
        return axes[0], axes[1], mean_over(function, others, pair, axes)
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


def mean_over(
    function: Callable[[NDArray[np.float64]], NDArray[Any]],
    others: NDArray[np.float64],
    pair: tuple[int, int],
    axes: Sequence[NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Mean of a function over the same sample of its other arguments, on a grid of two of them.

    Parameters
    ----------
    function
        Maps points, shape (n, d), to values, shape (n,).
    others
        The sample, shape (m, d); its values of the two are not looked at.
    pair, axes
        Indices of the two arguments, and the grid's values of each.

    Returns
    -------
    ndarray
        Shape (len(axes[0]), len(axes[1])).
    """
    first, second = axes
    grid = np.tile(others, (len(first), len(second), 1, 1))
    grid[..., pair[0]] = first[:, None, None]
    grid[..., pair[1]] = second[None, :, None]
    values = function(grid.reshape(-1, others.shape[1])).reshape(grid.shape[:-1])
    return np.asarray(values.mean(axis=-1))
