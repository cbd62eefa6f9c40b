"""Causes of attempts that did not finish."""

from __future__ import annotations

import errno
import subprocess
from typing import TYPE_CHECKING

import pytest

from mesocast.errors import InputError, Stopped
from mesocast.storage import attempts, slurm

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (MemoryError(), "out_of_memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "file_system_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "file_system_full"),
        (OSError(errno.EIO, "Input/output error"), "fault"),
        (InputError("x.json: broken"), "broken_input"),
        (Stopped("received SIGTERM"), "time_limit"),
        (ZeroDivisionError("division by zero"), "fault"),
        (None, "killed"),
    ],
)
def test_job_tells_its_own_cause(error: BaseException | None, cause: str, tmp_path: Path) -> None:
    attempts.add(tmp_path, "drying", {"slurm_job": "7", "cpu_s": 3.0}, error)
    (entry,) = attempts.read(tmp_path, "drying")
    assert entry["cause"] == cause
    assert (entry["slurm_job"], entry["cpu_s"]) == ("7", 3.0)


def test_torn_line_is_left_out(tmp_path: Path) -> None:
    attempts.add(tmp_path, "drying", {}, MemoryError())
    with attempts.path_of(tmp_path, "drying").open("a") as stream:
        stream.write('{"cause": "ki')
    assert [a["cause"] for a in attempts.read(tmp_path, "drying")] == ["out_of_memory"]


# As sacct -n -P prints it; a step's memory beside its job's state is what tells.
SACCT = """\
1|TIMEOUT||400M
1.batch|CANCELLED|90000K|
2|FAILED||409600K
2.0|OUT_OF_MEMORY|400000K|
3|CANCELLED by 0||409600K
4|NODE_FAIL||409600K
5|PREEMPTED||409600K
6|FAILED||409600K
6.0|FAILED|409500K|
7|FAILED||409600K
7.0|FAILED|90000K|
8|COMPLETED||409600K
"""


def test_slurm_tells_what_a_job_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.CompletedProcess([], 0, stdout=SACCT, stderr="")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: done)
    assert slurm.slurm_causes(str(n) for n in range(1, 10)) == {
        "1": "time_limit",
        "2": "out_of_memory",
        "3": "cancelled",
        "4": "node_failure",
        "5": "preempted",
        "6": "out_of_memory",  # killed at its limit without cgroups
    }
    killed = {"slurm_job": "4", "cause": "killed"}
    own = {"slurm_job": "4", "cause": "file_system_full"}
    assert [a["cause"] for a in attempts.explained([killed, own])] == [
        "node_failure",
        "file_system_full",
    ]


def test_without_accounting_the_job_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*words: object, **options: object) -> None:
        raise FileNotFoundError("sacct")

    monkeypatch.setattr(subprocess, "run", missing)
    assert attempts.explained([{"slurm_job": "1", "cause": "killed"}])[0]["cause"] == "killed"
