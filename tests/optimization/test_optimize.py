from __future__ import annotations

import json
import logging
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.optimization.objective import Goal, Objective, Scaling
from mesocast.optimization.optimize import PARAMETERS, find_optimum
from mesocast.optimization.optimum import Optimum

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BOUNDS = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
CENTRE = np.array([91.234, 58.067, 20.149])


def bowl(recipe_pct: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((((recipe_pct - CENTRE) / [10, 26, 40]) ** 2).sum(-1))


BOWL_OBJECTIVE = Objective({"bowl": Goal("minimize")}, {"bowl": Scaling(-1.0, 1.0)})


@pytest.fixture(scope="module")
def optimum(electrode: dict[str, Any], electrode_objective: Objective) -> Optimum:
    predict = {**electrode["PROPERTIES"], "further": lambda recipe_pct: recipe_pct[:, 0]}
    return find_optimum(
        predict, electrode_objective, electrode["BOUNDS_PCT"], evaluations=60, seed=1
    )


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
    assert optimum.regret == optimum.exact.objective - optimum.truth.objective
    assert 0 <= optimum.relative_regret < 1e-3
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
    found = find_optimum(
        {"bowl": bowl}, BOWL_OBJECTIVE, BOUNDS, evaluations=40, resolution_pct=resolution
    )
    for name, exact in found.exact.parameters.items():
        steps = found.parameters[name] / resolution
        assert steps == pytest.approx(round(steps), abs=1e-6)
        assert abs(found.parameters[name] - exact) <= resolution / 2 + 1e-9
    np.testing.assert_allclose(list(found.truth.parameters.values()), CENTRE, atol=1e-3)


def test_rounding_does_not_leave_the_bounds() -> None:
    bounds = {**BOUNDS, "am_pct": (86.04, 90.97)}  # the optimum, 91.2, lies above
    found = find_optimum({"bowl": bowl}, BOWL_OBJECTIVE, bounds, evaluations=30)
    assert found.exact.parameters["am_pct"] > 90.95
    assert found.parameters["am_pct"] == 90.9
    assert found.rounding_loss > 0


def test_a_missed_optimum_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "mesocast"):
        found = find_optimum({"bowl": bowl}, BOWL_OBJECTIVE, BOUNDS, evaluations=10)
    assert found.relative_regret > 1e-4
    assert "missed the optimum" in caplog.text


def _not_finite(recipe_pct: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(recipe_pct[:, 2] > 39, math.nan, 1.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"predict": {}}, "'bowl', which has no surrogate"),
        ({"predict": {"bowl": _not_finite}}, "surrogate of 'bowl' is nan at .*'cr_pct': 40.0"),
        ({"bounds_pct": {"am_pct": (86.0, 96.0)}}, "needed for am_pct, sc_pct, cr_pct"),
        ({"bounds_pct": {**BOUNDS, "cr_pct": (40.0, 0.0)}}, r"cr_pct is \[40.0, 0.0\]"),
        ({"bounds_pct": {**BOUNDS, "am_pct": (86.0, 101.0)}}, r"am_pct is \[86.0, 101.0\]"),
        (
            {"bounds_pct": {**BOUNDS, "sc_pct": (50.01, 50.09)}},
            "no multiple of 0.1 % .* sc_pct",
        ),
        ({"resolution_pct": 0.0}, "resolution_pct"),
        ({"evaluations": 5}, "evaluations is 5"),
    ],
)
def test_bad_request(change: dict[str, Any], message: str) -> None:
    request: dict[str, Any] = {
        "predict": {"bowl": bowl}, "objective": BOWL_OBJECTIVE,
        "bounds_pct": BOUNDS, "evaluations": 12,
    }  # fmt: skip
    with pytest.raises(InputError, match=message):
        find_optimum(**{**request, **change})
