"""What jobs cost in CPU time and memory: before a campaign, for its requests, and after it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mesocast.campaign.sizes import told_sizes
from mesocast.design.plan import Plan, make_plan
from mesocast.design.rounds import places
from mesocast.simulation.composition import composition_of
from mesocast.simulation.time_step import time_steps_ns
from mesocast.storage import attempts
from mesocast.storage.files import read_record
from mesocast.storage.layout import SIMULATED, STAGES, Layout, StageName
from mesocast.storage.once import cost_of
from mesocast.verification.recipes import slurry_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mesocast.config.campaign import Campaign
    from mesocast.design.plan import Slurry
    from mesocast.simulation.composition import Composition

# Time step (ns) at which the cost model's figures for the dried film hold.
_REFERENCE_STEP_NS = 2.0
# Passes that a density takes, about.
_DENSITY_PASSES = 3
# Thickness over that of a film without pores, about, when a film is characterized.
_BULK = 1.7
# Requests: slower machines and films that settle late (time), and what a film happens to need more
# than the model says (memory). Beside the work, two Snakemake processes live in each SLURM job.
_TIME_FACTOR, _LEAST_MINUTES = 3.0, 10
_MEMORY_FACTOR, _SNAKEMAKE_MB = 1.3, 250
# So often at most memory doubles, and time grows by what it was at first.
_LARGEST_GROWTH = 4


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
        # Nothing is simulated of electrodes that are there already.
        self._simulated = Plan((), ()) if campaign.design.dataset else self.plan
        self._films = {s.slurry_id: self._film(s) for s in self.plan.slurries}
        self._sizes = {name: self._size(film) for name, film in self._films.items()}

    def _film(self, slurry: Slurry) -> Composition:
        return composition_of(self._campaign.at(slurry.recipe), slurry.recipe)

    def _size(self, film: Composition) -> Size:
        campaign = self._campaign
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

    def cpu_s(self, stage: StageName, slurry_id: str) -> float:
        """CPU time of one job."""
        base = self._campaign.cost_model.characterization_s if stage == "characterization" else 0.0
        return base + self.cpu_s_per_unit(stage) * self.units(stage, slurry_id)

    def units(self, stage: StageName, slurry_id: str) -> float:
        """What a stage's CPU time is proportional to."""
        size = self.size(slurry_id)
        if stage == "characterization":
            return size.million_voxels
        if stage == "slurry":
            return size.thousand_beads
        _, step_ns = self.time_steps_ns[f"{stage}.motion.time_step_ns"]
        units = size.thousand_beads * _REFERENCE_STEP_NS / step_ns
        return units * self._passes if stage == "calendering" else units

    @property
    def _passes(self) -> float:
        """Time of all passes and the first rest over that of one pass: a rest is about as long."""
        settings = self._campaign.calendering
        to = settings.to
        is_density = to is not None and (to.density_g_cm3 or to.porosity)
        return (1 + (_DENSITY_PASSES if is_density else settings.passes)) / 2

    @cached_property
    def time_steps_ns(self) -> dict[str, tuple[float, float]]:
        """Time steps per key: asked for, and used (`mesocast.simulation.time_step`)."""
        wettest = max(self._films.values(), key=lambda film: film.cbd_wet_diameter_um)
        return time_steps_ns(self._campaign, wettest)

    @property
    def films(self) -> tuple[Composition, ...]:
        """Beads of each slurry's film."""
        return tuple(self._films.values())

    def cpu_s_per_unit(self, stage: StageName) -> float:
        """Figure of the cost model for a stage."""
        model = self._campaign.cost_model
        return {
            "slurry": model.slurry_s_per_1000_beads,
            "drying": model.drying_s_per_1000_beads,
            "calendering": model.calendering_s_per_1000_beads,
            "characterization": model.characterization_s_per_million_voxels,
        }[stage]

    def memory_MB(self, stage: StageName, slurry_id: str) -> float:
        """Memory of one job's process."""
        model, size = self._campaign.cost_model, self.size(slurry_id)
        if stage == "characterization":
            return (
                model.characterization_MB
                + model.characterization_MB_per_million_voxels * size.million_voxels
            )
        return model.simulation_MB + model.simulation_MB_per_1000_beads * size.thousand_beads

    def jobs(self, results: Path) -> list[tuple[StageName, str, Path]]:
        """StageName, slurry (or round) and folder of every job, with rounds and verification."""
        layout = Layout(results)
        new_slurries, new_conditions = places(self._campaign)
        verified = [name for names in slurry_ids(self._campaign).values() for name in names]
        found: list[tuple[StageName, str, Path]] = []
        dried = {s.slurry_id for s in self._simulated.slurries if s.mixed_as}
        for name in [*(s.slurry_id for s in self._simulated.slurries), *new_slurries, *verified]:
            folder = layout.slurry(name)
            if name not in dried:
                found.append(("slurry", name, folder))
            found.append(("drying", name, folder))
        owners = {c.condition_id: c.slurry_id for c in self._simulated.conditions}
        for name in [*owners, *new_conditions, *(f"{slurry}-C01" for slurry in verified)]:
            folder = layout.condition(name)
            owner = owners.get(name, name.partition("-")[0])
            found += [("calendering", owner, folder), ("characterization", owner, folder)]
        return found

    def cpu_hours(self) -> dict[StageName, float]:
        """Expected CPU-hours per stage, all places of rounds and the verification included."""
        hours: dict[StageName, float] = dict.fromkeys(STAGES, 0.0)
        for stage, name, _ in self.jobs(Path()):
            hours[stage] += self.cpu_s(stage, name) / 3600
        return hours


