"""From surrogates to the recipe to make next."""

from __future__ import annotations

import itertools
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns import PARAMETERS
from mesocast.errors import InputError
from mesocast.optimization.discrete import global_minimum, lattice, minima, snapped
from mesocast.optimization.hedge import minimize
from mesocast.optimization.hedge.acquisition import ACQUISITIONS
from mesocast.optimization.minima import FEW
from mesocast.optimization.optimum.partial_dependence import partial_dependence
from mesocast.optimization.optimum.result import (
    ConstraintState,
    Evaluation,
    Optimum,
    PartialDependence,
    ScoredRecipe,
    Search,
)
from mesocast.optimization.optimum.rounding import fine_step, settable
from mesocast.optimization.problem import at_choices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.optimization.hedge.minimize import HedgeSettings
    from mesocast.optimization.hedge.trace import Visit
    from mesocast.optimization.problem import Problem

_LOGGER = logging.getLogger(__name__)

RESOLUTION_PCT = dict.fromkeys(PARAMETERS, 0.1)

# With a larger regret, as a share of the objective's range, the search has missed the optimum.
_LARGE_REGRET = 1e-4
# What the published rule, which knows no constraints, sees in place of one: the objective is of
# the order of 1, and so is a violation, which is in units of a property's range.
_PENALTY = 10.0


def find_optimum(
    problem: Problem,
    *,
    evaluations: int = 300,
    seed: int = 0,
    settings: HedgeSettings | None = None,
    resolution_pct: Mapping[str, float] = RESOLUTION_PCT,
    trace_path: Path | None = None,
) -> Optimum:
    """Minimize the objective on the surrogates by GP-Hedge, and hold the result against the truth.

    With constraints on properties, levels or choices, of which the published rule knows nothing,
    the result is that of the exhaustive search, and what GP-Hedge found (at the best choices) is
    kept beside it with its regret. Where the constraints leave nothing, it is the recipe that comes
    nearest to them. So it is with more than three design variables, of which 300 evaluations see
    too little.

    Parameters
    ----------
    problem
        Objective, surrogates, bounds and constraints.
    evaluations, seed, settings, trace_path
        See `mesocast.optimization.hedge.minimize.minimize`.
    resolution_pct
        Smallest step of each parameter that a machine can set.

    Raises
    ------
    InputError
        A surrogate is not finite somewhere within the bounds, the constraints hold all parameters
        fixed, or no settable value lies within the bounds.
    """
    # First the grid: it is quick and meets a surrogate that is not finite before the search does.
    truth, span = _truth(problem)
    settings = settings or minimize.HedgeSettings()
    # The published rule knows no choices: it searches the numbers at the best of them.
    held = at_choices(problem, problem.named(truth))
    visits = _search(
        held, evaluations=evaluations, seed=seed, settings=settings, trace_path=trace_path
    )
    points = np.array([problem.point(held.named(visit.point)) for visit in visits])
    # The rule knows no constraints on properties; near a boundary its points are too far apart.
    visited = points[problem(points).argmin()]
    # With more design variables, the published rule is held against the truth but does not decide.
    is_searched = bool(problem.limited or problem.discrete) or len(problem.inputs) > FEW
    best = truth if is_searched else visited
    rounded = settable(problem, best, resolution_pct)
    value, exact, lowest = problem.value(np.stack([rounded, best, truth])).tolist()
    search = _held_against(problem, visited, truth, span)
    if best is visited and (search.relative_regret or 0.0) > _LARGE_REGRET:
        _LOGGER.warning(
            "GP-Hedge missed the optimum by %.1e of the objective's range", search.relative_regret
        )
    missed = problem.missed(problem.named(rounded))
    is_rounding_to_blame = bool(missed) and not problem.missed(problem.named(best))
    for name, found in missed.items():
        _LOGGER.warning(
            "%s meets all constraints; the nearest has %s = %g",
            "no recipe in the steps near the best one" if is_rounding_to_blame else "no recipe",
            name,
            found,
        )
    predicted = problem.properties(rounded[None])
    return Optimum(
        parameters=problem.named(rounded),
        predicted={name: float(values[0]) for name, values in predicted.items()},
        objective=value,
        method="exhaustive_search" if is_searched else "gp_hedge",
        settings={"evaluations": evaluations, "seed": seed, **vars(settings)},
        objective_definition=problem.objective,
        bounds_pct={name: held.bounds_pct[name] for name in held.inputs},
        choices=problem.words,
        constraints={
            name: ConstraintState.of(limits, name not in missed)
            for name, limits in problem.constraints.items()
        },
        exact=ScoredRecipe(problem.named(best), exact),
        resolution_pct={
            name: resolution_pct[name]
            if name in resolution_pct
            else fine_step(*problem.bounds_pct[name])
            for name in held.inputs
        },
        rounding_loss=value - exact,
        truth=ScoredRecipe(problem.named(truth), lowest),
        objective_range=span,
        search=search,
        trace=tuple(
            Evaluation(
                held.named(visit.point),
                objective,
                violation,
                visit.acquisition,
                dict(zip(ACQUISITIONS, visit.probabilities, strict=False)),
            )
            for visit, objective, violation in zip(
                visits,
                problem.value(points).tolist(),
                problem.violation(points).tolist(),
                strict=True,
            )
        ),
        partial_dependence=_partial_dependence(
            held.value,
            held.inputs,
            *zip(*(held.bounds_pct[name] for name in held.inputs), strict=True),
        ),
        is_rounding_to_blame=is_rounding_to_blame,
    )


