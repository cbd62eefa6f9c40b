"""A lease on a piece of work: one holder at a time, on any shared file system.

A kernel lock would do on one machine; on many cluster file systems it is missing or does not reach
other nodes. A lease is a file that only one process can create and that its holder renews. Who
finds one asks whether its holder still lives: by its process on the same machine, by its SLURM job
elsewhere, and at last by how long ago the lease was renewed.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mesocast.errors import Stopped
from mesocast.storage.files import temporary_for, write_text
from mesocast.storage.slurm import own_job, own_restarts, slurm_state

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_LOGGER = logging.getLogger(__name__)

RENEWED_EVERY_S = 15.0
# A holder that has not renewed for this long is taken for dead where nothing better is known.
_SILENT_S = 180.0
_POLL_S = 1.0
# A holder on another machine is asked for less often: SLURM answers all users.
_LOOK_FAR_S = 15.0
# So often a lease that cannot be read is read again before it is taken for what it was.
_READINGS = 30
# States in which a SLURM job still has, or will have, processes.
_LIVING = {"RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "STOPPED", "SIGNALING", "STAGE_OUT"}


def _process_start(pid: int) -> str:
    """When a process of this machine started; empty if there is none (or only its remains)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()} {boot.read_text().strip() if boot.exists() else ''}"


class Lease:
    """Holds a lease while the block runs.

    Parameters
    ----------
    path
        The lease's file.
    wait
        Whether to wait for another holder; otherwise entering raises `BlockingIOError`.
    stop_reason
        Says why to stop waiting, or nothing.
    on_death
        Told what a holder that died had written.
    """

    def __init__(
        self,
        path: Path,
        *,
        wait: bool = True,
        stop_reason: Callable[[], str] = str,
        on_death: Callable[[dict[str, Any]], None] = lambda holder: None,  # noqa: ARG005
    ) -> None:
        self._path = path
        self._wait = wait
        self._stop_reason = stop_reason
        self._on_death = on_death
        self._ended = threading.Event()
        self._cpu_start = time.process_time()
        self.record: dict[str, Any] = {
            "token": uuid.uuid4().hex,
            "machine": _machine(),
            "pid": os.getpid(),
            "process_start": _process_start(os.getpid()),
            "slurm_job": own_job(),
            "slurm_restarts": own_restarts(),
            "started": time.time(),
            "cpu_s": 0.0,
            "log": _log_file(),
        }

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        waiting, next_look = False, 0.0
        while not self._create():
            holder = read_holder(self._path)
            if holder is None:
                continue
            if time.monotonic() >= next_look:
                if not is_alive(holder, self._path):
                    self._bury(holder)
                    continue
                is_far = holder.get("machine") != self.record["machine"]
                next_look = time.monotonic() + (_LOOK_FAR_S if is_far else 0.0)
            if not self._wait:
                raise BlockingIOError(describe(holder))
            if not waiting:
                _LOGGER.info("%s works in %s; waiting for it", describe(holder), self._path.parent)
                waiting = True
            if reason := self._stop_reason():
                raise Stopped(f"{reason} while {describe(holder)} works here")
            time.sleep(_POLL_S)
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._is_ours(self._read()):
            self._path.unlink(missing_ok=True)

    def held(self) -> bool:
        """Whether no other process has taken the lease.

        Only a holder that can be read has taken it: a file that a machine cannot read is not lost,
        and one that is gone was no other's.
        """
        holder = self._read()
        return not holder or self._is_ours(holder)

    def _is_ours(self, holder: dict[str, Any] | None) -> bool:
        return holder is not None and bool(holder.get("token") == self.record["token"])

    def _read(self) -> dict[str, Any] | None:
        """Read who holds the lease, again and again while the machine cannot read it."""
        for _ in range(_READINGS):
            holder = read_holder(self._path)
            if holder != {}:
                return holder
            time.sleep(_POLL_S)
        return {}

    def _create(self) -> bool:
        text = json.dumps(self.record)
        temporary = self._path.with_name(f".{self._path.name}.{self.record['token']}")
        temporary.write_text(text)
        try:
            os.link(temporary, self._path)
        except FileExistsError:
            # NFS may say so of a link that it has just made, when its first answer was lost.
            return self._is_ours(read_holder(self._path))
        except OSError:  # no hard links here
            try:
                with self._path.open("x") as stream:
                    stream.write(text)
            except FileExistsError:
                return False
        finally:
            temporary.unlink(missing_ok=True)
        return True

    def _bury(self, holder: dict[str, Any]) -> None:
        """Take a dead holder's lease away, if no one else did so first."""
        grave = self._path.with_name(f".{self._path.name}.{self.record['token']}.dead")
        with contextlib.suppress(FileNotFoundError):
            self._path.rename(grave)
            if (read_holder(grave) or {}).get("token") == holder.get("token"):
                _LOGGER.warning("%s died; its work is taken over", describe(holder))
                self._on_death(holder)
            else:  # another process was quicker: this is its lease
                with contextlib.suppress(OSError):
                    os.link(grave, self._path)
            grave.unlink(missing_ok=True)

    def _renew(self) -> None:
        while not self._ended.wait(RENEWED_EVERY_S):
            with contextlib.suppress(OSError):  # of this turn; the next one tries again
                holder = read_holder(self._path)
                if holder == {}:
                    continue
                if holder is not None and not self._is_ours(holder):
                    _LOGGER.error("%s: lost the lease to %s", self._path, describe(holder))
                    return
                self.record["cpu_s"] = round(time.process_time() - self._cpu_start, 2)
                write_text(self._path, json.dumps(self.record))


def _log_file() -> str:
    """File to which this process's standard error goes, if it is one."""
    try:
        target = os.readlink("/proc/self/fd/2")  # noqa: PTH115 - need not exist
    except OSError:
        return ""
    return target if target.startswith("/") and not target.startswith("/dev/") else ""


def read_holder(path: Path) -> dict[str, Any] | None:
    """What a lease says about its holder; None if there is none, empty if it cannot be read now."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):  # a fault of the machine; or being written where it has no links
        return {}
    return content if isinstance(content, dict) else {}


def describe(holder: dict[str, Any]) -> str:
    """Name a holder in words."""
    if not holder:
        return "another process"
    job = f", SLURM job {holder['slurm_job']}" if holder.get("slurm_job") else ""
    return f"process {holder.get('pid')} on {str(holder.get('machine')).split()[0]}{job}"


def is_alive(
    holder: dict[str, Any], path: Path, state_of: Callable[[str], str] | None = None
) -> bool:
    """Whether the holder of a lease still works; `state_of` knows the states of SLURM's jobs."""
    if holder.get("machine") == _machine():
        start = _process_start(int(holder["pid"]))
        return bool(start) and start == holder["process_start"]
    if holder.get("slurm_job") and holder["slurm_job"] == own_job():
        # This very job: what it started before SLURM requeued it is dead, wherever that was. With
        # as many starts behind it, it is another of the job's nodes; SLURM would speak of us all.
        if holder.get("slurm_restarts") != own_restarts():
            return False
    elif holder.get("slurm_job"):
        state = (state_of or slurm_state)(str(holder["slurm_job"]))
        if state != "?":
            return state in _LIVING
    return _silent_s(path) < _SILENT_S


def _silent_s(path: Path) -> float:
    """Time since a lease was renewed, by the clock of the file system."""
    probe = temporary_for(path)
    try:
        probe.write_text("")
        return probe.stat().st_mtime - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
    finally:
        probe.unlink(missing_ok=True)
