"""The recipes that a round simulates, from all electrodes before it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import PARAMETERS, is_variable
from mesocast.design.rounds import (
    Proposal,
    ProposedCondition,
    ProposedSlurry,
    condition_ids,
    slurry_ids,
)
from mesocast.design.sampling import Space
from mesocast.optimization.asked import goals_of, limits_of, with_formulas
from mesocast.optimization.discrete import even_sample, in_shares, lattice, snapped
from mesocast.optimization.problem import Problem
from mesocast.optimization.rounds.batch import BatchLimits, Gains, choose_batch
from mesocast.seeds import derived_seed
from mesocast.surrogates.rows import with_places

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign
    from mesocast.surrogates.methods.gaussian_process import GaussianProcess

# Compressions that are looked at per slurry; new slurries, half of them near the best recipe.
_COMPRESSIONS = 11
_SAMPLED = 32
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
    good = with_places(table[table["status"] == "ok"], problem.words)
    inside = good[_is_within(good, problem.inputs, lower, upper)]
    shared = Axes.of(campaign, problem)
    own = list(shared.film)
    film_names = tuple(problem.inputs[axis] for axis in own)
    films = (
        good[_is_within(good, film_names, lower[own], upper[own])]
        .groupby("slurry_id")[list(film_names)]
        .first()
    )
    pairs = np.concatenate([films.to_numpy(float), new_slurries(problem, shared, seed)])
    candidates, slurries = candidates_of(pairs, problem, shared, seed)
    if campaign.design.formulas:
        free = replace(problem, constraints={}, spans={})
        allowed = with_formulas(free, campaign).violation(candidates) == 0
        candidates, slurries = candidates[allowed], slurries[allowed]
    gains = Gains(
        problem, processes, inside[list(problem.inputs)].to_numpy(float), candidates, seed=seed
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
    recipes = [
        (names[int(slurries[i])], problem.named(candidates[i]))
        for i in dict.fromkeys([*chosen, *order])
        if int(slurries[i]) in names
    ] or [
        (str(name), problem.named(np.array(row)))
        for name, *row in good[["slurry_id", *problem.inputs]].to_numpy().tolist()
    ]

    def slurry(pair: list[float], skipped: str) -> ProposedSlurry:
        recipe: dict[str, Value] = {**campaign.fixed}
        for name, value in zip(film_names, pair, strict=True):
            own_words = problem.words.get(name)
            recipe[name] = own_words[round(value)] if own_words else value
        further: dict[str, Value] = {n: v for n, v in recipe.items() if is_variable(n)}
        am_pct, sc_pct = (float(recipe[name]) for name in PARAMETERS[:2])
        return ProposedSlurry(am_pct, sc_pct, skipped, further)

    def condition(slurry_id: str, recipe: dict[str, Value], skipped: str) -> ProposedCondition:
        further: dict[str, Value] = {
            n: v for n, v in recipe.items() if is_variable(n) and n not in film_names
        }
        am_pct, sc_pct, cr_pct = (float(recipe[name]) for name in PARAMETERS)
        return ProposedCondition(slurry_id, am_pct, sc_pct, cr_pct, skipped, further)

    return Proposal(
        round=number,
        expected_gain=sum(choice.gain for choice in batch),
        cost=sum(choice.cost for choice in batch),
        slurries={
            place: slurry(pair, "" if i < len(new) else reason)
            for i, (place, pair) in enumerate(
                zip(slurry_places, cycle(pairs_in_order), strict=False)
            )
        },
        conditions={
            place: condition(*recipe, "" if i < len(chosen) else reason)
            for i, (place, recipe) in enumerate(
                zip(condition_ids(campaign, number), cycle(recipes), strict=False)
            )
        },
    )


@dataclass(frozen=True)
class Axes:
    """Numbers of the inputs that a film is made by, and of those that its electrodes differ in.

    ``decimals`` has one number per input: how finely candidates are told.
    """

    film: tuple[int, ...]
    later: tuple[int, ...]
    decimals: tuple[int, ...]

    @classmethod
    def plain(cls) -> Axes:
        """Of a recipe's three numbers: two for the slurry, and the compression."""
        return cls((0, 1), (2,), (_DECIMALS,) * 3)

    @classmethod
    def of(cls, campaign: Campaign, problem: Problem) -> Axes:
        """Of a campaign, by the stages of its variables."""
        space, own = Space.of(campaign), campaign.design.variables
        film = {*space.slurry, *space.drying}
        return cls(
            tuple(i for i, name in enumerate(problem.inputs) if name in film),
            tuple(i for i, name in enumerate(problem.inputs) if name not in film),
            tuple(own[n].decimals - 1 if n in own else _DECIMALS for n in problem.inputs),
        )

    def rounded(
        self, values: NDArray[np.float64], axes: tuple[int, ...], problem: Problem
    ) -> NDArray[np.float64]:
        """Values of some inputs, shape (n, axes), with their decimals and within the bounds."""
        lower, upper = (np.array(corner)[list(axes)] for corner in problem.box)
        columns = [
            np.round(values[:, place], self.decimals[axis]) for place, axis in enumerate(axes)
        ]
        if not columns:
            return values
        allowed = problem.discrete
        own = {place: allowed[axis] for place, axis in enumerate(axes) if axis in allowed}
        return snapped(np.clip(np.stack(columns, axis=1), lower, upper), own)


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
    own = {*PARAMETERS, *campaign.design.variables}
    for name in dict.fromkeys([*objective.goals, *(n for n in limits if n not in own)]):
        rows = Rows.from_table(table, name, box)
        everything = np.arange(len(rows.y))
        data = rows.training_data(everything, everything, box=rows.box(box), unit="", seed=seed)
        processes[name] = fit_gaussian_process(data)[0]
        spans[name] = float(np.ptp(rows.y))
    return Problem(processes, objective, box, limits, spans, campaign.fixed), processes


