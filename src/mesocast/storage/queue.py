"""A queue other than SLURM's, by a site's own commands that submit, ask for and cancel a job.

Snakemake's cluster-generic plugin (1.0.9) takes a refused submission for a failed job, ends with
the first question that the queue does not answer, and forgets its jobs when it is killed. So the
controller puts this module before the site's commands. A job writes down how it ended; the queue is
asked only whether a job is still there, in any words. An accepted job is written down, too, so that
the next controller finds it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mesocast.storage import submission
from mesocast.storage.files import write_text
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# What a queue's command may take to answer.
_PATIENCE_S = 60
# A job that is no longer in the queue may have ended well, and its word come late (shared file
# systems).
_GRACE_S = 90.0
# As many jobs as one may have submitted, in the words of PBS Pro, LSF, HTCondor and Grid Engine.
_LIMIT = re.compile(
    r"would exceed .*(limit|maximum)|(job|slot) (threshold|limit) .*reached|"
    r"maximum number of .*jobs|MAX_JOBS_(SUBMITTED|PER_OWNER)|only \d+ jobs are allowed|"
    r"too many jobs",
    re.IGNORECASE,
)
# No answer, in theirs.
_SILENT = re.compile(
    r"cannot connect|failed to connect|can't connect|is down|please wait|shutting down|"
    r"not responding|server (is )?busy|can't find address|end of file|failed in an LSF library",
    re.IGNORECASE,
)
# The job is not there any more, in theirs; also the words of the plugin.
_GONE = re.compile(
    r"unknown job|has finished|\bjobs? .*(not found|do(es)? not exist)|no such job|invalid job|"
    r"job_state = [FCX]\b|^\s*(DONE|EXIT|ZOMBI|success|failed|3|4)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_IDENTIFIER = re.compile(r"<(\d[\w.\[\]-]*)>|\bjob (\d[\w.\[\]-]*)|\bcluster (\d+)", re.IGNORECASE)
_NO_SUCH_PROGRAM = 127
_SCRIPT = """{first}
(
{body}
)
status=$?
echo $status > {ended}.partial && mv {ended}.partial {ended}
exit $status
"""


class Commands(NamedTuple):
    """A site's commands as a shell takes them; each gets a job script or jobs as last words."""

    submit: str
    status: str
    cancel: str


def kind_of(message: str) -> submission.Kind:
    """Tell a refusal that passes from one that stays, as `submission.kind_of` does for SLURM."""
    if _LIMIT.search(message):
        return "limit"
    silent = _SILENT.search(message) or submission.is_silence(message)
    return "silent" if silent else "refused"


def identifier_of(text: str) -> str:
    """Name of a job in what a submission printed; empty if there is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    found = _IDENTIFIER.search(lines[-1])
    return next(filter(None, found.groups())) if found else lines[-1].split()[0]


def is_there(status: int, text: str) -> bool:
    """Whether a job is in its queue, by exit status and words of the site's status command.

    A command that failed for another reason than the job is no answer: the job may well be there.
    """
    if status:
        return status == _NO_SUCH_PROGRAM or kind_of(text) == "silent" or not _GONE.search(text)
    return bool(text.strip()) and not _GONE.search(text)


def put_before(layout: Layout, commands: Commands) -> Commands:
    """Commands for the plugin: this module before the site's.

    It waits with a submission as long as this process lives and has not taken the layout's
    ``submitting`` away.
    """
    folder = layout.queue
    for path in (folder, layout.submitting):
        path.mkdir(parents=True, exist_ok=True)
    layout.submission.unlink(missing_ok=True)  # of an earlier controller
    # The plugin starts it without a shell and gives it two seconds.
    cancel = folder / "cancel"
    write_text(
        cancel,
        "#!/bin/sh\n# Jobs are named KEY:NAME here; the queue knows the name.\n"
        'for job; do set -- "$@" "${job#*:}"; shift; done\n'
        f'exec {commands.cancel} "$@"\n',
    )
    cancel.chmod(0o755)
    start = shlex.join([sys.executable, "-m", "mesocast.storage.queue"])
    where = f"{shlex.quote(str(layout.results))} {os.getpid()}"
    return Commands(
        f"{start} submit {where} {commands.submit}",
        # Ctrl-C at a terminal reaches this, too; the plugin would give up before it cancels jobs.
        f"trap '' INT; {start} status {where} {commands.status}",
        str(cancel.resolve()),
    )


def still_queued(folder: Path, status: str) -> list[str]:
    """Names of a campaign's jobs that are still in the queue.

    Parameters
    ----------
    folder
        Folder of the campaign's jobs.
    status
        The site's status command.
    """
    names = [
        path.read_text()
        for path in sorted(folder.glob("*.id"))
        if not path.with_suffix(".ended").exists()
    ]
    return [name for name in names if _is_in_queue(["sh", "-c", f'{status} "$1"', "sh", name])]


def cancel(names: Sequence[str], command: str) -> str:
    """Cancel jobs by the site's command; give what it complains of, empty if all is well."""
    status, _, err = _run(["sh", "-c", f'{command} "$@"', "sh", *names])
    return (err.strip() or f"exit status {status}") if status else ""


