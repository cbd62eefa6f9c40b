"""Faults of a disk that a person must mend, in one line."""

from __future__ import annotations

import errno
import os
from pathlib import Path

# What a person can do about it.
_REMEDIES = {
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room, or ask for a larger quota",
    errno.EFBIG: "allow larger files (ulimit -f)",
    errno.EROFS: "allowed: a folder that can be written",
    errno.EACCES: "allowed: a folder that can be written",
    errno.EPERM: "allowed: a folder that can be written",
}


def describe_fault(error: OSError) -> str:
    """One line about a disk that is full or may not be written; empty for any other fault."""
    if isinstance(error, FileNotFoundError) and "temporary directory" in str(error):
        return "no temporary folder can be written; make room, or set TMPDIR"  # says tempfile
    remedy = _REMEDIES.get(error.errno or 0)
    return "" if remedy is None else f"{_place(error)}: {_reason(error)}; {remedy}"


def wrong_path(error: OSError) -> str:
    """One line about a file where a folder is wanted, or the reverse; empty for anything else."""
    if error.filename is None:
        return ""
    path = Path(_place(error))
    if isinstance(error, IsADirectoryError):
        return f"{path}: is a folder; allowed: a file"
    if isinstance(error, NotADirectoryError | FileExistsError):
        for part in (path, *path.parents):
            if part.is_file():
                return f"{part}: is a file; allowed: a folder"
    return ""


def _place(error: OSError) -> str:
    """Path that an error is about; where a file is renamed, the new one."""
    name = error.filename2 or error.filename
    return "a file" if name is None else os.fsdecode(name)


def _reason(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()
