"""Restarts of a stage: how a simulation that was stopped or killed goes on as if it had not been.

A stage is deterministic Python around LAMMPS: what it does next follows from what it has measured.
So a restart holds every measurement taken so far and the state of LAMMPS. A resumed stage runs the
same Python from its beginning, is told the measurements that it took before instead of simulating,
and hands over to LAMMPS where the state was saved.

LAMMPS goes on from a restart file with other rounding than from memory (its lists of neighbours are
built anew). Therefore a stage passes through a restart file at fixed steps whether or not it keeps
it: the undisturbed course and the resumed one are then the same, to the last bit, on one rank.

So a job can also go on from where another one was, as long as both have done the same until there:
the conditions of one slurry are pressed alike, each to a lower gap than the one before.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mesocast.errors import Stopped, is_fault_of_the_machine
from mesocast.simulation.engine.state import check_whole
from mesocast.storage.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_LOGGER = logging.getLogger(__name__)

# Version since which a restart holds the same: raise it to the coming one when what a stage does or
# measures between two points changes. Not the version of the package: that names each commit, and
# an update in the middle of a campaign would throw hours of simulation away.
RESTARTS_SINCE = "0.1.0"

# Between two kept restarts of a common way, in percent of the way: closer ones cost more disk than
# they save time.
_SPACING = 5.0
# Jobs that part here at the latest are safe from rounding.
_MARGIN = 1e-6

Reading = TypeVar("Reading", float, "NDArray[np.float64]")


@dataclass(frozen=True)
class Restart:
    """A point at which a stage can go on.

    Parameters
    ----------
    point
        How many points the stage had passed, this one included.
    readings
        Everything it had measured: numbers, and positions of shape (n, 3).
    state
        Content of the LAMMPS restart file.
    progress
        How far the stage was on a way that it shares with other jobs.
    """

    point: int
    readings: list[float | NDArray[np.float64]]
    state: bytes
    progress: float = 0.0


def _write(path: Path, identity: str, restart: Restart) -> None:
    arrays = [np.asarray(reading, dtype=np.float64) for reading in restart.readings]
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.savez(
            stream,
            identity=np.array(identity),
            point=np.array(restart.point),
            progress=np.array(restart.progress),
            values=np.concatenate([a.ravel() for a in arrays]) if arrays else np.empty(0),
            rows=np.array([len(a) if a.ndim else -1 for a in arrays], dtype=np.int64),
            state=np.frombuffer(restart.state, dtype=np.uint8),
        )
        stream.flush()
        os.fsync(stream.fileno())


def _read(path: Path, identity: str, *, delete_broken: bool = False) -> Restart | None:
    """Read a restart if it is there, whole, and of this identity.

    Only a file that can be read and is no restart is deleted, if it shall be.

    Raises
    ------
    OSError
        The machine cannot read it now: it may be whole, and hours would be simulated again.
    """
    try:
        with np.load(path) as content:
            if str(content["identity"]) != identity:
                return None
            state = content["state"].tobytes()
            check_whole(state)  # earlier versions kept what a full disk had cut short
            values, readings, start = content["values"], [], 0
            for rows in content["rows"].tolist():
                size = 1 if rows < 0 else 3 * rows
                part = values[start : start + size]
                readings.append(float(part[0]) if rows < 0 else part.reshape(-1, 3))
                start += size
            return Restart(
                int(content["point"]),
                readings,
                state,
                float(content["progress"]),
            )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if is_fault_of_the_machine(error):
            raise
        _LOGGER.warning("%s: not whole (%s); an older restart is used", path, error)
        if delete_broken and not isinstance(error, OSError):
            path.unlink(missing_ok=True)
        return None


class RestartFiles:
    """Two files that take turns, so that one is whole while the other is written.

    Parameters
    ----------
    stem
        Path of the files without their ending.
    identity
        Digest of everything that the stage's result depends on; a restart of another is ignored.
    """

    def __init__(self, stem: Path, identity: str) -> None:
        self._paths = [stem.with_name(f"{stem.name}-{turn}.npz") for turn in "ab"]
        self._identity = identity
        self._turn = 0

    def save(self, restart: Restart) -> None:
        """Write a restart in place of the older one."""
        _write(self._paths[self._turn], self._identity, restart)
        self._turn = 1 - self._turn

    def newest(self) -> Restart | None:
        """Read the newest restart that is whole."""
        found: list[tuple[Restart, int]] = []
        for turn, path in enumerate(self._paths):
            restart = _read(path, self._identity)
            if restart is not None:
                found.append((restart, turn))
        if not found:
            return None
        newest, turn = max(found, key=lambda pair: pair[0].point)
        self._turn = 1 - turn
        return newest

    def remove(self) -> None:
        """Delete the restarts, when the stage has ended."""
        for path in self._paths:
            path.unlink(missing_ok=True)


class SharedRestarts:
    """Restarts of what several jobs do alike until they part, in a folder that they share.

    Whichever comes first leaves them, and none depends on them: without, a job does everything
    itself, with the same result.

    Parameters
    ----------
    stem
        Path of the files without their ending.
    identity
        Digest of everything that the common way depends on.
    parts_at
        Progress in percent at which this job leaves it; it can go on from any restart before.
    """

    def __init__(self, stem: Path, identity: str, *, parts_at: float) -> None:
        self._stem = stem.with_name(f"{stem.name}-{identity}")
        self._identity = identity
        self._parts_at = parts_at

    def _path(self, interval: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}-{interval:02d}.npz")

    def save(self, restart: Restart) -> None:
        """Keep a restart, unless there is one for this interval of the way."""
        path = self._path(int(restart.progress // _SPACING))
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, self._identity, restart)

    def furthest(self) -> Restart | None:
        """Read the last restart before this job leaves the common way."""
        for interval in range(int(self._parts_at // _SPACING), -1, -1):
            path = self._path(interval)
            # A broken one goes, so that the next job may write it anew.
            restart = _read(path, self._identity, delete_broken=True)
            if restart is not None and restart.progress <= self._parts_at - _MARGIN:
                return restart
        return None

    def remove(self) -> None:
        """Delete the restarts."""
        for path in self._stem.parent.glob(f"{self._stem.name}-*.npz"):
            path.unlink(missing_ok=True)


class Course:
    """What a stage has measured, and where it goes on.

    Parameters
    ----------
    files
        Where restarts are kept; with None none are.
    interval_s
        Wall time between two restarts that are kept: what a kill without warning costs at most.
    stop_reason
        Says why the stage shall stop now, or nothing.
    shared
        Where restarts of the way that the stage shares with other jobs are kept and found.
    """

    def __init__(
        self,
        files: RestartFiles | None = None,
        *,
        shared: SharedRestarts | None = None,
        interval_s: float = float("inf"),
        stop_reason: Callable[[], str] = str,
    ) -> None:
        self._files = files
        self._interval_s = interval_s
        self._stop_reason = stop_reason
        self._saved = time.monotonic()
        self._points = 0
        self._readings: list[float | NDArray[np.float64]] = []
        self._told = 0
        self._shared = shared
        self._progress: float | None = None
        found = [files.newest() if files else None, shared.furthest() if shared else None]
        whole = [restart for restart in found if restart is not None]
        self._resumed = max(whole, key=lambda restart: restart.point, default=None)
        if self._resumed:
            self._readings = self._resumed.readings

    @property
    def replaying(self) -> bool:
        """Whether the stage is being told what it did before, so that LAMMPS must not run."""
        return self._resumed is not None

    def reading(self, measure: Callable[[], Reading]) -> Reading:
        """Measure, or repeat what was measured before the restart."""
        if self._resumed:
            self._told += 1
            if self._told > len(self._readings):
                for kept in (self._files, self._shared):
                    if kept is not None:
                        kept.remove()
                raise RuntimeError("the restart was of another course and is deleted; start again")
            return self._readings[self._told - 1]  # type: ignore[return-value]
        value = measure()
        self._readings.append(value)
        return value

    def share(self, progress: float | None) -> None:
        """Say how far the stage is on the common way, in percent; ``None`` off it."""
        self._progress = progress

    def pass_point(self, write: Callable[[Path], None], read: Callable[[Path], None]) -> None:
        """Take the simulation through a restart file.

        Parameters
        ----------
        write, read
            Write LAMMPS's restart file; start LAMMPS anew from it.

        Raises
        ------
        Stopped
            The stage had to stop; its restart is kept.
        """
        self._points += 1
        if self._resumed and self._points < self._resumed.point:
            return
        with tempfile.TemporaryDirectory(prefix="mesocast-") as folder:
            path = Path(folder) / "state"
            if self._resumed:
                _LOGGER.info("resumed at point %d", self._points)
                path.write_bytes(self._resumed.state)
                self._resumed = None
            else:
                write(path)
                self._keep(path)
            read(path)

    def _keep(self, path: Path) -> None:
        if self._shared is not None and self._progress is not None:
            self._shared.save(self._restart(path, self._progress))
        if self._files is None:
            return
        reason = self._stop_reason()
        if reason or time.monotonic() - self._saved >= self._interval_s:
            self._files.save(self._restart(path))
            self._saved = time.monotonic()
        if reason:
            raise Stopped(f"{reason}: stopped at point {self._points}; started again, it goes on")

    def _restart(self, path: Path, progress: float = 0.0) -> Restart:
        return Restart(self._points, self._readings, path.read_bytes(), progress)
