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

from mesocast.columns import PARAMETERS
from mesocast.optimization.rounds.batch import BatchLimits, Gains, choose_batch
from mesocast.optimization.rounds.propose import Axes, candidates_of, new_slurries
from mesocast.surrogates.measured.correction import correct
from mesocast.surrogates.measured.table import MeasuredTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

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
        Values of ``PARAMETERS``.
    """

    slurry: int
    recipe_pct: tuple[float, float, float]


def ask(
    problem: Problem,
    surrogates: Mapping[str, Surrogate],
    measured: MeasuredTable | None,
    asked: NDArray[np.float64],
    settings: LaboratorySettings,
    *,
    seed: int,
) -> list[Asked]:
    """Choose the electrodes to make next.

    Parameters
    ----------
    problem
        Goals, constraints and bounds.
    surrogates
        Of the simulated electrodes, by property; at least those of the problem.
    measured
        What was measured so far; None for nothing.
    asked
        Recipes that were asked for and are not measured, shape (p, 3), in percent: they count as
        made, so that neither they nor their like are asked for again.
    settings
        What may be asked for.
    seed
        Of samples and candidates.

    Returns
    -------
    list
        The electrodes, slurry by slurry, the best slurry first; none where none gains anything.
    """
    needed = {name: surrogates[name] for name in problem.predict}
    there = measured or MeasuredTable((), np.empty((0, len(PARAMETERS))), {}, {})
    models = correct(needed, there, problem.bounds_pct)
    on_the_line = replace(problem, predict={**problem.predict, **models})
    axes = Axes.plain()
    pairs = new_slurries(on_the_line, axes, seed)
    candidates, slurries = candidates_of(pairs, on_the_line, axes, seed)
    present = np.concatenate([there.recipes_pct, asked])
    gains = Gains(on_the_line, models, present, candidates, seed=seed, with_front=False)
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
    numbers = {slurry: i for i, slurry in enumerate(dict.fromkeys(c.slurry for c in batch), 1)}
    chosen = [
        Asked(numbers[choice.slurry], (am, sc, cr))
        for choice in batch
        for am, sc, cr in candidates[list(choice.candidates)].tolist()
    ]
    return sorted(chosen, key=lambda electrode: electrode.slurry)
