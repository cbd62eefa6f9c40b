"""Commands of queues other than SLURM's: what they say, and what a campaign makes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from mesocast.storage import queue, submission
from mesocast.storage.files import write_text
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from pathlib import Path

NOT_NOW = {
    "PBS Pro": ("qsub: would exceed queue generic's per-user limit of jobs in 'Q' state", "limit"),
    "PBS Pro, server": ("qsub: Job violates server limit: would exceed complex limit", "limit"),
    "LSF": (
        "User <me>: Job limit on the number of pending jobs has been reached. Job not",
        "limit",
    ),
    "HTCondor": ("ERROR: Number of submitted jobs would exceed MAX_JOBS_SUBMITTED", "limit"),
    "HTCondor, owner": ("ERROR: would exceed MAX_JOBS_PER_OWNER", "limit"),
    "Grid Engine": (
        "job rejected: only 20 jobs are allowed per user (current job count: 20)",
        "limit",
    ),
    "PBS Pro is away": ("qsub: cannot connect to server pbs01 (errno=15010)", "silent"),
    "LSF is away": ("batch daemon not responding ... still trying", "silent"),
    "LSF restarts": ("LSF is down. Please wait ...", "silent"),
    "HTCondor is away": ("ERROR: Can't find address of local schedd", "silent"),
    "HTCondor restarts": ("ERROR: Failed to connect to queue manager", "silent"),
    "timeout": ("qsub: no answer in 60 s", "silent"),
}
NEVER = ["qsub: Unknown queue", "Bad resource requirement syntax. Job not submitted.", ""]
NAMES = {
    "1234.pbs01\n": "1234.pbs01",
    "Job <77> is submitted to queue <normal>.\n": "77",
    "1 job(s) submitted to cluster 12.\n": "12",
    "12.0 - 12.0\n": "12.0",
    'module loaded\nYour job 5 ("job.sh") has been submitted\n': "5",
    "\n": "",
}
THERE = [(0, "job_state = R"), (0, "PEND"), (0, "2"), (127, "qstat: not found")]
THERE += [(255, "qstat: cannot connect to server pbs01"), (1, "Communication failure")]
GONE = [(153, "qstat: Unknown Job Id 5"), (35, "qstat: 5.pbs01 Job has finished, use -x"), (0, "")]
GONE += [(0, "DONE"), (0, "EXIT"), (255, "Job <5> is not found"), (0, "    job_state = F")]
GONE += [(0, "4"), (1, "Following jobs do not exist: 5")]


@pytest.mark.parametrize(("message", "kind"), NOT_NOW.values(), ids=NOT_NOW)
def test_not_now_is_told_from_never(message: str, kind: str) -> None:
    assert queue.kind_of(message) == kind


@pytest.mark.parametrize("message", NEVER)
def test_what_is_never_taken_is_refused(message: str) -> None:
    assert queue.kind_of(message) == "refused"


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_name_of_a_job_is_found(text: str, name: str) -> None:
    assert queue.identifier_of(text) == name


@pytest.mark.parametrize(("status", "text"), THERE)
def test_job_is_there(status: int, text: str) -> None:
    assert queue.is_there(status, text)


@pytest.mark.parametrize(("status", "text"), GONE)
def test_job_is_gone(status: int, text: str) -> None:
    assert not queue.is_there(status, text)


@pytest.mark.parametrize(("ends", "expected"), [("true", "success"), ("exit 3", "failed")])
def test_job_says_how_it_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ends: str, expected: str
) -> None:
    folder = tmp_path / "queue"
    folder.mkdir()
    script = tmp_path / "script.sh"
    script.write_text(f"#!/bin/sh\n{ends}\n")
    site = tmp_path / "site"
    site.write_text('#!/bin/sh\necho started >&2; ("$1" &) ; echo 9.here\n')
    site.chmod(0o755)
    assert queue.submit(folder, lambda: True, tmp_path / "told", [str(site), str(script)]) == 0
    job = capsys.readouterr().out.strip()
    assert job.endswith(":9.here")
    deadline = time.time() + 10
    while (told := queue.state(folder, ["echo", "R", job])) == "running":
        assert time.time() < deadline
    assert told == expected
    assert queue.still_queued(folder, "echo R") == []


def test_job_that_vanished_has_failed_once_its_word_cannot_come_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queue.state(tmp_path, ["true", "k:9.here"]) == "running"  # its word may come late
    assert queue.state(tmp_path, ["echo", "R", "k:9.here"]) == "running"  # the queue had erred
    assert not (tmp_path / "k.gone").exists()
    assert queue.state(tmp_path, ["true", "k:9.here"]) == "running"
    monkeypatch.setattr(queue, "_GRACE_S", -1.0)
    assert queue.state(tmp_path, ["true", "k:9.here"]) == "failed"
    write_text(tmp_path / "k.ended", "0\n")
    assert queue.state(tmp_path, ["true", "k:9.here"]) == "success"


def test_refusal_is_told_and_names_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = Layout(tmp_path)
    queue.put_before(layout, queue.Commands("qsub -q x", "qstat", "qdel"))
    script = tmp_path / "script.sh"
    script.write_text("#!/bin/sh\n")
    site = tmp_path / "qsub"
    site.write_text("#!/bin/sh\necho 'qsub: Unknown queue' >&2; exit 170\n")
    site.chmod(0o755)
    words = [str(site), str(script)]
    assert queue.submit(layout.queue, lambda: True, layout.submission, words) == 170
    told = submission.last_told(layout.submission)
    assert told is not None
    assert submission.in_words(told) == f"{site} refused a job: qsub: Unknown queue"
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(layout.queue.glob("*.sh"))
    assert not list(layout.queue.glob("*.id"))


def test_cancel_gives_the_queue_its_own_names(tmp_path: Path) -> None:
    commands = queue.put_before(Layout(tmp_path), queue.Commands("qsub", "qstat", "echo -n"))
    done = subprocess.run(
        [commands.cancel, "a1:5.here", "b2:6[].here"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "5.here 6[].here"


def test_question_for_a_job_is_answered_after_ctrl_c(tmp_path: Path) -> None:
    # The plugin raises when it is not, and then cancels no job.
    site = tmp_path / "qstat"
    site.write_text("#!/bin/sh\nsleep 1\necho there\n")
    site.chmod(0o755)
    commands = queue.put_before(Layout(tmp_path), queue.Commands("qsub", str(site), "qdel"))
    asked = subprocess.Popen(
        f"{commands.status} 'a1:5.here'",
        shell=True,
        text=True,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    for _ in range(5):
        time.sleep(0.1)
        os.killpg(asked.pid, signal.SIGINT)
    answer, _ = asked.communicate(timeout=60)
    assert (asked.returncode, answer) == (0, "running\n")
