"""Attempts that did not finish, and why: told apart by the job itself and by SLURM's accounting."""

from __future__ import annotations

import contextlib
import errno
import json
import time
from typing import TYPE_CHECKING, Any

from mesocast.errors import InputError, Stopped
from mesocast.storage.slurm import Cause, slurm_causes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# What the job itself can tell.
_OWN: tuple[tuple[type[BaseException], Cause], ...] = (
    (Stopped, "time_limit"),
    (InputError, "broken_input"),
    (MemoryError, "out_of_memory"),
    (KeyboardInterrupt, "cancelled"),
)


def path_of(work: Path, stage: str) -> Path:
    """File that holds the attempts of a job that did not finish, one JSON object per line."""
    return work / f"{stage}.attempts.jsonl"


def add(work: Path, stage: str, holder: dict[str, Any], error: BaseException | None) -> None:
    """Write down an attempt that did not finish; with no error it died without a word."""
    cause, reason = _by_error(error)
    entry = {
        name: holder.get(name) for name in ("machine", "slurm_job", "started", "cpu_s", "log")
    } | {"ended": time.time(), "cause": cause, "reason": reason}
    # The record is worth less than the error that it is about (a full disk, for example).
    with contextlib.suppress(OSError):
        work.mkdir(parents=True, exist_ok=True)
        with path_of(work, stage).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")


def _by_error(error: BaseException | None) -> tuple[Cause, str]:
    if error is None:
        return "killed", "ended without a word"
    cause: Cause = "fault"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        cause = "file_system_full"
    else:
        cause = next((known for kind, known in _OWN if isinstance(error, kind)), cause)
    return cause, " ".join(f"{type(error).__name__}: {error}".split())


def read(work: Path, stage: str) -> list[dict[str, Any]]:
    """Attempts of a job that did not finish, the oldest first; a torn line is left out."""
    try:
        lines = path_of(work, stage).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def explained(attempts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put SLURM's cause in place of the job's own where the job could not know it."""
    attempts = list(attempts)
    # What the job itself cannot know: who killed it, or why it was told to stop.
    unsure = [a for a in attempts if a.get("slurm_job") and a["cause"] in ("killed", "time_limit")]
    known = slurm_causes(str(a["slurm_job"]) for a in unsure)
    return [
        a | {"cause": known.get(str(a["slurm_job"]), a["cause"])} if a in unsure else a
        for a in attempts
    ]
