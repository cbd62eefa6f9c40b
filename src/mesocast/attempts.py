"""Attempts that did not finish, and why: told apart by the job itself and by SLURM's accounting."""

from __future__ import annotations

import contextlib
import errno
import json
import subprocess
import time
from typing import TYPE_CHECKING, Any, Literal

from mesocast.errors import InputError, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Cause = Literal[
    "out_of_memory",
    "time_limit",
    "node_failure",
    "preempted",
    "cancelled",
    "broken_input",
    "file_system_full",
    "killed",
    "fault",
]

# States of SLURM's accounting, the telling ones first: a step that ran out of memory makes its job
# merely FAILED.
_SLURM: tuple[tuple[str, Cause], ...] = (
    ("OUT_OF_MEMORY", "out_of_memory"),
    ("NODE_FAIL", "node_failure"),
    ("BOOT_FAIL", "node_failure"),
    ("PREEMPTED", "preempted"),
    ("TIMEOUT", "time_limit"),
    ("DEADLINE", "time_limit"),
    ("CANCELLED", "cancelled"),
)
# What the job itself can tell.
_OWN: tuple[tuple[type[BaseException], Cause], ...] = (
    (Stopped, "time_limit"),
    (InputError, "broken_input"),
    (MemoryError, "out_of_memory"),
    (KeyboardInterrupt, "cancelled"),
)
# A job killed by SLURM for its memory without cgroups is FAILED; it was this close to its limit.
_NEARLY = 0.95


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


def slurm_causes(jobs: Iterable[str]) -> dict[str, Cause]:
    """Causes that SLURM's accounting knows for jobs; those that it cannot tell are left out."""
    names = sorted(set(jobs))
    if not names:
        return {}
    columns = "JobIDRaw,State,MaxRSS,ReqMem"
    try:
        text = subprocess.run(  # noqa: S603 - no shell, numbers
            ["sacct", "-n", "-P", "--units=K", "-o", columns, "-j", ",".join(names)],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    causes: dict[str, Cause] = {}
    for name in names:
        rows = [
            line.split("|")
            for line in text.splitlines()
            if line.split(".")[0].split("|")[0] == name
        ]
        states = " ".join(row[1] for row in rows)
        for word, cause in _SLURM:
            if word in states:
                causes[name] = cause
                break
        else:
            if "FAILED" in states and _near_limit(rows):
                causes[name] = "out_of_memory"
    return causes


def _near_limit(rows: list[list[str]]) -> bool:
    largest = max((_kilobytes(row[2]) for row in rows), default=0.0)
    limit = max((_kilobytes(row[3]) for row in rows), default=0.0)
    return limit > 0 and largest > _NEARLY * limit


def _kilobytes(text: str) -> float:
    digits = "".join(c for c in text if c.isdigit() or c == ".")
    return float(digits) if digits else 0.0