@dataclass(frozen=True)
class Request:
    """What a job asks of SLURM."""

    memory_MB: int
    minutes: int


def request(
    costs: Costs,
    stages: Iterable[StageName],
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
        Stages that the job runs, one as often as it runs it.
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
    # Also at the first attempt: an earlier controller's attempts left their causes.
    known = attempts.explained(a for w in works for s in set(names) for a in attempts.read(w, s))
    causes = [a["cause"] for a in known]
    # An attempt that left no record died before Mesocast began: give it more of both.
    unknown = causes.count("killed") + max(attempt - 1 - len(causes), 0)
    more_memory = causes.count("out_of_memory") + unknown
    more_time = causes.count("time_limit") + unknown
    return Request(
        math.ceil(memory * 2 ** min(more_memory, _LARGEST_GROWTH)),
        max(math.ceil(seconds / 60), _LEAST_MINUTES) * (1 + min(more_time, _LARGEST_GROWTH)),
    )


def fit(campaign: Campaign, results: Path) -> dict[str, float]:
    """Figures of the cost model that fit the finished jobs of a campaign.

    CPU time of a simulation is taken as proportional to its size (sum over sum). The others are
    lines: the slope needs jobs of different size (least squares), else it stays as it is.

    Returns
    -------
    dict
        Keys of the config's ``cost_model`` and their values, rounded to three digits.
    """
    costs, model = Costs(campaign), campaign.cost_model
    # Those of rounds are left out: their size is not known from the config.
    known = {slurry.slurry_id for slurry in costs.plan.slurries}
    figures: dict[str, float] = {}
    memory: list[tuple[float, float]] = []
    for stage in STAGES:
        jobs = [
            (name, job)
            for kind, name, folder in costs.jobs(results)
            if kind == stage and name in known
            if (job := cost_of(folder, stage, STAGES[stage].record)) is not None
            and _is_of(campaign, stage, folder)
        ]
        if not jobs:
            continue
        units = [costs.units(stage, name) for name, _ in jobs]
        seconds = [job["cpu_s"] for _, job in jobs]
        megabytes = [job["max_rss_MB"] for _, job in jobs]
        if stage == "characterization":
            slope_key = "characterization_s_per_million_voxels"
            slope, base = _line(units, seconds, getattr(model, slope_key))
            figures |= {"characterization_s": base, slope_key: slope}
            slope_key = "characterization_MB_per_million_voxels"
            slope, base = _line(units, megabytes, getattr(model, slope_key))
            figures |= {"characterization_MB": base, slope_key: slope}
        else:
            figures[f"{stage}_s_per_1000_beads"] = sum(seconds) / sum(units)
            memory += [
                (costs.size(name).thousand_beads, used)
                for (name, _), used in zip(jobs, megabytes, strict=True)
            ]
    if memory:
        slope_key = "simulation_MB_per_1000_beads"
        sizes, used_MB = zip(*memory, strict=True)
        slope, base = _line(sizes, used_MB, getattr(model, slope_key))
        figures |= {"simulation_MB": base, slope_key: slope}
    return {name: float(f"{value:.3g}") for name, value in figures.items()}


def _is_of(campaign: Campaign, stage: StageName, folder: Path) -> bool:
    """Whether a finished job was simulated by the config's physics: other steps cost otherwise."""
    if stage not in SIMULATED:
        return True
    record = read_record(folder / STAGES[stage].record, "provenance")
    own = campaign.at(record.get("recipe", {}))
    return bool(record["provenance"]["physics"] == own.physics(stage))


def _line(sizes: Sequence[float], used: Sequence[float], slope: float) -> tuple[float, float]:
    """Slope and value at size 0 of the line through jobs; the slope given if sizes hardly vary."""
    if max(sizes) > 1.2 * min(sizes):
        slope = max(float(np.polyfit(sizes, used, 1)[0]), 0.0)
    return slope, max(float(np.mean(used) - slope * np.mean(sizes)), 0.0)


def describe(campaign: Campaign, plan: Plan | None = None) -> str:
    """Say in a few lines what will run and what it will cost."""
    costs = Costs(campaign, plan)
    hours = costs.cpu_hours()
    dataset, active = campaign.design.dataset, campaign.materials.active_material
    parts = ", ".join(f"{stage} {value:.2g}" for stage, value in hours.items())
    names = [s.slurry_id for s in costs.plan.slurries]
    new_slurries, new_conditions = places(campaign)
    rounds = (
        f"up to {len(new_slurries)} and {len(new_conditions)} more in {campaign.rounds.count} "
        "rounds, "
        if campaign.rounds.count
        else ""
    )
    recipes = len(slurry_ids(campaign))
    extremes = f" and at each of {recipes - 1} extremes" if recipes > 1 else ""
    memory = max(costs.memory_MB(stage, name) for stage in STAGES for name in names)
    shorter = ", ".join(
        f"{key} {used:.2g} instead of {asked:g}"
        for key, (asked, used) in costs.time_steps_ns.items()
        if used < asked and not dataset
    )
    return (
        f"{campaign.campaign}: {len(costs.plan.slurries)} slurries and "
        f"{len(costs.plan.conditions)} conditions{f' of {dataset}' if dataset else ''}, "
        f"{rounds}then {campaign.verification.seeds} electrodes at the optimum{extremes}\n"
        f"expected cost: {sum(hours.values()):.3g} CPU-hours ({parts}), "
        f"up to {memory:.0f} MB per job"
        + (told_sizes(active, costs.films) if not dataset else "")
        + (f"\ntime steps (ns) as the stiffest contacts allow: {shorter}" if shorter else "")
    )
