from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.optimization.inverse import Inversion, Wanted, invert
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.predict import Interval
from mesocast.surrogates.region import DataRegion
from tests.surrogates.fitted import fitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUTS = ("am_pct", "sc_pct", "cr_pct")
BOX = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
BOUNDS = tuple(BOX.values())
EQUATIONS = {  # 0.86 to 0.96, and 0 to 0.4
    "density_g_cm3": Equation("density_g_cm3", INPUTS, BOUNDS, (0,), (1.0,), 0.0),
    "tortuosity_factor": Equation("tortuosity_factor", INPUTS, BOUNDS, (2,), (1.0,), 0.0),
}
MODELS = {name: fitted(equation) for name, equation in EQUATIONS.items()}
INTERVALS = {"density_g_cm3": Interval(-0.001, 0.001), "tortuosity_factor": Interval(-0.1, 0.1)}
SPANS = {"density_g_cm3": 0.1, "tortuosity_factor": 0.4}


def search(**wanted: str) -> Inversion:
    questions = {name: Wanted.parse(text) for name, text in wanted.items()}
    return invert(MODELS, INTERVALS, SPANS, BOX, questions)


def test_ranges() -> None:
    found = search(density_g_cm3="0.91:", tortuosity_factor="0.1:0.2")
    assert found.is_reached
    # Faces of the box count: 21 of 41 grid points, times 11 of 41.
    assert found.share_of_box == pytest.approx(21 / 41 * 11 / 41)
    assert len(found.recipes) == 20
    for recipe in found.recipes:
        assert recipe.distance == pytest.approx(0, abs=1e-9)
        assert recipe.parameters["am_pct"] >= 91 - 1e-9
        assert 10 - 1e-9 <= recipe.parameters["cr_pct"] <= 20 + 1e-9
    # The third number is free, so the recipes are spread over all of it.
    solids = [recipe.parameters["sc_pct"] for recipe in found.recipes]
    assert (min(solids), max(solids)) == (45, 71)


def test_value_is_met_exactly_by_the_closest_and_within_the_interval_by_all() -> None:
    found = search(tortuosity_factor="0.123")
    assert found.is_reached
    assert found.closest.predicted["tortuosity_factor"] == pytest.approx(0.123, abs=1e-6)
    assert found.recipes[0] == found.closest
    for recipe in found.recipes:
        assert 0.123 / 1.1 <= recipe.predicted["tortuosity_factor"] <= 0.123 / 0.9


def test_each_recipe_comes_with_the_interval_of_a_new_electrode() -> None:
    for recipe in search(tortuosity_factor="0.1:0.2").recipes:
        tortuosity = recipe.predicted["tortuosity_factor"]
        interval = recipe.interval["tortuosity_factor"]
        assert interval == pytest.approx({"low": 0.9 * tortuosity, "high": 1.1 * tortuosity})
        assert set(recipe.interval) == set(MODELS)


def test_distance_when_none_reaches() -> None:
    found = search(density_g_cm3="0.98:1.2", tortuosity_factor=":0.3")
    assert not found.is_reached
    assert found.recipes == []
    assert found.share_of_box == 0
    assert found.closest.parameters["am_pct"] == pytest.approx(96)
    assert found.closest.parameters["cr_pct"] <= 30 + 1e-6
    assert found.closest.distance == pytest.approx(0.2 / math.sqrt(2), rel=1e-6)


def test_only_recipes_near_the_data_reach_what_is_wanted() -> None:
    """Solids and active material were adjusted together: nothing is known off their line."""
    part = np.linspace(0, 1, 12)
    x = np.stack([86 + 10 * part, 45 + 26 * part, 40 * np.tile([0.0, 0.5, 1.0], 4)], axis=1)
    region = DataRegion.of(x, BOUNDS)
    models = {name: fitted(equation, region) for name, equation in EQUATIONS.items()}
    found = invert(models, INTERVALS, SPANS, BOX, {"density_g_cm3": Wanted(0.9, 0.92)})
    assert 0 < found.share_of_box < 0.03
    for recipe in found.recipes:
        assert recipe.is_inside
        share = (recipe.parameters["am_pct"] - 86) / 10
        assert recipe.parameters["sc_pct"] == pytest.approx(45 + 26 * share, abs=2.5)


def test_answer_is_json() -> None:
    content = search(density_g_cm3="0.91:").to_dict()
    assert content["wanted"] == {"density_g_cm3": {"low": 0.91, "high": None}}
    assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_same_question_same_answer() -> None:
    assert search(tortuosity_factor="0.2") == search(tortuosity_factor="0.2")


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("2.5", (2.5, 2.5)), ("1:2", (1, 2)), (":2", (-np.inf, 2)), ("-1e-3:", (-0.001, np.inf))],
)
def test_targets_are_read(text: str, bounds: Any) -> None:
    assert Wanted.parse(text) == Wanted(*bounds)


@pytest.mark.parametrize("text", ["", ":", "2:1", "a", "1:2:3", "nan", "inf", "1:nan"])
def test_targets_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="allowed: a number, or LOW:HIGH"):
        Wanted.parse(text)


def test_unknown_property() -> None:
    with pytest.raises(InputError, match="found 'price'; allowed: density_g_cm3, tortuosity"):
        search(price="1")
    with pytest.raises(InputError, match="none is given"):
        search()


def test_recipes_that_are_not_allowed_are_no_answer() -> None:
    wanted = {"tortuosity_factor": Wanted.parse("0.1:0.2")}

    def missed(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.maximum(0.9 - x[:, 0] / 100, 0.0) + np.maximum(x[:, 0] / 100 - 0.92, 0.0)

    free = invert(MODELS, INTERVALS, SPANS, BOX, wanted)
    found = invert(MODELS, INTERVALS, SPANS, BOX, wanted, missed=missed)
    assert 0 < found.share_of_box < free.share_of_box
    for recipe in (found.closest, *found.recipes):
        assert 90 - 1e-6 <= float(recipe.parameters["am_pct"]) <= 92 + 1e-6
