"""``mesocast run``: from any folder, and one line for whatever is wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mesocast.storage.lease import Lease
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mesocast", "run", *words],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tiny_config: Path, tmp_path: Path) -> Path:
    """Make a folder with blanks and umlauts in its path, with a config of such a name."""
    folder = tmp_path / "Größe 'n Dichte"
    folder.mkdir()
    shutil.move(tiny_config, folder / "mein Film.yaml")
    return folder


def test_campaign_is_planned_from_any_folder(folder: Path) -> None:
    done = _run(folder, "mein Film.yaml", "-n", "--quiet", "rules")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^calendering +14$", done.stdout + done.stderr, re.MULTILINE)
    assert not (folder / "results/tiny/controller.lease").exists()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "required: CONFIG"),
        (["-n"], 2, "CONFIG"),
        (["--help"], 0, ""),
        (["nowhere.yaml"], 2, "no such file"),
        (["mein Film.yaml", "--workflow-profile"], 2, "no such profile"),
        (["mein Film.yaml", "--config", "campaign=other.yaml"], 2, "first argument"),
        (["mein Film.yaml", "--workflow-profile", "slurm"], 2, "squeue: not found"),
    ],
)
def test_whatever_is_wrong_is_one_line(
    words: list[str], status: int, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PATH", str(folder))  # without SLURM
    done = _run(folder, *words)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == (1 if status else 0)


def test_snakemake_refuses_in_its_words(folder: Path) -> None:
    done = _run(folder, "mein Film.yaml", "-n", "--no-such-option")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_results_that_are_a_file_are_one_line(folder: Path) -> None:
    (folder / "results").write_text("mine")
    done = _run(folder, "mein Film.yaml")
    assert done.returncode == 2
    assert done.stderr.startswith("results/tiny: cannot be written (")
    assert len(done.stderr.splitlines()) == 1


def test_second_controller_says_who_runs_the_campaign(folder: Path) -> None:
    with Lease(folder / "results/tiny/controller.lease"):
        done = _run(folder, "mein Film.yaml")
    assert done.returncode == 1
    assert "another controller runs this campaign (process " in done.stdout
