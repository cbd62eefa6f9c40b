"""The ways in which Mesocast says no.

A fault that is none of them (a full disk, a killed process) stays an ordinary exception: the job
fails and the workflow may retry it.
"""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What a machine says when it cannot read now; it says nothing about the file.
_FAULTS_OF_THE_MACHINE = frozenset(
    (
        errno.EIO,
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.EAGAIN,
        errno.EINTR,
        errno.ENOMEM,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EHOSTDOWN,
        errno.ENOTCONN,
        errno.EREMOTEIO,
    )
)


class MesocastError(Exception):
    """What Mesocast says itself; all below are of this kind."""


class InputError(MesocastError):
    """The input is wrong: one line says what, where and what is allowed; exit status 2."""


class EstimatorInputError(InputError, ValueError):
    """Wrong input of an estimator: also the ValueError that scikit-learn's conventions ask for."""


class PhysicsFailure(MesocastError):  # noqa: N818 - an outcome to record, not a programming error
    """A simulation or a measurement has no physical result; it becomes a row with this status.

    Parameters
    ----------
    status
        Short machine-readable word, for example ``"not_percolating"``.
    reason
        One sentence for a person, with the numbers that led to it.
    """

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(status, reason)  # both, so that it passes between processes
        self.status = status
        self.reason = reason

    def __str__(self) -> str:
        """Status and reason in one line."""
        return f"{self.status}: {self.reason}"


class Stopped(MesocastError):  # noqa: N818 - the job is to be started again, nothing is wrong
    """A job ended ahead of its wall-time and kept a restart; exit status 75 (EX_TEMPFAIL)."""


def is_fault_of_the_machine(error: BaseException) -> bool:
    """Whether an error says that a file system does not work now, and nothing about the file."""
    return isinstance(error, OSError) and error.errno in _FAULTS_OF_THE_MACHINE


@contextlib.contextmanager
def reading(path: Path, what: str, *broken: type[Exception]) -> Iterator[None]:
    """Say in one line that a file is missing or is not what it should be.

    Parameters
    ----------
    path
        The file that the block reads.
    what
        What it should be, for example ``"a surrogate"``.
    broken
        What the block raises where it is something else, besides `OSError` and `ValueError`.

    Raises
    ------
    InputError
        The file is missing, may not be read, or is something else.
    OSError
        The machine cannot read it now: nothing is known of the file.
    """
    kinds: tuple[type[Exception], ...] = (OSError, ValueError, *broken)
    try:
        yield
    except kinds as error:
        if is_fault_of_the_machine(error):
            raise
        said = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(
            f"{path}: cannot be read as {what} ({' '.join(str(said).split())})"
        ) from error
