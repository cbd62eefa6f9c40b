"""Validation, comparison, sensitivities and questions, through the command line."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import yaml

from mesocast.cli.main import main
from mesocast.columns import TARGETS, check_row
from mesocast.dataset.package import write_dataset
from mesocast.design.plan import make_plan
from mesocast.storage.files import read_json, write_json
from mesocast.storage.rows import gather
from tests.conftest import TINY

if TYPE_CHECKING:
    from pathlib import Path

METHODS = ["polynomial", "gaussian_process"]
SETTINGS = {"method": METHODS[0], "splits": 3, "compare": METHODS[1:]}


def laws(am_pct: float, sc_pct: float, cr_pct: float) -> dict[str, float]:
    return {
        "density_g_cm3": 1.5 + 0.01 * (am_pct - 86) + 0.02 * cr_pct,
        "tortuosity_factor": 2.0 + 0.001 * cr_pct**2 + 0.02 * (96 - am_pct),
        "active_surface_pct": 95 - 0.5 * cr_pct - 0.1 * (sc_pct - 45),
        "electronic_conductivity_S_m": 0.02 + 0.002 * (96 - am_pct) + 0.001 * cr_pct,
    }


def run(folder: Path, *words: str) -> int:
    command, *options = words
    places = ["--config", str(folder / "c.yaml"), "--results", str(folder)]
    return main(["--quiet", command, *places, *options])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results folder with known laws, 1 % noise, and everything about its surrogates."""
    from mesocast.config.campaign import Campaign

    folder = tmp_path_factory.mktemp("results")
    content = {**TINY, "design": {"slurries": 8, "conditions": 40}, "surrogates": SETTINGS}
    (folder / "c.yaml").write_text(yaml.safe_dump(content))
    plan = make_plan(Campaign.model_validate(content))
    slurries = {slurry.slurry_id: slurry for slurry in plan.slurries}
    rng = np.random.default_rng(0)
    paths = []
    for condition in plan.conditions:
        slurry = slurries[condition.slurry_id]
        recipe = (slurry.am_pct, slurry.sc_pct, condition.cr_pct)
        row: dict[str, Any] = {
            "condition_id": condition.condition_id,
            "slurry_id": slurry.slurry_id,
            "round": 0,
            "seed": 1,
            "status": "ok",
            "reason": "",
            **dict(zip(("am_pct", "sc_pct", "cr_pct"), recipe, strict=True)),
            **{k: v * (1 + 0.01 * rng.standard_normal()) for k, v in laws(*recipe).items()},
        }
        path = folder / "rows" / f"{condition.condition_id}.json"
        write_json(path, check_row(row, "row").model_dump())
        paths.append(path)
    write_dataset(gather(paths), folder, campaign="known")
    for method in METHODS:
        for name in TARGETS:
            assert run(folder, "surrogate", "--property", name, "--method", method) == 0
    for command in ("sensitivity", "comparison"):
        assert run(folder, command) == 0
    return folder


def test_comparison_holds_every_method_on_the_same_splits(results: Path) -> None:
    table = pd.read_csv(results / "surrogates/comparison.csv")
    assert len(table) == 4 * 2 * 2
    assert set(table["method"]) == {"polynomial", "gaussian_process"}
    assert set(table["splits"]) == {3}
    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        assert row["test_r2_ci95_low"] <= row["test_r2"] <= row["test_r2_ci95_high"]
        name = f"{row['method']}/{row['property']}.validation.json"
        validation = read_json(results / "surrogates" / name)
        assert row["test_r2"] == pytest.approx(validation[row["split"]]["test_r2"]["mean"])
    random = table[table["split"] == "random"]
    assert random["test_rmse_pct"].between(0.5, 3).all()


def test_every_surrogate_carries_the_intervals_of_its_test_r2(results: Path) -> None:
    for method in METHODS:
        for name in TARGETS:
            path = results / "surrogates" / method / f"{name}.json"
            found = read_json(path)["test_r2_over_splits"]
            validation = read_json(path.with_name(f"{name}.validation.json"))
            assert set(found) == {"random", "grouped"}
            for kind, spread in found.items():
                assert spread == {"splits": 3, **validation[kind]["test_r2"]}
                assert spread["mean_ci95"][0] < spread["mean"] < spread["mean_ci95"][1]
                assert spread["percentiles95"][0] < spread["percentiles95"][1]


def test_comparison_of_unlike_validations_is_refused(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(results, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "surrogates/gaussian_process/density_g_cm3.validation.json"
    write_json(path, {**read_json(path), "seed": 77})
    assert run(tmp_path, "comparison") == 2
    assert "used other rows or splits" in capsys.readouterr().err


def test_sensitivities_are_those_of_the_law(results: Path) -> None:
    found = read_json(results / "surrogates/polynomial/sensitivity.json")["density_g_cm3"]
    # Variance of 0.01 U(0, 10) is 1/64 of that of 0.02 U(0, 40).
    assert found["first_order"] == pytest.approx([1 / 65, 0, 64 / 65], abs=0.05)
    assert found["inputs"] == ["am_pct", "sc_pct", "cr_pct"]


def test_predict(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipes = tmp_path / "recipes.csv"
    recipes.write_text("am_pct,sc_pct,cr_pct\n90,55,17\n94,60,30\n97,60,30\n")
    assert run(results, "predict", "--recipes", str(recipes)) == 0
    printed = capsys.readouterr().out
    capitals = tmp_path / "capitals.csv"
    capitals.write_text("AM_pct; SC_PCT ;CR_pct\n90;55;17\n94;60;30\n97;60;30\n")
    assert run(results, "predict", "--recipes", str(capitals)) == 0
    assert capsys.readouterr().out == printed
    output = tmp_path / "predicted.csv"
    assert run(results, "predict", "--recipes", str(recipes), "--output", str(output)) == 0
    assert output.read_text() == printed
    table = pd.read_csv(output)
    assert table["is_inside"].tolist() == [True, True, False]
    for name in TARGETS:
        true = laws(90, 55, 17)[name]
        assert table[name][0] == pytest.approx(true, rel=0.03)
        assert table[f"{name}_low"][0] < true < table[f"{name}_high"][0]


def test_invert(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--target", "density_g_cm3=2.0:2.1", "--target", "tortuosity_factor=:2.6")
    assert run(results, "invert", *words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["is_reached"]
    assert answer["units"]["density_g_cm3"] == "g/cm3"
    for recipe in answer["recipes"]:
        found = laws(**recipe["parameters"])
        assert 1.95 < found["density_g_cm3"] < 2.15
        assert found["tortuosity_factor"] < 2.7
    output = tmp_path / "answer.json"
    words = ("--target", "density_g_cm3=9", "--output", str(output))
    assert run(results, "invert", *words) == 0
    assert not read_json(output)["is_reached"]
    assert read_json(output)["closest"]["distance"] > 1


def test_invert_takes_a_property_once(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--target", "density_g_cm3=2:", "--target", "density_g_cm3=:3")
    assert run(results, "invert", *words) == 2
    assert "given twice" in capsys.readouterr().err
