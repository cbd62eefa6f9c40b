"""What SLURM is asked and told, with programs in place of SLURM's own."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from mesocast.campaign import adoption
from mesocast.storage import slurm
from mesocast.storage.interruption import wall_time_end
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Put a program in place of one of SLURM's; its words go to the file that is given back."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def make(name: str, script: str) -> Path:
        words = tmp_path / f"{name}.words"
        (folder / name).write_text(f'#!/bin/sh\necho "$@" >> "{words}"\n{script}\n')
        (folder / name).chmod(0o755)
        return words

    return make


def test_only_one_module_of_the_package_talks_to_slurm() -> None:
    known = re.compile(r"[\"'](squeue|sacct|scancel|sbatch|SLURM_JOB_\w+|SLURM_RESTART_COUNT)[\"']")
    package = ROOT / "src/mesocast"
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if known.search(path.read_text())
    }
    assert found == {"storage/slurm.py"}


def test_jobs_of_one_controller_are_told_by_state(program: Callable[[str, str], Path]) -> None:
    lines = ("7|RUNNING|mine_1|a", "8|PENDING|mine_2", "9|PENDING|mine_3", "10|RUNNING|mine2_1")
    program("squeue", "\n".join(f"echo '{line}'" for line in lines))
    assert slurm.jobs_of("mine") == {"RUNNING": ["7"], "PENDING": ["8", "9"]}
    words = program("scancel", "")
    slurm.cancel(["8", "9"], only_pending=True)
    assert words.read_text() == "--state=PENDING 8 9\n"
    adoption.cancel_left("mine", pytest.fail)
    assert words.read_text().splitlines()[-1] == "7 8 9"


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("echo RUNNING", "RUNNING"),
        ("echo", ""),
        ("echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1", ""),
        ("echo 'Unable to contact slurm controller' >&2; exit 1", "?"),
        ("exec sleep 5", "?"),
    ],
)
def test_state_of_a_job(
    script: str,
    state: str,
    program: Callable[[str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slurm, "_PATIENCE_S", 1)
    program("squeue", script)
    assert slurm.slurm_state("12") == state


def test_states_of_own_jobs_are_asked_for_once(
    program: Callable[[str, str], Path], tmp_path: Path
) -> None:
    log = tmp_path / "asked"
    script = f"""echo "$@" >> {log}
case "$*" in *--me*) printf '12|RUNNING\n13|PENDING\n';; *) echo COMPLETING;; esac"""
    program("squeue", script)
    jobs = slurm.OwnJobs()
    assert [jobs.state(job) for job in ("12", "13", "12", "99")] == [
        *("RUNNING", "PENDING", "RUNNING"),
        "COMPLETING",
    ]
    assert len(log.read_text().splitlines()) == 2


def test_slurm_that_is_silent_or_not_there_is_no_empty_answer(
    program: Callable[[str, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty queue would let a second controller start the same jobs."""
    program("squeue", "echo 'Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(OSError, match="Unable to contact"):
        slurm.jobs_of("mine")
    program("squeue", "exec sleep 5")
    monkeypatch.setattr(slurm, "_PATIENCE_S", 1)
    with pytest.raises(TimeoutError, match="no answer in 1 s"):
        slurm.jobs_of("mine")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not slurm.is_here()
    with pytest.raises(FileNotFoundError):
        slurm.jobs_of("mine")


def test_end_of_the_job_is_asked_where_the_environment_does_not_tell(
    program: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    monkeypatch.delenv("SLURM_JOB_END_TIME", raising=False)
    words = program("squeue", "echo 2030-01-02T03:04:05")
    wall_time_end.cache_clear()
    try:
        assert wall_time_end() == datetime(2030, 1, 2, 3, 4, 5).timestamp()  # noqa: DTZ001 - local
        assert words.read_text().split()[:3] == ["--noheader", "--jobs", "12"]
        program("squeue", "echo N/A")
        assert wall_time_end() > time.time()  # the first answer is kept
        wall_time_end.cache_clear()
        assert wall_time_end() == float("inf")
    finally:
        wall_time_end.cache_clear()
