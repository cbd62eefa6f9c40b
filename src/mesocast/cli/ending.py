"""How a program of Mesocast ends: its exit status, and one line for what a person can mend.

Everything else (a fault of the program or the machine) stays an exception, whose traceback reaches
the terminal or the job's log.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.errors import InputError, Stopped
from mesocast.storage.disk import describe_fault, wrong_path

if TYPE_CHECKING:
    from collections.abc import Callable

DISK_REFUSES = 1
INPUT_IS_WRONG = 2
START_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
INTERRUPTED = 130  # as a shell reports SIGINT


def ended(work: Callable[[], None], *, results: Path | None = None) -> int:
    """Do some work and give the exit status.

    Parameters
    ----------
    work
        What to do.
    results
        Results folder of the campaign; of a file that is missing there it is said how to get it.

    Returns
    -------
    int
        0: done; 2: the input is wrong; 1: a disk is full or read-only; 75: to be started again;
        130: Ctrl-C.
    """
    try:
        work()
        sys.stdout.flush()  # a full disk shows here
    except InputError as error:
        status, line = INPUT_IS_WRONG, _not_there_yet(error, results) or str(error)
    except Stopped as stopped:
        status, line = START_AGAIN, str(stopped)
    except KeyboardInterrupt:
        status, line = INTERRUPTED, "interrupted; what was finished is kept"
    except BrokenPipeError:  # who read the answer has read enough, as in `mesocast predict | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if line := wrong_path(error):
            status = INPUT_IS_WRONG
        elif line := describe_fault(error):
            status = DISK_REFUSES
        else:
            raise
    else:
        return 0
    print(" ".join(line.split()), file=sys.stderr)  # noqa: T201 - the one line that is promised
    return status


def _not_there_yet(error: InputError, results: Path | None) -> str:
    """Line about a file of a campaign that has not come so far; empty if it is something else."""
    cause = error.__cause__
    if results is None or not isinstance(cause, FileNotFoundError) or not cause.filename:
        return ""
    path = Path(os.fsdecode(cause.filename))
    if results not in path.parents:
        return ""
    if not results.is_dir():
        return (
            f"{results}: is not there; allowed: the results folder of a campaign that was started"
        )
    return (
        f"{path}: is not there yet; the campaign has not come so far, and "
        "`mesocast run CONFIG` goes on with it"
    )
