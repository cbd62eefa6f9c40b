"""A dataset is published whole, or in parts whose results were not at hand at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import yaml

from mesocast.columns import TARGETS, with_unit
from mesocast.dataset.package import read_dataset
from mesocast.report.numbers import number
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import SIMULATED
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.report.results import Results


def _part(results: Path, folder: Path, slurries: tuple[str, ...]) -> Path:
    """Make a results folder of links that has some of the slurries."""
    for kind in ("slurries", "conditions"):
        (folder / kind).mkdir(parents=True)
        for path in (results / kind).iterdir():
            if path.name[:4] in slurries:
                (folder / kind / path.name).symlink_to(path)
    return folder


def _config(results: Results, folder: Path, **changes: int) -> Path:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(results.campaign.model_dump(mode="json") | changes))
    return path


def _publish(script: str, *options: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, ROOT / f"scripts/publish_{script}.py", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_two_parts_published_one_after_the_other_are_the_whole(
    results: Results, tmp_path: Path
) -> None:
    config = _config(results, tmp_path)
    whole, first, both = (tmp_path / name for name in ("whole", "first", "both"))
    words = ("--release", "2.0.0", "--before", f"1.0.0={40 * 'a'}")
    assert _publish("dataset", "--config", config, results.folder, whole, *words) == (0, "")
    package = read_json(whole / "datapackage.json")
    assert package["version"] == "2.0.0"
    assert package["earlier_versions"] == [{"version": "1.0.0", "commit": 40 * "a"}]
    names = sorted(path.name for path in (results.folder / "slurries").glob("S*"))
    early = _part(results.folder, tmp_path / "early", (*names[:3], names[6]))
    late = _part(results.folder, tmp_path / "late", tuple(names[3:]))  # one slurry anew
    assert _publish("dataset", "--config", config, early, first) == (0, "")
    assert len(read_dataset(first)) < len(read_dataset(whole))
    assert _publish("dataset", "--config", config, late, both, "--earlier", first) == (0, "")
    pd.testing.assert_frame_equal(read_dataset(both), read_dataset(whole))
    told, of_whole, of_first = (
        read_json(folder / "datapackage.json")["provenance"] for folder in (both, whole, first)
    )
    assert told["electrodes"] == of_whole["electrodes"]
    for stage in SIMULATED:  # the fixture characterizes at no cost
        spent = told["stages"][stage]
        # What was simulated twice was paid twice.
        assert spent.pop("jobs") > of_whole["stages"][stage].pop("jobs")
        assert spent.pop("cpu_hours") >= of_first["stages"][stage]["cpu_hours"]
        of_whole["stages"][stage].pop("cpu_hours")
        assert spent == of_whole["stages"][stage]

    status, said = _publish("dataset", "--config", config, late, both, "--earlier", both)
    assert status == 2
    assert "allowed: another folder" in said
    status, said = _publish("dataset", "--config", config, late, both, "--before", "1.0.0=v1")
    assert status == 2
    assert "--before 1.0.0=v1: is no version and commit" in said
    config = _config(results, tmp_path, seed=8)
    status, said = _publish("dataset", "--config", config, late, both, "--earlier", first)
    assert status == 2
    assert "other recipes or physics" in said


def test_verification_is_published_with_every_electrode_and_prediction(
    results: Results, tmp_path: Path
) -> None:
    config = _config(results, tmp_path)
    assert _publish("verification", "--config", config, results.folder, tmp_path) == (0, "")
    lines = (tmp_path / "verification.md").read_text().splitlines()
    told = read_json(tmp_path / "verification.json")
    recipes = [told["verification"], *told["verification"]["extremes"].values()]
    assert len(lines) == 2 + len(recipes) * len(TARGETS)
    recipe = "/".join(f"{value:g}" for value in results.optimum.parameters.values())
    for name in TARGETS:
        row = next(line for line in lines if f"Optimum: {recipe} | {with_unit(name)} |" in line)
        assert f"| {number(results.optimum.predicted[name], 3)} |" in row
    electrodes = pd.read_csv(tmp_path / "electrodes.csv")
    assert len(electrodes) == sum(len(recipe["electrodes"]) for recipe in recipes)
    assert told["versions"]["drying"]["physics"] == [results.campaign.physics("drying")]


@pytest.mark.parametrize("script", ["dataset", "verification"])
@pytest.mark.parametrize("wrong", ["missing", "a file", "nothing done", "another campaign"])
def test_wrong_results_end_with_status_2_and_one_line(
    script: str, wrong: str, results: Results, tmp_path: Path
) -> None:
    config, folder = _config(results, tmp_path), tmp_path / "my results"
    if wrong == "a file":
        folder.write_text("")
    elif wrong != "missing":
        name = "other" if wrong == "another campaign" else results.campaign.campaign
        write_json(folder / "campaign.json", {"campaign": name})
    status, said = _publish(script, "--config", config, folder, tmp_path / "out")
    assert status == 2, said
    assert len(said.strip().splitlines()) == 1, said
    assert str(folder) in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrong", ["missing", "a folder", "no page", "no text"])
def test_a_page_that_is_none_ends_with_status_2_and_one_line(wrong: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    if wrong == "a folder":
        page.mkdir()
    elif wrong != "missing":
        page.write_bytes(b"hello" if wrong == "no page" else bytes(range(128, 256)))
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/check_report.py", page],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert str(page) in done.stderr
