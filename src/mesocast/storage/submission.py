"""Submit a job of SLURM and take "not now" for an answer: ask again until it is taken.

Plugin 2.8.0 of Snakemake reports a refused submission as a failed job, which costs the job an
attempt and all attempts within a second. So the controller puts a program named ``sbatch`` before
SLURM's own in the path of Snakemake. It runs this module, which waits as long as the reason lasts
and keeps the reason in a file of the results folder; what will never be taken fails at once.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mesocast.errors import InputError
from mesocast.storage.files import read_json, write_json, write_text
from mesocast.storage.slurm import SUBMIT, job_with_comment, submit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Kind = Literal["limit", "silent", "refused"]

_FIRST_WAIT_S = 5.0
_LONGEST_WAIT_S = 120.0
# Limits of jobs that may be submitted at a time (slurm_errno.c and job states of SLURM 19 to 25).
_LIMIT = re.compile(r"\b(QOS|Assoc)?(Max|Grp)SubmitJobs?\w*", re.IGNORECASE)
_ANY_LIMIT = re.compile(r"\b(QOS|Assoc)(Max|Grp|Min)\w+")
# SLURM before it named the limit says only this, most often for the number of jobs.
_POLICY = "Job violates accounting/QOS policy"
_SILENT = re.compile(
    "timed out|no answer in|unable to contact slurm|connection refused|connection reset|"
    "communication connection failure|zero bytes were transmitted|message (receive|send) failure|"
    "slurm_receive_msg|transport endpoint is not connected|controller not responding|"
    "backup controller|standby mode|resource temporarily unavailable|temporarily unable|"
    "unable to accept|rpc limit|rate limit|too many requests|munge encode failed|"
    "broken pipe|network is unreachable|no route to host|"
    "required partition not available",
    re.IGNORECASE,
)
# After these SLURM may have taken the job all the same.
_UNSURE = re.compile(
    "timed out|no answer in|zero bytes|receive|connection reset|not connected|broken pipe",
    re.IGNORECASE,
)


def kind_of(message: str) -> Kind:
    """Tell a refusal that passes from one that stays.

    Parameters
    ----------
    message
        What ``sbatch`` wrote to its standard error.

    Returns
    -------
    str
        ``"limit"``: as many jobs are submitted as the site allows; ``"silent"``: SLURM does not
        answer or is restarting; ``"refused"``: the same job will never be taken.
    """
    if _LIMIT.search(message):
        return "limit"
    if _POLICY in message and not _ANY_LIMIT.search(message):
        return "limit"
    return "silent" if _SILENT.search(message) else "refused"


def one_line(message: str) -> str:
    """Join what ``sbatch`` wrote to one line, without its prefixes."""
    lines = (re.sub(r"^sbatch: (error: )?", "", line.strip()) for line in message.splitlines())
    return "; ".join(line for line in lines if line) or "no reason given"


def is_silence(message: str) -> bool:
    """Whether a command says that it was not answered; these words are those of many queues."""
    return _SILENT.search(message) is not None


def _marked(words: Sequence[str], mark: str) -> list[str]:
    """Add a mark to the job's comment, by which it is found when no answer came."""
    marked = list(words)
    for at, word in enumerate(marked):
        if word == "--comment" and at + 1 < len(marked):
            marked[at + 1] += mark
            return marked
        if word.startswith("--comment="):
            marked[at] += mark
            return marked
    return [f"--comment={mark}", *marked]


