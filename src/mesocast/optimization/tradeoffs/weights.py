"""The optimum as a function of the weights."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns.variables import Values  # noqa: TC001 - pydantic needs it
from mesocast.optimization.discrete import minima
from mesocast.optimization.problem import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.optimization.problem import Problem


@dataclass(frozen=True)
class WeightedOptimum:
    """The best recipe for one set of weights.

    Parameters
    ----------
    weights
        Share of each goal; they add up to 1.
    parameters
        The recipe, in percent.
    predicted
        Properties there, in the unit of the data set.
    """

    weights: dict[str, float]
    parameters: Values
    predicted: dict[str, float]


def optima_by_weights(
    problem: Problem, weights: Sequence[Mapping[str, float]]
) -> tuple[WeightedOptimum, ...]:
    """Find the best recipe for each set of weights; goals that a set does not name weigh nothing.

    Parameters
    ----------
    problem
        Its own weights are not used.
    weights
        Not all 0 in any set.
    """
    goals = tuple(problem.objective.goals)
    shares = np.array([[float(one.get(name, 0.0)) for name in goals] for one in weights])
    shares = shares / shares.sum(axis=1, keepdims=True)

    def score(distances: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        # A forbidden recipe is worse than all others, whatever the utility makes of distances.
        value = problem.objective.combined(distances, weights)
        return np.where(distances[..., 0] >= FORBIDDEN, distances[..., 0], value)

    found = minima(problem.distances, score, shares, *problem.box, problem.discrete)
    predicted = problem.properties(found.points)
    return tuple(
        WeightedOptimum(
            dict(zip(goals, shares[i].tolist(), strict=True)),
            problem.named(found.points[i]),
            {name: float(values[i]) for name, values in predicted.items()},
        )
        for i in range(len(shares))
    )


def simplex(names: Sequence[str], steps: int) -> list[dict[str, float]]:
    """All weights that are multiples of ``1 / steps`` and add up to 1."""
    cuts = itertools.combinations(range(steps + len(names) - 1), len(names) - 1)
    rows = [np.diff([-1, *cut, steps + len(names) - 1]) - 1 for cut in cuts]
    return [dict(zip(names, (row / steps).tolist(), strict=True)) for row in rows]
