"""Recipes that a machine can set."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import unit_of
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.columns.variables import Discrete
    from mesocast.optimization.problem import Problem


# Of more parameters, only the two settable values next to each are looked at.
_FEW = 6


def settable(
    problem: Problem,
    point: NDArray[np.float64],
    resolution_pct: Mapping[str, float],
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
) -> NDArray[np.float64]:
    """Best settable recipe around a point, shape (inputs,).

    Of the four settable values next to it along each parameter (two where there are more than six
    parameters), the combination that is best: rounding each number by itself can break a
    constraint that the point just meets. A parameter that is held fixed keeps its value. Best is
    what makes ``function`` of recipes, shape (n, inputs), lowest; ``None``: the problem itself.

    Raises
    ------
    InputError
        A resolution is not above 0, or no settable value lies within the bounds.
    """
    reach = (-1, 0, 1, 2) if len(point) <= _FEW else (0, 1)
    axes: list[Sequence[float]] = []
    discrete = problem.discrete
    for axis, (name, value, low, high) in enumerate(
        zip(problem.inputs, point, *problem.box, strict=True)
    ):
        if axis in discrete:
            axes.append(_levels(discrete[axis], value))
            continue
        step = resolution_pct[name] if name in resolution_pct else fine_step(low, high)
        if not (math.isfinite(step) and step > 0):
            raise InputError(f"optimizer: resolution_pct of {name} is {step!r}; allowed: above 0")
        axes.append([low] if low == high else _neighbours(name, value, low, high, step, reach))
    candidates = np.array(list(itertools.product(*axes)))
    # Of equally good ones the nearest.
    extent = np.array([np.subtract(*problem.bounds_pct[name][::-1]) for name in problem.inputs])
    distance = np.linalg.norm((candidates - point) / extent, axis=1)
    candidates = candidates[np.argsort(distance, kind="stable")]
    return np.asarray(candidates[(function or problem)(candidates).argmin()])


def _levels(one: Discrete, value: float) -> Sequence[float]:
    """The choice that was found, or the levels on both sides of a value."""
    nearest = float(one.nearest(value))
    if one.words or nearest == value:
        return [nearest]
    place = one.allowed.index(nearest)
    return one.allowed[max(place - 1, 0) : place + 2]


def fine_step(low: float, high: float) -> float:
    """Step of a parameter of which nobody said how finely it can be set: a decimal power.

    It divides the range into a hundred to a thousand parts.

    Examples
    --------
    >>> fine_step(5.0, 30.0), fine_step(0.0, 0.4)
    (0.1, 0.001)
    """
    return float(10.0 ** (math.floor(math.log10(high - low)) - 2)) if high > low else 1.0


def _neighbours(
    name: str, value: float, low: float, high: float, step: float, reach: Sequence[int]
) -> Sequence[float]:
    # A bound that is a multiple of the step must count as one despite its binary rounding.
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if first > last:
        unit = f" {unit_of(name).removeprefix('wt ')}".rstrip()
        raise InputError(f"optimizer: no multiple of {step}{unit} lies in {name} [{low}, {high}]")
    below = math.floor(value / step)
    numbers = {min(max(below + i, first), last) for i in reach}
    return [round(number * step, 10) for number in sorted(numbers)]
