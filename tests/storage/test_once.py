"""Jobs that run once, whatever kills them or asks twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from mesocast.storage.once import digest, run_once

if TYPE_CHECKING:
    from pathlib import Path

OUTPUTS = ("result.txt",)


def _counting(folder: Path, text: str = "done") -> list[int]:
    runs: list[int] = []

    def produce(scratch: Path) -> None:
        runs.append(1)
        (scratch / "result.txt").write_text(text)

    run_once(folder, "stage", {"recipe": text}, OUTPUTS, produce)
    return runs


def test_second_time_takes_what_is_there(tmp_path: Path) -> None:
    assert _counting(tmp_path) == [1]
    assert _counting(tmp_path) == []
    assert (tmp_path / "result.txt").read_text() == "done"


def test_deleted_output_comes_back_without_running_and_is_new(tmp_path: Path) -> None:
    _counting(tmp_path)
    os.utime(tmp_path / "result.txt", (1, 1))
    (tmp_path / "result.txt").unlink()
    assert _counting(tmp_path) == []
    assert time.time() - (tmp_path / "result.txt").stat().st_mtime < 60


def test_other_identity_runs_and_going_back_does_not(tmp_path: Path) -> None:
    _counting(tmp_path, "one")
    assert _counting(tmp_path, "two") == [1]
    assert (tmp_path / "result.txt").read_text() == "two"
    assert _counting(tmp_path, "one") == []
    assert (tmp_path / "result.txt").read_text() == "one"


def test_failure_leaves_no_output_and_the_next_try_runs(tmp_path: Path) -> None:
    def fail(scratch: Path) -> None:
        (scratch / "result.txt").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run_once(tmp_path, "stage", {"recipe": "done"}, OUTPUTS, fail)
    assert not (tmp_path / "result.txt").exists()
    assert _counting(tmp_path) == [1]


def _slow(folder: Path, seconds: float) -> None:
    def produce(scratch: Path) -> None:
        with (folder / "runs").open("a") as stream:
            stream.write("x")
        (scratch / "result.txt").write_text("half")
        time.sleep(seconds)
        (scratch / "result.txt").write_text("done")

    run_once(folder, "stage", {"recipe": "slow"}, OUTPUTS, produce)


def _wait_for(path: Path) -> None:
    deadline = time.time() + 60
    while not path.exists():
        assert time.time() < deadline
        time.sleep(0.02)


def test_two_processes_run_a_job_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_slow, args=(tmp_path, 1.0)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [p.exitcode for p in both] == [0, 0]
    assert (tmp_path / "runs").read_text() == "x"


def test_killed_process_leaves_nothing_half_done_and_no_lock(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_slow, args=(tmp_path, 60.0))
    process.start()
    _wait_for(tmp_path / "work/stage.running/result.txt")
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert not (tmp_path / "result.txt").exists()
    _slow(tmp_path, 0.0)
    assert (tmp_path / "result.txt").read_text() == "done"


def test_digest_depends_on_content_not_on_order() -> None:
    assert digest({"a": 1, "b": 2.5}) == digest({"b": 2.5, "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.5})
