"""LAMMPS's restart file: whether it is whole."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What a restart file ends with (write_restart.cpp, 22 Jul 2025).
END = b"LammpS RestartT\0"
_CUT_SHORT = "LAMMPS's restart file is cut short"
# In LAMMPS's words and ours.
_UNWRITTEN = ("I/O error while writing restart", "Cannot open restart file", _CUT_SHORT)


def check_whole(state: bytes) -> None:
    """Look whether the content of a restart file was written to its end.

    Raises
    ------
    ValueError
        It was not.
    """
    if not state.endswith(END):
        raise ValueError(_CUT_SHORT)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[None]:
    """Look whether the restart file that a block writes is whole.

    LAMMPS notices a full disk where it fills in the middle, and says so in words of its own; it
    does not look whether the last bytes reach the disk.

    Raises
    ------
    OSError
        The file is not whole: a full disk or a quota, or a rare fault of the machine.
    """
    try:
        yield
        check_whole(path.read_bytes())
    except Exception as error:
        if not any(words in str(error) for words in _UNWRITTEN):
            raise
        raise OSError(errno.ENOSPC, "restart file cut short", str(path)) from error
