"""Files that appear complete or not at all."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import time
import uuid
from typing import TYPE_CHECKING, Any

from mesocast.errors import InputError, reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# No process writes at one file for this long.
_ABANDONED_S = 3600.0


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path; when what is written there is complete, it takes the file's place.

    No other process has the same path; if the block fails, nothing is left of it. What a killed
    process left of the same file goes when it is old enough to be no one's work.
    """
    temporary = temporary_for(path)
    try:
        yield temporary
        os.replace(temporary, path)  # noqa: PTH105 - atomic by definition
        _remove_leftovers(path)
    finally:
        with contextlib.suppress(OSError):  # what made the block fail is worth more
            temporary.unlink(missing_ok=True)


def temporary_for(path: Path) -> Path:
    """Give a path beside a file that no other process, thread or call has."""
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")


def _remove_leftovers(path: Path) -> None:
    for rest in path.parent.glob(f".{glob.escape(path.name)}.*.partial"):
        with contextlib.suppress(OSError):  # another process was quicker
            if time.time() - rest.stat().st_mtime > _ABANDONED_S:
                rest.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a text file by atomic rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Write JSON by atomic rename; numbers that JSON does not know are refused."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON.

    Raises
    ------
    InputError
        The file is missing or broken.
    OSError
        The machine cannot read it now, which says nothing about the file.
    """
    with reading(path, "JSON"):
        return json.loads(path.read_text(encoding="utf-8"))


def read_record(path: Path, *names: str) -> dict[str, Any]:
    """Read JSON that is an object with at least these names.

    Raises
    ------
    InputError
        The file is missing or broken, or is something else.
    OSError
        The machine cannot read it now.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: is no record; allowed: a file that Mesocast wrote")
    missing = [name for name in names if name not in content]
    if missing:
        raise InputError(f"{path}: holds no {missing[0]}; allowed: a file that Mesocast wrote")
    return content
