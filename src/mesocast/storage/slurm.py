"""All that is asked of SLURM, and all that it tells a job."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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
# What SLURM's commands may take to answer; a controller under load takes long.
_PATIENCE_S = 60
# The command that takes a job.
SUBMIT = "sbatch"


def is_here() -> bool:
    """Whether this machine has SLURM's commands."""
    return shutil.which("squeue") is not None


def own_job() -> str:
    """Number of the job that this process is part of; empty outside of SLURM."""
    return os.environ.get("SLURM_JOB_ID", "")


def own_restarts() -> int:
    """How often SLURM has started this job again from its beginning (requeued it)."""
    return int(os.environ.get("SLURM_RESTART_COUNT") or 0)


def _ask(*command: str) -> str:
    """Give what a command of SLURM prints.

    Raises
    ------
    OSError
        It is not there, does not answer, or refuses.
    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell; numbers and names of jobs
            command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{command[0]}: no answer in {_PATIENCE_S} s") from error
    if done.returncode:
        raise OSError(done.stderr.strip() or f"{command[0]}: exit status {done.returncode}")
    return done.stdout


def own_end() -> float:
    """Time (s since 1970) at which SLURM ends this job; infinite outside of SLURM.

    Raises
    ------
    OSError
        SLURM does not answer.
    ValueError
        The job has no end.
    """
    if not own_job():
        return float("inf")
    if "SLURM_JOB_END_TIME" in os.environ:
        return float(os.environ["SLURM_JOB_END_TIME"])
    # slurm-jobstep 0.6.1 takes the variable away, so SLURM is asked.
    text = _ask("squeue", "--noheader", "--jobs", own_job(), "--format", "%e")
    return datetime.fromisoformat(text.strip()).timestamp()


def slurm_causes(jobs: Iterable[str]) -> dict[str, Cause]:
    """Causes that SLURM's accounting knows for jobs; those that it cannot tell are left out."""
    names = sorted(set(jobs))
    if not names:
        return {}
    columns = "JobIDRaw,State,MaxRSS,ReqMem"
    try:
        text = _ask("sacct", "-n", "-P", "--units=K", "-o", columns, "-j", ",".join(names))
    except OSError:
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
    found: dict[str, list[str]] = {}
    for line in _ask("squeue", "--me", "--noheader", "--format", "%A|%T|%j").splitlines():
        job, state, name = line.split("|", 2)
        if name.startswith(f"{controller}_"):
            found.setdefault(state, []).append(job)
    return found


def cancel(jobs: Iterable[str], *, only_pending: bool = False) -> None:
    """Cancel some jobs, or those of them that have not started.

    Raises
    ------
    OSError
        SLURM does not answer, or one has ended by now.
    """
    _ask("scancel", *(["--state=PENDING"] if only_pending else []), *jobs)


def submit(words: Sequence[str], text: str = "") -> tuple[int, str, str]:
    """Submit a job; give the exit status of ``sbatch``, what it prints and what it complains of.

    Parameters
    ----------
    words
        Arguments of ``sbatch``.
    text
        Its standard input.
    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the words of Snakemake's plugin
            [SUBMIT, *words],
            input=text,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, "", f"{SUBMIT}: no answer in {_PATIENCE_S} s"
    except OSError as error:
        return 127, "", f"{SUBMIT}: {error.strerror or error}"
    return done.returncode, done.stdout, done.stderr


def job_with_comment(mark: str) -> str:
    """Number of one's job whose comment ends with a mark; empty if there is none.

    Raises
    ------
    OSError
        SLURM does not answer.
    """
    text = _ask("squeue", "--me", "--noheader", "--states", "all", "--format", "%A|%k")
    found = (line.split("|", 1)[0] for line in text.splitlines() if line.endswith(mark))
    return next(found, "")


def slurm_state(job: str) -> str:
    """State of a SLURM job: a word, empty if SLURM does not know it, ``"?"`` if it is silent."""
    try:
        return _ask("squeue", "--noheader", "--jobs", job, "--format", "%T").strip()
    except OSError as error:
        return "" if "Invalid job id" in str(error) else "?"


class OwnJobs:
    """States of this user's jobs, asked for once, when the first one is wanted."""

    def __init__(self) -> None:
        self._states: dict[str, str] | None = None

    def state(self, job: str) -> str:
        """State of a job, as `slurm_state` gives it; others' and ended jobs are asked singly."""
        if self._states is None:
            try:
                text = _ask("squeue", "--me", "--noheader", "--format", "%A|%T")
            except OSError:
                text = ""
            pairs = (line.strip().partition("|") for line in text.splitlines())
            self._states = {number: state for number, _, state in pairs}
        return self._states.get(job) or slurm_state(job)


def pending_rules(controller: str) -> Counter[str]:
    """Pending jobs of a campaign's controller, by rule (the plugin's comment names it)."""
    states = ("--states", "PENDING", "--format", "%j|%k")
    try:
        text = _ask("squeue", "--me", "--noheader", *states)
    except OSError:
        return Counter()
    prefix = f"{controller}_"
    comments = [line.partition("|")[2] for line in text.splitlines() if line.startswith(prefix)]
    return Counter(comment.removeprefix("rule_").split("_wildcards_")[0] for comment in comments)
