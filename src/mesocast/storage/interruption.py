"""Knowing that this job is about to be ended: SLURM's signal, or its wall-time."""

from __future__ import annotations

import logging
import signal
import time
from functools import cache
from typing import TYPE_CHECKING, Self

from mesocast.storage import slurm

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_LOGGER = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGUSR1)


@cache
def wall_time_end() -> float:
    """Time (s since 1970) at which SLURM ends this job; infinite where none is known."""
    try:
        return slurm.own_end()
    except (OSError, ValueError) as error:
        _LOGGER.warning(
            "job %s: its end is unknown (%s); its signal will tell", slurm.own_job(), error
        )
        return float("inf")


class Interruption:
    """Watches for the end of the job while a simulation runs.

    The first SIGTERM or SIGUSR1 is remembered; a second one ends the process as usual.

    Parameters
    ----------
    margin_s
        How long before the wall-time the simulation shall stop.
    """

    def __init__(self, margin_s: float) -> None:
        self._margin_s = margin_s
        self._received = ""

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._receive) for number in _SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._received = signal.Signals(number).name
        signal.signal(number, signal.SIG_DFL)

    def reason(self) -> str:
        """Why the simulation shall stop, or nothing."""
        if self._received:
            return f"received {self._received}"
        if time.time() > wall_time_end() - self._margin_s:
            return f"less than {self._margin_s:g} s of wall-time left"
        return ""
