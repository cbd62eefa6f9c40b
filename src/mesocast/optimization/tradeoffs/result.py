"""What is traded for what: the Pareto front, and the optimum as a function of the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesocast.columns.variables import Values  # noqa: TC001 - pydantic needs it
from mesocast.optimization.applications import applications
from mesocast.optimization.discrete import lattice
from mesocast.optimization.tradeoffs.front import is_non_dominated, pareto_front
from mesocast.optimization.tradeoffs.weights import WeightedOptimum, optima_by_weights, simplex
from mesocast.storage.record import Record

if TYPE_CHECKING:
    from mesocast.config.optimization import OptimumSettings
    from mesocast.optimization.problem import Problem

_LATTICE_POINTS = 4096
_SIMPLEX_STEPS = 10


@dataclass(frozen=True)
class FrontRecipe:
    """A recipe of the front, in percent, and its properties, in the unit of the data set."""

    parameters: Values
    predicted: dict[str, float]


@dataclass(frozen=True)
class Tradeoffs(Record):
    """The properties against each other; the file ``tradeoffs.json``.

    Parameters
    ----------
    objectives
        What is wanted of each property of the front.
    hypervolume
        Volume that the front dominates, up to the worst simulated value of each property, in units
        of the properties' ranges in the data set.
    front
        Recipes of which none is worse in all properties than another, at most 1024.
    knee
        The recipe of the front that gives up least (`mesocast.optimization.tradeoffs.front.knee`).
    non_dominated_share
        Share of the recipes within the bounds and constraints that lie on the front. With few
        objectives it is near 0; with as many as parameters or more it is not, and the front alone
        decides little.
    by_application
        The optimum for each use of which a goal counts here, with its weights.
    by_emphasis
        The optimum when one goal's weight is doubled, by that goal.
    by_weights
        The optimum for evenly spread weights.
    """

    objectives: dict[str, str]
    hypervolume: float
    front: tuple[FrontRecipe, ...]
    knee: FrontRecipe | None
    non_dominated_share: float
    by_application: dict[str, WeightedOptimum]
    by_emphasis: dict[str, WeightedOptimum]
    by_weights: tuple[WeightedOptimum, ...]


def find_tradeoffs(problem: Problem, settings: OptimumSettings | None = None) -> Tradeoffs:
    """Search the front of the problem's goals and the optima for other weights.

    Applications keep the directions of the problem's goals and drop what is no goal; those of
    which nothing is left are left out.

    Parameters
    ----------
    problem
        The question.
    settings
        Give the applications their rate; None: the default.
    """
    goals = problem.objective.goals
    front = pareto_front(problem.distances, [1.0] * len(goals), *problem.box, problem.discrete)
    predicted = problem.properties(front.points) if len(front.points) else {}
    recipes = tuple(
        FrontRecipe(problem.named(point), {name: float(v[i]) for name, v in predicted.items()})
        for i, point in enumerate(front.points)
    )
    grid = lattice(*problem.box, problem.discrete, _LATTICE_POINTS)
    possible = grid[problem.violation(grid) == 0]
    weights = {name: goal.weight for name, goal in goals.items()}
    uses = {
        name: shared
        for name, one in applications(settings).items()
        if any((shared := {g: w.weight for g, w in one.goals.items() if g in goals}).values())
    }
    emphasis = {name: {**weights, name: 2 * weights[name]} for name in goals if weights[name]}
    spread = simplex(tuple(goals), _SIMPLEX_STEPS)
    optima = optima_by_weights(problem, [*uses.values(), *emphasis.values(), *spread])
    cut = len(uses) + len(emphasis)
    return Tradeoffs(
        objectives={name: goal.wanted for name, goal in goals.items()},
        hypervolume=front.hypervolume,
        front=recipes,
        knee=recipes[front.knee] if recipes else None,
        non_dominated_share=(
            float(is_non_dominated(problem.distances(possible)).mean()) if len(possible) else 0.0
        ),
        by_application=dict(zip(uses, optima, strict=False)),
        by_emphasis=dict(zip(emphasis, optima[len(uses) :], strict=False)),
        by_weights=optima[cut:],
    )
