from __future__ import annotations

import json
import logging
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.columns import PARAMETERS
from mesocast.errors import InputError
from mesocast.optimization.objective import Goal, Objective, Scaling
from mesocast.optimization.optimum.find import find_optimum
from mesocast.optimization.optimum.result import Optimum
from mesocast.optimization.problem import Limits, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BOUNDS = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
CENTRE = np.array([91.234, 58.067, 20.149])


def bowl(recipe_pct: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((((recipe_pct - CENTRE) / [10, 26, 40]) ** 2).sum(-1))


BOWL_OBJECTIVE = Objective({"bowl": Goal("minimize")}, {"bowl": Scaling(-1.0, 1.0)})
BOWL = Problem({"bowl": bowl}, BOWL_OBJECTIVE, BOUNDS)


@pytest.fixture(scope="module")
def optimum(electrode: dict[str, Any], electrode_objective: Objective) -> Optimum:
    predict = {**electrode["PROPERTIES"], "further": lambda recipe_pct: recipe_pct[:, 0]}
    problem = Problem(predict, electrode_objective, electrode["BOUNDS_PCT"])
    return find_optimum(problem, evaluations=60, seed=1)


def test_result_agrees_with_itself(
    optimum: Optimum, electrode: dict[str, Any], electrode_objective: Objective
) -> None:
    def value(parameters: dict[str, float]) -> float:
        recipe = np.array([[parameters[name] for name in PARAMETERS]])
        return float(
            electrode_objective({k: f(recipe) for k, f in electrode["PROPERTIES"].items()})[0]
        )

    assert optimum.objective == pytest.approx(value(optimum.parameters))
    assert optimum.exact.objective == pytest.approx(value(optimum.exact.parameters))
    assert optimum.truth.objective == pytest.approx(value(optimum.truth.parameters))
    assert optimum.rounding_loss == optimum.objective - optimum.exact.objective
    assert optimum.search.best == optimum.exact
    assert optimum.search.violation == 0
    assert optimum.search.regret == optimum.exact.objective - optimum.truth.objective
    assert optimum.search.relative_regret is not None
    assert 0 <= optimum.search.relative_regret < 1e-3
    assert optimum.exact.objective == min(visit.objective for visit in optimum.trace)
    assert optimum.predicted["further"] == optimum.parameters["am_pct"]
    assert set(electrode["PROPERTIES"]) < set(optimum.predicted)
    assert optimum.settings == {
        "evaluations": 60, "seed": 1, "initial": 10, "eta": 1.0, "kappa": 1.96, "xi": 0.01
    }  # fmt: skip


def test_trace_names_the_acquisition_of_every_visit(optimum: Optimum) -> None:
    assert [visit.acquisition for visit in optimum.trace[:10]] == ["initial"] * 10
    assert {visit.acquisition for visit in optimum.trace[10:]} <= {"LCB", "EI", "PI"}
    assert all(sum(v.probabilities.values()) == pytest.approx(1) for v in optimum.trace[10:])


def test_partial_dependence_of_every_pair(optimum: Optimum) -> None:
    panels = {(panel.first, panel.second): panel for panel in optimum.partial_dependence}
    assert list(panels) == [
        ("am_pct", "sc_pct"), ("am_pct", "cr_pct"), ("sc_pct", "cr_pct")
    ]  # fmt: skip
    panel = panels["am_pct", "cr_pct"]
    assert (panel.first_pct[0], panel.first_pct[-1]) == (86, 96)
    assert (panel.second_pct[0], panel.second_pct[-1]) == (0, 40)
    # The means of two panels over all their own parameters are both the mean over the box.
    means = [np.trapezoid(np.trapezoid(p.objective, axis=0)) / 24**2 for p in panels.values()]
    np.testing.assert_allclose(means, means[0], rtol=2e-2)


def test_file_round_trip(optimum: Optimum, tmp_path: Path) -> None:
    path = tmp_path / "optimum.json"
    optimum.write(path)
    assert Optimum.read(path) == optimum
    assert [file.name for file in tmp_path.iterdir()] == ["optimum.json"]
    content = json.loads(path.read_text())
    assert {"parameters", "predicted", "objective", "method", "trace"} <= set(content)
    assert set(content["parameters"]) == set(PARAMETERS)
    assert content["method"] == "gp_hedge"


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"parameters": {"am_pct": "x"}}'])
def test_bad_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "optimum.json"
    with pytest.raises(InputError, match="cannot be read"):
        Optimum.read(path)
    path.write_text(text)
    with pytest.raises(InputError, match=r"optimum\.json"):
        Optimum.read(path)


@pytest.mark.parametrize("resolution", [0.1, 0.25, 2.0])
def test_recipe_is_rounded_to_what_a_machine_can_set(resolution: float) -> None:
    found = find_optimum(BOWL, evaluations=40, resolution_pct=dict.fromkeys(PARAMETERS, resolution))
    for name, exact in found.exact.parameters.items():
        steps = found.parameters[name] / resolution
        assert steps == pytest.approx(round(steps), abs=1e-6)
        assert abs(found.parameters[name] - exact) <= resolution + 1e-9
    np.testing.assert_allclose(list(found.truth.parameters.values()), CENTRE, atol=1e-3)


def test_rounding_does_not_leave_the_bounds() -> None:
    bounds = {**BOUNDS, "am_pct": (86.04, 90.97)}  # the optimum, 91.2, lies above
    found = find_optimum(replace(BOWL, bounds_pct=bounds), evaluations=30)
    assert found.exact.parameters["am_pct"] > 90.95
    assert found.parameters["am_pct"] == 90.9
    assert found.rounding_loss > 0


