"""Where a campaign stands: read from its results folder and, where there is SLURM, from SLURM."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mesocast.campaign.calibration_status import (
    CalibrationStatus,
    collect_calibration,
    render_calibration,
)
from mesocast.campaign.costs import Costs
from mesocast.config.reading import check_content
from mesocast.errors import InputError
from mesocast.report.numbers import aligned
from mesocast.report.steps import Step, steps_to_page
from mesocast.storage import attempts, submission
from mesocast.storage.files import read_record
from mesocast.storage.layout import STAGES, Layout, StageName
from mesocast.storage.lease import is_alive, read_holder
from mesocast.storage.once import cost_of, costs_of
from mesocast.storage.slurm import OwnJobs, controller_name, pending_rules

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN_FAILURES = 20


@dataclass
class StageStatus:
    """One stage of a campaign; times are CPU time.

    Parameters
    ----------
    planned, done, running, queued
        Jobs (electrodes, also where several share a job; ``queued`` counts SLURM's jobs).
    failed
        Jobs that did not finish and do not run, by cause.
    spent_h
        CPU-hours, those of attempts that did not finish included.
    expected_done_h, expected_left_h
        CPU-hours by the cost model, of what is done and of what is not.
    measured_done_h
        CPU-hours of what is done.
    """

    planned: int = 0
    done: int = 0
    running: int = 0
    queued: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    spent_h: float = 0.0
    expected_done_h: float = 0.0
    expected_left_h: float = 0.0
    measured_done_h: float = 0.0

    @property
    def left_h(self) -> float:
        """CPU-hours left: the cost model, corrected by what is done."""
        known = self.expected_done_h > 0 and self.measured_done_h > 0
        return self.expected_left_h * (self.measured_done_h / self.expected_done_h if known else 1)


@dataclass
class Status:
    """A whole campaign; ``rows`` counts finished electrodes by their status.

    ``steps`` are those after the measurements, to the report.
    ``submission`` says what its controller waits for, or why SLURM refused a job; empty if neither.
    ``calibration`` is that of the same folder, if one was started.
    """

    campaign: str
    stages: dict[StageName, StageStatus]
    rows: Counter[str]
    failures: list[tuple[str, dict[str, Any]]]
    submission: str = ""
    steps: list[Step] = field(default_factory=list)
    calibration: CalibrationStatus | None = None

    @property
    def is_started(self) -> bool:
        """Whether anything was done of the campaign itself."""
        return any(s.done or s.running or s.queued or s.spent_h for s in self.stages.values())

    @property
    def running(self) -> int:
        """Jobs that run."""
        return sum(s.running for s in self.stages.values())

    @property
    def left_h(self) -> float:
        """CPU-hours left."""
        return sum(s.left_h for s in self.stages.values())

    @property
    def failed(self) -> Counter[str]:
        """Jobs that did not finish and do not run, by cause; films of a calibration among them."""
        failed = sum((s.failed for s in self.stages.values()), Counter[str]())
        return failed + self.calibration.failed if self.calibration else failed


def collect(results: Path) -> Status:
    """Look at a campaign's folder.

    Raises
    ------
    InputError
        The folder holds no campaign (``campaign.json``, written when it starts).
    """
    path = Layout(results).campaign
    if not path.exists():
        raise InputError(
            f"{path}: is not there: {results} is no results folder, or its campaign was never "
            "started; allowed: results/<campaign> of one that was"
        )
    campaign = check_content(read_record(path), str(path))
    costs = Costs(campaign)
    stages: dict[StageName, StageStatus] = {stage: StageStatus() for stage in STAGES}
    rows: Counter[str] = Counter()
    failures: list[tuple[str, dict[str, Any]]] = []
    jobs = OwnJobs()
    for stage, slurry_id, folder in costs.jobs(results):
        status = stages[stage]
        status.planned += 1
        expected_h = costs.cpu_s(stage, slurry_id) / 3600
        unfinished = attempts.read(folder / "work", stage)
        status.spent_h += sum(a.get("cpu_s") or 0.0 for a in unfinished) / 3600
        if (folder / STAGES[stage].record).exists():
            status.done += 1
            status.expected_done_h += expected_h
            present = cost_of(folder, stage, STAGES[stage].record) or {}
            status.measured_done_h += present.get("cpu_s", 0.0) / 3600
            status.spent_h += sum(cost["cpu_s"] for cost in costs_of(folder, stage)) / 3600
            if stage == "characterization":
                rows[read_record(folder / STAGES[stage].record, "status")["status"]] += 1
            continue
        status.expected_left_h += expected_h
        lease = folder / "work" / f"{stage}.lease"
        holder = read_holder(lease)
        if holder is not None and is_alive(holder, lease, jobs.state):
            status.running += 1
            status.spent_h += (holder.get("cpu_s") or 0.0) / 3600
        elif holder is not None:
            failures.append(
                (f"{stage} {folder.name}", {**holder, "cause": "killed", "stage": stage})
            )
        elif unfinished:
            failures.append((f"{stage} {folder.name}", {**unfinished[-1], "stage": stage}))
    explained = attempts.explained(failure for _, failure in failures)
    failures = [(name, cause) for (name, _), cause in zip(failures, explained, strict=True)]
    for _, failure in failures:
        stages[failure["stage"]].failed[failure["cause"]] += 1
    calibration = collect_calibration(results, jobs)
    _count_queued(controller_name(results, campaign.campaign), stages, calibration)
    if calibration is not None:
        failures += calibration.failures
    return Status(
        campaign.campaign,
        stages,
        rows,
        failures,
        _submission(results),
        steps_to_page(campaign, results),
        calibration,
    )


def _count_queued(
    name: str, stages: dict[StageName, StageStatus], calibration: CalibrationStatus | None
) -> None:
    """Count the jobs that a controller of a name has in SLURM's queue."""
    for rule, count in pending_rules(name).items():
        for stage in ("calendering", "characterization") if rule == "pack" else (rule,):
            if stage in stages:
                stages[stage].queued += count
        if rule == "calibration_film" and calibration is not None:
            calibration.queued += count


def _submission(results: Path) -> str:
    """What a campaign's controller is told by SLURM; one that is dead waits for nothing."""
    layout = Layout(results)
    told = submission.last_told(layout.submission)
    if told is None:
        return ""
    holder = read_holder(layout.lease)
    lives = holder is not None and is_alive(holder, layout.lease)
    return submission.in_words(told) if lives or told["kind"] == "refused" else ""


def progress(status: Status) -> str:
    """Write a status in one line: what is done, what runs, and the time left."""
    parts = [
        f"{stage} {s.done}/{s.planned}" + (f" ({s.running} running)" if s.running else "")
        for stage, s in status.stages.items()
        if s.planned
    ]
    parts += [f"{s.name} {s.done}/{len(s.files)}" for s in status.steps if s.done]
    if failed := status.failed.total():
        parts.append(f"{failed} failed")
    if status.running:
        minutes = 60 * status.left_h / status.running
        parts.append(f"about {max(round(minutes), 1)} min of simulation left")
    if status.submission:
        parts.append(status.submission)
    return ", ".join(parts)


def render(status: Status) -> str:
    """Write a status for a terminal."""
    lines = render_calibration(status.calibration) if status.calibration else []
    if status.is_started or not status.calibration:
        lines = [*_campaign_lines(status), *lines]
    if status.submission:
        lines.append(status.submission)
    return "\n".join([*lines, *failed_jobs(status)])


def _campaign_lines(status: Status) -> list[str]:
    rows = [
        ["stage", "planned", "done", "running", "queued", "failed", "spent", "left", "model"],
    ]
    for stage, s in status.stages.items():
        error = (
            f"{100 * (s.expected_done_h / s.measured_done_h - 1):+.0f} %"
            if s.measured_done_h > 0
            else "-"
        )
        counts = (s.planned, s.done, s.running, s.queued, s.failed.total())
        rows.append([stage, *map(str, counts), f"{s.spent_h:.3g} h", f"{s.left_h:.3g} h", error])
    rows += [[step.name, str(len(step.files)), str(step.done)] for step in status.steps]
    lines = [
        f"{status.campaign}: rows "
        + (", ".join(f"{n} {word}" for word, n in status.rows.most_common()) or "none yet"),
        *aligned(rows),
    ]
    spent = sum(s.spent_h for s in status.stages.values())
    left, running = status.left_h, status.running
    pace = f", {left / running:.3g} h at the present {running} jobs" if running else ""
    lines.append(
        f"spent {spent:.3g} CPU-hours; left about {left:.3g}{pace} "
        "(last column: cost model over measured)"
    )
    return lines


def failed_jobs(status: Status) -> list[str]:
    """Lines about the jobs that failed, why, and their logs; none if none did."""
    if not (causes := status.failed):
        return []
    lines = ["failed: " + ", ".join(f"{n} {word}" for word, n in causes.most_common())]
    for name, failure in status.failures[:_SHOWN_FAILURES]:
        log = failure.get("log") or "no log"
        lines.append(f"  {name}: {failure['cause']}: {failure.get('reason', '')} ({log})")
    if len(status.failures) > _SHOWN_FAILURES:
        lines.append(f"  and {len(status.failures) - _SHOWN_FAILURES} more")
    return lines
