"""Drying: the film shrinks with its solvent, then its pores empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.simulation.convergence import CONTROL_STEPS, Observation, observe, settle
from mesocast.simulation.engine.film import FilmSimulation
from mesocast.simulation.stage import (
    _SEPARATION_MOVE_UM,
    _SEPARATION_STEPS,
    StageResult,
    _verdict,
    least_inertia_pg,
)

if TYPE_CHECKING:
    from mesocast.config.force_fields import ForceField, ForceFields
    from mesocast.config.simulation import DryingSettings
    from mesocast.electrode import Electrode
    from mesocast.simulation.composition import Composition
    from mesocast.simulation.restarts import Course


def dry(
    slurry: Electrode,
    composition: Composition,
    force_fields: ForceFields,
    settings: DryingSettings,
    course: Course | None = None,
) -> StageResult:
    """Let the solvent go: the film shrinks until its solids carry it, then its pores empty.

    While CBD beads lose their solvent they float in the wet film. Then the dried film's cohesion
    acts, and the thickness follows the capillary pressure. What solvent is left leaves the film
    without shrinking it as a whole (Jaiser et al. 2017, Dry. Technol. 35, 1266: pores empty after
    the end of film shrinkage): the pressure is gone and the beads take their dry size. The lateral
    area stays, as on a coater.

    Raises
    ------
    PhysicsFailure
        Beads were lost.
    """
    history: list[Observation] = []
    film = _thicken(slurry, composition, force_fields.slurry, settings, history, course)
    time_step_us = settings.motion.time_step_ns * 1e-3
    with FilmSimulation(
        film,
        force_fields.dried,
        cbd_reference_diameter_um=composition.cbd_dry_diameter_um,
        time_step_us=time_step_us,
        drag_time_us=settings.motion.drag_time_us,
        least_inertia_pg=least_inertia_pg(film, settings.motion),
        plane_um=film.highest_um,
        holding_pressure_kPa=settings.holding_pressure_kPa,
        course=course,
    ) as simulation:
        simulation.separate(_SEPARATION_STEPS, longest_move_um=_SEPARATION_MOVE_UM)
        moving = settle(
            simulation,
            settings.convergence,
            phase="consolidate",
            time_step_us=time_step_us,
            history=history,
            target_kPa=settings.pressure_kPa,
            fastest_m_s=settings.plane_speed_m_s,
        )
        consolidated = history[-1]
        if not moving and settings.residual_solvent:
            simulation.jump_plane(2 * simulation.highest_um)
            _lose_solvent(
                simulation,
                composition,
                (settings.residual_solvent, 0.0),
                increments=settings.shrink_increments,
                phase="empty pores",
                history=history,
            )
            moving = settle(
                simulation,
                settings.convergence,
                phase="rest",
                time_step_us=time_step_us,
                history=history,
            )
        film = simulation.electrode()
    status, reason = _verdict(moving, settings.convergence.longest_us)
    return StageResult(
        film,
        status,
        reason,
        {
            "thickness_um": film.thickness_um,
            "consolidated_thickness_um": consolidated.thickness_um,
            "density_g_cm3": film.mass_pg / film.area_um2 / film.thickness_um,
            "mass_pg": film.mass_pg,
            "mass_by_recipe_pg": composition.dry_mass_pg,
            "pressure_kPa": consolidated.pressure_kPa,
            "simulated_time_us": history[-1].time_us,
        },
        history,
    )


def _thicken(
    slurry: Electrode,
    composition: Composition,
    force_field: ForceField,
    settings: DryingSettings,
    history: list[Observation],
    course: Course | None,
) -> Electrode:
    """Take solvent out of the CBD beads of the wet film, in the force field of the slurry."""
    with FilmSimulation(
        slurry,
        force_field,
        cbd_reference_diameter_um=composition.cbd_dry_diameter_um,
        time_step_us=settings.shrink_time_step_ns * 1e-3,
        drag_time_us=settings.motion.drag_time_us,
        plane_um=composition.slurry_thickness_um,
        course=course,
    ) as simulation:
        _lose_solvent(
            simulation,
            composition,
            (1.0, settings.residual_solvent),
            increments=settings.shrink_increments,
            phase="shrink",
            history=history,
        )
        return simulation.electrode()


def _lose_solvent(
    simulation: FilmSimulation,
    composition: Composition,
    shares: tuple[float, float],
    *,
    increments: int,
    phase: str,
    history: list[Observation],
) -> None:
    """Shrink the CBD beads in equal volumes, from one share of their solvent to another."""
    volume, mass = composition.cbd_dry_diameter_um**3, composition.cbd_dry_mass_pg
    solvent_volume = composition.cbd_wet_diameter_um**3 - volume
    solvent_mass = composition.cbd_wet_mass_pg - mass
    for share in np.linspace(*shares, increments + 1)[1:]:
        simulation.resize_cbd(
            float(volume + share * solvent_volume) ** (1 / 3), float(mass + share * solvent_mass)
        )
        simulation.run(CONTROL_STEPS)
        history.append(observe(simulation, phase))
