from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mesocast.columns import PARAMETERS
from mesocast.config.optimization import OptimumSettings
from mesocast.optimization.applications import applications
from mesocast.optimization.exhaustive import global_minimum
from mesocast.optimization.objective import DEFAULT_GOALS, Goal, Objective
from mesocast.optimization.problem import Limits, Problem
from mesocast.optimization.tradeoffs.result import Tradeoffs, find_tradeoffs
from mesocast.optimization.tradeoffs.weights import optima_by_weights, simplex

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.optimization.problem import Surrogate


@pytest.fixture(scope="module")
def problem(electrode: dict[str, Any], electrode_objective: Objective) -> Problem:
    return Problem(electrode["PROPERTIES"], electrode_objective, electrode["BOUNDS_PCT"])


@pytest.fixture(scope="module")
def tradeoffs(problem: Problem) -> Tradeoffs:
    return find_tradeoffs(problem)


def test_weights_give_the_minimum_that_a_search_of_its_own_finds(problem: Problem) -> None:
    weights = {"tortuosity_factor": 3.0, "density_g_cm3": 1.0}
    (found,) = optima_by_weights(problem, [weights])
    scaling = {name: problem.objective.scaling[name] for name in weights}
    goals = {name: Goal(DEFAULT_GOALS[name].direction, w) for name, w in weights.items()}
    own = Problem(problem.predict, Objective(goals, scaling), problem.bounds_pct)
    exact = global_minimum(own, *problem.box)
    recipe = np.array([[found.parameters[name] for name in PARAMETERS]])
    assert float(own(recipe)[0]) == pytest.approx(exact.value, abs=1e-6)
    assert found.weights["tortuosity_factor"] == 0.75


def test_simplex_holds_every_multiple_once() -> None:
    rows = simplex(("a", "b", "c"), 4)
    assert len(rows) == 15
    assert all(sum(row.values()) == pytest.approx(1) for row in rows)
    assert {"a": 0.25, "b": 0.5, "c": 0.25} in rows


def test_only_applications_of_which_a_goal_counts_are_shown(tradeoffs: Tradeoffs) -> None:
    assert list(tradeoffs.by_application) == ["balanced"]


def test_applications_of_a_cell_pull_the_way_that_they_are_for() -> None:
    settings = OptimumSettings(application="fast_charge", fast_rate="2C")
    energy, fast, power = settings.cell_goals.values()
    assert fast == "energy_stack_2C_Wh_L"

    # Compression packs more into the volume and closes the pores; solids do the opposite.
    def of(base: float, cr: float, sc: float, bend: float) -> Surrogate:
        return lambda x: base + cr * x[:, 2] - bend * x[:, 2] ** 2 + sc * x[:, 1]

    predict = {
        energy: of(400, 3, -1, 0.0),
        fast: of(350, 2, 0.5, 0.05),
        power: of(900, 1, 4, 0.1),
    }
    bounds = {"am_pct": (86, 96), "sc_pct": (45, 71), "cr_pct": (0, 40)}
    # All of the box, so that the best of the data is the best there is.
    axes = np.meshgrid(*(np.linspace(*bounds[name], 41) for name in PARAMETERS))
    recipes = np.column_stack([axis.ravel() for axis in axes])
    table = pd.DataFrame({name: law(recipes) for name, law in predict.items()}).assign(status="ok")
    found = {}
    for name, one in applications(settings).items():
        if name != "balanced":
            objective = Objective.from_table(table, one.goals)
            tradeoffs = find_tradeoffs(Problem(predict, objective, bounds), settings)
            found[name] = tradeoffs.by_application
            assert len(tradeoffs.front) > 10

    shown = found["fast_charge"]
    assert list(shown) == ["high_energy", "fast_charge", "power"]
    assert found["power"] == shown == found["high_energy"]
    for own, column in (("high_energy", energy), ("fast_charge", fast), ("power", power)):
        for other in shown:
            if other != own:
                assert shown[own].predicted[column] > shown[other].predicted[column]


def test_an_electrode_without_a_cell_is_left_out_of_the_scale() -> None:
    table = pd.DataFrame(
        {"status": ["ok", "ok", "ok"], "energy_stack_C5_Wh_L": [400.0, float("nan"), 500.0]}
    )
    found = Objective.from_table(table, {"energy_stack_C5_Wh_L": Goal("maximize")})

    assert found.scaling["energy_stack_C5_Wh_L"].minimum == 400
    assert found.scaling["energy_stack_C5_Wh_L"].maximum == 500


def test_no_weighted_optimum_within_the_data_beats_the_front(
    tradeoffs: Tradeoffs, problem: Problem
) -> None:
    front = np.array([[r.parameters[n] for n in PARAMETERS] for r in tradeoffs.front])
    on_front = problem.distances(front)
    assert 0 < tradeoffs.hypervolume < 1
    assert 0 < tradeoffs.non_dominated_share < 1
    for one in tradeoffs.by_weights[::20]:
        point = problem.distances(np.array([[one.parameters[n] for n in PARAMETERS]]))
        # A margin of a percent of each property's range: the rays are not everywhere.
        assert not (on_front < point - 0.01).all(axis=1).any()


def test_front_of_a_subset_keeps_to_the_constraints(
    electrode: dict[str, Any], electrode_objective: Objective, tmp_path: Path
) -> None:
    names = ("tortuosity_factor", "density_g_cm3")
    objective = Objective(
        {name: DEFAULT_GOALS[name] for name in names},
        {name: electrode_objective.scaling[name] for name in names},
    )
    problem = Problem(
        electrode["PROPERTIES"],
        objective,
        electrode["BOUNDS_PCT"],
        {"active_surface_pct": Limits(minimum=70.0), "sc_pct": Limits(maximum=60.0)},
        {"active_surface_pct": 10.0},
    )
    found = find_tradeoffs(problem)
    assert set(found.objectives) == set(names)
    assert min(recipe.predicted["active_surface_pct"] for recipe in found.front) >= 70.0
    assert max(recipe.parameters["sc_pct"] for recipe in found.front) <= 60.0
    assert found.knee in found.front
    found.write(tmp_path / "tradeoffs.json")
    assert Tradeoffs.read(tmp_path / "tradeoffs.json") == found