def best_recipe(
    problem: Problem, resolution_pct: Mapping[str, float] = RESOLUTION_PCT
) -> NDArray[np.float64]:
    """Best settable recipe by looking everywhere, shape (inputs,).

    Raises
    ------
    InputError
        A surrogate is not finite somewhere within the bounds, or no settable value lies there.
    """
    return settable(problem, _lowest(problem), resolution_pct)


def _truth(problem: Problem) -> tuple[NDArray[np.float64], float]:
    """Global minimum, shape (inputs,), and the range of the objective in the box."""
    lower, upper = problem.box
    if not problem.constraints:
        found = global_minimum(problem, lower, upper, problem.discrete)
        return np.array(found.point), found.span
    best = _lowest(problem)
    highest = float(problem.value(lattice(lower, upper, problem.discrete)).max())
    return best, highest - float(problem.value(best[None])[0])


def _lowest(problem: Problem) -> NDArray[np.float64]:
    lower, upper = problem.box
    found = minima(
        lambda recipes: problem(recipes)[:, None],
        lambda values, _: values[..., 0],
        np.zeros((1, 1)),
        lower,
        upper,
        problem.discrete,
    )
    point = np.asarray(found.points[0])
    if len(lower) > FEW:
        # Clouds see little of many parameters, and a polished minimum stops where constraints bend.
        polished = global_minimum(problem, lower, upper, problem.discrete).point
        both = np.stack([point, polished])
        point = both[problem(both).argmin()]
    return point


def _held_against(
    problem: Problem, visited: NDArray[np.float64], truth: NDArray[np.float64], span: float
) -> Search:
    """Hold the best recipe that the published rule visited against the truth; shapes (inputs,)."""
    both = np.stack([visited, truth])
    value, lowest = problem.value(both).tolist()
    violations = problem.violation(both)
    regret = None if violations.any() else value - lowest
    return Search(
        best=ScoredRecipe(problem.named(visited), value),
        violation=float(violations[0]),
        regret=regret,
        relative_regret=None if regret is None else regret / span if span > 0 else 0.0,
    )


def _search(problem: Problem, **request: Any) -> list[Visit]:
    """Run the published rule over the parameters that are not held fixed."""
    lower, upper = map(np.array, problem.box)
    free = lower < upper
    if not free.any():
        raise InputError(
            "optimizer: the constraints hold all parameters fixed; allowed: at least one free"
        )

    def whole(points: NDArray[np.float64]) -> NDArray[np.float64]:
        recipes = np.tile(lower, (len(points), 1))
        recipes[:, free] = points
        return snapped(recipes, problem.discrete)

    def function(points: NDArray[np.float64]) -> NDArray[np.float64]:
        recipes = whole(points)
        return problem.value(recipes) + _PENALTY * problem.violation(recipes)

    visits = minimize.minimize(function, lower[free].tolist(), upper[free].tolist(), **request)
    return [
        replace(visit, point=tuple(whole(np.array([visit.point]))[0].tolist())) for visit in visits
    ]


def _partial_dependence(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    names: tuple[str, ...],
    lower: tuple[float, ...],
    upper: tuple[float, ...],
) -> tuple[PartialDependence, ...]:
    panels = []
    for pair in itertools.combinations(range(len(names)), 2):
        first, second, values = partial_dependence(function, lower, upper, pair)
        panels.append(
            PartialDependence(
                names[pair[0]],
                names[pair[1]],
                tuple(first.tolist()),
                tuple(second.tolist()),
                tuple(map(tuple, values.tolist())),
            )
        )
    return tuple(panels)
