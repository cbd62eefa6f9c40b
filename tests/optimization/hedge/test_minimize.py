from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from mesocast.errors import InputError
from mesocast.optimization.exhaustive import global_minimum
from mesocast.optimization.hedge import minimize
from mesocast.optimization.hedge.acquisition import ACQUISITIONS
from mesocast.optimization.hedge.posterior import Posterior, fit_prior

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.optimization.hedge.trace import Visit
    from mesocast.optimization.objective import Objective

    Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]

CUBE = ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_small_regret_on_hartmann(hartmann: Function, seed: int) -> None:
    visits = minimize.minimize(hartmann, *CUBE, evaluations=60, seed=seed)
    assert len(visits) == 60
    assert min(visit.value for visit in visits) < -3.8627797 + 0.005


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_regret_of_the_published_number_of_evaluations(
    electrode: dict[str, Any], electrode_objective: Objective, seed: int
) -> None:
    """Issue 6: at most 1e-4 of the objective's range after 300 evaluations."""

    def function(recipe: NDArray[np.float64]) -> NDArray[np.float64]:
        return electrode_objective({k: f(recipe) for k, f in electrode["PROPERTIES"].items()})

    lower, upper = zip(*electrode["BOUNDS_PCT"].values(), strict=True)
    truth = global_minimum(function, lower, upper)
    visits = minimize.minimize(function, lower, upper, seed=seed)
    assert len(visits) == 300
    regret = min(visit.value for visit in visits) - truth.value
    assert -1e-12 < regret / truth.span <= 1e-4


def test_same_seed_same_trace_and_a_longer_run_begins_alike(hartmann: Function) -> None:
    short = minimize.minimize(hartmann, *CUBE, evaluations=18, seed=3)
    assert minimize.minimize(hartmann, *CUBE, evaluations=25, seed=3)[:18] == short
    assert minimize.minimize(hartmann, *CUBE, evaluations=18, seed=4) != short


def test_numpy_and_torch_random_state_do_not_matter_and_stay(hartmann: Function) -> None:
    first = minimize.minimize(hartmann, *CUBE, evaluations=14)
    torch.manual_seed(5)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    assert minimize.minimize(hartmann, *CUBE, evaluations=14) == first
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads


@pytest.fixture(scope="module")
def undisturbed(
    hartmann: Function, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Sequence[Visit], bytes]:
    """Twenty evaluations and their trace."""
    path = tmp_path_factory.mktemp("undisturbed") / "trace.jsonl"
    visits = minimize.minimize(hartmann, *CUBE, evaluations=20, trace_path=path)
    return visits, path.read_bytes()


@pytest.mark.parametrize("lines", [0, 1, 5, 13, 16])
def test_killed_and_continued_it_gives_the_same_trace(
    hartmann: Function,
    tmp_path: Path,
    undisturbed: tuple[Sequence[Visit], bytes],
    lines: int,
) -> None:
    path = tmp_path / "trace.jsonl"
    visits, whole = undisturbed
    pieces = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(pieces[:lines]) + pieces[lines][:7])
    calls = 0

    def counted(x: NDArray[np.float64]) -> NDArray[np.float64]:
        nonlocal calls
        calls += 1
        return hartmann(x)

    assert minimize.minimize(counted, *CUBE, evaluations=20, trace_path=path) == visits
    assert path.read_bytes() == whole
    assert calls == 20


def test_a_function_that_fails_half_way_leaves_a_trace_to_continue(
    hartmann: Function,
    tmp_path: Path,
    undisturbed: tuple[Sequence[Visit], bytes],
) -> None:
    path = tmp_path / "trace.jsonl"
    calls = 0

    def dies(x: NDArray[np.float64]) -> NDArray[np.float64]:
        nonlocal calls
        calls += 1
        if calls > 15:
            raise KeyboardInterrupt
        return hartmann(x)

    with pytest.raises(KeyboardInterrupt):
        minimize.minimize(dies, *CUBE, evaluations=20, trace_path=path)
    assert path.read_bytes().count(b"\n") == 16
    assert minimize.minimize(hartmann, *CUBE, evaluations=20, trace_path=path) == undisturbed[0]


def test_the_trace_of_another_function_is_not_continued(hartmann: Function, tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    minimize.minimize(hartmann, *CUBE, evaluations=12, trace_path=path)

    def other(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return hartmann(x) + 1e-3

    visits = minimize.minimize(other, *CUBE, evaluations=12, trace_path=path)
    assert visits == minimize.minimize(other, *CUBE, evaluations=12)


def test_the_rule_follows_its_definition(hartmann: Function) -> None:
    """Gains, probabilities and the evaluated point of every iteration, computed again."""
    settings = minimize.HedgeSettings(initial=6, eta=0.7)
    visits = minimize.minimize(hartmann, *CUBE, evaluations=16, settings=settings)
    assert [visit.acquisition for visit in visits[:6]] == ["initial"] * 6
    assert visits[6].gains == (0, 0, 0)
    points = torch.tensor([visit.point for visit in visits], dtype=torch.float64)
    values = torch.tensor([visit.value for visit in visits], dtype=torch.float64)
    fitted = {7: 6, 8: 8, 9: 8, 10: 8, 11: 11, 12: 11, 13: 11, 14: 11, 15: 15}  # growth by 30 %
    for number, size in fitted.items():
        prior = fit_prior(points[:size], values[:size])
        posterior = Posterior(prior, points[:number], values[:number])
        before, visit = visits[number - 1], visits[number]
        mean = posterior(torch.tensor(before.candidates, dtype=torch.float64))[0].numpy()
        np.testing.assert_allclose(visit.gains, np.array(before.gains) - mean, rtol=1e-9)
        expected = np.exp(0.7 * np.array(visit.gains))
        np.testing.assert_allclose(visit.probabilities, expected / expected.sum())
        chosen = ACQUISITIONS.index(visit.acquisition)
        assert visit.point == visit.candidates[chosen]
    assert all(visit.value == hartmann(np.array([visit.point]))[0] for visit in visits)


def test_points_stay_in_the_box_in_its_units() -> None:
    lower, upper = [86.0, 45.0], [96.0, 71.0]

    def corner(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x[:, 0] - x[:, 1]

    visits = minimize.minimize(corner, lower, upper, evaluations=25)
    points = np.array([visit.point for visit in visits])
    assert (points >= lower).all()
    assert (points <= upper).all()
    assert min(visit.value for visit in visits) == pytest.approx(86 - 71, abs=0.05)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="must be finite"):
        minimize.minimize(lambda x: np.full(len(x), value), *CUBE, evaluations=12)


@pytest.mark.parametrize(
    ("lower", "upper", "evaluations"),
    [([0.0], [0.0], 20), ([1.0], [0.0], 20), ([0.0], [1.0, 2.0], 20), ([0.0], [1.0], 9)],
)
def test_bad_request(lower: list[float], upper: list[float], evaluations: int) -> None:
    with pytest.raises(InputError, match="optimizer"):
        minimize.minimize(lambda x: x[:, 0], lower, upper, evaluations=evaluations)


def test_bad_seed(hartmann: Function) -> None:
    with pytest.raises(InputError, match="seed is -1"):
        minimize.minimize(hartmann, *CUBE, seed=-1)


@pytest.mark.parametrize(
    "wrong", [{"initial": 1}, {"eta": -1.0}, {"kappa": math.nan}, {"xi": math.inf}]
)
def test_bad_settings(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        minimize.HedgeSettings(**wrong)
