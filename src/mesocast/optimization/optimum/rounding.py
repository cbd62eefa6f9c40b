"""Recipes that a machine can set."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import PARAMETERS
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.optimization.problem import Problem


def settable(
    problem: Problem,
    point: NDArray[np.float64],
    resolution_pct: Mapping[str, float],
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
) -> NDArray[np.float64]:
    """Best settable recipe around a point, shape (3,).

    Of the four settable values next to it along each parameter, the combination that is best:
    rounding each number by itself can break a constraint that the point just meets. A parameter
    that is held fixed keeps its value. Best is what makes ``function`` of recipes, shape (n, 3),
    lowest; ``None``: the problem itself.

    Raises
    ------
    InputError
        A resolution is not above 0, or no settable value lies within the bounds.
    """
    axes = []
    for name, value, low, high in zip(PARAMETERS, point, *problem.box, strict=True):
        step = resolution_pct[name]
        if not (math.isfinite(step) and step > 0):
            raise InputError(f"optimizer: resolution_pct of {name} is {step!r}; allowed: above 0")
        axes.append([low] if low == high else _neighbours(name, value, low, high, step))
    candidates = np.array(list(itertools.product(*axes)))
    # Of equally good ones the nearest.
    extent = np.array([high - low for low, high in problem.bounds_pct.values()])
    distance = np.linalg.norm((candidates - point) / extent, axis=1)
    candidates = candidates[np.argsort(distance, kind="stable")]
    return np.asarray(candidates[(function or problem)(candidates).argmin()])


def _neighbours(name: str, value: float, low: float, high: float, step: float) -> Sequence[float]:
    # A bound that is a multiple of the step must count as one despite its binary rounding.
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if first > last:
        raise InputError(f"optimizer: no multiple of {step} % lies in {name} [{low}, {high}]")
    below = math.floor(value / step)
    numbers = {min(max(below + i, first), last) for i in (-1, 0, 1, 2)}
    return [round(number * step, 10) for number in sorted(numbers)]
