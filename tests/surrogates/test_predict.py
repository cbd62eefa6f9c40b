from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.predict import Interval, predict
from mesocast.surrogates.region import DataRegion
from tests.surrogates.fitted import fitted

INPUTS = ("am_pct", "sc_pct", "cr_pct")
BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
MODELS = {
    "density_g_cm3": fitted(Equation("density_g_cm3", INPUTS, BOX, (0, 2), (2.0, 1.0), 0.5)),
    "overlap_pct": fitted(Equation("overlap_pct", INPUTS, BOX, (1,), (-1.0,), 0.0)),
}
INTERVALS = {"density_g_cm3": Interval(-0.1, 0.2), "overlap_pct": Interval(-0.1, 0.1)}
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
    assert (found["overlap_pct_low"] < found["overlap_pct_high"]).all()
    caplog.clear()
    predict(MODELS, INTERVALS, RECIPES.iloc[:1])
    assert caplog.text == ""


def test_interval_of_a_positive_property_is_relative() -> None:
    predicted = np.linspace(1, 100, 2001)
    factors = np.linspace(0.8, 1.4, 2001)
    interval = Interval.of(predicted * factors, predicted)
    assert interval.is_relative
    assert (interval.low, interval.high) == pytest.approx((-0.185, 0.385))
    low, high = interval.around(np.array([10.0]), "density_g_cm3")
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
    low, high = interval.around(predicted, "overlap_pct")
    assert np.mean((low <= simulated) & (simulated <= high)) == pytest.approx(0.95, abs=0.01)
    assert (high - low).max() < 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"am_pct": "much"}, "must hold numbers"),
        ({"am_pct": [90.0, np.nan]}, "row 2 holds an empty"),
        ({"am_pct": [np.inf, 90.0]}, "row 1 holds an empty"),
        ({"am_pct": [90.0, 150.0]}, "row 2: am_pct = 150: allowed: at least 1 and at most 100"),
        ({"am_pct": [0.9, 0.95]}, "row 1: am_pct = 0.9: looks like a fraction, write 90"),
        ({"sc_pct": [60.0, 0.6]}, "row 2: sc_pct = 0.6: looks like a fraction, write 60"),
        ({"cr_pct": [-1.0, 10.0]}, "row 1: cr_pct = -1"),
        ({"density_g_cm3": 2.0}, "'density_g_cm3' has the name of a prediction"),
        ({"overlap_pct_low": 2.0}, "'overlap_pct_low' has the name of a prediction"),
        ({"is_inside": True}, "'is_inside' has the name of a prediction"),
    ],
)
def test_wrong_values(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        predict(MODELS, INTERVALS, RECIPES.assign(**change))


def test_missing_column() -> None:
    with pytest.raises(InputError, match=r"'sc_pct' is missing; .* there are 'note', 'cr_pct'"):
        predict(MODELS, INTERVALS, RECIPES.drop(columns="sc_pct"))
    with pytest.raises(InputError, match="there is no row"):
        predict(MODELS, INTERVALS, RECIPES.head(0))


@pytest.mark.parametrize(
    ("name", "predicted", "low", "high"),
    [
        ("density_g_cm3", -1.93, 0.0, 0.0),
        ("density_g_cm3", 2.0, 1.0, 3.0),
        ("electronic_conductivity_S_m", 0.4, 0.0, 1.4),
        ("active_surface_pct", 99.5, 98.5, 100.0),
        ("active_surface_pct", 120.0, 100.0, 100.0),
        ("porosity_bulk", 0.5, 0.0, 1.0),
        ("overlap_pct", -5.0, -6.0, -4.0),
        ("column_of_another_table", -5.0, -6.0, -4.0),
    ],
)
def test_intervals_hold_possible_values_only(
    name: str, predicted: float, low: float, high: float
) -> None:
    found = Interval(-1.0, 1.0, is_relative=False).around(np.array([predicted]), name)
    assert [float(end[0]) for end in found] == [low, high]


def test_predictions_are_possible_and_intervals_grow_away_from_the_data() -> None:
    """Solids and active material were adjusted together; at 96/45 the density was -0.93 g/cm3."""
    part = np.linspace(0, 1, 15)
    x = np.stack([86 + 10 * part, 45 + 26 * part, 40 * np.tile([0.0, 0.5, 1.0], 5)], axis=1)
    law = Equation("density_g_cm3", INPUTS, BOX, (0, 1), (-60.0, 24.0), 42.0)
    models = {"density_g_cm3": fitted(law, DataRegion.of(x, BOX))}
    interval = {"density_g_cm3": Interval(-0.1, 0.1, is_relative=False)}
    recipes = pd.DataFrame(
        {"am_pct": [91.0, 96.0, 91.0], "sc_pct": [58.0, 45.0, 61.0], "cr_pct": [20.0, 20.0, 20.0]}
    )
    found = predict(models, interval, recipes)
    assert found["is_inside"].tolist() == [True, False, False]
    assert law(recipes.to_numpy())[1] < -4
    assert found["density_g_cm3"].min() == 0
    width = (found["density_g_cm3_high"] - found["density_g_cm3_low"]).to_numpy()
    assert width[0] == pytest.approx(0.2)
    assert width[2] > 2 * width[0]  # 3 points off the line, within the box


def test_properties_without_an_interval_are_predicted() -> None:
    found = predict(MODELS, {}, RECIPES)
    assert list(found.columns) == [*RECIPES.columns, "is_inside", *MODELS]


def test_interval_of_errors_of_one_size_is_in_the_unit_of_the_property() -> None:
    """A relative one is too narrow where values are small: it held 75 % of them there."""
    random = np.random.default_rng(2)
    predicted = random.uniform(0.02, 0.3, 4000)
    simulated = np.maximum(predicted + random.normal(0, 0.008, 4000), 1e-3)
    interval = Interval.of(simulated, predicted)
    assert not interval.is_relative
    low, high = interval.around(predicted, "electronic_conductivity_S_m")
    held = (simulated >= low) & (simulated <= high)
    for part in (predicted < 0.05, predicted > 0.2):
        assert held[part].mean() == pytest.approx(0.95, abs=0.03)