def _is_within(
    table: pd.DataFrame,
    names: tuple[str, ...],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
) -> NDArray[np.bool_]:
    values = table[list(names)].to_numpy(float)
    return np.asarray(((values >= lower) & (values <= upper)).all(axis=1))


def new_slurries(problem: Problem, axes: Axes, seed: int) -> NDArray[np.float64]:
    """New slurries to look at, shape (n, inputs of a film).

    Half lie over the whole box, half near its best recipe.
    """
    from scipy.stats import qmc

    if not axes.film:
        return np.zeros((1, 0))
    lower, upper = (np.array(corner) for corner in problem.box)
    recipes = lattice(lower.tolist(), upper.tolist(), problem.discrete, 4096)
    own = list(axes.film)
    best = recipes[problem(recipes).argmin(), own]
    low, high = lower[own], upper[own]
    unit = qmc.Sobol(len(own), rng=seed).random(_NEW_SLURRIES)
    near = best + _NEAR * (2 * unit[::2] - 1) * (high - low)
    allowed = {place: problem.discrete[a] for place, a in enumerate(own) if a in problem.discrete}
    everywhere = in_shares(low + unit[1::2] * (high - low), unit[1::2], allowed)
    pairs = np.concatenate([everywhere, near])
    return np.unique(axes.rounded(pairs, axes.film, problem), axis=0)


def candidates_of(
    pairs: NDArray[np.float64], problem: Problem, axes: Axes, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Each slurry with what its electrodes may differ in, shape (n, inputs), and its number, (n,).

    Evenly spread compressions; where electrodes differ in more, an even sample of it.
    """
    own = list(axes.later)
    low, high = (np.array(corner)[own] for corner in problem.box)
    allowed = {place: problem.discrete[a] for place, a in enumerate(own) if a in problem.discrete}
    if len(own) == 1:
        values = np.linspace(low, high, _COMPRESSIONS)
        if allowed:
            values = np.array(allowed[0].allowed)[:, None]
    elif own:
        values = even_sample(low.tolist(), high.tolist(), allowed, _SAMPLED, seed=seed)
    else:
        values = np.zeros((1, 0))
    rates = axes.rounded(values, axes.later, problem)
    if own:
        rates = np.unique(rates, axis=0)
    recipes = np.empty((len(pairs) * len(rates), len(problem.inputs)))
    recipes[:, list(axes.film)] = np.repeat(pairs, len(rates), axis=0)
    recipes[:, own] = np.tile(rates, (len(pairs), 1))
    return recipes, np.repeat(np.arange(len(pairs)), len(rates))
