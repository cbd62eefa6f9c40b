from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mesocast.columns import PARAMETERS
from mesocast.optimization.objective import Goal, Objective
from mesocast.optimization.problem import Problem
from mesocast.optimization.robustness.variants import Variant, find_variants
from mesocast.surrogates.surrogate import Surrogate, fit_surrogate

BOUNDS = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
RECIPE = {"am_pct": 91.0, "sc_pct": 58.0, "cr_pct": 20.0}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    low, high = np.array(list(BOUNDS.values())).T
    recipes = np.random.default_rng(4).uniform(low, high, (80, 3))
    share = recipes[:, 2] / 40
    rows = pd.DataFrame(recipes, columns=list(PARAMETERS)).assign(
        condition_id=[f"C{i:02d}" for i in range(80)],
        slurry_id=[f"S{i // 4:02d}" for i in range(80)],
        status="ok",
        # By one convention best at 20 %, by the other at 30 %.
        tortuosity_factor=2 + (share - 0.5) ** 2,
        tortuosity_factor_permeable_cbd=2 + (share - 0.75) ** 2,
        tortuosity_factor_voxel=np.nan,
        density_g_cm3=2 + 0.001 * (recipes[:, 0] - 91) ** 2,
    )
    # One electrode far from all others decides the extremes and nothing in the middle.
    rows.loc[0, "density_g_cm3"] = 3.0
    return rows


@pytest.fixture(scope="module")
def asked(table: pd.DataFrame) -> tuple[Problem, dict[str, Surrogate]]:
    goals = {"tortuosity_factor": Goal("minimize"), "density_g_cm3": Goal("minimize", 0.5)}
    surrogates = {
        name: fit_surrogate(table.drop(index=0), name, seed=1, method="polynomial", box_pct=BOUNDS)
        for name in goals
    }
    problem = Problem(
        {name: surrogate.model for name, surrogate in surrogates.items()},
        Objective.from_table(table, goals),
        BOUNDS,
    )
    return problem, surrogates


def by_label(found: tuple[Variant, ...]) -> dict[str, Variant]:
    return {variant.label: variant for variant in found}


def test_optimum_moves_with_the_convention(
    table: pd.DataFrame, asked: tuple[Problem, dict[str, Surrogate]]
) -> None:
    found = by_label(find_variants(*asked, table, RECIPE))
    other = found["tortuosity factor, CBD permeable"]
    assert (other.kind, other.replaced) == ("convention", "tortuosity_factor")
    assert other.column == "tortuosity_factor_permeable_cbd"
    assert other.parameters["cr_pct"] == pytest.approx(30, abs=1.5)
    assert other.loss > 0.005
    # A column that is empty, or not there, is left out.
    assert not any("voxel" in label for label in found)
    assert {variant.kind for variant in found.values()} == {"convention", "scaling", "utility"}
    assert found["desirability utility"].parameters["cr_pct"] == pytest.approx(20, abs=1.5)


def test_goal_with_a_stated_range_is_scaled_by_the_data_too(
    table: pd.DataFrame, asked: tuple[Problem, dict[str, Surrogate]]
) -> None:
    problem, surrogates = asked
    goals = dict(problem.objective.goals)
    goals["density_g_cm3"] = replace(goals["density_g_cm3"], span=(0.0, 10.0))
    stated = replace(problem, objective=Objective.from_table(table, goals))
    found = by_label(find_variants(stated, surrogates, table, RECIPE))
    assert "scaled by the extremes of the electrodes" in found
    assert "scaled by the extremes of the electrodes" not in by_label(
        find_variants(problem, surrogates, table, RECIPE)
    )
    assert all(variant.loss >= -1e-9 for variant in found.values())
