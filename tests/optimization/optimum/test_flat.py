from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from mesocast.columns import PARAMETERS
from mesocast.optimization.objective import Goal, Objective, Scaling
from mesocast.optimization.optimum.flat import Flat, find_flat
from mesocast.optimization.problem import Limits, Problem

BOUNDS = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
LOW, HIGH = np.array(list(BOUNDS.values())).T
CENTRE = (91.0, 58.0, 20.0)
# Minimized as it is: the objective is the square of the height, which is 1 at the lowest point.
OBJECTIVE = Objective({"height": Goal("minimize")}, {"height": Scaling(0.0, 1.0)})
NOISE = 0.01


def height(recipes: np.ndarray) -> np.ndarray:
    """Valley: only the compression rate matters."""
    return np.asarray(1 + ((recipes[:, 2] - CENTRE[2]) / 40.0) ** 2)


def problem(**limits: Limits) -> Problem:
    return Problem({"height": height}, OBJECTIVE, BOUNDS, limits, dict.fromkeys(limits, 1.0))


def make_table(*, repeats: int, slurries: int = 400, noise: float = NOISE) -> pd.DataFrame:
    """Electrodes of random recipes, each from as many slurries."""
    random = np.random.default_rng(2)
    recipes = np.repeat(random.uniform(LOW, HIGH, (slurries // repeats, 3)), repeats, axis=0)
    count = len(recipes)
    table = pd.DataFrame(recipes, columns=list(PARAMETERS))
    return table.assign(
        condition_id=[f"C{i:03d}" for i in range(count)],
        slurry_id=[f"S{i:03d}" for i in range(count)],
        status="ok",
        height=height(recipes) * (1 + noise * random.standard_normal(count)),
    )


def find(table: pd.DataFrame, seeds: int = 3, **limits: Limits) -> Flat:
    return find_flat(
        problem(**limits), table, dict(zip(PARAMETERS, CENTRE, strict=True)), seeds=seeds
    )


@pytest.mark.parametrize(("repeats", "source"), [(1, "residuals"), (2, "repeats")])
@pytest.mark.parametrize("seeds", [1, 4])
def test_set_is_as_wide_as_the_noise_says(repeats: int, source: str, seeds: int) -> None:
    found = find(make_table(repeats=repeats), seeds)
    assert found.noise.source == source
    # The objective is the square of a height of 1, so its relative noise is twice that.
    assert found.noise.standard_deviation == pytest.approx(2 * NOISE, rel=0.12)
    margin = student.ppf(0.975, found.noise.freedom) * 2 * NOISE * np.sqrt(2 / seeds)
    assert found.margin == pytest.approx(margin, rel=0.12)
    # height^2 - 1 = margin at the half width, to first order.
    half = 40 * np.sqrt(np.sqrt(1 + margin) - 1)
    low, high = found.extent_pct["cr_pct"]
    assert (low, high) == pytest.approx((20 - half, 20 + half), abs=1.6)
    assert found.share == pytest.approx((high - low) / 40, abs=0.04)
    # Nothing else matters.
    assert found.extent_pct["am_pct"] == BOUNDS["am_pct"]
    assert found.slopes["objective"]["am_pct"] == pytest.approx(0, abs=1e-9)


def test_more_seeds_tell_more_apart() -> None:
    table = make_table(repeats=2)
    few, many = find(table, 1), find(table, 25)
    assert many.share < 0.6 * few.share
    assert len(many.alike) < len(few.alike)
    best = table["condition_id"].iloc[int(table["height"].to_numpy().argmin())]
    assert many.alike[0] == few.alike[0] == best


def test_maps_and_constraints() -> None:
    found = find(make_table(repeats=1), cr_pct=Limits(minimum=20.0))
    assert found.extent_pct["cr_pct"][0] == 20.0
    maps = {(panel.first, panel.second): panel for panel in found.maps}
    assert set(maps) == {("am_pct", "sc_pct"), ("am_pct", "cr_pct"), ("sc_pct", "cr_pct")}
    share = np.array(maps["am_pct", "cr_pct"].share)
    assert share.shape == (31, 31)
    np.testing.assert_allclose(share[:, 0], 1.0)
    np.testing.assert_allclose(share[:, -1], 0.0)


def test_slopes_have_the_sign_of_the_change() -> None:
    table = make_table(repeats=1)
    recipe = dict(zip(PARAMETERS, (91.0, 58.0, 30.0), strict=True))
    found = find_flat(problem(), table, recipe)
    assert found.slopes["height"]["cr_pct"] == pytest.approx(2 * 10 / 40**2, rel=1e-6)
    at_bound = find_flat(problem(), table, {**recipe, "cr_pct": 0.0})
    assert at_bound.slopes["height"]["cr_pct"] < 0


def test_without_noise_the_optimum_is_alone() -> None:
    found = find(make_table(repeats=2, noise=0.0))
    assert found.margin == pytest.approx(0, abs=1e-12)
    assert len(found.alike) == 2  # the best recipe was made twice, with the same result
    assert found.extent_pct["cr_pct"] == (20.0, 20.0)
