"""The first config: valid, small, named after its folder, and never written over another."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesocast.campaign.checks import load
from mesocast.campaign.costs import Costs
from mesocast.campaign.init import campaign_name
from mesocast.cli.main import main

_MINUTES_ON_TWO_CORES = 5


def test_first_config_is_a_campaign_of_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my films"
    assert main(["init", str(folder)]) == 0
    campaign = load(folder / "campaign.yaml")
    assert campaign.campaign == "my-films"
    assert 60 * sum(Costs(campaign).cpu_hours().values()) / 2 < _MINUTES_ON_TWO_CORES
    said = capsys.readouterr().out
    assert f"mesocast run '{folder}/campaign.yaml'\n" in said.replace("   some minutes", "\n")
    assert "results/my-films/report.html" in said


@pytest.mark.parametrize("name", ["2026-10-21", "2026", "no"])
def test_a_folder_whose_name_is_no_word_makes_a_config_too(name: str, tmp_path: Path) -> None:
    assert main(["init", str(tmp_path / name)]) == 0
    assert load(tmp_path / name / "campaign.yaml").campaign == name


@pytest.mark.parametrize("there", ["campaign.yaml", "a file", "a folder in its place"])
def test_nothing_is_written_over(
    there: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my"
    if there == "a file":
        folder.write_text("mine")
    else:
        folder.mkdir()
        config = folder / "campaign.yaml"
        config.mkdir() if there == "a folder in its place" else config.write_text("mine")
    assert main(["init", str(folder)]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert "; allowed: " in error
    files = [p for p in (folder, folder / "campaign.yaml") if p.is_file()]
    assert [p.read_text() for p in files] == ["mine"] * len(files)


def test_folder_that_cannot_be_made_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "/proc/my"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("folder", "name"), [("my", "my"), ("möy  x", "m-y-x"), ("--", "first"), ("é", "first")]
)
def test_campaign_is_named_after_its_folder(folder: str, name: str) -> None:
    assert campaign_name(Path(folder)) == name


def test_current_folder_gives_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(["init", "."]) == 0
    assert load(Path("campaign.yaml")).campaign == "here"
