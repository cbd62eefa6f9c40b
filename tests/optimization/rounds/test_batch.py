"""Which electrodes come next: what gains most per cost, and when there is nothing more."""

from __future__ import annotations

import numpy as np
import pytest

from mesocast.optimization.objective import Goal, Objective, Scaling
from mesocast.optimization.problem import Limits, Problem
from mesocast.optimization.rounds.batch import BatchLimits, Gains, choose_batch
from mesocast.surrogates.methods.gaussian_process import GaussianProcess

BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
NAMES = ("am_pct", "sc_pct", "cr_pct")
PRESENT = np.array([[90.0, 58.0, cr] for cr in (0.0, 10.0, 20.0)])
# Compressions of the slurry that is there (0) and of a new one (1) with the same properties.
CANDIDATES = np.array([[am, 58.0, cr] for am in (90.0, 90.1) for cr in (20.0, 30.0, 40.0)])
SLURRIES = np.repeat([0, 1], 3)


def _process(slope: float) -> GaussianProcess:
    """Process that is sure of a property that rises by `slope` from no to full compression."""
    x = np.array([[am, 58.0, cr] for am in (86.0, 91.0, 96.0) for cr in range(0, 41, 5)])
    return GaussianProcess(
        property_name="p",
        inputs=NAMES,
        box=BOX,
        unit="",
        x=tuple(map(tuple, x.tolist())),
        y=tuple((slope * x[:, 2] / 40).tolist()),
        length_scales=(2.0, 2.0, 1.0),
        mean=0.0,
        noise_variance=1e-6,
        offset=0.0,
        scale=1.0,
    )


def _gains(constraints: dict[str, Limits] | None = None) -> Gains:
    goals = {"density_g_cm3": Goal("maximize"), "tortuosity_factor": Goal("minimize")}
    processes = {"density_g_cm3": _process(1.0), "tortuosity_factor": _process(0.2)}
    problem = Problem(
        processes,
        Objective(goals, dict.fromkeys(goals, Scaling(0.0, 1.0))),
        dict(zip(NAMES, BOX, strict=True)),
        constraints or {},
        dict.fromkeys(goals, 1.0),
    )
    return Gains(problem, processes, PRESENT, CANDIDATES, seed=1)


def _limits(**changes: float) -> BatchLimits:
    settings = {"slurry_cost": 10.0, "budget": 100.0, "smallest_gain": 1e-4, **changes}
    return BatchLimits(slurries=1, conditions=int(settings.pop("conditions", 4)), **settings)


def test_gain_is_that_of_the_known_properties() -> None:
    gains = _gains().of(np.arange(3))
    assert gains[0] == pytest.approx(0, abs=1e-3)
    # Objectives (0.25 + 0.01) / 2 and 0.02 / 2 from 20 and 40 % of compression.
    density, tortuosity = np.array([0.5, 1.0]), np.array([0.1, 0.2])
    score = ((1 - density) ** 2 + tortuosity**2) / 2
    volume_before = density[0] * (1 - tortuosity[0]) + 0.0
    volume_after = volume_before + (density[1] - density[0]) * (1 - tortuosity[1])
    # The front is a staircase: 0, 10 and 20 % (before), and 40 %.
    stairs = 0.25 * (1 - 0.05) + 0.25 * (1 - 0.1)
    expected = (volume_after - volume_before) / stairs + (score[0] - score[1]) / score[0]
    assert gains[2] == pytest.approx(expected, rel=0.05)


def test_what_was_chosen_gains_nothing_again() -> None:
    gains = _gains()
    before = gains.of(np.arange(6))
    gains.choose(2)
    after = gains.of(np.arange(6))
    assert after[2] == 0
    assert (after <= before + 1e-12).all()
    # The new slurry's electrode of the same properties is as good as known by now.
    assert after[5] < 0.02 * before[5]


def test_old_slurry_is_taken_where_mixing_costs_and_a_new_one_only_if_it_pays() -> None:
    batch, _ = choose_batch(_gains(), SLURRIES, [0], _limits())
    assert {choice.slurry for choice in batch} == {0}
    assert batch[0].candidates == (2,)
    assert batch[0].cost == 1
    batch, _ = choose_batch(_gains(), SLURRIES, [], _limits())
    assert batch[0].cost == 10 + len(batch[0].candidates)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"budget": 0.5}, "budget"),
        ({"smallest_gain": 1e6}, "smallest_gain"),
        ({"conditions": 1}, "the round's 1 places for electrodes are taken"),
    ],
)
def test_batch_says_why_it_ends(changes: dict[str, float], words: str) -> None:
    batch, reason = choose_batch(_gains(), SLURRIES, [0], _limits(**changes))
    assert words in reason
    assert len(batch) == (1 if "conditions" in changes else 0)


def test_batch_without_a_slurry_to_press_does_not_blame_the_budget() -> None:
    limits = BatchLimits(0, 4, slurry_cost=10.0, budget=np.inf, smallest_gain=1e-4)
    batch, reason = choose_batch(_gains(), SLURRIES, [], limits)
    assert not batch
    assert reason.startswith("no slurry is there to press, and the round's 0 places for slurries")
    limits = BatchLimits(1, 4, slurry_cost=10.0, budget=5.0, smallest_gain=1e-4)
    _, reason = choose_batch(_gains(), SLURRIES, [], limits)
    assert "nor its budget (5 left) allows a new one" in reason


def test_electrodes_that_break_a_constraint_gain_nothing() -> None:
    gains = _gains({"density_g_cm3": Limits(maximum=0.9)}).of(np.arange(3))
    assert gains[2] == 0
    assert gains[1] > 0