def _is_in_queue(command: Sequence[str]) -> bool:
    status, out, err = _run(command)
    return is_there(status, out if status == 0 else out + err)


def forget(folder: Path) -> None:
    """Take away what is known of jobs that have ended."""
    for pattern in ("*.id", "*.sh", "*.ended", "*.gone"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def submit(folder: Path, go_on: Callable[[], bool], told: Path, words: Sequence[str]) -> int:
    """Submit a job script, and again while the queue says "not now"; print the job's name.

    Parameters
    ----------
    folder
        Folder of the campaign's jobs.
    go_on
        Whether somebody still wants the job.
    told
        File that says what is waited for.
    words
        The site's command, and the job script last.
    """
    *site, script = words
    key = f"m{uuid.uuid4().hex[:11]}"  # some queues name a job after its script: a letter first
    job = (folder / f"{key}.sh").resolve()
    first, _, body = Path(script).read_text(encoding="utf-8").partition("\n")
    ended = shlex.quote(str(job.with_suffix(".ended")))
    write_text(job, _SCRIPT.format(first=first, body=body, ended=ended))
    job.chmod(0o755)
    # A job whose answer was lost is submitted twice: the second waits for the first one's lease,
    # and finds its results.
    status, out, err = submission.until_taken(
        lambda: _run([*site, str(job)]),
        told,
        go_on,
        queue=site[0],
        kind=kind_of,
    )
    sys.stderr.write(err)
    name = identifier_of(out)
    if status == 0 and not name:
        sys.stderr.write(f"{site[0]}: printed no name of a job\n")
    if status or not name:
        job.unlink(missing_ok=True)
        return status or 1
    write_text(job.with_suffix(".id"), name)
    sys.stdout.write(f"{key}:{name}\n")
    return 0


def state(folder: Path, words: Sequence[str]) -> str:
    """State of a job in the plugin's words: ``running``, ``success`` or ``failed``.

    Parameters
    ----------
    folder
        Folder of the campaign's jobs.
    words
        The site's command, and the job as :func:`submit` named it last.
    """
    *site, job = words
    key, _, name = job.partition(":")
    ended, gone = folder / f"{key}.ended", folder / f"{key}.gone"
    if ended.exists():
        return "success" if ended.read_text().strip() == "0" else "failed"
    if _is_in_queue([*site, name]):
        gone.unlink(missing_ok=True)
        return "running"
    if not gone.exists():
        write_text(gone, str(time.time()))
    return "failed" if time.time() - float(gone.read_text()) > _GRACE_S else "running"


def _run(command: Sequence[str]) -> tuple[int, str, str]:
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the site's command
            command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, "", f"{command[0]}: no answer in {_PATIENCE_S} s"
    except OSError as error:
        return 127, "", f"{command[0]}: {error.strerror or error}"
    return done.returncode, done.stdout, done.stderr


def main(arguments: Sequence[str]) -> int:
    """Act for a site's command: ``submit`` or ``status``, results, controller's process, words."""
    act, results, controller, *words = arguments
    layout = Layout(Path(results))

    def go_on() -> bool:
        return layout.submitting.exists() and Path("/proc", controller).exists()

    try:
        if act == "submit":
            return submit(layout.queue, go_on, layout.submission, words)
        sys.stdout.write(f"{state(layout.queue, words)}\n")
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
