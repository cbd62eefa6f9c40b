"""Jobs that run once, whatever kills them or asks twice."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mesocast.storage import lease
from mesocast.storage.once import cost_of, costs_of, digest, run_once

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

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


def _wait_for(folder: Path, pattern: str) -> None:
    deadline = time.time() + 60
    while not list(folder.glob(pattern)):
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
    _wait_for(tmp_path, "work/stage.*.running/result.txt")
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert not (tmp_path / "result.txt").exists()
    _slow(tmp_path, 0.0)
    assert (tmp_path / "result.txt").read_text() == "done"
    assert not list(tmp_path.glob("work/*.running"))


def test_digest_depends_on_content_not_on_order() -> None:
    assert digest({"a": 1, "b": 2.5}) == digest({"b": 2.5, "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.5})


def _press_alike(folder: Path, together: Barrier) -> None:
    from mesocast.simulation.restarts import Restart, SharedRestarts

    shared = SharedRestarts(folder / "pressed", "film", parts_at=90)
    for turn in range(18):
        together.wait(60)
        shared.save(Restart(turn, [1.0], bytes(200_000), progress=5.0 * turn))


def test_two_conditions_leave_shared_restarts_at_the_same_moment(tmp_path: Path) -> None:
    """Conditions of a slurry start together and press in lock-step."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(2)
    jobs = [context.Process(target=_press_alike, args=(tmp_path, together)) for _ in range(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(120)
    assert [job.exitcode for job in jobs] == [0, 0]
    assert len(list(tmp_path.iterdir())) == 18


def test_finished_result_outlives_an_error_while_its_lease_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One stale handle at the end of a day's work does not lose the day."""
    whole = Path.read_text
    failing = [0]

    def read_text(self: Path, *words: Any, **options: Any) -> str:
        if failing[0] and self.suffix == ".lease":
            failing[0] -= 1
            raise OSError(errno.ESTALE, "Stale file handle")
        return whole(self, *words, **options)

    def produce(scratch: Path) -> None:
        (scratch / "result.txt").write_text("a day's work")
        failing[0] = 3

    monkeypatch.setattr(Path, "read_text", read_text)
    monkeypatch.setattr(lease, "_POLL_S", 0.01)
    run_once(tmp_path, "stage", {"recipe": 1}, OUTPUTS, produce)
    assert whole(tmp_path / "result.txt") == "a day's work"


def test_result_of_a_version_with_fewer_outputs_is_made_again(tmp_path: Path) -> None:
    _counting(tmp_path)

    def both(scratch: Path) -> None:
        (scratch / "result.txt").write_text("done")
        (scratch / "more.txt").write_text("more")

    for has_run in (True, False):
        outputs = (*OUTPUTS, "more.txt")
        assert run_once(tmp_path, "stage", {"recipe": "done"}, outputs, both) is has_run
    assert (tmp_path / "more.txt").read_text() == "more"
    assert [path.name.split("-")[0] for path in (tmp_path / "work").iterdir()] == ["stage"]


def test_result_that_cannot_be_read_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _counting(tmp_path)
    real = os.listdir

    def listdir(path: Any = ".") -> list[str]:
        if "stage-" in str(path):
            raise OSError(errno.EIO, "Input/output error")
        return list(real(path))

    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", listdir)
        with pytest.raises(OSError, match="Input/output"):
            _counting(tmp_path)
    assert _counting(tmp_path) == []


def test_result_of_a_process_whose_lease_was_taken_is_kept_and_not_shown(tmp_path: Path) -> None:
    """The other one may work by other settings: what it shows is left alone."""

    def produce(scratch: Path) -> None:
        (scratch / "result.txt").write_text("done")
        lease_file = tmp_path / "work/stage.lease"
        lease_file.write_text(lease_file.read_text().replace('"token": "', '"token": "other'))

    with pytest.raises(RuntimeError, match="another process took this job over"):
        run_once(tmp_path, "stage", {"recipe": "done"}, OUTPUTS, produce)
    assert not (tmp_path / "result.txt").exists()
    (tmp_path / "work/stage.lease").unlink()
    assert _counting(tmp_path) == []


def test_result_kept_by_an_identity_of_an_earlier_version_is_taken(tmp_path: Path) -> None:
    _counting(tmp_path)
    (tmp_path / "result.txt").unlink()

    def never(scratch: Path) -> None:
        raise AssertionError

    for _ in range(2):
        new, old = {"recipe": "done", "more": 1}, {"recipe": "done"}
        assert not run_once(tmp_path, "stage", new, OUTPUTS, never, earlier=[old])
        assert (tmp_path / "result.txt").read_text() == "done"


def test_cost_is_that_of_the_result_that_is_shown(tmp_path: Path) -> None:
    for cpu_s, text in ((10.0, "old physics"), (3.0, "new physics")):
        ticks = iter((0.0, cpu_s))

        def produce(scratch: Path, text: str = text) -> None:
            (scratch / "result.txt").write_text(text)

        run_once(
            tmp_path,
            "stage",
            {"recipe": text},
            OUTPUTS,
            produce,
            cpu_time_s=lambda ticks=ticks: next(ticks),  # type: ignore[misc]
        )
    assert len(costs_of(tmp_path, "stage")) == 2
    present = cost_of(tmp_path, "stage", "result.txt")
    assert present is not None
    assert present["cpu_s"] == 3.0
    (tmp_path / "result.txt").unlink()
    assert cost_of(tmp_path, "stage", "result.txt") is None
