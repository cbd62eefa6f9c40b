"""Jobs that run once: locked, kept, and never repeated for the same physics and input.

Snakemake deletes a job's outputs before it runs the job again, and it may want to run a job again
for reasons that have nothing to do with physics. So each result is kept in ``work/`` under the
digest of everything it depends on, and the declared outputs are links to it: a rerun with the same
identity takes what is there. A process that dies leaves nothing half done, since its scratch folder
is renamed only when complete; two processes that are asked for the same job wait for each other.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

_LOGGER = logging.getLogger(__name__)


def digest(content: Mapping[str, Any]) -> str:
    """Short digest of plain content; the same content gives the same digest on any machine."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """Digest of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock that the kernel gives back when the process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _LOGGER.info("another process works in %s; waiting for it", path.parent)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def run_once(
    folder: Path,
    stage: str,
    identity: Mapping[str, Any],
    outputs: Sequence[str],
    produce: Callable[[Path], None],
) -> bool:
    """Have the outputs of a job in a folder, producing them only if they are not kept.

    Parameters
    ----------
    folder
        Where the outputs shall appear.
    stage
        Name of the job within the folder.
    identity
        Everything the result depends on, in plain numbers and strings.
    outputs
        Names of the files that ``produce`` writes.
    produce
        Writes the outputs into the folder it is given.

    Returns
    -------
    bool
        Whether the job had to run.
    """
    work = folder / "work"
    kept = work / f"{stage}-{digest(identity)}"
    with exclusive(work / f"{stage}.lock"):
        missing = not kept.exists()
        if missing:
            scratch = work / f"{stage}.running"
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            produce(scratch)
            scratch.rename(kept)
        else:
            _LOGGER.info("%s: the result is there already; nothing is simulated", stage)
        for name in outputs:
            _publish(kept / name, folder / name)
    return missing


def _publish(kept: Path, output: Path) -> None:
    """Make an output a link to the kept file, or a copy where the file system has no links."""
    temporary = output.with_name(f".{output.name}.partial")
    temporary.unlink(missing_ok=True)
    try:
        os.link(kept, temporary)
    except OSError:
        shutil.copy2(kept, temporary)
    os.utime(temporary)  # newer than the inputs, or the workflow would take it for outdated
    os.replace(temporary, output)  # noqa: PTH105 - atomic by definition
