"""What jobs cost in CPU time and memory: before a campaign, for its requests, and after it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mesocast import attempts
from mesocast.composition import compose
from mesocast.design import Plan, Slurry, make_plan
from mesocast.jobs import costs_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mesocast.config import Campaign

Stage = Literal["slurry", "drying", "calendering", "characterization"]
STAGES: tuple[Stage, ...] = ("slurry", "drying", "calendering", "characterization")

# Time step (ns) at which the cost model's figures for the dried film hold.
_REFERENCE_STEP_NS = 2.0
# Thickness over that of a film without pores, about, when a film is characterized.
_BULK = 1.7
# Requests: slower machines and films that settle late (time), and what a film happens to need more
# than the model says (memory). Beside the work, two Snakemake processes live in each SLURM job.
_TIME_FACTOR, _LEAST_MINUTES = 3.0, 10
_MEMORY_FACTOR, _SNAKEMAKE_MB = 1.3, 250


@dataclass(frozen=True)
class Size:
    """Size of an electrode, in the units of the cost model."""

    thousand_beads: float
    million_voxels: float


class Costs:
    """The cost model on a campaign's recipes.

    Parameters
    ----------
    campaign
        Its ``cost_model`` holds the figures, measured on one core.
    plan
        Its slurries; made from the campaign if it is not given.
    """

    def __init__(self, campaign: Campaign, plan: Plan | None = None) -> None:
        self._campaign = campaign
        self.plan = plan or make_plan(campaign)
        self._sizes = {s.slurry_id: self._size(s.am_pct, s.sc_pct) for s in self.plan.slurries}

    def _size(self, am_pct: float, sc_pct: float) -> Size:
        campaign = self._campaign
        film = compose(
            campaign.materials,
            am_pct=am_pct,
            sc_pct=sc_pct,
            mass_ug=campaign.electrode.mass_ug,
            mass_loading_mg_cm2=campaign.electrode.mass_loading_mg_cm2,
        )
        solid = film.dry_mass_pg / campaign.materials.active_material.density_g_cm3
        return Size(
            float(film.counts.sum() + film.cbd_count) / 1e3,
            _BULK * solid / campaign.characterization.voxel_size_um**3 / 1e6,
        )

    def size(self, slurry_id: str) -> Size:
        """Size of a slurry's electrodes; the largest of all if its recipe is not known yet."""
        if slurry_id in self._sizes:
            return self._sizes[slurry_id]
        return max(self._sizes.values(), key=lambda size: size.thousand_beads)

    def cpu_s(self, stage: Stage, slurry_id: str) -> float:
        """CPU time of one job."""
        return self.cpu_s_per_unit(stage) * self.units(stage, slurry_id)

    def units(self, stage: Stage, slurry_id: str) -> float:
        """What a stage's CPU time is proportional to."""
        size = self.size(slurry_id)
        if stage == "characterization":
            return size.million_voxels
        if stage == "slurry":
            return size.thousand_beads
        step_ns: float = getattr(self._campaign, stage).motion.time_step_ns
        return size.thousand_beads * _REFERENCE_STEP_NS / step_ns

    def cpu_s_per_unit(self, stage: Stage) -> float:
        """Figure of the cost model for a stage."""
        model = self._campaign.cost_model
        return {
            "slurry": model.slurry_s_per_1000_beads,
            "drying": model.drying_s_per_1000_beads,
            "calendering": model.calendering_s_per_1000_beads,
            "characterization": model.characterization_s_per_million_voxels,
        }[stage]

    def memory_MB(self, stage: Stage, slurry_id: str) -> float:
        """Memory of one job's process."""
        model, size = self._campaign.cost_model, self.size(slurry_id)
        if stage == "characterization":
            return (
                model.characterization_MB
                + model.characterization_MB_per_million_voxels * size.million_voxels
            )
        return model.simulation_MB + model.simulation_MB_per_1000_beads * size.thousand_beads

    def cpu_hours(self) -> dict[Stage, float]:
        """Expected CPU-hours per stage, electrodes at the optimum included."""
        seeds = [f"V{i:02d}" for i in range(1, self._campaign.verification.seeds + 1)]
        slurries = [s.slurry_id for s in self.plan.slurries] + seeds
        conditions = [c.slurry_id for c in self.plan.conditions] + seeds
        return {
            stage: sum(
                self.cpu_s(stage, name)
                for name in (slurries if stage in ("slurry", "drying") else conditions)
            )
            / 3600
            for stage in STAGES
        }


@dataclass(frozen=True)
class Request:
    """What a job asks of SLURM."""

    memory_MB: int
    minutes: int