def ask(
    words: Sequence[str],
    told: Path,
    go_on: Callable[[], bool],
    *,
    text: str = "",
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Submit a job to SLURM, again and again while it says "not now".

    Parameters
    ----------
    words
        Arguments of ``sbatch``.
    told
        File that says what is waited for, or why a job was refused; it goes once a job is taken.
    go_on
        Whether somebody still wants the job.
    text
        Standard input of ``sbatch``.
    sleep
        Waits for a time in s.

    Returns
    -------
    int
        Exit status of ``sbatch``; what it says is handed on.
    """
    mark = f"_mesocast-{uuid.uuid4().hex[:12]}"
    marked = _marked(words, mark)
    status, out, err = until_taken(
        lambda: submit(marked, text), told, go_on, find=lambda: job_with_comment(mark), sleep=sleep
    )
    sys.stdout.write(out)
    sys.stderr.write(err)
    return status


def until_taken(
    submit_job: Callable[[], tuple[int, str, str]],
    told: Path,
    go_on: Callable[[], bool],
    *,
    queue: str = "SLURM",
    kind: Callable[[str], Kind] = kind_of,
    find: Callable[[], str] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[int, str, str]:
    """Submit a job, again and again while its queue says "not now".

    Parameters
    ----------
    submit_job
        Submits it once; gives exit status, standard output and standard error.
    told, go_on, sleep
        As in :func:`ask`.
    queue
        What a person calls the queue.
    kind
        Tells refusals apart, as :func:`kind_of` does those of SLURM.
    find
        Gives the number of the job if the queue took it without an answer, else an empty text;
        raises `OSError` where the queue does not answer that either. None if it cannot be asked.

    Returns
    -------
    tuple
        Exit status, standard output and standard error of the last submission.
    """
    name = SUBMIT if queue == "SLURM" else queue
    since, tries, wait_s, unsure = time.time(), 0, _FIRST_WAIT_S, False
    while True:
        if unsure and find is not None:
            try:
                job = find()
            except OSError:  # it does not answer this either, so it would not take a job
                sleep(wait_s)
                if not go_on():
                    return 1, "", ""
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
                continue
            if job:
                told.unlink(missing_ok=True)
                return 0, f"{job}\n", ""
        status, out, err = submit_job()
        if status == 0:
            told.unlink(missing_ok=True)
            return 0, out, err
        tries += 1
        refusal, reason = kind(err), one_line(err)
        content = {"kind": refusal, "reason": reason, "since": since, "tries": tries}
        write_json(told, {**content, "queue": queue})
        if refusal == "refused":
            return status, out, f"{name}: error: {reason}\n"
        unsure = unsure or _UNSURE.search(err) is not None
        sleep(wait_s)
        if not go_on():
            return status, out, f"{name}: error: stopped while waiting: {reason}\n"
        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


def put_before(folder: Path, told: Path) -> None:
    """Put a stand-in for ``sbatch`` into a folder, and that first in this process's path.

    Parameters
    ----------
    folder
        Folder for the stand-in alone.
    told
        File for what is waited for.
    """
    told.unlink(missing_ok=True)  # of an earlier controller
    stand_in = folder.resolve() / SUBMIT
    call = [sys.executable, "-m", "mesocast.storage.submission"]
    call += [str(stand_in), str(told.resolve()), str(os.getpid())]
    folder.mkdir(parents=True, exist_ok=True)
    write_text(stand_in, f'#!/bin/sh\nexec {shlex.join(call)} "$@"\n')
    stand_in.chmod(0o755)
    os.environ["PATH"] = f"{stand_in.parent}{os.pathsep}{os.environ.get('PATH', '')}"


def remove(folder: Path) -> None:
    """Take the stand-in away: nobody waits any longer."""
    shutil.rmtree(folder, ignore_errors=True)


def last_told(told: Path) -> dict[str, Any] | None:
    """What a controller waits for, or why SLURM refused its last job; None if neither."""
    try:
        content = read_json(told)
    except (InputError, OSError, ValueError):
        return None
    complete = isinstance(content, dict) and {"kind", "reason", "since", "tries"} <= set(content)
    return content if complete else None


def in_words(content: dict[str, Any]) -> str:
    """Write what :func:`last_told` gives in one line."""
    minutes = (time.time() - content["since"]) / 60
    if content["kind"] == "refused":
        return f"{content.get('queue', 'SLURM')} refused a job: {content['reason']}"
    silent = content.get("queue", "SLURM")
    what = "its limit of submitted jobs" if content["kind"] == "limit" else silent
    return (
        f"waiting for {what} for {minutes:.0f} min ({content['tries']} submissions): "
        f"{content['reason']}"
    )


def main(arguments: Sequence[str]) -> int:
    """Act for ``sbatch``: path of the stand-in, file to tell, controller's process, arguments."""
    stand_in, told, controller, *words = arguments
    mine = Path(stand_in).parent
    paths = os.environ.get("PATH", "").split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join(p for p in paths if not p or Path(p) != mine)

    def go_on() -> bool:
        return Path(stand_in).exists() and Path("/proc", controller).exists()

    text = sys.stdin.read() if "/dev/stdin" in words else ""
    try:
        return ask(words, Path(told), go_on, text=text)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
