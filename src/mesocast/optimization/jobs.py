"""The search for recipes as jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.columns import unit_of
from mesocast.dataset.package import read_dataset
from mesocast.optimization.asked import goals_of, limits_of, proposal_identity
from mesocast.optimization.problem import Problem
from mesocast.optimization.rounds.propose import propose
from mesocast.storage.layout import Layout
from mesocast.storage.once import run_once
from mesocast.surrogates.jobs import fitted_intervals, read_surrogates
from mesocast.surrogates.predict import is_near_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mesocast.config.campaign import Campaign
    from mesocast.optimization.inverse import Inversion, Wanted
    from mesocast.optimization.problem import Problem


def make_problem(campaign: Campaign, results: Path) -> Problem:
    """Put the question of the config to the surrogates.

    Raises
    ------
    InputError
        Dataset or surrogates are missing or broken.
    """
    from mesocast.optimization.asked import with_formulas
    from mesocast.optimization.objective import Objective
    from mesocast.optimization.problem import Problem

    surrogates = read_surrogates(campaign, results)
    problem = Problem(
        predict={name: surrogate.model for name, surrogate in surrogates.items()},
        objective=Objective.from_table(
            read_dataset(results), goals_of(campaign), utility=campaign.optimum.utility
        ),
        bounds_pct=campaign.box_pct,
        constraints=limits_of(campaign),
        spans={name: surrogate.span for name, surrogate in surrogates.items()},
        fixed=campaign.fixed,
    )
    return with_formulas(problem, campaign)


def run_optimum(campaign: Campaign, results: Path) -> None:
    """Minimize the objective on the surrogates and write ``optimum.json``.

    Raises
    ------
    InputError
        Dataset or surrogates are missing or broken.
    """
    from dataclasses import replace

    from mesocast.optimization.optimum.find import find_optimum
    from mesocast.optimization.optimum.flat import find_flat
    from mesocast.seeds import derived_seed

    problem = make_problem(campaign, results)
    trace = Layout(results).optimum_trace
    trace.parent.mkdir(exist_ok=True)
    optimum = find_optimum(
        problem,
        evaluations=campaign.optimum.evaluations,
        seed=derived_seed(campaign.seed, "optimum"),
        resolution_pct=campaign.resolution,
        trace_path=trace,
    )
    is_near_data(read_surrogates(campaign, results), optimum.parameters)
    flat = find_flat(
        problem,
        read_dataset(results),
        optimum.parameters,
        seeds=campaign.optimum.compared_seeds,
    )
    replace(optimum, flat=flat).write(Layout(results).optimum)


def run_extremes(campaign: Campaign, results: Path) -> None:
    """Search the recipes that are best in one property; write ``extremes/<property>.json``.

    Raises
    ------
    InputError
        Dataset or surrogates are missing or broken.
    """
    from mesocast.optimization.tradeoffs.extremes import find_extremes

    found = find_extremes(make_problem(campaign, results), campaign.resolution)
    layout = Layout(results)
    for name, extreme in found.items():
        layout.extreme(name).parent.mkdir(exist_ok=True)
        extreme.write(layout.extreme(name))


def run_tradeoffs(campaign: Campaign, results: Path) -> None:
    """Search the Pareto front and the optima for other weights; write ``tradeoffs.json``.

    Raises
    ------
    InputError
        Dataset or surrogates are missing or broken.
    """
    from mesocast.optimization.tradeoffs.result import find_tradeoffs

    find_tradeoffs(make_problem(campaign, results), campaign.optimum).write(
        Layout(results).tradeoffs
    )


def run_robustness(campaign: Campaign, results: Path) -> None:
    """Fit the surrogates again and hold the optimum against them; write ``robustness.json``.

    Raises
    ------
    InputError
        Dataset, surrogates or optimum are missing or broken.
    """
    from mesocast.optimization.optimum.result import Optimum
    from mesocast.optimization.robustness.tolerance import judge_robustness
    from mesocast.optimization.robustness.variants import find_variants
    from mesocast.seeds import derived_seed
    from mesocast.surrogates.evidence.refit import refit_on_other_seeds, refit_on_slurries

    surrogates, table = read_surrogates(campaign, results), read_dataset(results)
    box, count = campaign.box_pct, campaign.optimum.ensemble
    problem, optimum = make_problem(campaign, results), Optimum.read(Layout(results).optimum)
    seed = derived_seed(campaign.seed, "robustness")
    judge_robustness(
        problem,
        optimum,
        campaign.tolerance,
        over_slurries=refit_on_slurries(surrogates, table, box, count, seed=seed),
        over_seeds=refit_on_other_seeds(surrogates, table, box, count, seed=seed),
        variants=find_variants(problem, surrogates, table, optimum.parameters),
    ).write(Layout(results).robustness)


def run_inverse(campaign: Campaign, results: Path, wanted: Mapping[str, Wanted]) -> dict[str, Any]:
    """Search the recipes that reach wanted properties.

    Returns
    -------
    dict
        The :class:`mesocast.optimization.inverse.Inversion` and the properties' units, in types of
        JSON.

    Raises
    ------
    InputError
        Nothing is wanted, or something unknown, or dataset, surrogates or validations are missing.
    """
    from mesocast.optimization.inverse import invert

    surrogates = read_surrogates(campaign, results)
    problem = make_problem(campaign, results)
    inversion: Inversion = invert(
        surrogates,
        fitted_intervals(campaign, results),
        {name: surrogate.span for name, surrogate in surrogates.items()},
        problem.narrowed_pct,
        wanted,
        missed=problem.violation,
    )
    return {"units": {name: unit_of(name) for name in surrogates}, **inversion.to_dict()}


def run_proposal(campaign: Campaign, results: Path, number: int, rows: Sequence[Path]) -> None:
    """Choose the electrodes of a round and write its ``proposal.json``.

    A proposal stays as it is when electrodes are added to the design: what it asked for is paid.
    It is made again when what is wanted, or the physics, changes.

    Parameters
    ----------
    campaign, results, number
        The campaign, its results folder, and the number of the round.
    rows
        Files that hold the rows of all electrodes before it.

    Raises
    ------
    InputError
        A row is missing or broken, or there are too few of them.
    """
    from mesocast.dataset.calendered import with_calendering
    from mesocast.storage.rows import gather, with_cells

    output = Layout(results).proposal(number)

    def produce(scratch: Path) -> None:
        table = with_calendering(gather(rows), results)
        if campaign.cell.enabled:
            table = with_cells(table, results)
        propose(campaign, table, number).write(scratch / output.name)

    identity = proposal_identity(campaign, number)
    # Viscosity makes no row, but was part of the identity until version 0.1.
    with_viscosity = {**identity, "physics": [*identity["physics"], campaign.physics("viscosity")]}
    run_once(
        output.parent,
        "proposal",
        identity,
        (output.name,),
        produce,
        earlier=[with_viscosity],
    )
