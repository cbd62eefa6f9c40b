"""A campaign's results, written by the package's own writers around made-up films."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.cell.jobs import run_cells
from mesocast.characterization.pictures.sections import draw_sections
from mesocast.characterization.voxels import VoxelImage
from mesocast.columns import check_row
from mesocast.config.campaign import Campaign
from mesocast.dataset.package import write_dataset
from mesocast.design.evenness import discrepancy
from mesocast.design.plan import make_plan
from mesocast.electrode import Electrode
from mesocast.errors import PhysicsFailure
from mesocast.optimization import jobs as optimization_jobs
from mesocast.optimization.hedge import minimize
from mesocast.optimization.hedge.trace import Visit
from mesocast.report.ragone import run_ragone
from mesocast.report.results import Results
from mesocast.seeds import derived_seed
from mesocast.simulation import jobs as simulation_jobs
from mesocast.simulation.convergence import Observation
from mesocast.simulation.stage import StageResult
from mesocast.storage.files import read_json, write_json, write_text
from mesocast.storage.rows import gather, with_cells
from mesocast.surrogates import jobs as surrogates_jobs
from mesocast.verification import jobs as verification_jobs
from mesocast.verification import recipes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from mesocast.columns.variables import Value
    from mesocast.simulation.composition import Composition

# Fails in the slurry, so that both of its conditions fail.
LOST_SLURRY = "S003"
# Fails in the characterization only.
BLOCKED_CONDITION = "S002-C02"
# Stages whose variables belong to a film.
_FILM = ("slurry", "drying")


def make_campaign(method: str = "polynomial", **changes: Any) -> Campaign:
    return Campaign.model_validate(
        {
            "campaign": "made-up",
            "seed": 7,
            "design": {"slurries": 8, "conditions": 24},
            "surrogates": {"method": method, "splits": 4, "compare": ["polynomial"]},
            "optimum": {"evaluations": 20, "ensemble": 5},
            **changes,
        }
    )


def _film(thickness_um: float) -> Electrode:
    return Electrode(
        np.array([[1.0, 1.0, 1.0], [1.0, 1.0, thickness_um - 1.0]]),
        np.array([1.0, 1.0]),
        np.array([1, 2]),
        np.array([10.0, 2.0]),
        (4.0, 4.0),
    )


def _observations(phases: dict[str, tuple[float, float]], pressure_kPa: float) -> list[Observation]:
    """Thickness that runs linearly through each phase, ten looks per phase."""
    history = []
    for number, (phase, (start_um, end_um)) in enumerate(phases.items()):
        for step in range(10):
            height_um = start_um + (end_um - start_um) * step / 9
            load = pressure_kPa * (step / 9 if phase == "press" else phase == "hold")
            history.append(
                Observation(phase, 10.0 * number + step + 1, height_um, load, height_um, 0.1, -5.0)
            )
    return history


def _mix(composition: Composition, *rest: Any) -> StageResult:
    if _lost_seed() in rest:
        raise PhysicsFailure("lost_beads", "3 of 900 beads left the box")
    return StageResult(
        _film(100.0),
        "ok",
        "",
        {
            "thickness_um": 100.0,
            "density_g_cm3": 1.01 * composition.slurry_density_g_cm3,
            "ideal_mixing_density_g_cm3": composition.slurry_density_g_cm3,
            "mass_pg": 1.001 * composition.wet_mass_pg,
            "mass_by_recipe_pg": composition.wet_mass_pg,
            "simulated_time_us": 10.0,
        },
        _observations({"mix": (100.0, 98.0)}, 0.0),
    )


def _lost_seed() -> int:
    return {s.slurry_id: s.seed for s in make_plan(make_campaign()).slurries}[LOST_SLURRY]


def _dry(slurry: Electrode, composition: Composition, *_: Any) -> StageResult:
    mass = {"mass_pg": composition.dry_mass_pg, "mass_by_recipe_pg": composition.dry_mass_pg}
    history = _observations({"shrink": (98.0, 70.0), "equilibrate": (70.0, 60.0)}, 0.0)
    # The second simulation of the stage counts its time from zero again.
    again = [replace(o, time_us=o.time_us - 10.0) for o in history if o.phase == "equilibrate"]
    return StageResult(_film(60.0), "ok", "", {"thickness_um": 60.0, **mass}, history[:10] + again)


def _calender(dried: Electrode, *, cr_pct: float, **_: Any) -> StageResult:
    gap_um = 60.0 * (1 - cr_pct / 100)
    phases = {
        "rest": (60.0, 60.0),
        "press": (60.0, gap_um),
        "hold": (gap_um, gap_um),
        "unload": (gap_um, gap_um + 2),
        "spring back": (gap_um + 2, gap_um + 3),
    }
    measured = {
        "cr_imposed_pct": cr_pct,
        "cr_retained_pct": 0.75 * cr_pct,
        "pressure_max_MPa": 2.0 * cr_pct,
    }
    return StageResult(
        _film(gap_um + 3), "ok", "", measured, _observations(phases, 2000.0 * cr_pct)
    )


def _properties(am: float, sc: float, cr: float, noise: float) -> dict[str, float]:
    am, sc, cr = am / 100, sc / 100, cr / 100
    porosity = 0.5 - 0.55 * cr + 0.1 * (sc - 0.6)
    return {
        "thickness_um": 60 * (1 - 0.75 * cr),
        "density_g_cm3": (2.6 + 2 * (am - 0.9)) * (1 + 0.8 * cr) * (1 + noise),
        "porosity_bulk": porosity,
        "porosity_total": porosity + 0.05,
        "am_fraction": 0.4 * (1 + 0.8 * cr),
        "tortuosity_factor_permeable_cbd": 1.8 + 4 * cr**2 + 2 * (0.96 - am),
        "active_surface_pct": 55 + 150 * (am - 0.9) - 20 * cr + 60 * noise,
        "electronic_conductivity_S_m": 0.05 * np.exp(2 * cr - 12 * (am - 0.9)) * (1 + 3 * noise),
        "tortuosity_factor": 1.6 + 4 * cr**2 + 2 * (0.96 - am) + noise,
    }


def _characterize(folder: Path, status: str, reason: str) -> None:
    before = read_json(folder / "calendering.json")
    recipe = before["recipe"]
    row = {**recipe, "status": before["status"], "reason": before["reason"], **before["measured"]}
    if before["status"] == "ok":
        noise = np.random.default_rng(derived_seed(recipe["seed"], recipe["condition_id"]))
        row |= _properties(
            recipe["am_pct"], recipe["sc_pct"], recipe["cr_pct"], 0.01 * noise.standard_normal()
        )
        row |= {"status": status, "reason": reason}
    if status != "ok":
        row["tortuosity_factor"] = None
    write_json(folder / "properties.json", check_row(row, "properties").model_dump())
    (folder / "sections.png").write_bytes(_sections())


@functools.cache
def _sections() -> bytes:
    labels = np.random.default_rng(1).integers(0, 3, (12, 12, 12)).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sections.png"
        draw_sections(VoxelImage(labels, (1.0, 1.0, 1.0)), path)
        return path.read_bytes()


def _simulate(
    campaign: Campaign,
    results: Path,
    recipe: dict[str, Any],
    condition_id: str,
    cr_pct: float,
    *,
    later: dict[str, Value] | None = None,
    mixed_as: str = "",
    status: str = "ok",
    reason: str = "",
) -> Path:
    slurry = results / "slurries" / recipe["slurry_id"]
    condition = results / "conditions" / condition_id
    if mixed_as:
        own = {n: v for n, v in recipe["further"].items() if campaign.stage_of(n) == "drying"}
        simulation_jobs.run_drying(
            campaign,
            slurry,
            slurry_folder=slurry.parent / mixed_as,
            slurry_id=recipe["slurry_id"],
            further=own,
        )
    else:
        simulation_jobs.run_slurry(campaign, slurry, round_number=0, **recipe)
        simulation_jobs.run_drying(campaign, slurry)
    simulation_jobs.run_calendering(
        campaign, slurry, condition, condition_id=condition_id, cr_pct=cr_pct, further=later
    )
    _characterize(condition, status, reason)
    return condition / "properties.json"


def _simulate_design(campaign: Campaign, results: Path, *, cells: bool) -> None:
    plan = make_plan(campaign)
    write_text(results / "design.csv", plan.table().to_csv(index=False))
    write_json(results / "design.json", {"discrepancy": discrepancy(plan, campaign)})
    slurries = {slurry.slurry_id: vars(slurry) for slurry in plan.slurries}
    rows = []
    ordered = sorted(plan.conditions, key=lambda one: one.slurry_id)
    for condition in ordered if campaign.design.variables else plan.conditions:
        film = slurries[condition.slurry_id]
        is_blocked = condition.condition_id == BLOCKED_CONDITION
        rows.append(
            _simulate(
                campaign,
                results,
                {name: value for name, value in film.items() if name != "mixed_as"},
                condition.condition_id,
                condition.cr_pct,
                later=condition.further,
                mixed_as=film["mixed_as"],
                status="not_percolating" if is_blocked else "ok",
                reason="pores do not reach <the collector>" if is_blocked else "",
            )
        )
    if cells:
        run_cells(campaign, results, rows, results / "cells/design.json")
    table = with_cells(gather(rows), results)
    write_dataset(table, results, campaign=campaign.campaign)


def _minimize(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    lower: Sequence[float],
    upper: Sequence[float],
    **_: Any,
) -> list[Visit]:
    """Search at random instead of with Gaussian processes, which take long."""
    points = np.random.default_rng(3).uniform(lower, upper, (40, len(lower)))
    return [
        Visit(tuple(point), value, "initial" if turn < 10 else "expected_improvement")
        for turn, (point, value) in enumerate(
            zip(points.tolist(), function(points).tolist(), strict=True)
        )
    ]


def verify(campaign: Campaign, results: Path, *, fails: bool, cells: bool = False) -> None:
    rows, own = [], campaign.design.variables
    for name, slurries in recipes.slurry_ids(campaign).items():
        found = read_json(recipes.recipe_path(results, name))["parameters"]
        rows += [
            _simulate(
                campaign,
                results,
                {
                    "slurry_id": slurry,
                    "seed": seed,
                    "am_pct": found["am_pct"],
                    "sc_pct": found["sc_pct"],
                    "further": {n: found[n] for n in own if campaign.stage_of(n) in _FILM},
                },
                f"{slurry}-C01",
                found["cr_pct"],
                later={n: found[n] for n in own if campaign.stage_of(n) not in _FILM},
                status="not_percolating" if fails else "ok",
                reason="no path through the pores" if fails else "",
            )
            for seed, slurry in enumerate(slurries, start=1)
        ]
    if cells:
        run_cells(campaign, results, rows, results / "cells/verification.json")
    verification_jobs.run_verification(campaign, results, rows)


def run_campaign(campaign: Campaign, folder: Path, *, cells: bool = False) -> Results:
    with pytest.MonkeyPatch.context() as patch:
        without_lammps(patch)
        _simulate_design(campaign, folder, cells=cells)
        for name in campaign.modelled:
            surrogates_jobs.run_surrogate(campaign, folder, name)
        surrogates_jobs.run_sensitivity(campaign, folder)
        surrogates_jobs.run_comparison(campaign, folder)
        patch.setattr(minimize, "minimize", _minimize)
        optimization_jobs.run_optimum(campaign, folder)
        optimization_jobs.run_extremes(campaign, folder)
        optimization_jobs.run_tradeoffs(campaign, folder)
        optimization_jobs.run_robustness(campaign, folder)
        verify(campaign, folder, fails=False, cells=cells)
        if cells:
            run_ragone(campaign, folder)
    return Results(campaign, folder)


def without_lammps(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(simulation_jobs, "mix_slurry", _mix)
    patch.setattr(simulation_jobs, "dry", _dry)
    patch.setattr(simulation_jobs, "calender", _calender)
