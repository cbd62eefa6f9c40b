"""Mixing: from beads in a liquid to a wet film at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.simulation.convergence import Observation, settle
from mesocast.simulation.engine.film import FilmSimulation
from mesocast.simulation.packing import well_mixed
from mesocast.simulation.stage import SEPARATION_MOVE_UM, SEPARATION_STEPS, StageResult, verdict_of
from mesocast.simulation.time_step import Beads, time_step_us

if TYPE_CHECKING:
    from mesocast.config.force_fields import ForceField
    from mesocast.config.simulation import SlurrySettings
    from mesocast.simulation.composition import Composition
    from mesocast.simulation.restarts import Course


def mix_slurry(
    composition: Composition,
    force_field: ForceField,
    settings: SlurrySettings,
    seed: int,
    course: Course | None = None,
) -> StageResult:
    """Relax a well-mixed wet film on the collector.

    The liquid is incompressible, so the film keeps the volume of ideal mixing while its beads
    arrange themselves; a film that draws together shows as a density above the ideal one.

    Raises
    ------
    PhysicsFailure
        Beads were lost, or the film is too crowded.
    """
    film = well_mixed(composition, seed)
    history: list[Observation] = []
    with FilmSimulation(
        film,
        force_field,
        cbd_reference_diameter_um=composition.cbd_dry_diameter_um,
        time_step_us=time_step_us(
            settings.motion.time_step_ns, Beads.of_composition(composition, 1.0), force_field
        ),
        drag_time_us=settings.motion.drag_time_us,
        plane_um=composition.slurry_thickness_um,
        course=course,
    ) as simulation:
        simulation.separate(SEPARATION_STEPS, longest_move_um=SEPARATION_MOVE_UM)
        moving = settle(
            simulation,
            settings.convergence,
            phase="mix",
            history=history,
        )
        film = simulation.electrode()
    status, reason = verdict_of(moving, settings.convergence.longest_us)
    density = film.mass_pg / film.area_um2 / film.thickness_um
    return StageResult(
        film,
        status,
        reason,
        {
            "thickness_um": film.thickness_um,
            "density_g_cm3": density,
            "ideal_mixing_density_g_cm3": composition.slurry_density_g_cm3,
            "mass_pg": film.mass_pg,
            "mass_by_recipe_pg": composition.wet_mass_pg,
            "simulated_time_us": history[-1].time_us,
        },
        history,
    )
