"""Which electrodes to make on a line next, by what was measured there so far.

The batch is chosen as that of a round of simulations is (`mesocast.optimization.rounds.batch`):
expected gain per cost over joint samples. Here the samples are of the surrogates with their
discrepancy from the line (`mesocast.surrogates.measured`), so that what is not known of the line
counts; before anything is measured, the discrepancy's prior spreads the first electrodes. What
counts is the objective alone (noisy expected improvement: Letham et al., Bayesian Anal. 14 (2019)
495): a dozen electrodes find one recipe, but no front of all trade-offs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns.variables import Discrete
from mesocast.optimization.rounds.batch import BatchLimits, Gains, choose_batch
from mesocast.optimization.rounds.propose import Axes, candidates_of, new_slurries
from mesocast.surrogates.measured.correction import correct
from mesocast.surrogates.measured.table import MeasuredTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.columns.variables import Value
    from mesocast.config.laboratory import LaboratorySettings
    from mesocast.optimization.problem import Problem
    from mesocast.surrogates.surrogate import Surrogate


@dataclass(frozen=True)
class Asked:
    """An electrode to make.

    Parameters
    ----------
    slurry
        Number of its slurry within the batch, from 1.
    recipe_pct
        Values of the problem's inputs, in the units of their columns; choices by their place.
    """

    slurry: int
    recipe_pct: tuple[float, ...]


def ask(
    problem: Problem,
    surrogates: Mapping[str, Surrogate],
    measured: MeasuredTable | None,
    asked: NDArray[np.float64],
    settings: LaboratorySettings,
    *,
    seed: int,
    axes: Axes | None = None,
    can_be_made: Callable[[Mapping[str, Value]], bool] = lambda _: True,
) -> list[Asked]:
    """Choose the electrodes to make next.

    Parameters
    ----------
    problem
        Goals, constraints and bounds; constraints on what has no surrogate (keys that follow by a
        formula) hold as they are.
    surrogates
        Of the simulated electrodes, by property; at least those of the problem.
    measured
        What was measured so far; None for nothing.
    asked
        Recipes that were asked for and are not measured, shape (p, inputs): they count as made, so
        that neither they nor their like are asked for again.
    settings
        What may be asked for.
    seed
        Of samples and candidates.
    axes
        Which inputs a film is made by; by default those of a recipe's three numbers.
    can_be_made
        Says of a recipe of each slurry whether it is one at all.

    Returns
    -------
    list
        The electrodes, slurry by slurry, the best slurry first; none where none gains anything.
    """
    needed = {name: surrogates[name] for name in problem.predict if name in surrogates}
    inputs = problem.inputs
    there = measured or MeasuredTable((), np.empty((0, len(inputs))), {}, {}, inputs=inputs)
    models = correct(needed, there, problem.bounds_pct)
    on_the_line = replace(problem, predict={**problem.predict, **models})
    candidates, slurries = _candidates(on_the_line, axes or Axes.plain(), seed)
    rules = [name for name in problem.limited if name not in surrogates]
    by_rule = replace(problem, constraints={name: problem.constraints[name] for name in rules})
    allowed = by_rule.violation(candidates) == 0
    candidates, slurries = candidates[allowed], slurries[allowed]
    numbers, first = np.unique(slurries, return_index=True)
    made = [
        n for n, i in zip(numbers, first, strict=True) if can_be_made(problem.named(candidates[i]))
    ]
    allowed = np.isin(slurries, made)
    candidates, slurries = candidates[allowed], slurries[allowed]
    if not len(candidates):
        return []
    present = np.concatenate([there.recipes_pct, asked])
    free = {name: limits for name, limits in problem.constraints.items() if name not in rules}
    gains = Gains(
        replace(on_the_line, constraints=free),
        models,
        present,
        candidates,
        seed=seed,
        with_front=False,
    )
    batch, _ = choose_batch(
        gains,
        slurries,
        (),
        BatchLimits(
            slurries=settings.slurries,
            conditions=settings.electrodes,
            slurry_cost=settings.slurry_cost,
            budget=math.inf if settings.budget is None else settings.budget,
            smallest_gain=0.0,
        ),
    )
    places = {slurry: i for i, slurry in enumerate(dict.fromkeys(c.slurry for c in batch), 1)}
    chosen = [
        Asked(places[choice.slurry], tuple(recipe))
        for choice in batch
        for recipe in candidates[list(choice.candidates)].tolist()
    ]
    return sorted(chosen, key=lambda electrode: electrode.slurry)


def _candidates(
    problem: Problem, axes: Axes, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Recipes to look at, shape (n, inputs), and the number of the slurry of each, (n,)."""
    films = new_slurries(problem, axes, seed)
    film_names = [problem.inputs[axis] for axis in axes.film]
    is_discrete = any(isinstance(bounds, Discrete) for bounds in problem.bounds_pct.values())
    if is_discrete and film_names:
        films = np.unique(_at_values(films, film_names, problem), axis=0)
    candidates, slurries = candidates_of(films, problem, axes, seed)
    if not is_discrete:
        return candidates, slurries
    candidates = _at_values(candidates, problem.inputs, problem)
    both = np.unique(np.column_stack([slurries, candidates]), axis=0)
    return both[:, 1:], both[:, 0].astype(np.intp)


def _at_values(
    values: NDArray[np.float64], names: Sequence[str], problem: Problem
) -> NDArray[np.float64]:
    """Values, shape (n, names), with the nearest that is allowed of levels and choices."""
    columns = values.copy()
    for place, name in enumerate(names):
        bounds = problem.bounds_pct[name]
        if isinstance(bounds, Discrete):
            columns[:, place] = bounds.nearest(values[:, place])
    return columns
