"""Surrogates, optimum and verification on a dataset of known laws."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast import dataset
from mesocast.analysis import (
    box_pct,
    find_recipe,
    fit_one,
    judge,
    make_problem,
    read_surrogates,
    verify,
    weigh,
)
from mesocast.config import Campaign
from mesocast.design import make_plan
from mesocast.files import read_json, write_json
from mesocast.optimization.optimum import Optimum
from mesocast.optimization.robustness import Robustness
from mesocast.optimization.tradeoffs import Tradeoffs, find_tradeoffs
from mesocast.properties import TARGETS, check_row
from tests.conftest import TINY

if TYPE_CHECKING:
    from pathlib import Path

CAMPAIGN = Campaign.model_validate(
    {**TINY, "design": {"slurries": 8, "conditions": 40}, "surrogates": {"method": "polynomial"}}
)


def _laws(am_pct: float, sc_pct: float, cr_pct: float) -> dict[str, float]:
    """Four smooth properties, exact for a quadratic."""
    return {
        "density_g_cm3": 1.5 + 0.01 * (am_pct - 86) + 0.02 * cr_pct,
        "tortuosity_factor": 2.0 + 0.001 * cr_pct**2 + 0.02 * (96 - am_pct),
        "active_surface_pct": 95 - 0.5 * cr_pct - 0.1 * (sc_pct - 45),
        "electronic_conductivity_S_m": 0.02 + 0.002 * (96 - am_pct) + 0.001 * cr_pct,
    }


def _row(
    name: str, slurry: str, seed: int, recipe: tuple[float, float, float]
) -> dict[str, object]:
    keys = ("am_pct", "sc_pct", "cr_pct")
    content = {
        "condition_id": name,
        "slurry_id": slurry,
        "round": 0,
        "seed": seed,
        "status": "ok",
        "reason": "",
        **dict(zip(keys, recipe, strict=True)),
        **_laws(*recipe),
    }
    return check_row(content, name).model_dump()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results folder of a campaign whose electrodes follow the laws, up to the optimum."""
    folder = tmp_path_factory.mktemp("results")
    paths = []
    plan = make_plan(CAMPAIGN)
    slurries = {slurry.slurry_id: slurry for slurry in plan.slurries}
    for condition in plan.conditions:
        slurry = slurries[condition.slurry_id]
        recipe = (slurry.am_pct, slurry.sc_pct, condition.cr_pct)
        path = folder / "rows" / f"{condition.condition_id}.json"
        write_json(path, _row(condition.condition_id, slurry.slurry_id, slurry.seed, recipe))
        paths.append(path)
    dataset.write(dataset.gather(paths), folder, campaign="known")
    for name in TARGETS:
        fit_one(CAMPAIGN, folder, name)
    find_recipe(CAMPAIGN, folder)
    weigh(CAMPAIGN, folder)
    judge(CAMPAIGN, folder)
    return folder


def test_surrogates_recover_the_laws(results: Path) -> None:
    recipe = np.array([[90.0, 55.0, 17.0]])
    for name, surrogate in read_surrogates(CAMPAIGN, results).items():
        assert surrogate.test.r2 > 0.9999
        assert float(surrogate.model(recipe)[0]) == pytest.approx(_laws(*recipe[0])[name], rel=1e-6)


def test_optimum_is_the_best_recipe_of_the_laws(results: Path) -> None:
    optimum = Optimum.read(results / "optimum.json")
    table = dataset.read(results)
    corners = np.stack(np.meshgrid(*(np.linspace(*b, 21) for b in box_pct(CAMPAIGN).values())), -1)

    def objective(recipe: np.ndarray) -> float:
        total = 0.0
        for name, value in _laws(*recipe).items():
            low, high = table[name].min(), table[name].max()
            scaled = (value - low) / (high - low)
            total += (scaled if name == "tortuosity_factor" else 1 - scaled) ** 2 / 4
        return total

    best = min(objective(recipe) for recipe in corners.reshape(-1, 3))
    recipe = np.array([optimum.parameters[name] for name in ("am_pct", "sc_pct", "cr_pct")])
    assert optimum.objective == pytest.approx(objective(recipe), abs=1e-9)
    assert optimum.objective < best + 1e-3


