"""The ways in which Mesocast says no.

A fault that is none of them (a full disk, a killed process) stays an ordinary exception: the job
fails and the workflow may retry it.
"""


class MesocastError(Exception):
    """What Mesocast says itself; all below are of this kind."""


class InputError(MesocastError):
    """The input is wrong: one line says what, where and what is allowed; exit status 2."""


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
