"""All that is asked of SLURM."""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

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
# A job killed by SLURM for its memory without cgroups is FAILED; it was this close to its limit.
_NEARLY = 0.95


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


def controller_name(results: Path, campaign: str) -> str:
    """Name by which SLURM knows the jobs of a campaign's controllers; unique to its folder."""
    folder = hashlib.sha256(str(results.resolve()).encode()).hexdigest()[:8]
    return f"mesocast-{campaign[:30]}-{folder}"


def jobs_of(controller: str) -> dict[str, list[str]]:
    """Jobs of a campaign's controllers that have not ended, by state.

    Raises
    ------
    OSError
        SLURM does not answer.
    """
    command = ["squeue", "--me", "--noheader", "--format", "%A|%T|%j"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise OSError(done.stderr.strip())
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        job, state, name = line.split("|", 2)
        if name.startswith(f"{controller}_"):
            found.setdefault(state, []).append(job)
    return found


def cancel_pending(jobs: list[str]) -> None:
    """Cancel those of some jobs that have not started."""
    command = ["scancel", "--state=PENDING", *jobs]
    subprocess.run(command, check=False)  # noqa: S603 - no shell, numbers


def slurm_state(job: str) -> str:
    """State of a SLURM job: a word, empty if SLURM does not know it, ``"?"`` if it is silent."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell, a number
            ["squeue", "--noheader", "--jobs", job, "--format", "%T"],  # noqa: S607 - site's SLURM
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    if done.returncode:
        return "" if "Invalid job id" in done.stderr else "?"
    return done.stdout.strip()


def pending_rules(controller: str) -> Counter[str]:
    """Pending jobs of a campaign's controller, by rule (the plugin's comment names it)."""
    try:
        text = subprocess.run(
            ["squeue", "--me", "--noheader", "--states", "PENDING", "--format", "%j|%k"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return Counter()
    prefix = f"{controller}_"
    comments = [line.partition("|")[2] for line in text.splitlines() if line.startswith(prefix)]
    return Counter(comment.removeprefix("rule_").split("_wildcards_")[0] for comment in comments)