def test_verification_compares_means_and_spread_and_counts_what_failed(
    results: Path, tmp_path: Path
) -> None:
    optimum = Optimum.read(results / "optimum.json")
    recipe = (
        optimum.parameters["am_pct"],
        optimum.parameters["sc_pct"],
        optimum.parameters["cr_pct"],
    )
    paths = []
    for seed, factor in ((1, 0.9), (2, 1.2), (3, None)):
        row = _row(f"V0{seed}-C01", f"V0{seed}", seed, recipe)
        if factor is None:
            row |= {"status": "particles_lost", "reason": "why", "density_g_cm3": None}
        else:
            row["density_g_cm3"] *= factor  # type: ignore[operator]
        path = tmp_path / f"{seed}.json"
        write_json(path, row)
        paths.append(path)
    verify(CAMPAIGN, results, paths)
    content = read_json(results / "verification.json")
    density = content["properties"]["density_g_cm3"]
    true = _laws(*recipe)["density_g_cm3"]
    assert density["simulated"] == pytest.approx([0.9 * true, 1.2 * true])
    assert density["simulated_mean"] == pytest.approx(1.05 * true)
    assert density["simulated_standard_deviation"] == pytest.approx(0.3 * true / 2**0.5)
    assert density["deviation_pct"] == pytest.approx(100 * (1 / 1.05 - 1), abs=1e-3)
    assert content["properties"]["tortuosity_factor"]["deviation_pct"] == pytest.approx(0, abs=1e-3)
    # The laws are exact, so the interval is narrow: the mean of 1.05 times the density misses it.
    low, high = density["interval"]
    assert low <= density["predicted"] <= high
    assert density["is_inside"] is False
    assert [e["status"] for e in content["electrodes"]] == ["ok", "ok", "particles_lost"]
    assert len(content["objective"]["simulated"]) == 2


def test_exact_laws_leave_no_doubt_about_the_optimum(results: Path) -> None:
    optimum = Optimum.read(results / "optimum.json")
    robustness = Robustness.read(results / "robustness.json")
    for spread in (robustness.over_splits, robustness.over_seeds):
        assert len(spread.optima) == CAMPAIGN.optimum.ensemble
        assert spread.loss_percentile95 < 1e-3
        for name, (low, high) in spread.parameters_percentiles95.items():
            assert high - low < 0.5
            assert low - 0.5 < optimum.parameters[name] < high + 0.5


def test_tradeoffs_hold_the_optimum_of_the_campaign(results: Path) -> None:
    optimum = Optimum.read(results / "optimum.json")
    balanced = Tradeoffs.read(results / "tradeoffs.json").by_application["balanced"]
    for name, value in balanced.parameters.items():
        assert value == pytest.approx(optimum.exact.parameters[name], abs=0.3)


def test_constrained_column_gets_a_surrogate_and_is_kept(results: Path, tmp_path: Path) -> None:
    shutil.copytree(results, tmp_path, dirs_exist_ok=True)
    limit = {"constraints": {"thickness_um": {"min": 60.0}}}
    campaign = Campaign.model_validate({**CAMPAIGN.model_dump(), "optimum": limit})
    table = dataset.read(results)
    dataset.write(table.assign(thickness_um=80 - table["cr_pct"]), tmp_path, campaign="constrained")
    assert campaign.modelled == (*TARGETS, "thickness_um")
    fit_one(campaign, tmp_path, "thickness_um")
    found = find_tradeoffs(make_problem(campaign, tmp_path))
    assert min(recipe.predicted["thickness_um"] for recipe in found.front) >= 60 - 1e-6
