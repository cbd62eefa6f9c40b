"""Files that appear complete or not at all, whoever else writes them."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
from typing import TYPE_CHECKING

import pytest

from mesocast.errors import InputError, reading
from mesocast.storage.files import read_json, replacing, write_json, write_text

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier
    from pathlib import Path


def _write_often(path: Path, number: int, together: Barrier) -> None:
    for turn in range(200):
        together.wait(60)
        write_json(path, {"writer": number, "turn": turn, "text": str(number) * 5000})


def test_two_processes_write_one_file_at_the_same_time(tmp_path: Path) -> None:
    """Neither fails, and what is there is always one of the two, whole."""
    path = tmp_path / "shared.json"
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(2)
    writers = [context.Process(target=_write_often, args=(path, n, together)) for n in (1, 2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if path.exists():
            content = read_json(path)
            assert content["text"] == str(content["writer"]) * 5000
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert [found.name for found in tmp_path.iterdir()] == ["shared.json"]


def _fill_the_disk(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, "full")


def test_two_temporary_paths_differ_and_a_failed_block_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "before")
    with replacing(path) as one, replacing(path) as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    with pytest.raises(OSError, match="full"):
        _fill_the_disk(path)
    assert path.read_text() == "one"
    assert [found.name for found in tmp_path.iterdir()] == ["a.txt"]


def test_what_killed_processes_left_goes_when_it_is_old(tmp_path: Path) -> None:
    path = tmp_path / "a[1].txt"
    for name in (f".{path.name}.old.partial", f".{path.name}.new.partial", ".b.txt.old.partial"):
        (tmp_path / name).write_text("half")
        if "old" in name:
            os.utime(tmp_path / name, (1, 1))
    write_text(path, "whole")
    assert {found.name for found in tmp_path.iterdir()} == {
        path.name,
        f".{path.name}.new.partial",
        ".b.txt.old.partial",
    }


def test_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    write_text(tmp_path / "ours", "")
    (tmp_path / "theirs").write_text("")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


@pytest.mark.parametrize(
    ("error", "is_input"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file"), True),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), True),
        (PermissionError(errno.EACCES, "Permission denied"), True),
        (json.JSONDecodeError("Expecting value", "", 0), True),
        (OSError(errno.EIO, "Input/output error"), False),
        (OSError(errno.ESTALE, "Stale file handle"), False),
        (OSError(errno.ENOSPC, "No space left"), False),
        (TypeError("a programming error"), False),
    ],
)
def test_only_what_a_person_can_mend_is_wrong_input(
    error: Exception, is_input: bool, tmp_path: Path
) -> None:
    expected = InputError if is_input else type(error)
    with pytest.raises(expected) as raised, reading(tmp_path / "x.json", "JSON"):
        raise error
    if is_input:
        assert "x.json: cannot be read as JSON" in str(raised.value)
