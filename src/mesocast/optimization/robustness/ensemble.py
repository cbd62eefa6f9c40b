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
        Of the reported recipe: its objective by a member minus that of the member's best recipe;
        none where it is lower, which only a recipe that misses the member's constraints is.
    missed_share
        Share of the members by which the reported recipe misses a constraint.
    """

    optima: tuple[ScoredRecipe, ...]
    parameters_percentiles95: dict[str, tuple[float, float]]
    properties_percentiles95: dict[str, tuple[float, float]]
    consensus: ScoredRecipe
    loss_mean: float
    loss_percentile95: float
    missed_share: float = 0.0


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
    optima, losses, missed = [], [], []
    for one in problems:
        point = _lowest([one])
        # Not the penalty of a constraint, by which the search finds it.
        own, lowest = one.value(np.stack([recipe[0], point])).tolist()
        optima.append(ScoredRecipe(problem.named(point), lowest))
        losses.append(max(own - lowest, 0.0))
        missed.append(bool(one.limited) and bool(one.violation(recipe)[0] > 0))
    point = _lowest(problems)
    value = float(np.mean([one.value(point[None]) for one in problems]))
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
        float(np.mean(missed)),
    )


def _lowest(problems: Sequence[Problem]) -> NDArray[np.float64]:
    """Recipe with the lowest mean objective of some problems."""
    found = minima(
        lambda recipes: np.mean([one(recipes) for one in problems], axis=0)[:, None],
        lambda values, _: values[..., 0],
        np.zeros((1, 1)),
        *problems[0].box,
        problems[0].discrete,
        lattice_points=_LATTICE_POINTS,
    )
    return np.asarray(found.points[0])


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5]).tolist()
    return low, high
