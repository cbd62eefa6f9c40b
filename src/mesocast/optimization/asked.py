"""What the config asks of the optimizer: goals, limits and formulas."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns import CELL_COLUMNS
from mesocast.columns.variables import Discrete
from mesocast.optimization.problem import Limits
from mesocast.storage.layout import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.config.campaign import Campaign
    from mesocast.optimization.objective import Goal
    from mesocast.optimization.problem import Problem, Surrogate


def goals_of(campaign: Campaign) -> dict[str, Goal]:
    """Goals of the config: its own, or those of its application."""
    from mesocast.optimization.applications import applications
    from mesocast.optimization.objective import Goal

    settings = campaign.optimum
    own: dict[str, Goal] = {
        name: Goal(
            goal.direction or "target",
            goal.weight,
            None if goal.target is None else goal.target_range,
            None if goal.range is None else (goal.range.min, goal.range.max),
        )
        for name, goal in settings.goals.items()
    }
    return own or dict(applications(settings)[settings.application].goals)


def asked_besides(campaign: Campaign) -> dict[str, Any]:
    """What a proposal depends on beside application, goals, constraints and ends of bounds.

    Only what is there: proposals of earlier versions, which knew none of it, stay what they are.
    """
    found: dict[str, Any] = {}
    levels = {
        name: list(bounds.allowed)
        for name, bounds in campaign.box_pct.items()
        if isinstance(bounds, Discrete) and not bounds.words
    }
    if levels:
        found["levels"] = levels
    if campaign.fixed:
        found["fixed"] = dict(campaign.fixed)
    wanted = sorted({*goals_of(campaign), *limits_of(campaign)})
    if any(name in CELL_COLUMNS for name in wanted):  # the application's goals at its fast rate
        found["cell"] = {"goals": wanted, **campaign.cell.model_dump(mode="json")}
    return found


def proposal_identity(campaign: Campaign, number: int) -> dict[str, Any]:
    """What the proposal of a round depends on, beside the electrodes before it."""
    optimum = campaign.optimum.model_dump(mode="json")
    wanted = {name: optimum[name] for name in ("application", "goals", "constraints")}
    # Only where it is another one: proposals of an earlier version knew one alone.
    if campaign.optimum.utility != "quadratic":
        wanted["utility"] = campaign.optimum.utility
    return {
        "round": number,
        "seed": campaign.seed,
        "settings": campaign.rounds.model_dump(mode="json", exclude={"count"}),
        "wanted": wanted,
        "box": campaign.box_pct,
        "physics": [campaign.physics(stage) for stage in STAGES],
        **asked_besides(campaign),
    }


def limits_of(campaign: Campaign) -> dict[str, Limits]:
    """Limits that the config sets on parameters and properties."""
    return {
        name: Limits(
            -math.inf if limit.min is None else limit.min,
            math.inf if limit.max is None else limit.max,
        )
        for name, limit in campaign.optimum.constraints.items()
    }


def meeting(table: pd.DataFrame, limits: Mapping[str, Limits]) -> pd.DataFrame:
    """Rows of a dataset that meet limits, as far as it has their columns."""
    for name, one in limits.items():
        if name in table:
            table = table[table[name].between(one.minimum, one.maximum)]
    return table


def with_formulas(problem: Problem, campaign: Campaign) -> Problem:
    """Add what the config's formulas allow to a problem: recipes at which each key has a value.

    Each key is predicted, and limited to its bounds, like a property.
    """
    from mesocast.config.formulas import calculate_rows
    from mesocast.config.keys import possible_at

    def calculated(formula: str) -> Surrogate:
        def rows(recipes_pct: NDArray[np.float64]) -> NDArray[np.float64]:
            fixed = {
                n: np.full(len(recipes_pct), value)
                for n, value in problem.fixed.items()
                if not isinstance(value, str)
            }
            free = dict(zip(problem.inputs, recipes_pct.T, strict=True))
            return np.nan_to_num(calculate_rows(formula, {**free, **fixed}), nan=1e30)

        return rows

    formulas = campaign.design.formulas
    if not formulas:
        return problem
    limits = {key: Limits(*possible_at(type(campaign), key)) for key in formulas}
    spans = {key: one.maximum - one.minimum for key, one in limits.items()}
    return replace(
        problem,
        predict={**problem.predict, **{key: calculated(one) for key, one in formulas.items()}},
        constraints={**problem.constraints, **limits},
        spans={
            **problem.spans,
            **{key: span if math.isfinite(span) else 1.0 for key, span in spans.items()},
        },
    )