def request(
    costs: Costs,
    stages: Iterable[Stage],
    slurry_id: str,
    *,
    attempt: int,
    works: Iterable[Path],
    conditions: int = 1,
) -> Request:
    """Memory and run time of a job, more where an earlier attempt had too little.

    Parameters
    ----------
    costs
        The cost model.
    stages
        Stages that the job runs.
    slurry_id
        Its slurry.
    attempt
        Snakemake's count of attempts, from 1.
    works
        Its ``work`` folders, where attempts that did not finish are written down.
    conditions
        Electrodes that the job makes one after the other.
    """
    names = list(stages)
    memory = _MEMORY_FACTOR * max(costs.memory_MB(s, slurry_id) for s in names) + _SNAKEMAKE_MB
    seconds = _TIME_FACTOR * conditions * sum(costs.cpu_s(s, slurry_id) for s in names)
    more_memory = more_time = 0
    if attempt > 1:
        known = attempts.explained(a for w in works for s in names for a in attempts.read(w, s))
        causes = [a["cause"] for a in known]
        # An attempt that left no record died before Mesocast began: give it more of both.
        unknown = causes.count("killed") + max(attempt - 1 - len(causes), 0)
        more_memory = causes.count("out_of_memory") + unknown
        more_time = causes.count("time_limit") + unknown
    return Request(
        math.ceil(memory * 2 ** min(more_memory, 4)),
        max(math.ceil(seconds / 60), _LEAST_MINUTES) * (1 + more_time),
    )


def fit(campaign: Campaign, results: Path) -> dict[str, float]:
    """Figures of the cost model that fit the finished jobs of a campaign.

    CPU time is taken as proportional to a job's size (sum over sum). Memory is a line through the
    largest job; its slope needs jobs of different size (least squares), else it stays as it is.

    Returns
    -------
    dict
        Keys of the config's ``cost_model`` and their values, rounded to three digits.
    """
    costs = Costs(campaign)
    owners: dict[Stage, list[tuple[str, str]]] = {}
    for stage in STAGES:
        kind = "slurries" if stage in ("slurry", "drying") else "conditions"
        items = costs.plan.slurries if kind == "slurries" else costs.plan.conditions
        owners[stage] = [
            (s.slurry_id, f"{kind}/{s.slurry_id if isinstance(s, Slurry) else s.condition_id}")
            for s in items
        ]
    figures: dict[str, float] = {}
    memory: dict[str, list[tuple[float, float]]] = {"simulation": [], "characterization": []}
    for stage, jobs in owners.items():
        done = [(name, job) for name, f in jobs for job in costs_of(results / f, stage)]
        if not done:
            continue
        unit = "million_voxels" if stage == "characterization" else "1000_beads"
        total = sum(costs.units(stage, name) for name, _ in done)
        figures[f"{stage}_s_per_{unit}"] = sum(job["cpu_s"] for _, job in done) / total
        kind = "characterization" if stage == "characterization" else "simulation"
        memory[kind] += [
            (
                getattr(costs.size(name), unit.replace("1000", "thousand")),
                job["max_rss_MB"],
            )
            for name, job in done
        ]
    for kind, points in memory.items():
        if points:
            slope_key = f"{kind}_MB_per_" + (
                "1000_beads" if kind == "simulation" else "million_voxels"
            )
            figures |= _line(points, f"{kind}_MB", slope_key, campaign)
    return {name: float(f"{value:.3g}") for name, value in figures.items()}


def _line(
    points: list[tuple[float, float]], base_key: str, slope_key: str, campaign: Campaign
) -> dict[str, float]:
    """Line over all points: the slope of least squares, raised until no point lies above it."""
    sizes, used = np.array(points).T
    slope = getattr(campaign.cost_model, slope_key)
    if sizes.max() > 1.2 * sizes.min():
        slope = max(float(np.polyfit(sizes, used, 1)[0]), 0.1)
    return {base_key: max(float((used - slope * sizes).max()), 1.0), slope_key: slope}


def describe(campaign: Campaign) -> str:
    """Say in a few lines what will run and what it will cost."""
    costs = Costs(campaign)
    hours = costs.cpu_hours()
    design, seeds = campaign.design, campaign.verification.seeds
    parts = ", ".join(f"{stage} {value:.2g}" for stage, value in hours.items())
    names = [s.slurry_id for s in costs.plan.slurries]
    memory = max(costs.memory_MB(stage, name) for stage in STAGES for name in names)
    return (
        f"{campaign.campaign}: {design.slurries} slurries and {design.conditions} conditions, "
        f"then {seeds} electrodes at the optimum\n"
        f"expected cost: {sum(hours.values()):.3g} CPU-hours ({parts}), "
        f"up to {memory:.0f} MB per job"
    )
