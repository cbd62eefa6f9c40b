"""What a campaign costs, before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.composition import compose
from mesocast.design import make_plan

if TYPE_CHECKING:
    from mesocast.config import Campaign

# Time step (ns) at which the cost model's figures for the dried film hold.
_REFERENCE_STEP_NS = 2.0
# Thickness over that of a film without pores, about, when a film is characterized.
_BULK = 1.7


def cpu_hours(campaign: Campaign) -> dict[str, float]:
    """Expected CPU-hours per stage, verification included.

    The figures per bead and per voxel are in the config (``cost_model``); they were measured on
    one core and scale with beads, time steps and voxels.
    """
    plan, model = make_plan(campaign), campaign.cost_model
    seeds = campaign.verification.seeds
    beads: list[float] = []
    voxels: list[float] = []
    for slurry in plan.slurries:
        film = compose(
            campaign.materials,
            am_pct=slurry.am_pct,
            sc_pct=slurry.sc_pct,
            mass_ug=campaign.electrode.mass_ug,
            mass_loading_mg_cm2=campaign.electrode.mass_loading_mg_cm2,
        )
        beads.append((film.counts.sum() + film.cbd_count) / 1000)
        solid = film.dry_mass_pg / campaign.materials.active_material.density_g_cm3
        voxels.append(_BULK * solid / campaign.characterization.voxel_size_um**3 / 1e6)
    mean_beads, mean_voxels = sum(beads) / len(beads), sum(voxels) / len(voxels)
    slurries, conditions = len(plan.slurries) + seeds, len(plan.conditions) + seeds
    seconds = {
        "slurry": slurries * mean_beads * model.slurry_s_per_1000_beads,
        "drying": slurries
        * mean_beads
        * model.drying_s_per_1000_beads
        * _REFERENCE_STEP_NS
        / campaign.drying.motion.time_step_ns,
        "calendering": conditions
        * mean_beads
        * model.calendering_s_per_1000_beads
        * _REFERENCE_STEP_NS
        / campaign.calendering.motion.time_step_ns,
        "characterization": conditions * mean_voxels * model.characterization_s_per_million_voxels,
    }
    return {stage: value / 3600 for stage, value in seconds.items()}


def describe(campaign: Campaign) -> str:
    """Say in a few lines what will run and what it will cost."""
    hours = cpu_hours(campaign)
    design, seeds = campaign.design, campaign.verification.seeds
    parts = ", ".join(f"{stage} {value:.2g}" for stage, value in hours.items())
    return (
        f"{campaign.campaign}: {design.slurries} slurries and {design.conditions} conditions, "
        f"then {seeds} electrodes at the optimum\n"
        f"expected cost: {sum(hours.values()):.3g} CPU-hours ({parts})"
    )
