"""A campaign whose electrodes follow known laws, from dataset to tradeoffs, without simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.columns import TARGETS, check_row
from mesocast.config.campaign import Campaign
from mesocast.dataset.package import write_dataset
from mesocast.design.plan import make_plan
from mesocast.optimization.jobs import run_optimum, run_robustness, run_tradeoffs
from mesocast.storage.files import write_json
from mesocast.storage.rows import gather
from mesocast.surrogates.jobs import run_surrogate
from tests.conftest import TINY

if TYPE_CHECKING:
    from pathlib import Path

CAMPAIGN = Campaign.model_validate(
    {**TINY, "design": {"slurries": 8, "conditions": 40}, "surrogates": {"method": "polynomial"}}
)


def laws(am_pct: float, sc_pct: float, cr_pct: float) -> dict[str, float]:
    """Four smooth properties, exact for a quadratic."""
    return {
        "density_g_cm3": 1.5 + 0.01 * (am_pct - 86) + 0.02 * cr_pct,
        "tortuosity_factor": 2.0 + 0.001 * cr_pct**2 + 0.02 * (96 - am_pct),
        "active_surface_pct": 95 - 0.5 * cr_pct - 0.1 * (sc_pct - 45),
        "electronic_conductivity_S_m": 0.02 + 0.002 * (96 - am_pct) + 0.001 * cr_pct,
    }


def row(name: str, slurry: str, seed: int, recipe: tuple[float, float, float]) -> dict[str, Any]:
    """One row of the dataset by the laws."""
    keys = ("am_pct", "sc_pct", "cr_pct")
    content = {
        "condition_id": name,
        "slurry_id": slurry,
        "round": 0,
        "seed": seed,
        "status": "ok",
        "reason": "",
        **dict(zip(keys, recipe, strict=True)),
        **laws(*recipe),
    }
    return check_row(content, name).model_dump()


def write_electrodes(folder: Path) -> None:
    """Write the dataset of the campaign."""
    paths = []
    plan = make_plan(CAMPAIGN)
    slurries = {slurry.slurry_id: slurry for slurry in plan.slurries}
    for condition in plan.conditions:
        slurry = slurries[condition.slurry_id]
        recipe = (slurry.am_pct, slurry.sc_pct, condition.cr_pct)
        path = folder / "conditions" / condition.condition_id / "properties.json"
        write_json(path, row(condition.condition_id, slurry.slurry_id, slurry.seed, recipe))
        paths.append(path)
    write_dataset(gather(paths), folder, campaign="known")


def write_results(folder: Path) -> None:
    """Write the results folder of the campaign, up to robustness and tradeoffs."""
    write_electrodes(folder)
    for name in TARGETS:
        run_surrogate(CAMPAIGN, folder, name)
    run_optimum(CAMPAIGN, folder)
    run_tradeoffs(CAMPAIGN, folder)
    run_robustness(CAMPAIGN, folder)
