"""Leases: one holder at a time, and none for ever."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from mesocast.errors import Stopped
from mesocast.storage import lease as lease_module
from mesocast.storage.lease import Lease, read_holder

if TYPE_CHECKING:
    from pathlib import Path


def _foreign(path: Path, **changes: Any) -> None:
    record = Lease(path).record | {"machine": "elsewhere 1", "token": "theirs"} | changes
    path.write_text(json.dumps(record))


def test_lease_is_there_while_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "work" / "a.lease"
    with Lease(path) as lease:
        assert lease.held()
        assert (read_holder(path) or {})["pid"] == os.getpid()
    assert [p.name for p in path.parent.iterdir()] == []


def test_second_holder_is_refused_or_told_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "a.lease"
    with Lease(path):
        with (
            pytest.raises(BlockingIOError, match=f"process {os.getpid()}"),
            Lease(path, wait=False),
        ):
            pass
        with pytest.raises(Stopped, match="no time"), Lease(path, stop_reason=lambda: "no time"):
            pass


def test_a_link_that_was_made_and_denied_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS may answer so when its first answer was lost."""
    link = os.link

    def made_and_denied(source: Path, target: Path) -> None:
        link(source, target)
        raise FileExistsError

    monkeypatch.setattr(os, "link", made_and_denied)
    with Lease(tmp_path / "a.lease", wait=False) as lease:
        assert lease.held()


def test_slurm_is_asked_now_and_then_of_a_far_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, polls = tmp_path / "a.lease", iter(range(5))
    asked: list[str] = []

    def state(job: str) -> str:
        asked.append(job)
        return "RUNNING"

    _foreign(path, slurm_job="7")
    monkeypatch.setattr(lease_module, "_POLL_S", 0.0)
    monkeypatch.setattr(lease_module, "slurm_state", state)
    with (
        pytest.raises(Stopped),
        Lease(path, stop_reason=lambda: "no time" if next(polls) == 4 else ""),
    ):
        pass
    assert asked == ["7"]


def _hold(path: Path) -> None:
    with Lease(path):
        time.sleep(600)


def test_lease_of_a_killed_process_is_taken_over_and_its_death_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.lease"
    dead: list[dict[str, Any]] = []
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(path,))
    process.start()
    deadline = time.time() + 60
    while not path.exists():
        assert time.time() < deadline
        time.sleep(0.02)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with Lease(path, on_death=dead.append) as lease:
        assert lease.held()
    assert [holder["pid"] for holder in dead] == [process.pid]


def test_holder_elsewhere_lives_while_it_renews(tmp_path: Path) -> None:
    path = tmp_path / "a.lease"
    _foreign(path)
    with pytest.raises(BlockingIOError), Lease(path, wait=False):
        pass
    long_ago = time.time() - 1000
    os.utime(path, (long_ago, long_ago))
    with Lease(path, wait=False) as lease:
        assert lease.held()


@pytest.mark.parametrize(("state", "alive"), [("RUNNING", True), ("FAILED", False), ("", False)])
def test_slurm_is_asked_about_a_job_elsewhere(
    state: str, alive: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.lease"
    _foreign(path, slurm_job="12")
    monkeypatch.setattr(lease_module, "slurm_state", lambda job: state)
    if alive:
        with pytest.raises(BlockingIOError, match="SLURM job 12"), Lease(path, wait=False):
            pass
    else:
        with Lease(path, wait=False) as lease:
            assert lease.held()


def test_holder_that_lost_its_lease_knows(tmp_path: Path) -> None:
    path = tmp_path / "a.lease"
    with Lease(path) as lease:
        _foreign(path)
        assert not lease.held()
    assert (read_holder(path) or {})["token"] == "theirs"  # and it leaves the other's alone


def _count(path: Path, log: Path) -> None:
    with Lease(path):
        before = log.read_text()
        time.sleep(0.05)
        log.write_text(before + "x")


def test_many_processes_never_hold_it_together(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("")
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_count, args=(tmp_path / "a.lease", log)) for _ in range(5)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert log.read_text() == "xxxxx"


def test_requeued_job_takes_over_from_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requeued, a controller has the same job number on another node; SLURM says RUNNING: of us."""
    path = tmp_path / "controller.lease"
    monkeypatch.setattr(lease_module, "slurm_state", lambda job: "RUNNING")
    monkeypatch.delenv("SLURM_RESTART_COUNT", raising=False)
    _foreign(path, slurm_job="12")
    for job, restarts in (("13", "1"), ("12", "")):  # another job; another node of the same job
        monkeypatch.setenv("SLURM_JOB_ID", job)
        monkeypatch.setenv("SLURM_RESTART_COUNT", restarts)
        with pytest.raises(BlockingIOError, match="SLURM job 12"), Lease(path, wait=False):
            pass
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    with Lease(path, wait=False) as lease:
        assert lease.held()


def test_lease_that_cannot_be_read_is_kept_and_one_of_another_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "_POLL_S", 0.01)
    path = tmp_path / "a.lease"
    with Lease(path) as lease:
        with monkeypatch.context() as patch:
            patch.setattr(lease_module, "read_holder", lambda path: {})
            assert lease.held()
        path.unlink()  # by hand: no other holds it
        assert lease.held()
        _foreign(path)
        assert not lease.held()
    assert (read_holder(path) or {})["token"] == "theirs"


def test_lease_is_renewed_again_after_it_could_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The renewing thread survives an error, does not write blindly, and then goes on."""
    monkeypatch.setattr(lease_module, "RENEWED_EVERY_S", 0.01)
    path = tmp_path / "a.lease"
    readings = 0

    def broken(path: Path) -> dict[str, Any]:
        nonlocal readings
        readings += 1
        return {}

    with Lease(path) as lease:
        with monkeypatch.context() as patch:
            patch.setattr(lease_module, "read_holder", broken)
            time.sleep(0.1)
            os.utime(path, (1, 1))
            time.sleep(0.1)
            assert readings > 2
            assert path.stat().st_mtime == 1
        deadline = time.time() + 30
        while path.stat().st_mtime == 1:
            assert time.time() < deadline
            time.sleep(0.01)
        assert lease.held()


@pytest.mark.parametrize("content", ["[1, 2]", "", "3", '{"token": '])
def test_file_that_is_no_lease_has_an_unknown_holder(content: str, tmp_path: Path) -> None:
    (tmp_path / "a.lease").write_text(content)
    assert read_holder(tmp_path / "a.lease") == {}
