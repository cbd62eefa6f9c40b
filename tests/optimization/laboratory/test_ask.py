"""Which electrodes are asked for: costs, constraints, and what is pending."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.stats import qmc

from mesocast.config.campaign import Campaign
from mesocast.config.laboratory import LaboratorySettings
from mesocast.optimization.laboratory.ask import Asked, ask
from mesocast.optimization.objective import DEFAULT_GOALS, Objective
from mesocast.optimization.problem import Limits, Problem
from mesocast.surrogates.fit import Surrogates, fit
from mesocast.surrogates.measured.table import measured_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOUNDS_PCT = Campaign(campaign="line").box_pct
LOW, HIGH = np.array(list(BOUNDS_PCT.values())).T
NOTHING = np.empty((0, 3))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Electrodes with smooth properties."""
    recipes = qmc.scale(qmc.Sobol(3, rng=1).random(32), LOW, HIGH)
    found = pd.DataFrame(recipes, columns=list(BOUNDS_PCT))
    am, sc, cr = (found[name] / 100 for name in BOUNDS_PCT)
    return found.assign(
        condition_id=[f"C{i}" for i in range(32)],
        slurry_id=[f"S{i}" for i in range(32)],
        status="ok",
        density_g_cm3=1.5 + 2 * cr + am,
        electronic_conductivity_S_m=0.3 * np.exp(3 * cr) * (1 - am),
        tortuosity_factor=1.5 + 2 * cr + sc,
        active_surface_pct=90 - 60 * cr - 100 * (1 - am),
    )


@pytest.fixture(scope="module")
def surrogates(table: pd.DataFrame) -> Surrogates:
    return fit(table, list(DEFAULT_GOALS), method="polynomial", bounds_pct=BOUNDS_PCT, splits=2)


@pytest.fixture(scope="module")
def problem(table: pd.DataFrame, surrogates: Surrogates) -> Problem:
    spans = {name: surrogate.span for name, surrogate in surrogates.items()}
    objective = Objective.from_table(table, DEFAULT_GOALS)
    return Problem(dict(surrogates), objective, BOUNDS_PCT, {}, spans)


def _recipes(asked: list[Asked]) -> NDArray[np.float64]:
    return np.array([electrode.recipe_pct for electrode in asked])


def test_a_batch_is_the_same_every_time_and_inside_of_the_bounds(
    problem: Problem, surrogates: Surrogates
) -> None:
    settings = LaboratorySettings(electrodes=5, slurries=2, slurry_cost=0)
    asked = ask(problem, surrogates, None, NOTHING, settings, seed=1)
    assert asked == ask(problem, surrogates, None, NOTHING, settings, seed=1)
    recipes = _recipes(asked)
    assert len(np.unique(recipes, axis=0)) == 5
    assert np.all((recipes >= LOW) & (recipes <= HIGH))
    assert [electrode.slurry for electrode in asked] == sorted(e.slurry for e in asked)
    assert len({(electrode.slurry, *electrode.recipe_pct[:2]) for electrode in asked}) == 2


def test_costs_decide_between_slurries_and_further_electrodes_of_one(
    problem: Problem, surrogates: Surrogates
) -> None:
    def slurries(**changes: Any) -> list[int]:
        settings = LaboratorySettings(electrodes=4, **changes)
        return [e.slurry for e in ask(problem, surrogates, None, NOTHING, settings, seed=1)]

    assert set(slurries(slurry_cost=1e6)) == {1}
    assert len(set(slurries(slurry_cost=0))) > 1
    assert len(slurries(slurry_cost=2, budget=4)) == 2
    with pytest.raises(ValidationError, match=r"budget = 2 buys no electrode; .* = 3"):
        LaboratorySettings(slurry_cost=2, budget=2)


def test_what_is_pending_is_not_asked_for_again(problem: Problem, surrogates: Surrogates) -> None:
    settings = LaboratorySettings()
    pending = _recipes(ask(problem, surrogates, None, NOTHING, settings, seed=1))
    further = _recipes(ask(problem, surrogates, None, pending, settings, seed=1))
    apart = np.abs((pending[:, None] - further) / (HIGH - LOW)).max(axis=-1)
    assert apart.min() > 0.01


def test_constraints_hold_on_parameters_and_are_expected_on_properties(
    problem: Problem, surrogates: Surrogates
) -> None:
    constraints = {"sc_pct": Limits(60, 60), "density_g_cm3": Limits(maximum=2.7)}
    limited = replace(problem, constraints=constraints)
    dense = pd.DataFrame({"am_pct": [90, 95], "sc_pct": 60, "cr_pct": [10, 30]})
    values = 0.2 + 1.5 + 2 * dense["cr_pct"] / 100 + dense["am_pct"] / 100
    line = measured_table(dense.assign(density_g_cm3=values, density_g_cm3_std=0.01))
    asked = ask(limited, surrogates, line, NOTHING, LaboratorySettings(), seed=1)
    recipes = _recipes(asked)
    assert np.all(recipes[:, 1] == 60)
    # The line is denser than the simulations by 0.2.
    assert np.all(1.7 + (2 * recipes[:, 2] + recipes[:, 0]) / 100 < 2.8)


def test_nothing_is_asked_where_nothing_can_be_allowed(
    problem: Problem, surrogates: Surrogates
) -> None:
    impossible = replace(problem, constraints={"density_g_cm3": Limits(minimum=99)})
    assert ask(impossible, surrogates, None, NOTHING, LaboratorySettings(), seed=1) == []
