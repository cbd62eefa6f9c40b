"""Files that restarts are kept in, and the course that resumes from them; no film moves."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.errors import Stopped
from mesocast.simulation.engine import state
from mesocast.simulation.restarts import Course, Restart, RestartFiles, SharedRestarts

if TYPE_CHECKING:
    from pathlib import Path

STATE = b"state" + state.END


def test_shared_restart_is_taken_only_before_the_ways_part(tmp_path: Path) -> None:
    def shared(parts_at: float, identity: str = "film") -> SharedRestarts:
        return SharedRestarts(tmp_path / "pressed", identity, parts_at=parts_at)

    def furthest(parts_at: float, identity: str = "film") -> float | None:
        found = shared(parts_at, identity).furthest()
        return found.progress if found else None

    assert furthest(30) is None
    for point, progress in enumerate((0.0, 1.0, 6.0, 12.0), start=1):
        shared(13).save(Restart(point, [], STATE, progress))
    assert [furthest(p) for p in (0.5, 6, 6.1, 11.9, 12.1, 40)] == [0, 0, 6, 6, 12, 12]
    assert furthest(40, "another film") is None
    assert len(list(tmp_path.iterdir())) == 3  # 0 and 1 are in the same interval
    damaged = next(tmp_path.glob("*-02.npz"))
    damaged.write_bytes(damaged.read_bytes()[:100])
    assert furthest(40) == 6
    assert not damaged.exists()


def test_restart_that_the_machine_cannot_read_now_is_no_reason_to_begin_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = RestartFiles(tmp_path / "own", "same")
    files.save(Restart(3, [1.0], STATE))

    def stale(path: Path) -> None:
        raise OSError(errno.ESTALE, "Stale file handle", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(np, "load", stale)
        with pytest.raises(OSError, match="Stale"):
            Course(RestartFiles(tmp_path / "own", "same"))
    assert Course(RestartFiles(tmp_path / "own", "same")).replaying


def test_course_takes_the_later_of_its_own_restart_and_a_shared_one(tmp_path: Path) -> None:
    files = RestartFiles(tmp_path / "own", "same")
    shared = SharedRestarts(tmp_path / "pressed", "film", parts_at=20)

    def resumes_at() -> list[float]:
        course, seen = Course(RestartFiles(tmp_path / "own", "same"), shared=shared), []
        while course.replaying:
            seen.append(course.reading(lambda: -1.0))
            course.pass_point(lambda _: None, lambda _: None)
        return seen

    shared.save(Restart(2, [1.0, 2.0], STATE, 10.0))
    assert resumes_at() == [1.0, 2.0]
    files.save(Restart(1, [5.0], STATE))
    assert resumes_at() == [1.0, 2.0]
    files.save(Restart(3, [5.0, 6.0, 7.0], STATE))
    assert resumes_at() == [5.0, 6.0, 7.0]


def _restart(point: int) -> Restart:
    return Restart(
        point, [1.5, np.arange(6.0).reshape(2, 3), -2.0], bytes(range(256)) * 40 + state.END
    )


def test_restart_comes_back_as_it_was(tmp_path: Path) -> None:
    RestartFiles(tmp_path / "r", "same").save(_restart(3))
    back = RestartFiles(tmp_path / "r", "same").newest()
    assert back is not None
    assert (back.point, back.state) == (3, _restart(3).state)
    assert back.readings[0] == 1.5
    assert back.readings[2] == -2.0
    np.testing.assert_array_equal(back.readings[1], np.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize("damage", ["truncated", "one byte", "empty", "state"])
def test_damaged_restart_is_recognized_and_the_one_before_is_used(
    damage: str, tmp_path: Path
) -> None:
    files = RestartFiles(tmp_path / "r", "same")
    for point in (1, 2, 3):
        files.save(_restart(point))
    newest = tmp_path / "r-a.npz"
    if damage == "state":  # the file is whole, but what LAMMPS had written into it is not
        whole = _restart(3)
        whole = replace(whole, state=whole.state[:-1])
        RestartFiles(tmp_path / "r", "same").save(whole)
    content = newest.read_bytes()
    middle = content.index(bytes(range(256))) + 700
    newest.write_bytes(
        {
            "truncated": content[: len(content) // 2],
            "one byte": content[:middle] + b"\xaa" + content[middle + 1 :],
            "empty": b"",
            "state": content,
        }[damage]
    )
    files = RestartFiles(tmp_path / "r", "same")
    back = files.newest()
    assert back is not None
    assert back.point == 2
    files.save(_restart(4))  # must not overwrite the one that is whole
    newest_now = RestartFiles(tmp_path / "r", "same").newest()
    assert newest_now is not None
    assert newest_now.point == 4
    os.truncate(newest, 10)
    older = RestartFiles(tmp_path / "r", "same").newest()
    assert older is not None
    assert older.point == 2


def test_restart_of_another_job_is_ignored(tmp_path: Path) -> None:
    RestartFiles(tmp_path / "r", "this").save(_restart(1))
    assert RestartFiles(tmp_path / "r", "other").newest() is None


def test_course_repeats_what_was_measured_and_then_measures(tmp_path: Path) -> None:
    def run(course: Course, values: list[float]) -> list[float]:
        source, seen = iter(values), []
        for _ in range(4):
            seen.append(course.reading(lambda: next(source)))
            course.pass_point(write, lambda path: read.append(path.read_bytes()))
        return seen

    def write(path: Path) -> None:
        path.write_bytes(STATE)

    read: list[bytes] = []
    passed = iter((False, True))
    stopping = Course(
        RestartFiles(tmp_path / "r", "same"), stop_reason=lambda: "now" if next(passed) else ""
    )
    with pytest.raises(Stopped, match="now"):
        run(stopping, [1.0, 2.0])
    assert run(Course(RestartFiles(tmp_path / "r", "same")), [3.0, 4.0]) == [1.0, 2.0, 3.0, 4.0]
    assert read == [STATE] * 4  # once before the stop, and from the stop on


def test_restart_that_does_not_fit_the_program_is_deleted(tmp_path: Path) -> None:
    RestartFiles(tmp_path / "r", "same").save(Restart(9, [1.0], STATE))
    course = Course(RestartFiles(tmp_path / "r", "same"))
    assert course.reading(lambda: 5.0) == 1.0
    with pytest.raises(RuntimeError, match="another course"):
        course.reading(lambda: 5.0)
    assert RestartFiles(tmp_path / "r", "same").newest() is None
