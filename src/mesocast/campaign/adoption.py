"""Jobs of SLURM that an earlier controller of a campaign left behind."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from mesocast.storage.slurm import cancel, jobs_of

if TYPE_CHECKING:
    from collections.abc import Callable

_POLL_S = 10.0


def _jobs(name: str, say: Callable[[str], None]) -> dict[str, list[str]]:
    while True:
        try:
            return jobs_of(name)
        except OSError as error:
            say(f"SLURM does not answer ({error}); asking again")
            time.sleep(_POLL_S)


def adopt(name: str, say: Callable[[str], None]) -> None:
    """Wait until no job of an earlier controller is left; cancel those that did not start.

    Parameters
    ----------
    name
        Name by which SLURM knows the jobs of the campaign's controllers.
    say
        Tells a person something.
    """
    told = False
    while jobs := _jobs(name, say):
        if pending := jobs.pop("PENDING", []):
            with contextlib.suppress(OSError):  # some have started or ended: the next look tells
                cancel(pending, only_pending=True)
        left = sum(map(len, jobs.values()))
        if left and not told:
            say(f"waiting for {left} SLURM jobs of an earlier controller ({name})")
            told = True
        time.sleep(_POLL_S if left else 1)


def cancel_left(name: str, say: Callable[[str], None]) -> None:
    """Cancel the jobs of a controller that is ending.

    Parameters
    ----------
    name
        Name by which SLURM knows the jobs of the campaign's controllers.
    say
        Tells a person something.
    """
    try:
        if left := [job for jobs in jobs_of(name).values() for job in jobs]:
            cancel(left)
    except OSError as error:
        say(f"SLURM does not answer ({error}); jobs of {name} may be left in its queue")
