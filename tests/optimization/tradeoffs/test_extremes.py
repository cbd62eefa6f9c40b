from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.columns import PARAMETERS
from mesocast.optimization.minima import lattice
from mesocast.optimization.problem import Limits, Problem
from mesocast.optimization.tradeoffs.extremes import Extreme, find_extremes

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.optimization.objective import Objective

RESOLUTION_PCT = dict.fromkeys(PARAMETERS, 0.5)


@pytest.fixture(scope="module")
def problem(electrode: dict[str, Any], electrode_objective: Objective) -> Problem:
    return Problem(electrode["PROPERTIES"], electrode_objective, electrode["BOUNDS_PCT"])


def _best_on_grid(problem: Problem, name: str) -> float:
    """Best settable value, looked for everywhere."""
    axes = [np.arange(low, high + 0.25, 0.5) for low, high in zip(*problem.box, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    grid = grid[problem.violation(grid) == 0]
    values = problem.properties(grid, [name])[name]
    is_low_good = problem.objective.goals[name].direction == "minimize"
    return float(values.min() if is_low_good else values.max())


def test_each_extreme_is_the_best_settable_recipe(problem: Problem) -> None:
    extremes = find_extremes(problem, RESOLUTION_PCT)
    assert set(extremes) == set(problem.objective.goals)
    for name, extreme in extremes.items():
        span = np.ptp(problem.properties(lattice(*problem.box, 1000), [name])[name])
        assert extreme.predicted[name] == pytest.approx(
            _best_on_grid(problem, name), abs=1e-3 * span
        )
        assert all(value * 2 == round(value * 2) for value in extreme.parameters.values())


def test_extremes_meet_the_constraints(problem: Problem) -> None:
    free = find_extremes(problem, RESOLUTION_PCT)["density_g_cm3"].predicted["density_g_cm3"]
    limited = replace(
        problem,
        constraints={"density_g_cm3": Limits(maximum=0.95 * free)},
        spans={"density_g_cm3": 1.0},
    )
    for name, extreme in find_extremes(limited, RESOLUTION_PCT).items():
        assert extreme.predicted["density_g_cm3"] <= 0.95 * free
        span = np.ptp(problem.properties(lattice(*problem.box, 1000), [name])[name])
        assert extreme.predicted[name] == pytest.approx(
            _best_on_grid(limited, name), abs=0.02 * span
        )


def test_file_gives_the_same_extreme(problem: Problem, tmp_path: Path) -> None:
    extreme = find_extremes(problem, RESOLUTION_PCT)["tortuosity_factor"]
    extreme.write(tmp_path / "extreme.json")
    assert Extreme.read(tmp_path / "extreme.json") == extreme
