"""How far the optimum moves when the surrogates had been others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesocast.optimization.discrete import minima
from mesocast.optimization.optimum.result import ScoredRecipe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.columns.variables import Value
    from mesocast.optimization.problem import Problem, Surrogate

# Coarser than for one search: the spread between models is far wider than a step.
_LATTICE_POINTS = 8000


@dataclass(frozen=True)
class OptimumSpread:
    """The optimum over an ensemble of surrogates.

    Parameters
    ----------
    optima
        The best recipe of each member, with its objective by that member.
    parameters_percentiles95
        2.5 and 97.5 % percentile of each parameter.
    properties_percentiles95
        The same of each property that the members predict at the reported recipe, in its unit.
    consensus
        The recipe with the lowest mean objective over the members, and that mean.
    loss_mean, loss_percentile95
        Of the reported recipe: its objective by a member minus the lowest one by that member.
    """

    optima: tuple[ScoredRecipe, ...]
    parameters_percentiles95: dict[str, tuple[float, float]]
    properties_percentiles95: dict[str, tuple[float, float]]
    consensus: ScoredRecipe
    loss_mean: float
    loss_percentile95: float


def spread_of_optimum(
    problem: Problem, members: Sequence[Mapping[str, Surrogate]], reported: Mapping[str, Value]
) -> OptimumSpread:
    """Search the optimum of every member of an ensemble.

    Parameters
    ----------
    problem
        Its objective, with the same scaling for all members, its bounds and constraints.
    members
        Surrogates of all properties, at least one set.
    reported
        The recipe to be judged, in percent.
    """
    problems = [replace(problem, predict={**problem.predict, **member}) for member in members]
    recipe = problem.point(reported)[None]
    optima, losses = [], []
    for one in problems:
        point, value = _lowest([one])
        optima.append(ScoredRecipe(problem.named(point), value))
        losses.append(float(one(recipe)[0]) - value)
    point, value = _lowest(problems)
    predicted = [one.properties(recipe) for one in problems]
    return OptimumSpread(
        tuple(optima),
        {
            name: _percentiles([float(o.parameters[name]) for o in optima])
            for name in problem.inputs
            if name not in problem.words
        },
        {name: _percentiles([float(p[name][0]) for p in predicted]) for name in problem.predict},
        ScoredRecipe(problem.named(point), value),
        float(np.mean(losses)),
        float(np.percentile(losses, 95)),
    )


def _lowest(problems: Sequence[Problem]) -> tuple[NDArray[np.float64], float]:
    """Minimum of the mean objective of some problems."""
    found = minima(
        lambda recipes: np.mean([one(recipes) for one in problems], axis=0)[:, None],
        lambda values, _: values[..., 0],
        np.zeros((1, 1)),
        *problems[0].box,
        problems[0].discrete,
        lattice_points=_LATTICE_POINTS,
    )
    return found.points[0], float(found.scores[0])


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5]).tolist()
    return low, high
