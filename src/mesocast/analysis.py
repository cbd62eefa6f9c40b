"""From the dataset to equations, and from these to recipes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mesocast.properties import unit_of

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.config import Campaign
    from mesocast.optimization.objective import Goal
    from mesocast.optimization.problem import Limits, Problem
    from mesocast.surrogates.fit import Surrogate


def box_pct(campaign: Campaign) -> dict[str, tuple[float, float]]:
    """Bounds of the recipe's three numbers."""
    design = campaign.design
    return {
        name: (bounds.min, bounds.max)
        for name, bounds in (
            ("am_pct", design.am_pct),
            ("sc_pct", design.sc_pct),
            ("cr_pct", design.cr_pct),
        )
    }


def surrogate_path(results: Path, method: str, name: str) -> Path:
    """File of one property's surrogate."""
    return results / "surrogates" / method / f"{name}.json"


def validation_path(results: Path, method: str, name: str) -> Path:
    """File of the validation of one property's surrogate."""
    return surrogate_path(results, method, name).with_name(f"{name}.validation.json")


def method_settings(campaign: Campaign, method: str) -> dict[str, Any]:
    """Settings of a method that the config knows."""
    if method != "sisso":
        return {}
    settings = campaign.surrogates
    return {
        "rung": settings.rung,
        "max_dimension": settings.dimension,
        "subspace_size": settings.subspace_size,
    }


def fit_one(campaign: Campaign, results: Path, name: str, method: str | None = None) -> None:
    """Fit the surrogate of one property, validate it, and write both.

    Parameters
    ----------
    campaign, results
        The config and the campaign's folder.
    name
        Property.
    method
        ``None``: the campaign's.

    Raises
    ------
    InputError
        The dataset is missing or does not carry a fit.
    """
    from dataclasses import replace

    from mesocast import dataset
    from mesocast.design import derived_seed
    from mesocast.surrogates.fit import fit_surrogate
    from mesocast.surrogates.validation import validate

    method = method or campaign.surrogates.method
    table, box = dataset.read(results), box_pct(campaign)
    surrogate = fit_surrogate(
        table,
        name,
        seed=derived_seed(campaign.seed, "surrogates"),
        method=method,
        settings=method_settings(campaign, method),
        test_share=campaign.surrogates.test_share,
        box_pct=box,
        unit=unit_of(name),
    )
    validation = validate(surrogate, table, splits=campaign.surrogates.splits, box_pct=box)
    validation.write(validation_path(results, method, name))
    surrogate = replace(surrogate, test_r2_over_splits=validation.test_r2)
    surrogate.write(surrogate_path(results, method, name))


def read_surrogates(campaign: Campaign, results: Path) -> dict[str, Surrogate]:
    """Read the surrogates of all modelled properties."""
    from mesocast.surrogates.fit import Surrogate

    method = campaign.surrogates.method
    return {
        name: Surrogate.read(surrogate_path(results, method, name)) for name in campaign.modelled
    }


def wanted(campaign: Campaign) -> dict[str, Goal]:
    """Goals of the config: its own, or those of its application."""
    from mesocast.optimization.applications import APPLICATIONS
    from mesocast.optimization.objective import Goal

    settings = campaign.optimum
    own: dict[str, Goal] = {
        name: Goal(goal.direction, goal.weight) for name, goal in settings.goals.items()
    }
    return own or APPLICATIONS[settings.application].goals


def constraints(campaign: Campaign) -> dict[str, Limits]:
    """Limits that the config sets on parameters and properties."""
    from mesocast.optimization.problem import Limits

    return {
        name: Limits(
            -math.inf if limit.min is None else limit.min,
            math.inf if limit.max is None else limit.max,
        )
        for name, limit in campaign.optimum.constraints.items()
    }


def make_problem(campaign: Campaign, results: Path) -> Problem:
    """Put the question of the config to the surrogates.

    Raises
    ------
    InputError
        Dataset or surrogates are missing or broken.
    """
    from mesocast import dataset
    from mesocast.optimization.objective import Objective
    from mesocast.optimization.problem import Problem

    surrogates = read_surrogates(campaign, results)
    return Problem(
        predict={name: surrogate.model for name, surrogate in surrogates.items()},
        objective=Objective.from_table(dataset.read(results), wanted(campaign)),
        bounds_pct=box_pct(campaign),
        constraints=constraints(campaign),
        spans={name: surrogate.span for name, surrogate in surrogates.items()},
    )


def find_recipe(campaign: Campaign, results: Path) -> None:
    """Minimize the objective on the surrogates and write ``optimum.json``.

    Raises
    ------
    InputError
        Dataset or surrogates are missing or broken.
    """
    from mesocast.design import derived_seed
    from mesocast.optimization.optimize import find_optimum

    problem = make_problem(campaign, results)
    trace = results / "work" / "optimum-trace.jsonl"
    trace.parent.mkdir(exist_ok=True)
    optimum = find_optimum(
        problem,
        evaluations=campaign.optimum.evaluations,
        seed=derived_seed(campaign.seed, "optimum"),
        resolution_pct=campaign.optimum.resolution_pct.model_dump(),
        trace_path=trace,
    )
    optimum.write(results / "optimum.json")


def search_extremes(campaign: Campaign, results: Path) -> None:
    """Search the recipes that are best in one property; write ``extremes/<property>.json``.

    Raises
    ------
    InputError
        Dataset or surrogates are missing or broken.
    """
    from mesocast.optimization.extremes import find_extremes

    found = find_extremes(
        make_problem(campaign, results), campaign.optimum.resolution_pct.model_dump()
    )
    folder = results / "extremes"
    folder.mkdir(exist_ok=True)
    for name, extreme in found.items():
        extreme.write(folder / f"{name}.json")


def weigh(campaign: Campaign, results: Path) -> None:
    """Search the Pareto front and the optima for other weights; write ``tradeoffs.json``.

    Raises
    ------
    InputError
        Dataset or surrogates are missing or broken.
    """
    from mesocast.optimization.tradeoffs import find_tradeoffs

    find_tradeoffs(make_problem(campaign, results)).write(results / "tradeoffs.json")


def judge(campaign: Campaign, results: Path) -> None:
    """Fit the surrogates again and hold the optimum against them; write ``robustness.json``.

    Raises
    ------
    InputError
        Dataset, surrogates or optimum are missing or broken.
    """
    from mesocast import dataset
    from mesocast.design import derived_seed
    from mesocast.optimization.optimum import Optimum
    from mesocast.optimization.robustness import judge_robustness
    from mesocast.surrogates.refit import refit_on_other_seeds, refit_on_splits

    surrogates, table = read_surrogates(campaign, results), dataset.read(results)
    box, count = box_pct(campaign), campaign.optimum.ensemble
    judge_robustness(
        make_problem(campaign, results),
        Optimum.read(results / "optimum.json"),
        campaign.optimum.tolerance_pct.model_dump(),
        over_splits=refit_on_splits(surrogates, table, box, count),
        over_seeds=refit_on_other_seeds(
            surrogates, table, box, count, seed=derived_seed(campaign.seed, "robustness")
        ),
    ).write(results / "robustness.json")
