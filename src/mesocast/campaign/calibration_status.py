"""Where a calibration stands: films of its rounds, read from the results folder."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mesocast.calibration.plan import folder_of
from mesocast.campaign.calibration_costs import cpu_hours
from mesocast.report.numbers import aligned
from mesocast.storage import attempts
from mesocast.storage.files import read_record, write_json
from mesocast.storage.layout import STAGES, Layout
from mesocast.storage.lease import is_alive, read_holder
from mesocast.storage.once import COST
from mesocast.storage.slurm import OwnJobs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mesocast.calibration.plan import CalibrationPlan
    from mesocast.config.campaign import Campaign


@dataclass
class RoundStatus:
    """Films of one round; times are CPU time.

    Parameters
    ----------
    mass_ug
        Of its films.
    planned, done, running
        Films.
    failed
        Films whose job did not finish and does not run, by cause.
    expected_h
        CPU-hours of all its films by the cost model.
    spent_h
        CPU-hours so far, those of attempts that did not finish included.
    done_h
        CPU-hours of the films that are done.
    """

    mass_ug: float
    planned: int
    expected_h: float
    done: int = 0
    running: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    spent_h: float = 0.0
    done_h: float = 0.0

    @property
    def left_h(self) -> float:
        """CPU-hours left: the cost model, corrected by what is done of this round."""
        each_h = self.done_h / self.done if self.done_h > 0 else self.expected_h / self.planned
        return each_h * (self.planned - self.done)


@dataclass
class CalibrationStatus:
    """A whole calibration.

    Parameters
    ----------
    measured
        Its table, as it was given.
    rounds
        Films by rounds.
    pressings
        Pressed films that are done, by what became of them.
    failures
        Films that failed: name, and the attempt.
    page
        Its page; None while there is none.
    queued
        Its films in SLURM's queue.
    """

    measured: str
    rounds: list[RoundStatus]
    pressings: Counter[str]
    failures: list[tuple[str, dict[str, Any]]]
    page: Path | None
    queued: int = 0

    @property
    def failed(self) -> Counter[str]:
        """Films that failed, by cause."""
        return sum((r.failed for r in self.rounds), Counter())


def write_plan(campaign: Campaign, plan: CalibrationPlan, results: Path, measured: Path) -> None:
    """Write down what a calibration will simulate, so that its folder says how far it is."""
    hours = cpu_hours(campaign, plan)
    rounds = [
        {"points": list(points), "mass_ug": mass_ug, "expected_h": expected_h}
        for points, mass_ug, expected_h in zip(plan.rounds, plan.masses_ug, hours, strict=True)
    ]
    films = {name: list(recipe.pressings) for name, recipe in plan.films.items()}
    write_json(
        Layout(results).calibration_plan,
        {"measured": str(measured), "rounds": rounds, "films": films},
    )


def collect_calibration(results: Path, jobs: OwnJobs | None = None) -> CalibrationStatus | None:
    """Look at the calibration in a results folder; None where none was started.

    Parameters
    ----------
    results
        The folder.
    jobs
        Knows the states of SLURM's jobs; None asks anew.

    Raises
    ------
    InputError
        A file of it is broken.
    """
    layout, jobs = Layout(results), jobs or OwnJobs()
    if not layout.calibration_plan.exists():
        return None
    plan = read_record(layout.calibration_plan, "measured", "rounds", "films")
    pressings: Counter[str] = Counter()
    failures: list[tuple[str, dict[str, Any]]] = []
    rounds = []
    for of_round in plan["rounds"]:
        planned = len(of_round["points"]) * len(plan["films"])
        status = RoundStatus(of_round["mass_ug"], planned, of_round["expected_h"])
        for point in of_round["points"]:
            for film, ways in plan["films"].items():
                path = layout.calibration_film(point, film)
                failure = _look_at(path, ways, status, pressings, jobs)
                if failure is not None:
                    failures.append((f"film {point}/{film}", failure))
                    status.failed[failure["cause"]] += 1
        rounds.append(status)
    page = layout.calibration_page if layout.calibration_page.exists() else None
    return CalibrationStatus(plan["measured"], rounds, pressings, failures, page)


def _look_at(
    path: Path, ways: list[str], status: RoundStatus, pressings: Counter[str], jobs: OwnJobs
) -> dict[str, Any] | None:
    """Count a film where it belongs; give the attempt that failed, if one did."""
    steps = list(_jobs(path.parent, ways))
    works = {work for work, _, _ in steps}
    costs = [read_record(cost, "cpu_s") for work in works for cost in work.glob(f"*/{COST}")]
    kept_h = sum(cost["cpu_s"] for cost in costs) / 3600
    unfinished = [attempt for work, name, _ in steps for attempt in attempts.read(work, name)]
    lost_h = sum(attempt.get("cpu_s") or 0.0 for attempt in unfinished) / 3600
    status.spent_h += kept_h + lost_h
    if path.exists():
        status.done += 1
        status.done_h += kept_h
        found = read_record(path, "pressings")["pressings"].values()
        pressings.update(pressing["status"] for pressing in found)
        return None
    for work, name, record in steps:
        if record.exists():
            continue
        lease = work / f"{name}.lease"
        holder = read_holder(lease)
        if holder is not None and is_alive(holder, lease, jobs.state):
            status.running += 1
            return None
        if holder is not None:
            return {**holder, "cause": "killed"}
        own = attempts.read(work, name)
        return own[-1] if own else None
    return None


def _jobs(folder: Path, ways: list[str]) -> Iterator[tuple[Path, str, Path]]:
    """Jobs of a film in their order: place of the work, name and record."""
    for stage in ("slurry", "drying"):
        yield folder / "work", stage, folder / STAGES[stage].record
    for way in ways:
        pressed = folder / folder_of(way)
        yield pressed / "work", "calendering", pressed / STAGES["calendering"].record
        yield pressed / "work", "observed", pressed / "observed.json"


def calibration_progress(status: CalibrationStatus) -> str:
    """Write a calibration in one line: films made, running, failed, and the time left."""
    done, planned = (sum(getattr(r, name) for r in status.rounds) for name in ("done", "planned"))
    running = sum(r.running for r in status.rounds)
    counts = {"running": running, "queued": status.queued}
    now = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    parts = [f"{done} of {planned} films" + (f" ({now})" if now else "")]
    if failed := status.failed.total():
        parts.append(f"{failed} failed")
    if running:
        minutes = 60 * sum(r.left_h for r in status.rounds) / running
        parts.append(f"about {max(round(minutes), 1)} min of simulation left")
    return ", ".join(parts)


def render_calibration(status: CalibrationStatus) -> list[str]:
    """Lines for a terminal."""
    rows = [["round", "films of", "planned", "done", "running", "failed", "spent", "left"]]
    for number, r in enumerate(status.rounds):
        counts = (r.planned, r.done, r.running, r.failed.total())
        rows.append(
            [
                *(str(number), f"{r.mass_ug:g} ug", *map(str, counts)),
                *(f"{r.spent_h:.3g} h", f"{r.left_h:.3g} h"),
            ]
        )
    pressed = ", ".join(f"{n} {word}" for word, n in status.pressings.most_common())
    return [
        f"calibration on {status.measured}: {calibration_progress(status)}; pressed films "
        + (pressed or "none yet"),
        *aligned(rows),
        f"answer: {status.page or 'none yet'}",
    ]
