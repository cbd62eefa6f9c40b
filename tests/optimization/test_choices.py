"""Optima of known functions of choices and levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mesocast.columns.variables import Discrete
from mesocast.optimization import discrete
from mesocast.optimization.inverse import Wanted, invert
from mesocast.optimization.objective import Goal, Objective, Scaling
from mesocast.optimization.optimize import optimize
from mesocast.optimization.optimum.find import find_optimum
from mesocast.optimization.problem import Limits, Problem, at_choices
from mesocast.surrogates.fit import fit
from mesocast.surrogates.predict import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOUNDS = {
    "am_pct": (86.0, 96.0),
    "sc_pct": (45.0, 71.0),
    "cr_pct": (0.0, 40.0),
    "set_material": Discrete.of_words(["LFP", "LCO", "NMC622"]),
    "set_hold_time_us": Discrete([1.0, 2.0, 5.0, 20.0]),
}
# By material: where its valley lies, how wide it is, and how deep. The deepest is the narrowest.
PLACES, WIDTHS, DEPTHS = np.array([[88.0, 90.3, 93.7], [8.0, 6.0, 0.8], [0.7, 0.95, 1.0]])


def valleys(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Function whose lowest value, 0.002, is that of NMC622 at 5 us."""
    material = x[:, 3].astype(int)
    assert (material == x[:, 3]).all()  # nothing lies between two materials
    deep = DEPTHS[material] * np.exp(-(((x[:, 0] - PLACES[material]) / WIDTHS[material]) ** 2))
    return np.asarray(
        1 - deep + 0.1 * ((x[:, 2] - 12.3) / 40) ** 2 + 0.8 * ((x[:, 4] - 4) / 20) ** 2
    )


def problem(**constraints: Limits) -> Problem:
    return Problem(
        {"valleys": valleys},
        Objective({"valleys": Goal("minimize")}, {"valleys": Scaling(0.0, 1.8)}),
        BOUNDS,
        constraints,
        {"valleys": 1.8},
    )


@pytest.mark.parametrize(
    ("constraints", "level", "lowest"),
    [
        ({}, 5.0, 0.002),
        ({"set_hold_time_us": Limits(0, 3)}, 2.0, 0.008),
        ({"set_hold_time_us": Limits(6, 9)}, 5.0, 0.002),
        ({"valleys": Limits(-np.inf, 0.9)}, 5.0, 0.002),
    ],
)
def test_best_choice_and_level_are_found(
    constraints: dict[str, Limits], level: float, lowest: float
) -> None:
    question = problem(**constraints)
    best = find_optimum(question, evaluations=20, seed=1, resolution_pct={})
    assert best.parameters["set_material"] == "NMC622"
    assert best.parameters["set_hold_time_us"] == level
    found = valleys(question.point(best.exact.parameters)[None])[0]
    assert (found - lowest) / 1.8 < 1e-3
    assert best.method == "exhaustive_search"
    assert best.choices == {"set_material": ("LFP", "LCO", "NMC622")}
    assert best.recipe.further == {"set_material": "NMC622", "set_hold_time_us": level}
    assert {one.parameters["set_hold_time_us"] for one in best.trace} <= {1.0, 2.0, 5.0, 20.0}


def test_levels_of_many_combinations_are_found() -> None:
    bounds = {f"set_{letter}": Discrete(range(1, 8)) for letter in "abcde"}
    target = np.array([2.2, 6.9, 4.4, 1.1, 5.3])
    found = discrete.global_minimum(
        lambda x: ((x - target) ** 2).sum(axis=1),
        [1.0] * 5,
        [7.0] * 5,
        dict(enumerate(bounds.values())),
    )
    assert found.point == (2.0, 7.0, 4.0, 1.0, 5.0)


def test_many_questions_are_answered_by_their_own_choices() -> None:
    wanted = np.linspace(0.0, 2.0, 21)[:, None]
    words = Discrete.of_words("xyz")
    found = discrete.minima(
        lambda x: x[:, [0]] * 0.4 + x[:, [1]],
        lambda values, question: np.abs(values - question).sum(axis=-1),
        wanted,
        [0.0, 0.0],
        [1.0, 2.0],
        {1: words},
    )
    assert set(found.points[:, 1]) == {0.0, 1.0, 2.0}
    above = wanted[:, 0] - found.points[:, 1]
    assert found.scores == pytest.approx(np.clip(np.abs(above - 0.2) - 0.2, 0, None), abs=1e-3)
    assert found.scores.max() < 0.31


def test_question_at_the_choices_of_a_recipe_is_one_of_numbers() -> None:
    whole = problem()
    point = np.array([90.0, 60.0, 10.0, 1.0, 5.0])
    recipe = whole.named(point)
    assert recipe["set_material"] == "LCO"
    assert whole.point(recipe).tolist() == point.tolist()
    held = at_choices(whole, recipe)
    assert held.inputs == ("am_pct", "sc_pct", "cr_pct", "set_hold_time_us")
    assert held.named(held.point(recipe)) == recipe
    assert held(held.point(recipe)[None]) == whole(point[None])


@pytest.mark.parametrize("method", ["gaussian_process", "polynomial"])
def test_from_rows_to_the_best_choice(method: str) -> None:
    random = np.random.default_rng(2)
    words = np.array(["LFP", "LCO", "NMC622"])
    place = np.arange(60) % 3
    hold = random.choice([1.0, 2.0, 5.0], 60)
    table = pd.DataFrame(
        {
            "condition_id": [f"S{n:03d}-C01" for n in range(60)],
            "slurry_id": [f"S{n:03d}" for n in range(60)],
            "status": "ok",
            "am_pct": random.uniform(86, 96, 60),
            "sc_pct": random.uniform(45, 71, 60),
            "cr_pct": random.uniform(0, 40, 60),
            "set_material": words[place],
            "set_hold_time_us": hold,
        }
    )
    am, gain = table["am_pct"].to_numpy(), np.array([0.0, 0.1, 0.5])[place]
    table["density_g_cm3"] = 2 + gain * (am - 86) / 10 + 0.2 * (am - 91) / 10 + 0.05 * hold
    models = fit(table, ["density_g_cm3"], method=method, splits=2)
    own = models["density_g_cm3"]
    assert own.words == {"set_material": ("LCO", "LFP", "NMC622")}
    assert own.test.r2 > 0.98
    predicted = models.predict(table)["density_g_cm3"]
    assert np.corrcoef(predicted, table["density_g_cm3"])[0, 1] > 0.99
    bounds = {**BOUNDS, "set_material": Discrete.of_words(own.words["set_material"])}
    bounds["set_hold_time_us"] = Discrete([1.0, 2.0, 5.0])
    best = optimize(
        models, table, goals={"density_g_cm3": "maximize"}, bounds_pct=bounds, evaluations=10
    )
    assert best.parameters["set_material"] == "NMC622"
    assert best.parameters["set_hold_time_us"] == 5
    # From there on it is as good as the best electrode.
    assert float(best.parameters["am_pct"]) > 93
    answer = invert(
        models,
        {"density_g_cm3": Interval(-0.01, 0.01)},
        {"density_g_cm3": 1.0},
        bounds,
        {"density_g_cm3": Wanted(2.75, 2.8)},
        points_per_axis=11,
    )
    assert answer.is_reached
    assert {one.parameters["set_material"] for one in answer.recipes} == {"NMC622"}
