"""The recipes that are best in one property alone: where equations reach furthest, so err first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns.variables import Values  # noqa: TC001 - pydantic needs it
from mesocast.optimization.discrete import minima
from mesocast.optimization.objective import Aim  # noqa: TC001 - pydantic needs it
from mesocast.optimization.optimum.rounding import settable
from mesocast.storage.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mesocast.optimization.problem import Problem


@dataclass(frozen=True)
class Extreme(Record):
    """The recipe that is best in one property; the file ``extremes/<property>.json``.

    Parameters
    ----------
    property_name, direction
        The property, and what is wanted of it.
    parameters
        The recipe, rounded to what a machine can set, in percent.
    predicted
        Every property that has a surrogate, in the unit of the data set.
    """

    property_name: str
    direction: Aim
    parameters: Values
    predicted: dict[str, float]


def find_extremes(problem: Problem, resolution_pct: Mapping[str, float]) -> dict[str, Extreme]:
    """Search, for each goal, the recipe that is best in it and meets the constraints.

    Unlike the objective, which is drawn to the best simulated value, this is the best prediction
    within the bounds, wherever it lies.

    Parameters
    ----------
    problem
        Goals, surrogates, bounds and constraints.
    resolution_pct
        Smallest step of each parameter that a machine can set.

    Raises
    ------
    InputError
        A surrogate is not finite somewhere within the bounds, or no settable value lies in them.
    """
    goals = problem.objective.goals
    found = minima(
        problem.distances,
        lambda distances, wanted: (distances * wanted).sum(axis=-1),
        np.eye(len(goals)),
        *problem.box,
        problem.discrete,
    )
    extremes = {}
    for number, (name, goal) in enumerate(goals.items()):

        def distance(recipes: NDArray[np.float64], column: int = number) -> NDArray[np.float64]:
            return problem.distances(recipes)[:, column]

        recipe = settable(problem, found.points[number], resolution_pct, distance)
        predicted = problem.properties(recipe[None])
        extremes[name] = Extreme(
            name,
            goal.direction,
            problem.named(recipe),
            {each: float(values[0]) for each, values in predicted.items()},
        )
    return extremes
