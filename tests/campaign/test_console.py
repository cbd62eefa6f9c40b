"""The screen of a campaign on this machine."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import yaml
from rich.console import Console as RichConsole

from mesocast.campaign import console, controller
from mesocast.campaign.status import collect
from mesocast.config.campaign import Campaign
from mesocast.storage import attempts
from mesocast.storage.files import write_json
from tests.conftest import TINY


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a campaign that has mixed one slurry of five and lost another."""
    monkeypatch.setenv("PATH", "")  # no SLURM
    folder = tmp_path / "results"
    write_json(folder / "campaign.json", Campaign.model_validate(TINY).model_dump(mode="json"))
    write_json(folder / "slurries/S001/slurry.json", {"status": "ok"})
    attempts.add(folder / "slurries/S002/work", "slurry", {"log": "/x/S002.log"}, MemoryError())
    return folder


def _drawn(folder: Path) -> str:
    text = io.StringIO()
    RichConsole(file=text, width=100).print(console.screen(collect(folder), "/x/snakemake.log"))
    return text.getvalue()


def test_screen_tells_each_stage_what_failed_and_where_details_are(results: Path) -> None:
    lines = _drawn(results).splitlines()
    assert len(lines) < 25  # a screenful
    (slurry,) = [line for line in lines if line.startswith("slurry ")]
    assert slurry.rstrip().endswith("1/5  1 failed")
    assert any("slurry S002: out_of_memory" in line and "/x/S002.log" in line for line in lines)
    assert lines[-1].strip() == "details: /x/snakemake.log"
    (last,) = [line for line in lines if line.startswith("equations to report")]
    assert last.split()[-1].startswith("0/")


def test_what_is_worked_on_is_named_once_all_electrodes_are_measured(results: Path) -> None:
    status = collect(results)
    for stage in status.stages.values():
        stage.done = stage.planned
    assert console._next_step(status) == "dataset"
    (results / "dataset.parquet").touch()
    assert console._next_step(collect(results)) == ""  # electrodes come first


@pytest.mark.parametrize("is_terminal", [True, False])
def test_screen_is_for_a_terminal_whose_person_asks_for_no_words(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    assert console.is_wanted(["--cores", "2"]) is is_terminal
    assert not console.is_wanted(["--cores", "2", "--printshellcmds"])


def test_words_go_to_the_log_and_the_last_ones_are_said_at_a_bad_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "_POLL_S", 0.05)
    program = "import time; print('WorkflowError: no such rule'); time.sleep(0.5); exit(3)"
    command = [sys.executable, "-c", program]
    status = controller.snakemake(command, tmp_path, local=True, screen=True)
    assert status == 3
    assert "WorkflowError" in (tmp_path / "logs/snakemake.log").read_text()
    assert capsys.readouterr().out.splitlines()[-1] == "WorkflowError: no such rule"


def test_failed_jobs_are_named_at_a_bad_end(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", "raise SystemExit(1)"]
    assert controller.snakemake(command, results, local=True, screen=True) == 1
    assert "slurry S002: out_of_memory" in capsys.readouterr().out.splitlines()[-1]


def test_campaign_that_ends_early_leaves_a_page_and_names_it_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(yaml.safe_dump({**TINY, "campaign": "my"}))
    monkeypatch.setattr(controller, "snakemake", lambda *_, **__: 1)
    assert controller.run(Path("my.yaml"), ["--cores", "1"]) == 1
    page = tmp_path / "results/my/report-so-far.html"
    assert "Under way: none of 12 electrodes is measured yet." in page.read_text()
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "report of what there is: results/my/report-so-far.html"
