from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.predict import Interval, predict

INPUTS = ("am_pct", "sc_pct", "cr_pct")
BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
MODELS = {
    "density_g_cm3": Equation("density_g_cm3", INPUTS, BOX, (0, 2), (2.0, 1.0), 0.5),
    "tortuosity_factor": Equation("tortuosity_factor", INPUTS, BOX, (1,), (-1.0,), 0.0),
}
INTERVALS = {"density_g_cm3": Interval(-0.1, 0.2), "tortuosity_factor": Interval(-0.1, 0.1)}
RECIPES = pd.DataFrame(
    {"note": ["x", "y"], "cr_pct": [0.0, 41.0], "sc_pct": [50, 60], "am_pct": [90.0, 95.0]}
)


def test_predictions_intervals_and_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = predict(MODELS, INTERVALS, RECIPES)
    assert found["density_g_cm3"].tolist() == pytest.approx([2.3, 2.81])
    assert found["density_g_cm3_low"].tolist() == pytest.approx([2.07, 2.529])
    assert found["density_g_cm3_high"].tolist() == pytest.approx([2.76, 3.372])
    assert found["is_inside"].tolist() == [True, False]
    assert found["note"].tolist() == ["x", "y"]
    assert "1 of 2 recipes lie outside" in caplog.text
    # Low is low for a negative prediction as well.
    assert (found["tortuosity_factor_low"] < found["tortuosity_factor_high"]).all()
    caplog.clear()
    predict(MODELS, INTERVALS, RECIPES.iloc[:1])
    assert caplog.text == ""


def test_interval_of_a_positive_property_is_relative() -> None:
    predicted = np.linspace(1, 100, 2001)
    factors = np.linspace(0.8, 1.4, 2001)
    interval = Interval.of(predicted * factors, predicted)
    assert interval.is_relative
    assert (interval.low, interval.high) == pytest.approx((-0.185, 0.385))
    low, high = interval.around(np.array([10.0]))
    assert (low[0], high[0]) == pytest.approx((8.15, 13.85))


@pytest.mark.parametrize("shift", [-3.0, -50.0])
def test_interval_where_a_prediction_is_not_positive_is_in_the_unit_of_the_property(
    shift: float,
) -> None:
    """A ratio to a prediction about 0 says nothing: it was 10 times too wide, or reversed."""
    predicted = np.linspace(0, 5, 2001) + shift
    simulated = predicted + np.random.default_rng(1).uniform(-1, 1, 2001)
    interval = Interval.of(simulated, predicted)
    assert not interval.is_relative
    low, high = interval.around(predicted)
    assert np.mean((low <= simulated) & (simulated <= high)) == pytest.approx(0.95, abs=0.01)
    assert (high - low).max() < 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"am_pct": "much"}, "must hold numbers"),
        ({"am_pct": [90.0, np.nan]}, "row 2 holds an empty"),
        ({"am_pct": [np.inf, 90.0]}, "row 1 holds an empty"),
    ],
)
def test_wrong_values(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        predict(MODELS, INTERVALS, RECIPES.assign(**change))


def test_missing_column() -> None:
    with pytest.raises(InputError, match="'sc_pct' is missing"):
        predict(MODELS, INTERVALS, RECIPES.drop(columns="sc_pct"))
