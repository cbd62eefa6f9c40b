"""Surrogates, optimum, extremes and tradeoffs on a dataset of known laws."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.columns import TARGETS
from mesocast.config.campaign import Campaign
from mesocast.dataset.package import read_dataset, write_dataset
from mesocast.optimization.jobs import make_problem, run_extremes
from mesocast.optimization.optimum.result import Optimum
from mesocast.optimization.robustness.tolerance import Robustness
from mesocast.optimization.tradeoffs.extremes import Extreme
from mesocast.optimization.tradeoffs.result import Tradeoffs, find_tradeoffs
from mesocast.surrogates.jobs import read_surrogates, run_surrogate
from tests.known_laws import CAMPAIGN, laws, write_results

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    write_results(folder)
    return folder


def test_surrogates_recover_the_laws(results: Path) -> None:
    recipe = np.array([[90.0, 55.0, 17.0]])
    for name, surrogate in read_surrogates(CAMPAIGN, results).items():
        assert surrogate.test.r2 > 0.9999
        assert float(surrogate.model(recipe)[0]) == pytest.approx(laws(*recipe[0])[name], rel=1e-6)


def test_optimum_is_the_best_recipe_of_the_laws(results: Path) -> None:
    optimum = Optimum.read(results / "optimum.json")
    table = read_dataset(results)
    corners = np.stack(np.meshgrid(*(np.linspace(*b, 21) for b in CAMPAIGN.box_pct.values())), -1)

    def objective(recipe: np.ndarray) -> float:
        total = 0.0
        for name, value in laws(*recipe).items():
            low, high = table[name].min(), table[name].max()
            scaled = (value - low) / (high - low)
            total += (scaled if name == "tortuosity_factor" else 1 - scaled) ** 2 / 4
        return total

    best = min(objective(recipe) for recipe in corners.reshape(-1, 3))
    recipe = np.array([optimum.parameters[name] for name in ("am_pct", "sc_pct", "cr_pct")])
    assert optimum.objective == pytest.approx(objective(recipe), abs=1e-9)
    assert optimum.objective < best + 1e-3


def test_exact_laws_leave_no_doubt_about_the_optimum(results: Path) -> None:
    optimum = Optimum.read(results / "optimum.json")
    robustness = Robustness.read(results / "robustness.json")
    for spread in (robustness.over_slurries, robustness.over_seeds):
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
    table = read_dataset(results)
    write_dataset(table.assign(thickness_um=80 - table["cr_pct"]), tmp_path, campaign="constrained")
    assert campaign.modelled == (*TARGETS, "thickness_um")
    run_surrogate(campaign, tmp_path, "thickness_um")
    found = find_tradeoffs(make_problem(campaign, tmp_path))
    assert min(recipe.predicted["thickness_um"] for recipe in found.front) >= 60 - 1e-6


def test_extremes_are_written_where_the_verification_looks(results: Path, tmp_path: Path) -> None:
    shutil.copytree(results, tmp_path, dirs_exist_ok=True)
    run_extremes(CAMPAIGN, tmp_path)
    for name in TARGETS:
        extreme = Extreme.read(tmp_path / "extremes" / f"{name}.json")
        assert extreme.property_name == name
        assert extreme.predicted == pytest.approx(laws(**extreme.parameters), rel=1e-6)
    # Density rises with active material and compression, so its best lies in that corner.
    best = Extreme.read(tmp_path / "extremes/density_g_cm3.json")
    bounds = CAMPAIGN.box_pct
    assert best.parameters["am_pct"] == bounds["am_pct"][1]
    assert best.parameters["cr_pct"] == bounds["cr_pct"][1]
