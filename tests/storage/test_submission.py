"""Submissions that SLURM refuses, with programs in place of SLURM's own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from mesocast.storage import submission
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FAILED = "sbatch: error: Batch job submission failed: "
POLICY = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"
NOT_NOW = {
    "user": (f"sbatch: error: QOSMaxSubmitJobPerUserLimit\n{FAILED}{POLICY}", "limit"),
    "association": (f"sbatch: error: AssocMaxSubmitJobLimit\n{FAILED}{POLICY}", "limit"),
    "group": (f"sbatch: error: AssocGrpSubmitJobsLimit\n{FAILED}{POLICY}", "limit"),
    "QOS group": (f"sbatch: error: QOSGrpSubmitJobsLimit\n{FAILED}{POLICY}", "limit"),
    "account": (f"sbatch: error: QOSMaxSubmitJobPerAccountLimit\n{FAILED}{POLICY}", "limit"),
    "site's own": ("sbatch: error: MaxSubmitJobs reached", "limit"),
    "unnamed": (f"{FAILED}{POLICY}", "limit"),
    "timeout": (f"{FAILED}Socket timed out on send/recv operation", "silent"),
    "restart": (f"{FAILED}Unable to contact slurm controller (connect failure)", "silent"),
    "refused": (f"{FAILED}Connection refused", "silent"),
    "zero": (f"{FAILED}Zero Bytes were transmitted or received", "silent"),
    "full": (f"{FAILED}Resource temporarily unavailable", "silent"),
    "standby": (f"{FAILED}Slurm backup controller in standby mode", "silent"),
}
NEVER = {
    "account": f"{FAILED}Invalid account or account/partition combination specified",
    "partition": f"sbatch: error: invalid partition specified: x\n{FAILED}Invalid partition name",
    "QOS": f"{FAILED}Invalid qos specification",
    "wall time": f"sbatch: error: QOSMaxWallDurationPerJobLimit\n{FAILED}{POLICY}",
    "size": f"sbatch: error: AssocMaxCpuPerJobLimit\n{FAILED}{POLICY}",
    "nodes": f"{FAILED}Requested node configuration is not available",
    "option": "sbatch: unrecognized option '--nonsense'",
}


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _refusing(folder: Path, message: str, times: int) -> Path:
    """Put an ``sbatch`` in place that refuses some times; give the file of its calls."""
    calls = folder / "calls"
    (folder / "message").write_text(message + "\n")
    _program(
        folder / "sbatch",
        f'echo "$@" >> {calls}\n'
        f"if [ $(wc -l < {calls}) -le {times} ]; then cat {folder}/message >&2; exit 1; fi\n"
        "echo 77",
    )
    _program(folder / "squeue", f'echo "$@" >> {folder}/asked')
    return calls


@pytest.mark.parametrize(("message", "kind"), NOT_NOW.values(), ids=NOT_NOW)
def test_not_now_is_asked_again_until_the_job_is_taken(
    bin_folder: Path, capfd: pytest.CaptureFixture[str], message: str, kind: str
) -> None:
    calls = _refusing(bin_folder, message, times=3)
    told = bin_folder / "submission.json"
    waited: list[float] = []
    seen: list[str] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        content = submission.last_told(told)
        assert content is not None
        assert content["kind"] == kind
        seen.append(submission.in_words(content))

    words = ["--parsable", "--comment", "rule_drying_wildcards_1"]
    assert submission.ask(words, told, lambda: True, sleep=sleep) == 0
    assert capfd.readouterr().out == "77\n"
    assert waited == [5, 10, 20]
    assert all(submission.one_line(message) in line for line in seen)
    assert "(3 submissions)" in seen[-1]
    assert not told.exists()
    assert len(set(calls.read_text().splitlines())) == 1


@pytest.mark.parametrize("message", NEVER.values(), ids=NEVER)
def test_what_is_never_taken_fails_at_once_in_one_line(
    bin_folder: Path, capfd: pytest.CaptureFixture[str], message: str
) -> None:
    calls = _refusing(bin_folder, message, times=9)
    told = bin_folder / "submission.json"
    assert submission.ask([], told, lambda: True, sleep=lambda _: pytest.fail("waits")) == 1
    assert len(calls.read_text().splitlines()) == 1
    assert capfd.readouterr().err.count("\n") == 1
    content = submission.last_told(told)
    assert content is not None
    assert submission.in_words(content).startswith("SLURM refused a job: ")


def test_job_taken_without_an_answer_is_not_submitted_twice(
    bin_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    calls = _refusing(bin_folder, NOT_NOW["timeout"][0], times=9)
    _program(bin_folder / "squeue", f"sed 's/.*--comment /91|/' {calls}; echo '5|other'")
    words = ["--comment", "rule_pack_wildcards_3"]
    told = bin_folder / "told"
    assert submission.ask(words, told, lambda: True, sleep=lambda _: None) == 0
    assert capfd.readouterr().out == "91\n"
    assert len(calls.read_text().splitlines()) == 1


def test_nobody_waits_for_a_controller_that_is_gone(bin_folder: Path) -> None:
    calls = _refusing(bin_folder, NOT_NOW["user"][0], times=9)
    told = bin_folder / "told"
    assert submission.ask([], told, lambda: False, sleep=lambda _: None) == 1
    assert len(calls.read_text().splitlines()) == 1


def test_stand_in_comes_first_and_calls_the_real_one(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])  # put back at the end
    calls = _refusing(bin_folder, "", times=0)
    folder = tmp_path / "of results" / ".submitting"
    submission.put_before(folder, tmp_path / "told")
    call = "sbatch --parsable --comment 'rule_a b' --wrap=\"echo 'x'\""
    done = subprocess.run(call, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout == "77\n"
    assert "--wrap=echo 'x'" in calls.read_text()
    submission.remove(folder)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("refusals", "handover_s", "status", "submitted"), [(2, 300, 0, 3), (99, 0, 1, 1)]
)
def test_controller_job_hands_over_until_it_works(
    bin_folder: Path, tmp_path: Path, refusals: int, handover_s: int, status: int, submitted: int
) -> None:
    calls = _refusing(bin_folder, NOT_NOW["restart"][0], times=refusals)
    _program(
        bin_folder / "squeue",
        'case "$*" in *%l) echo 1:00:00;; *%v) echo mine;; *%f) echo "(null)";; esac',
    )
    # The controller: it tells its parent that the end is near, and works on.
    _program(
        bin_folder / "controller", f"sleep 60 & echo $! > {tmp_path}/pid; kill -USR1 $PPID; wait"
    )
    own = {"SLURM_JOB_ID": "7", "SLURM_JOB_ACCOUNT": "lab", "SLURM_JOB_PARTITION": "batch"}
    done = subprocess.run(
        [str(ROOT / "scripts/controller.sh"), "my.yaml", "--jobs", "3"],
        env={
            **os.environ,
            **own,
            "SLURM_JOB_QOS": "long",
            "MESOCAST_SBATCH": "--mail-type=FAIL",
            "MESOCAST_PYTHON": str(bin_folder / "controller"),
            "MESOCAST_HANDOVER_S": str(handover_s),
            "MESOCAST_HANDOVER_POLL_S": "0",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=30,
    )
    with contextlib.suppress(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)
    assert done.returncode == status
    lines = calls.read_text().splitlines()
    assert len(lines) == submitted
    for word in ("--qos=long", "--reservation=mine", "--mail-type=FAIL", "--time=1:00:00"):
        assert word in lines[-1]
    assert "--constraint" not in lines[-1]
    assert lines[-1].endswith("my.yaml --jobs 3")
