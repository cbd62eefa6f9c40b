"""The page of a campaign that is not at its end, or can have none."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from mesocast.cli.main import main
from mesocast.report.page import write_report
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import Layout
from tests.report.conftest import link
from tests.report.test_page import _Page

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.report.results import Results

# What there is when the simulations are at their end and nothing else is done.
LATER = (
    *("dataset.parquet", "dataset.csv", "datapackage.json", "surrogates", "optimum.json"),
    *("tradeoffs.json", "robustness.json", "verification.json", "report.html"),
)


def _sections(folder: Path) -> dict[str, str]:
    return _Page(Layout(folder).report_so_far.read_text()).text


@pytest.mark.parametrize(
    "name",
    ["optimum.json", "tradeoffs.json", "robustness.json", "verification.json", "surrogates"],
)
def test_what_is_still_to_come_is_left_out_and_named(
    results: Results, tmp_path: Path, name: str
) -> None:
    link(results.folder, tmp_path, without=[name, "report.html"])
    assert write_report(results.campaign, tmp_path) == Layout(tmp_path).report_so_far
    assert not Layout(tmp_path).report.exists()
    text = _sections(tmp_path)
    assert next(iter(text)) == "standing"
    assert "No recipe yet: of 24 electrodes 24 are measured" in text["standing"]
    assert "Not to be shown yet: " in text["standing"]
    assert " have no result" in text["failures"]


def test_half_way_the_page_shows_the_electrodes_that_are_done(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link(results.folder, tmp_path, without=[*LATER, "conditions"])
    write_json(tmp_path / "campaign.json", results.campaign.model_dump(mode="json"))
    (tmp_path / "conditions").mkdir()
    done = sorted((results.folder / "conditions").glob("S00[12]-*"))
    for folder in done:
        (tmp_path / "conditions" / folder.name).symlink_to(folder)
    path = tmp_path / "my.json"
    shutil.copy(tmp_path / "campaign.json", path)
    assert main(["report", "--config", str(path), "--results", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{Layout(tmp_path).report_so_far}\n"
    text = _sections(tmp_path)
    assert f"of 24 electrodes {len(done)} are measured" in text["standing"]
    assert "so far is S00" in text["standing"]
    assert "Cross-sections of S00" in text["electrodes"]
    assert "answer" not in text


@pytest.mark.parametrize("with_dataset", [True, False])
def test_campaign_without_one_good_electrode_tells_what_failed(
    results: Results, tmp_path: Path, with_dataset: bool
) -> None:
    later = [name for name in LATER if not (with_dataset and name.startswith("data"))]
    link(results.folder, tmp_path, without=[*later, "conditions"])
    for path in (results.folder / "conditions").glob("S*/properties.json"):
        row = read_json(path)
        bad = {"status": "particles_lost", "reason": "7 beads left the film"}
        write_json(tmp_path / "conditions" / path.parent.name / path.name, {**row, **bad})
    if with_dataset:
        (tmp_path / "dataset.parquet").unlink()
        rows = [str(path) for path in sorted(tmp_path.glob("conditions/*/properties.json"))]
        config = tmp_path / "my.json"
        write_json(config, results.campaign.model_dump(mode="json"))
        words = ["--config", str(config), "--results", str(tmp_path)]
        assert main(["dataset", *words, *rows]) == 0
    write_report(results.campaign, tmp_path)
    text = _sections(tmp_path)
    assert (
        "none of 24 electrodes that were made came through (24 particles_lost)"
        in (text["standing"])
    )
    assert "7 beads left the film" in Layout(tmp_path).report_so_far.read_text()
    assert "24 electrodes of 24 have no result" in text["failures"]


def test_full_page_takes_the_place_of_the_one_before(results: Results, tmp_path: Path) -> None:
    link(results.folder, tmp_path, without=["report.html"])
    Layout(tmp_path).report_so_far.touch()
    assert write_report(results.campaign, tmp_path) == Layout(tmp_path).report
    assert not Layout(tmp_path).report_so_far.exists()
