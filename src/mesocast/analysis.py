"""From the dataset to equations, to a recipe, to its verification."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mesocast.files import read_json, write_json
from mesocast.properties import TARGETS, check_row, unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence
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


def verify(campaign: Campaign, results: Path, rows: Sequence[Path]) -> None:
    """Hold the simulated electrodes at the optimum against the prediction.

    Parameters
    ----------
    campaign, results
        The config and the campaign's folder, with ``optimum.json`` and the validations of the
        surrogates; there ``verification.json`` is written.
    rows
        ``properties.json`` of the electrodes simulated at the optimum, one per seed.

    Raises
    ------
    InputError
        A file is missing or broken.
    """
    import numpy as np

    from mesocast.evaluation import read_validation
    from mesocast.optimization.optimum import Optimum
    from mesocast.surrogates.predict import around

    optimum = Optimum.read(results / "optimum.json")
    simulated = [check_row(read_json(path), str(path)) for path in rows]
    good = [row for row in simulated if row.status == "ok"]
    compared: dict[str, dict[str, Any]] = {}
    for name in TARGETS:
        values = [float(getattr(row, name)) for row in good]
        mean = float(np.mean(values)) if values else None
        predicted = optimum.predicted[name]
        interval = read_validation(results, campaign.surrogates.method, name).interval
        low, high = (float(end) for end in around(np.array(predicted), interval))
        compared[name] = {
            "unit": unit_of(name),
            "predicted": predicted,
            "interval": [low, high],
            "is_inside": None if mean is None else low <= mean <= high,
            "simulated_mean": mean,
            "simulated_standard_deviation": (
                float(np.std(values, ddof=1)) if len(values) > 1 else None
            ),
            "simulated": values,
            "deviation_pct": (None if mean is None else 100 * (predicted / mean - 1)),
        }
    scores = [
        float(
            optimum.objective_definition(
                {name: getattr(row, name) for name in optimum.objective_definition.goals}
            )
        )
        for row in good
    ]
    write_json(
        results / "verification.json",
        {
            "parameters": optimum.parameters,
            "properties": compared,
            "objective": {
                "predicted": optimum.objective,
                "simulated_mean": float(np.mean(scores)) if scores else None,
                "simulated": scores,
            },
            "electrodes": [
                {
                    "condition_id": row.condition_id,
                    "seed": row.seed,
                    "status": row.status,
                    "reason": row.reason,
                }
                for row in simulated
            ],
        },
    )
