from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.optimization.objective import Goal, Objective, Scaling

WORST = {
    "tortuosity_factor": 4.0,
    "electronic_conductivity_S_m": 0.5,
    "active_surface_pct": 40.0,
    "density_g_cm3": 1.5,
}
BEST = {
    "tortuosity_factor": 1.5,
    "electronic_conductivity_S_m": 2.5,
    "active_surface_pct": 90.0,
    "density_g_cm3": 2.5,
}


@pytest.fixture
def table() -> pd.DataFrame:
    middle = {name: (WORST[name] + BEST[name]) / 2 for name in WORST}
    failed = dict.fromkeys(WORST, 1e9)
    rows = [WORST, middle, BEST, failed]
    return pd.DataFrame(rows).assign(status=["ok", "ok", "ok", "not_percolating"])


def test_worst_middle_and_best_of_the_data_set(table: pd.DataFrame) -> None:
    objective = Objective.from_table(table)
    rows = table.iloc[:3]
    np.testing.assert_allclose(objective({name: rows[name] for name in WORST}), [1, 0.25, 0])


def test_a_failed_row_does_not_set_the_range(table: pd.DataFrame) -> None:
    assert Objective.from_table(table).scaling["density_g_cm3"] == Scaling(1.5, 2.5)


def test_a_film_that_was_not_pressed_has_no_springback_to_scale_by() -> None:
    table = pd.DataFrame({"springback_pct": [np.nan, 20.0, 60.0], "status": "ok"})
    objective = Objective.from_table(table, {"springback_pct": Goal("minimize")})
    assert objective.scaling["springback_pct"] == Scaling(20, 60)


def test_equal_weights_give_the_published_quarter_of_the_sum(table: pd.DataFrame) -> None:
    values = {
        "tortuosity_factor": 2.0,  # scaled 0.2
        "electronic_conductivity_S_m": 1.5,  # 0.5
        "active_surface_pct": 80.0,  # 0.8
        "density_g_cm3": 1.8,  # 0.3
    }
    expected = (0.2**2 + 0.5**2 + 0.2**2 + 0.7**2) / 4
    assert float(Objective.from_table(table)(values)) == pytest.approx(expected)


def test_weights_are_relative(table: pd.DataFrame) -> None:
    goals = {"tortuosity_factor": Goal("minimize", 3), "density_g_cm3": Goal("maximize", 1)}
    values = {"tortuosity_factor": [4.0, 1.5], "density_g_cm3": [2.5, 1.5]}
    objective = Objective.from_table(table, goals)
    np.testing.assert_allclose(objective(values), [0.75, 0.25])
    doubled = {name: Goal(goal.direction, 2 * goal.weight) for name, goal in goals.items()}
    np.testing.assert_allclose(Objective.from_table(table, doubled)(values), objective(values))


def test_beyond_the_data_only_clipping_stops_the_scale(table: pd.DataFrame) -> None:
    goals = {"density_g_cm3": Goal("maximize")}
    values = {"density_g_cm3": [3.0, 1.0]}  # scaled 1.5 and -0.5
    np.testing.assert_allclose(Objective.from_table(table, goals)(values), [0.25, 2.25])
    np.testing.assert_allclose(Objective.from_table(table, goals, clip=True)(values), [0.0, 1.0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drop": "status"}, "'status' is missing"),
        ({"drop": "density_g_cm3"}, "'density_g_cm3' is missing"),
        ({"status": "failed"}, "no row has status 'ok'"),
        ({"density_g_cm3": 2.0}, "'density_g_cm3' is constant"),
        ({"density_g_cm3": [2.0, 2.0 + 1e-12, 2.0, 9.0]}, "'density_g_cm3' is constant"),
        ({"density_g_cm3": [2.0, np.nan, 2.1, 9.0]}, "no finite value"),
        ({"density_g_cm3": [2.0, np.inf, 2.1, 9.0]}, "no finite value"),
        ({"density_g_cm3": ["a", "b", "c", "d"]}, "must hold numbers"),
    ],
)
def test_bad_tables(table: pd.DataFrame, change: dict[str, Any], message: str) -> None:
    columns = {name: values for name, values in change.items() if name != "drop"}
    table = table.drop(columns=change.get("drop", [])).assign(**columns)
    with pytest.raises(InputError, match=message):
        Objective.from_table(table)


def test_one_row_is_constant(table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="is constant"):
        Objective.from_table(table.iloc[:1])


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_bad_weight(weight: float) -> None:
    with pytest.raises(InputError, match="weight"):
        Goal("minimize", weight)


def test_bad_direction() -> None:
    with pytest.raises(InputError, match="direction is 'down'"):
        Goal("down")  # type: ignore[arg-type]


def test_all_weights_zero_and_no_goals(table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="weight above 0"):
        Objective.from_table(table, {"density_g_cm3": Goal("maximize", 0.0)})
    with pytest.raises(InputError, match="weight above 0"):
        Objective.from_table(table, {})


def test_a_missing_property_is_named(table: pd.DataFrame) -> None:
    objective = Objective.from_table(table)
    with pytest.raises(InputError, match="'density_g_cm3' is missing"):
        objective({name: 1.0 for name in WORST if name != "density_g_cm3"})


def test_target_is_met_by_a_value_or_within_a_range() -> None:
    table = pd.DataFrame({"status": ["ok"] * 3, "porosity_bulk": [0.1, 0.3, 0.5]})
    value, within = (
        Objective.from_table(table, {"porosity_bulk": Goal("target", target=target)})
        for target in ((0.3, 0.3), (0.2, 0.3))
    )
    values = {"porosity_bulk": np.array([0.1, 0.2, 0.25, 0.3, 0.5])}
    np.testing.assert_allclose(value(values), np.array([0.5, 0.25, 0.125, 0, 0.5]) ** 2)
    np.testing.assert_allclose(within(values), np.array([0.25, 0, 0, 0, 0.5]) ** 2)
    assert value.goals["porosity_bulk"].wanted == "meet 0.3"
    assert within.goals["porosity_bulk"].wanted == "meet 0.2 to 0.3"


def test_stated_range_replaces_that_of_the_data() -> None:
    table = pd.DataFrame({"status": ["ok"] * 2, "density_g_cm3": [1.5, 2.5]})
    goals = {"density_g_cm3": Goal("maximize", span=(1.0, 3.0))}
    found = Objective.from_table(table, goals)({"density_g_cm3": np.array([1.0, 2.0, 3.0])})
    np.testing.assert_allclose(found, [1.0, 0.25, 0.0])


def test_desirability_is_one_minus_the_weighted_geometric_mean() -> None:
    goals = {"a": Goal("maximize", 3.0), "b": Goal("minimize", 1.0)}
    objective = Objective(goals, dict.fromkeys(goals, Scaling(0.0, 1.0)), utility="desirability")
    # Derringer and Suich: linear desirabilities 0.8 and 0.4.
    found = objective({"a": np.array([0.8, 1.5, 0.9]), "b": np.array([0.6, -1.0, 1.0])})
    np.testing.assert_allclose(found, [1 - (0.8**3 * 0.4) ** 0.25, 0.0, 1.0])


def test_aim_without_its_target_is_refused() -> None:
    with pytest.raises(InputError, match="target"):
        Goal("target")
    with pytest.raises(InputError, match="target"):
        Goal("minimize", target=(0.2, 0.3))
    with pytest.raises(InputError, match="low <= high"):
        Goal("target", target=(0.3, 0.2))
    with pytest.raises(InputError, match="utility"):
        Objective({"a": Goal("minimize")}, {"a": Scaling(0, 1)}, utility="best")  # type: ignore[arg-type]
