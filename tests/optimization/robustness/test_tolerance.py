from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.columns import PARAMETERS
from mesocast.optimization.objective import Goal, Objective, Scaling
from mesocast.optimization.problem import Limits, Problem
from mesocast.optimization.robustness.tolerance import Robustness, judge_robustness

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

BOUNDS = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
CENTRE = dict(zip(PARAMETERS, (91.26, 58.04, 20.13), strict=True))
EXTENT = np.array([10.0, 26.0, 40.0])


def bowl(shift_pct: float = 0.0) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Quadratic bowl whose minimum is moved along the compression rate."""
    centre = np.array(list(CENTRE.values()))
    centre[2] += shift_pct
    return lambda recipes: np.asarray((((recipes - centre) / EXTENT) ** 2).sum(-1))


# With this scaling the objective is the square of 1 + bowl.
OBJECTIVE = Objective({"bowl": Goal("minimize")}, {"bowl": Scaling(-1.0, 0.0)})
PROBLEM = Problem({"bowl": bowl()}, OBJECTIVE, BOUNDS)


def judged(problem: Problem = PROBLEM, **changes: Any) -> Robustness:
    members = [{"bowl": bowl(shift)} for shift in np.linspace(-4, 4, 41)]
    optimum: Any = SimpleNamespace(
        parameters={"am_pct": 91.3, "sc_pct": 58.0, "cr_pct": 20.1},
        exact=SimpleNamespace(parameters=CENTRE),
    )
    request = {
        "tolerance_pct": {"am_pct": 0.0, "sc_pct": 0.0, "cr_pct": 4.0},
        "over_slurries": members,
        "over_seeds": members[20:21],
    }
    return judge_robustness(problem, optimum, **{**request, **changes})


@pytest.fixture(scope="module")
def robustness() -> Robustness:
    return judged()


def test_what_formulas_allow_holds_for_other_surrogates_too() -> None:
    # What follows by a formula is no surrogate that is fitted again.
    rest = {**PROBLEM.predict, "rest": lambda recipes: recipes[:, 2]}
    limited = Problem(rest, OBJECTIVE, BOUNDS, {"rest": Limits(maximum=15.0)}, {"rest": 40.0})
    found = judged(limited).over_slurries
    assert found.parameters_percentiles95["cr_pct"] == pytest.approx((15.0, 15.0), abs=0.1)


def test_spread_over_models_is_that_of_their_minima(robustness: Robustness) -> None:
    spread = robustness.over_slurries
    low, high = spread.parameters_percentiles95["cr_pct"]
    assert (low, high) == pytest.approx((20.13 - 3.8, 20.13 + 3.8), abs=0.1)
    assert spread.consensus.parameters == pytest.approx(CENTRE, abs=0.15)
    assert len(spread.optima) == 41
    assert 0 < spread.loss_mean < spread.loss_percentile95
    # One member, the nominal one: no spread, and its minimum is the optimum.
    alone = robustness.over_seeds
    assert alone.optima[0].parameters == pytest.approx(CENTRE, abs=0.05)
    assert alone.consensus.objective == pytest.approx(1.0, abs=1e-4)


def test_mean_under_tolerance_is_that_of_the_normal_distribution(robustness: Robustness) -> None:
    # E[(1 + b + e^2)^2] with e normal of variance v and b at the reported recipe.
    recipe = np.array([list(robustness.nominal.parameters.values())])
    at_recipe = float(bowl()(recipe)[0])
    offset = (20.1 - 20.13) / 40
    rest, v = at_recipe - offset**2, (4.0 / 40) ** 2
    second, fourth = offset**2 + v, offset**4 + 6 * offset**2 * v + 3 * v**2
    expected = (1 + rest) ** 2 + 2 * (1 + rest) * second + fourth
    assert robustness.nominal.objective_mean == pytest.approx(expected, rel=1e-3)
    assert robustness.nominal.feasible_share == 1.0
    assert robustness.robust.objective_mean <= robustness.nominal.objective_mean + 1e-6


def test_coarser_steps_lose_more(robustness: Robustness) -> None:
    losses = [rounding.loss for rounding in robustness.roundings]
    assert [rounding.step_pct for rounding in robustness.roundings] == [0.1, 0.2, 0.5, 1, 2, 5]
    assert losses[0] < 1e-4 < losses[-1]
    for rounding in robustness.roundings:
        steps = np.array(list(rounding.parameters.values())) / rounding.step_pct
        np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)


def test_robust_recipe_keeps_away_from_a_constraint() -> None:
    problem = Problem(
        {"bowl": bowl(), "height": lambda recipes: recipes[:, 2]},
        OBJECTIVE,
        BOUNDS,
        {"height": Limits(minimum=20.13)},
        {"height": 40.0},
    )
    members = [{**problem.predict}]
    found = judged(problem, over_slurries=members, over_seeds=members)
    assert found.nominal.feasible_share < 0.6
    # All nodes of the quadrature are allowed: 1.73 standard deviations.
    assert found.robust.parameters["cr_pct"] == pytest.approx(20.13 + 3**0.5 * 4, abs=0.1)
    assert found.robust.feasible_share > 0.95


def test_file_round_trip(robustness: Robustness, tmp_path: Path) -> None:
    robustness.write(tmp_path / "robustness.json")
    assert Robustness.read(tmp_path / "robustness.json") == robustness