def test_a_missed_optimum_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "mesocast"):
        found = find_optimum(BOWL, evaluations=10)
    assert found.search.relative_regret is not None
    assert found.search.relative_regret > 1e-4
    assert "missed the optimum" in caplog.text


def _not_finite(recipe_pct: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(recipe_pct[:, 2] > 39, math.nan, 1.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"predict": {}}, "'bowl' is needed, which has no surrogate"),
        ({"predict": {"bowl": _not_finite}}, "surrogate of 'bowl' is nan at .*'cr_pct': 40.0"),
        ({"bounds_pct": {"am_pct": (86.0, 96.0)}}, "needed for am_pct, sc_pct, cr_pct"),
        ({"bounds_pct": {**BOUNDS, "cr_pct": (40.0, 0.0)}}, r"cr_pct is \[40.0, 0.0\]"),
        ({"bounds_pct": {**BOUNDS, "am_pct": (86.0, 101.0)}}, r"am_pct is \[86.0, 101.0\]"),
        (
            {"bounds_pct": {**BOUNDS, "sc_pct": (50.01, 50.09)}},
            "no multiple of 0.1 % .* sc_pct",
        ),
        ({"resolution_pct": dict.fromkeys(PARAMETERS, 0.0)}, "resolution_pct"),
        ({"constraints": {n: Limits(50, 50) for n in PARAMETERS}}, "hold all parameters fixed"),
        ({"constraints": {"bowl": Limits(maximum=1)}}, "range of 'bowl'"),
        ({"evaluations": 5}, "evaluations is 5"),
    ],
)
def test_bad_request(change: dict[str, Any], message: str) -> None:
    problem = {"predict": {"bowl": bowl}, "objective": BOWL_OBJECTIVE, "bounds_pct": BOUNDS}
    own = {key: value for key, value in change.items() if key in Problem.__dataclass_fields__}
    search = {key: value for key, value in change.items() if key not in own}
    with pytest.raises(InputError, match=message):
        find_optimum(Problem(**{**problem, **own}), **{"evaluations": 12, **search})


def _constrained(**limits: Limits) -> Problem:
    def height(recipe_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        return recipe_pct[:, 2] / 40

    return Problem(
        {"bowl": bowl, "height": height}, BOWL_OBJECTIVE, BOUNDS, limits, {"height": 1.0}
    )


def test_constraint_on_a_property_is_met_at_its_boundary() -> None:
    found = find_optimum(_constrained(height=Limits(minimum=0.75)), evaluations=40)
    expected = {"am_pct": CENTRE[0], "sc_pct": CENTRE[1], "cr_pct": 30.0}
    assert found.truth.parameters == pytest.approx(expected, abs=0.1)
    assert found.parameters["cr_pct"] == 30.0  # rounded, and still allowed
    assert found.predicted["height"] >= 0.75
    assert found.constraints["height"].is_met
    assert found.constraints["height"].maximum is None
    assert found.method == "exhaustive_search"


def test_regret_of_the_published_rule_is_kept_where_the_exhaustive_search_gives_the_recipe() -> (
    None
):
    found = find_optimum(_constrained(height=Limits(minimum=0.75)), evaluations=40)
    allowed = [visit for visit in found.trace if visit.parameters["cr_pct"] >= 30]
    assert all(visit.violation == 0 for visit in allowed)
    best = min(allowed, key=lambda visit: visit.objective)
    search = found.search
    assert search.best.parameters == best.parameters
    assert search.best.objective == pytest.approx(best.objective)
    # Its points lie on both sides of the boundary, none on it.
    assert search.regret is not None
    assert search.regret == pytest.approx(best.objective - found.truth.objective)
    assert search.regret > 1e-6
    assert search.relative_regret == pytest.approx(search.regret / found.objective_range)
    # The trace holds the objective, not what the rule saw in place of the constraint.
    for visit in found.trace:
        recipe = np.array([[visit.parameters[name] for name in PARAMETERS]])
        assert visit.objective == pytest.approx(BOWL_OBJECTIVE({"bowl": bowl(recipe)})[0])
        shortfall = max(0.75 - visit.parameters["cr_pct"] / 40, 0)
        assert visit.violation == pytest.approx(shortfall, abs=1e-8)


def test_parameter_held_fixed_stays_there() -> None:
    found = find_optimum(_constrained(sc_pct=Limits(60.03, 60.03)), evaluations=40)
    assert {visit.parameters["sc_pct"] for visit in found.trace} == {60.03}
    assert found.parameters["sc_pct"] == 60.03
    assert found.parameters["am_pct"] == pytest.approx(CENTRE[0], abs=0.1)
    assert found.search.relative_regret is not None
    assert found.search.relative_regret < 1e-3


def test_impossible_request_is_answered_with_the_nearest_recipe() -> None:
    found = find_optimum(
        _constrained(height=Limits(minimum=1.2), sc_pct=Limits(minimum=80)), evaluations=30
    )
    assert (found.parameters["sc_pct"], found.parameters["cr_pct"]) == (71.0, 40.0)
    assert not found.constraints["height"].is_met
    assert not found.constraints["sc_pct"].is_met
    # Objectives of recipes that are not allowed say nothing of each other.
    assert found.search.violation == pytest.approx(0.2)
    assert found.search.regret is None
