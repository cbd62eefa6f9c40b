"""Restarts of a stage: how a simulation that was stopped or killed goes on as if it had not been.

A stage is deterministic Python around LAMMPS: what it does next follows from what it has measured.
So a restart holds every measurement taken so far and the state of LAMMPS. A resumed stage runs the
same Python from its beginning, is told the measurements that it took before instead of simulating,
and hands over to LAMMPS where the state was saved.

LAMMPS goes on from a restart file with other rounding than from memory (its lists of neighbours are
built anew). Therefore a stage passes through a restart file at fixed steps whether or not it keeps
it: the undisturbed course and the resumed one are then the same, to the last bit, on one rank.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mesocast.errors import Stopped
from mesocast.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_LOGGER = logging.getLogger(__name__)

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
    """

    point: int
    readings: list[float | NDArray[np.float64]]
    state: bytes


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
        path = self._paths[self._turn]
        arrays = [np.asarray(reading, dtype=np.float64) for reading in restart.readings]
        with replacing(path) as temporary, temporary.open("wb") as stream:
            np.savez(
                stream,
                identity=np.array(self._identity),
                point=np.array(restart.point),
                values=np.concatenate([a.ravel() for a in arrays]) if arrays else np.empty(0),
                rows=np.array([len(a) if a.ndim else -1 for a in arrays], dtype=np.int64),
                state=np.frombuffer(restart.state, dtype=np.uint8),
            )
            stream.flush()
            os.fsync(stream.fileno())
        self._turn = 1 - self._turn

    def newest(self) -> Restart | None:
        """Read the newest restart that is whole."""
        found: list[tuple[Restart, int]] = []
        for turn, path in enumerate(self._paths):
            try:
                restart = self._read(path)
            except FileNotFoundError:
                continue
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
                _LOGGER.warning("%s: not whole (%s); an older restart is used", path, error)
                continue
            if restart is not None:
                found.append((restart, turn))
        if not found:
            return None
        newest, turn = max(found, key=lambda pair: pair[0].point)
        self._turn = 1 - turn
        return newest

    def _read(self, path: Path) -> Restart | None:
        with np.load(path) as content:
            if str(content["identity"]) != self._identity:
                return None
            values, readings, start = content["values"], [], 0
            for rows in content["rows"].tolist():
                size = 1 if rows < 0 else 3 * rows
                part = values[start : start + size]
                readings.append(float(part[0]) if rows < 0 else part.reshape(-1, 3))
                start += size
            return Restart(int(content["point"]), readings, content["state"].tobytes())

    def remove(self) -> None:
        """Delete the restarts, when the stage has ended."""
        for path in self._paths:
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
    """

    def __init__(
        self,
        files: RestartFiles | None = None,
        *,
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
        self._resumed = files.newest() if files else None
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
                if self._files:
                    self._files.remove()
                raise RuntimeError("the restart was of another course and is deleted; start again")
            return self._readings[self._told - 1]  # type: ignore[return-value]
        value = measure()
        self._readings.append(value)
        return value

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
        if self._files is None:
            return
        reason = self._stop_reason()
        if reason or time.monotonic() - self._saved >= self._interval_s:
            self._files.save(Restart(self._points, self._readings, path.read_bytes()))
            self._saved = time.monotonic()
        if reason:
            raise Stopped(f"{reason}: stopped at point {self._points}; started again, it goes on")
