"""Jobs that run once: leased, kept, and never repeated for the same physics and input.

Snakemake deletes a job's outputs before it runs the job again, and it may want to run a job again
for reasons that have nothing to do with physics. So each result is kept in ``work/`` under the
digest of everything it depends on, and the declared outputs are links to it: a rerun with the same
identity takes what is there. A process that dies leaves nothing half done, since its scratch folder
is its own and is renamed only when complete; two processes that are asked for the same job wait for
each other.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import logging
import os
import resource
import shutil
import time
from typing import TYPE_CHECKING, Any

from mesocast.storage import attempts
from mesocast.storage.files import read_record, replacing, write_json
from mesocast.storage.lease import Lease

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

# Kept beside a job's outputs, for the cost model.
COST = "cost.json"
_COSTS = ("cpu_s", "max_rss_MB")

_LOGGER = logging.getLogger(__name__)


def digest(content: Mapping[str, Any]) -> str:
    """Short digest of plain content; the same content gives the same digest on any machine."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """Digest of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def run_once(
    folder: Path,
    stage: str,
    identity: Mapping[str, Any],
    outputs: Sequence[str],
    produce: Callable[[Path], None],
    *,
    stop_reason: Callable[[], str] = str,
    cpu_time_s: Callable[[], float] = time.process_time,
    earlier: Sequence[Mapping[str, Any]] = (),
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
    stop_reason
        Says why to stop waiting for another process that does this job, or nothing.
    cpu_time_s
        CPU time of all processes that do this job.
    earlier
        Identities by which earlier versions kept the same result; it is taken as it is.

    Returns
    -------
    bool
        Whether the job had to run.
    """
    work = folder / "work"
    places = [work / f"{stage}-{digest(known)}" for known in (identity, *earlier)]
    lease = Lease(
        work / f"{stage}.lease",
        stop_reason=stop_reason,
        on_death=lambda holder: attempts.add(work, stage, holder, None),
    )
    with lease:
        found = next((place for place in places if _holds(place, outputs)), None)
        missing, kept = found is None, found or places[0]
        if missing:
            for rest in work.glob(f"{stage}*.running"):  # of processes that died
                shutil.rmtree(rest, ignore_errors=True)
            scratch = work / f"{stage}.{lease.record['token']}.running"
            cpu_start = cpu_time_s()
            try:
                scratch.mkdir()
                produce(scratch)
                write_json(scratch / COST, _cost(cpu_time_s() - cpu_start))
                _keep(scratch, kept)
            except BaseException as error:
                attempts.add(work, stage, lease.record | _cost(cpu_time_s() - cpu_start), error)
                raise
        else:
            _LOGGER.info("%s: the result is there already; nothing is simulated", stage)
        if not lease.held():  # the other's outputs are left alone
            raise RuntimeError(f"{kept}: kept; but another process took this job over")
        for name in outputs:
            _publish(kept / name, folder / name)
    return missing


def is_kept(folder: Path, stage: str, identity: Mapping[str, Any]) -> bool:
    """Whether the result of a job with this identity is kept in its folder."""
    return (folder / "work" / f"{stage}-{digest(identity)}").is_dir()


def _holds(kept: Path, outputs: Sequence[str]) -> bool:
    """Whether a result is kept with all outputs; one of an earlier version may lack some.

    Raises
    ------
    OSError
        The machine cannot tell; what cannot be read is not taken for missing.
    """
    try:
        names = os.listdir(kept)  # noqa: PTH208 - Path.exists hides what went wrong
    except FileNotFoundError:
        return False
    return set(outputs).issubset(names)


def _keep(scratch: Path, kept: Path) -> None:
    """Put a complete result in its place, file by file where an incomplete one lies."""
    if not kept.exists():
        scratch.rename(kept)
        return
    # What is missing comes last: killed before, the result counts as incomplete still.
    for path in sorted(scratch.iterdir(), key=lambda path: not (kept / path.name).exists()):
        path.replace(kept / path.name)
    scratch.rmdir()


def _cost(cpu_s: float) -> dict[str, float]:
    peak_kB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "cpu_s": round(cpu_s, 2),
        "max_rss_MB": round(peak_kB / 1024, 1),
    }


def costs_of(folder: Path, stage: str) -> list[dict[str, float]]:
    """CPU time (``cpu_s``) and peak memory (``max_rss_MB``) of all kept results of a job.

    Results of other settings are among them; `cost_of` gives that of the present one.
    """
    return [read_record(path, *_COSTS) for path in folder.glob(f"work/{stage}-*/{COST}")]


def cost_of(folder: Path, stage: str, output: str) -> dict[str, float] | None:
    """CPU time and peak memory of the result that a job's folder shows now.

    Parameters
    ----------
    folder, stage
        Folder and name of the job.
    output
        One of its outputs, by which the kept result is known.

    Returns
    -------
    dict or None
        None where there is no result, or where it was made elsewhere.
    """
    shown = folder / output
    if not shown.exists():
        return None
    for path in folder.glob(f"work/{stage}-*/{COST}"):
        kept = path.with_name(output)
        if kept.exists() and (kept.samefile(shown) or filecmp.cmp(kept, shown, shallow=False)):
            return read_record(path, *_COSTS)
    return None


def _publish(kept: Path, output: Path) -> None:
    """Make an output a link to the kept file, or a copy where the file system has no links."""
    with replacing(output) as temporary:
        try:
            os.link(kept, temporary)
        except OSError:
            shutil.copy2(kept, temporary)
        os.utime(temporary)  # newer than the inputs, or the workflow would take it for outdated
