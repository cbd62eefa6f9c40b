"""The recipes that a round simulates, from all electrodes before it."""

from __future__ import annotations

import math
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import PARAMETERS
from mesocast.design.rounds import (
    Proposal,
    ProposedCondition,
    ProposedSlurry,
    condition_ids,
    slurry_ids,
)
from mesocast.optimization.minima import lattice
from mesocast.optimization.problem import Problem, goals_of, limits_of
from mesocast.optimization.rounds.batch import BatchLimits, Gains, choose_batch
from mesocast.seeds import derived_seed

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.config.campaign import Campaign
    from mesocast.surrogates.methods.gaussian_process import GaussianProcess

# Compressions that are looked at per slurry; new slurries, half of them near the best recipe.
_COMPRESSIONS = 11
_NEW_SLURRIES = 64
# Half-width of "near", as a share of each parameter's range.
_NEAR = 0.1
_DECIMALS = 1


def propose(campaign: Campaign, table: pd.DataFrame, number: int) -> Proposal:
    """Choose the electrodes of a round.

    Parameters
    ----------
    campaign
        The config.
    table
        All electrodes of the design and of the rounds before, with the columns of the dataset.
    number
        Of the round, from 1.

    Raises
    ------
    InputError
        There are too few electrodes for a model of a property.
    """
    seed, settings = derived_seed(campaign.seed, f"R{number}"), campaign.rounds
    problem, processes = model(campaign, table, seed)
    lower, upper = (np.array(corner) for corner in problem.box)
    good = table[table["status"] == "ok"]
    inside = good[_is_within(good, PARAMETERS, lower, upper)]
    pair = PARAMETERS[:2]
    films = (
        good[_is_within(good, pair, lower[:2], upper[:2])].groupby("slurry_id")[list(pair)].first()
    )
    pairs = np.concatenate([films.to_numpy(float), new_slurries(problem, seed)])
    candidates, slurries = candidates_of(pairs, lower[2], upper[2])
    gains = Gains(
        problem, processes, inside[list(PARAMETERS)].to_numpy(float), candidates, seed=seed
    )
    batch, reason = choose_batch(
        gains,
        slurries,
        range(len(films)),
        BatchLimits(
            settings.slurries,
            settings.conditions,
            settings.slurry_cost,
            math.inf if settings.budget is None else settings.budget,
            settings.smallest_gain,
        ),
    )
    chosen = [candidate for choice in batch for candidate in choice.candidates]
    new = list(dict.fromkeys(c.slurry for c in batch if c.slurry >= len(films)))
    slurry_places = slurry_ids(campaign, number)
    names = dict(enumerate(films.index)) | dict(zip(new, slurry_places, strict=False))
    # Places that are left show what would come next; where there is too little, it is repeated.
    order = np.argsort(-gains.of(np.arange(len(candidates))), kind="stable").tolist()
    further = dict.fromkeys(int(slurries[i]) for i in order if slurries[i] >= len(films))
    pairs_in_order = [pairs[s].tolist() for s in dict.fromkeys([*new, *further])]
    recipes: list[tuple[str, float, float, float]] = [
        (names[int(slurries[i])], *candidates[i].tolist())
        for i in dict.fromkeys([*chosen, *order])
        if int(slurries[i]) in names
    ] or [tuple(row) for row in good[["slurry_id", *PARAMETERS]].to_numpy().tolist()]
    return Proposal(
        round=number,
        expected_gain=sum(choice.gain for choice in batch),
        cost=sum(choice.cost for choice in batch),
        slurries={
            place: ProposedSlurry(am_pct, sc_pct, "" if i < len(new) else reason)
            for i, (place, (am_pct, sc_pct)) in enumerate(
                zip(slurry_places, cycle(pairs_in_order), strict=False)
            )
        },
        conditions={
            place: ProposedCondition(*recipe, "" if i < len(chosen) else reason)
            for i, (place, recipe) in enumerate(
                zip(condition_ids(campaign, number), cycle(recipes), strict=False)
            )
        },
    )


def model(
    campaign: Campaign, table: pd.DataFrame, seed: int
) -> tuple[Problem, dict[str, GaussianProcess]]:
    """Fit a Gaussian process to all rows of each property that counts, and put the question."""
    from mesocast.optimization.objective import Objective
    from mesocast.surrogates.methods.gaussian_process import fit_gaussian_process
    from mesocast.surrogates.rows import Rows

    limits, box = limits_of(campaign), campaign.box_pct
    objective = Objective.from_table(table, goals_of(campaign), utility=campaign.optimum.utility)
    processes, spans = {}, {}
    for name in dict.fromkeys([*objective.goals, *(n for n in limits if n not in PARAMETERS)]):
        rows = Rows.from_table(table, name)
        everything = np.arange(len(rows.y))
        data = rows.training_data(everything, everything, box=rows.box(box), unit="", seed=seed)
        processes[name] = fit_gaussian_process(data)[0]
        spans[name] = float(np.ptp(rows.y))
    return Problem(processes, objective, box, limits, spans), processes


def _is_within(
    table: pd.DataFrame,
    names: tuple[str, ...],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
) -> NDArray[np.bool_]:
    values = table[list(names)].to_numpy(float)
    return np.asarray(((values >= lower) & (values <= upper)).all(axis=1))


def new_slurries(problem: Problem, seed: int) -> NDArray[np.float64]:
    """New slurries to look at, shape (n, 2): half over the whole box, half near its best recipe."""
    from scipy.stats import qmc

    lower, upper = (np.array(corner) for corner in problem.box)
    recipes = lattice(lower.tolist(), upper.tolist(), 4096)
    best = recipes[problem(recipes).argmin(), :2]
    low, high = lower[:2], upper[:2]
    unit = qmc.Sobol(2, rng=seed).random(_NEW_SLURRIES)
    near = best + _NEAR * (2 * unit[::2] - 1) * (high - low)
    pairs = np.concatenate([low + unit[1::2] * (high - low), near])
    return np.unique(np.clip(np.round(pairs, _DECIMALS), low, high), axis=0)


def candidates_of(
    pairs: NDArray[np.float64], low: float, high: float
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Each slurry at evenly spread compressions, shape (n, 3), and the slurry of each, (n,)."""
    rates = np.clip(np.round(np.linspace(low, high, _COMPRESSIONS), _DECIMALS), low, high)
    rates = np.unique(rates)
    recipes = np.column_stack([np.repeat(pairs, len(rates), axis=0), np.tile(rates, len(pairs))])
    return recipes, np.repeat(np.arange(len(pairs)), len(rates))
