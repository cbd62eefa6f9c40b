"""Drying: the film shrinks with its solvent and consolidates, then its binder sets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesocast.simulation.convergence import CONTROL_STEPS, Observation, observe, settle
from mesocast.simulation.engine.film import FilmSimulation
from mesocast.simulation.migration import Migration
from mesocast.simulation.packing import displacements
from mesocast.simulation.stage import (
    SEPARATION_MOVE_UM,
    SEPARATION_STEPS,
    StageResult,
    least_inertia_pg,
    verdict_of,
)
from mesocast.simulation.time_step import Beads, time_step_us

if TYPE_CHECKING:
    from mesocast.config.force_fields import ForceField, ForceFields
    from mesocast.config.simulation import DryingSettings, Motion
    from mesocast.electrode import Electrode
    from mesocast.simulation.composition import Composition
    from mesocast.simulation.restarts import Course

# Centres of beads in a wet film come as near as 0.59 of the sum of their radii by themselves.
_NEAREST = 0.55


def dry(
    slurry: Electrode,
    composition: Composition,
    force_fields: ForceFields,
    settings: DryingSettings,
    course: Course | None = None,
) -> StageResult:
    """Let the solvent go: the film shrinks until its solids carry it, then its binder sets.

    While there is more solvent than the pores of the solids hold, the film thins with it and its
    beads float. Then they touch, lubricated, and the thickness follows the capillary pressure.
    What solvent is left leaves the film without shrinking it as a whole (Jaiser et al. 2017, Dry.
    Technol. 35, 1266: pores empty after the end of film shrinkage): the pressure is gone, the beads
    take their dry size, and the binder sets in proportion to the solvent that has left. The
    lateral area stays, as on a coater.

    Raises
    ------
    PhysicsFailure
        Beads were lost.
    """
    history: list[Observation] = []
    drying = _Drying(composition, settings, history, course)
    film = drying.thin(slurry, force_fields.slurry)
    film, moving = drying.consolidate(film, force_fields.consolidating)
    consolidated = history[-1]
    if not moving:
        film, moving = drying.set_binder(film, force_fields)
    status, reason = verdict_of(moving, settings.convergence.longest_us)
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


def _above_collector(film: Electrode) -> Electrode:
    """Put beads back whose centres were pressed through the collector.

    Walls are soft in the force field of the slurry, and no force acts behind them: such a bead
    would fall. It is put where no other bead is, or their cores would throw both out of the film.
    """
    fallen = np.flatnonzero(film.positions_um[:, 2] <= 0)
    for bead in fallen:
        positions_um = film.positions_um.copy()
        positions_um[bead, 2] = _lowest_free_um(film, int(bead))
        film = replace(film, positions_um=positions_um)
    return film


def _lowest_free_um(film: Electrode, bead: int) -> float:
    """Lowest height, from half its radius on, at which a bead is clear of all others."""
    apart_um = displacements(film.positions_um, film.positions_um[bead], film.lateral_um)
    reach_um = _NEAREST * (film.radii_um + film.radii_um[bead])
    room_um2 = reach_um**2 - (apart_um[:, :2] ** 2).sum(axis=1)
    room_um2[bead] = 0.0
    half_um = np.sqrt(np.maximum(room_um2, 0.0))
    low_um, high_um = film.positions_um[:, 2] - half_um, film.positions_um[:, 2] + half_um
    height_um = float(film.radii_um[bead]) / 2
    for other in sorted(np.flatnonzero(room_um2 > 0), key=low_um.__getitem__):
        if low_um[other] < height_um < high_um[other]:
            height_um = float(high_um[other])
    return height_um


@dataclass(frozen=True)
class _Drying:
    """A film on its way from wet to dry; its history grows."""

    composition: Composition
    settings: DryingSettings
    history: list[Observation]
    course: Course | None

    def thin(self, film: Electrode, force_field: ForceField) -> Electrode:
        """Take out the solvent that keeps the solids apart, in the force field of the slurry.

        The film's height follows its volume. The liquid carries the beads down evenly, but the CBD
        gathers below the surface if that falls faster than the CBD diffuses.
        """
        settings, start_um = self.settings, self.composition.slurry_thickness_um
        end_um = min(self._crowded_um(), start_um)
        film = _above_collector(film)
        increments = settings.shrink_increments
        parts = [increment / increments for increment in range(increments + 1)]
        heights_um = tuple(start_um + part * (end_um - start_um) for part in parts)
        migration = Migration(settings.peclet_number, heights_um)
        motion = settings.motion.model_copy(
            update={"time_step_ns": settings.shrink_time_step_ns, "inertia_share": 0.0}
        )
        for increment in range(1, increments + 1):
            film, height_um = migration.move(film, increment), heights_um[increment]
            solvent_share = 1 + parts[increment] * (settings.residual_solvent - 1)
            with self._simulation(
                film, force_field, motion, solvent_share, plane_um=height_um, weight_kPa=0.0
            ) as simulation:
                self._resize(simulation, solvent_share)
                if settings.peclet_number:
                    # What the surface has swept up may overlap.
                    simulation.separate(SEPARATION_STEPS, longest_move_um=SEPARATION_MOVE_UM)
                simulation.run(CONTROL_STEPS)
                self.history.append(observe(simulation, "thin"))
                film = _above_collector(simulation.electrode())
        return film

    def consolidate(self, film: Electrode, force_field: ForceField) -> tuple[Electrode, str]:
        """Press the film with the capillary pressure until it rests; also say what still moves."""
        settings = self.settings
        with self._simulation(
            film,
            force_field,
            settings.wet_motion,
            settings.residual_solvent,
            plane_um=film.highest_um,
            weight_kPa=settings.holding_pressure_kPa,
        ) as simulation:
            simulation.separate(SEPARATION_STEPS, longest_move_um=SEPARATION_MOVE_UM)
            moving = settle(
                simulation,
                settings.convergence,
                phase="consolidate",
                history=self.history,
                target_kPa=settings.pressure_kPa,
                fastest_m_s=settings.plane_speed_m_s,
            )
            return simulation.electrode(), moving

    def set_binder(self, film: Electrode, force_fields: ForceFields) -> tuple[Electrode, str]:
        """Let the last solvent go and the binder set with it; also say what still moves."""
        settings = self.settings
        increments = settings.setting_increments
        moving = ""
        for increment in range(1, increments + 1):
            set_share = increment / increments
            force_field = force_fields.consolidating.towards(force_fields.dried, set_share)
            solvent_share = (1 - set_share) * settings.residual_solvent
            with self._simulation(
                film,
                force_field,
                settings.motion,
                solvent_share,
                plane_um=2 * film.highest_um,
                weight_kPa=settings.holding_pressure_kPa,
            ) as simulation:
                self._resize(simulation, solvent_share)
                each_us = settings.setting_time_us / increments
                for _ in range(max(round(each_us / simulation.time_step_us / CONTROL_STEPS), 1)):
                    simulation.run(CONTROL_STEPS)
                self.history.append(observe(simulation, "set"))
                if increment == increments:
                    moving = settle(
                        simulation,
                        settings.convergence,
                        phase="rest",
                        history=self.history,
                    )
                film = simulation.electrode()
        return film, moving

    def _simulation(
        self,
        film: Electrode,
        force_field: ForceField,
        motion: Motion,
        solvent_share: float,
        *,
        plane_um: float,
        weight_kPa: float,
    ) -> FilmSimulation:
        """A film whose CBD will hold this share of its solvent."""
        return FilmSimulation(
            film,
            force_field,
            cbd_reference_diameter_um=self.composition.cbd_dry_diameter_um,
            time_step_us=time_step_us(
                motion.time_step_ns,
                Beads.of_composition(self.composition, solvent_share),
                force_field,
                inertia_share=motion.inertia_share,
            ),
            drag_time_us=motion.drag_time_us,
            least_inertia_pg=least_inertia_pg(film, motion),
            plane_um=plane_um,
            holding_pressure_kPa=weight_kPa,
            start_us=self.history[-1].time_us if self.history else 0.0,
            course=self.course,
        )

    def _resize(self, simulation: FilmSimulation, solvent_share: float) -> None:
        """Give the CBD beads the size and mass with this share of their solvent."""
        diameter_um, mass_pg = self.composition.cbd_bead(solvent_share)
        simulation.resize_cbd(diameter_um, mass_pg)

    def _crowded_um(self) -> float:
        """Height at which the beads, with the residual solvent, begin to be pressed."""
        beads_um3 = self.composition.beads_volume_um3(self.settings.residual_solvent)
        return beads_um3 / self.settings.consolidation_fill / self.composition.area_um2
