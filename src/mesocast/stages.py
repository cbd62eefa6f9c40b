"""Slurry, drying and calendering: from beads in a liquid to a pressed film.

Each function takes a film and returns what became of it. None reads or writes files.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from mesocast.convergence import (
    CONTROL_STEPS,
    Convergence,
    Observation,
    observe,
    settle,
)
from mesocast.electrode import ACTIVE_MATERIAL
from mesocast.materials import NonNegative, Positive, Section
from mesocast.packing import well_mixed
from mesocast.restarts import Course
from mesocast.simulation import FilmSimulation

if TYPE_CHECKING:
    from mesocast.composition import Composition
    from mesocast.electrode import Electrode
    from mesocast.materials import ForceField, ForceFields, Materials

_LOGGER = logging.getLogger(__name__)

# Random placement leaves overlaps; this many steps of bounded moves take them out before the
# dynamics starts.
_SEPARATION_STEPS = 500
_SEPARATION_MOVE_UM = 0.05


class Motion(Section):
    """How the equations of motion are integrated."""

    time_step_ns: Positive = Field(description="Time step.")
    drag_time_us: Positive = Field(
        description="Time in which a free bead loses its speed to the medium."
    )
    inertia_share: NonNegative = Field(
        0.0,
        description="Beads lighter than this multiple of the lightest active-material particle's "
        "mass move as if they had that mass (mass scaling). Films at rest do not depend on it, and "
        "heavier beads allow a longer time step.",
    )


class SlurrySettings(Section):
    """Coarse-grained dynamics of the wet film."""

    motion: Motion = Motion(time_step_ns=5.0, drag_time_us=0.3)
    convergence: Convergence = Convergence(
        window_us=2.5, thickness_drift_pct=0.1, kinetic_ratio=5e-3, longest_us=100
    )


class DryingSettings(Section):
    """The film shrinks with its solvent, under capillary pressure; then its pores empty."""

    motion: Motion = Motion(time_step_ns=5.0, drag_time_us=2.0, inertia_share=1.0)
    pressure_kPa: Positive = Field(
        60.0, description="Capillary pressure on the film until it stops shrinking."
    )
    residual_solvent: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.1,
        description="Share of the solvent that CBD beads still hold when the film stops shrinking; "
        "it leaves without pressure on the film.",
    )
    shrink_time_step_ns: Positive = Field(
        5.0, description="Time step while the CBD beads lose their solvent in the wet film."
    )
    shrink_increments: Annotated[int, Field(ge=5, le=1000)] = Field(
        20,
        description="Equal losses of volume, of 200 steps each, in which the beads shrink, before "
        "and after the film stops shrinking.",
    )
    plane_speed_m_s: Positive = Field(1.0, description="Speed limit of the plane.")
    holding_pressure_kPa: NonNegative = Field(
        1.0, description="As in calendering: weight of the film."
    )
    convergence: Convergence = Convergence(longest_us=800)


class CalenderingSettings(Section):
    """Pressing between planes to the net compression rate, hold, unload, spring back."""

    motion: Motion = Motion(time_step_ns=4.0, drag_time_us=5.0, inertia_share=1.0)
    plane_speed_m_s: Positive = Field(0.2, description="Speed of the plane, down and up.")
    holding_pressure_kPa: NonNegative = Field(
        1.0,
        description="Weight of the film, so that what is torn off when the plane goes falls back; "
        "small against the capillary pressure.",
    )
    hold_time_us: NonNegative = Field(5.0, description="Time at the lowest point.")
    convergence: Convergence = Convergence(
        window_us=5.0, thickness_drift_pct=0.2, kinetic_ratio=1e-3, longest_us=200
    )


@dataclass(frozen=True)
class StageResult:
    """What became of a film.

    Parameters
    ----------
    electrode
        Beads at the end of the stage.
    status, reason
        ``"ok"``, or a word and a sentence that say what failed.
    measured
        Numbers of this stage, names with units.
    history
        The film through the stage.
    """

    electrode: Electrode
    status: str
    reason: str
    measured: dict[str, float]
    history: list[Observation] = field(default_factory=list)


def least_inertia_pg(film: Electrode, motion: Motion) -> float:
    """Mass as which every lighter bead moves."""
    return motion.inertia_share * float(film.masses_pg[film.species == ACTIVE_MATERIAL].min())


def _verdict(moving: str, longest_us: float) -> tuple[str, str]:
    if moving:
        return "not_converged", f"after {longest_us:g} us: {moving}"
    return "ok", ""


def mix_slurry(
    composition: Composition,
    materials: Materials,
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
    film = well_mixed(composition, materials.active_material.density_g_cm3, seed)
    history: list[Observation] = []
    time_step_us = settings.motion.time_step_ns * 1e-3
    with FilmSimulation(
        film,
        force_field,
        cbd_reference_diameter_um=composition.cbd_dry_diameter_um,
        time_step_us=time_step_us,
        drag_time_us=settings.motion.drag_time_us,
        plane_um=composition.slurry_thickness_um,
        course=course,
    ) as simulation:
        simulation.separate(_SEPARATION_STEPS, longest_move_um=_SEPARATION_MOVE_UM)
        moving = settle(
            simulation,
            settings.convergence,
            phase="mix",
            time_step_us=time_step_us,
            history=history,
        )
        film = simulation.electrode()
    status, reason = _verdict(moving, settings.convergence.longest_us)
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


def calender(
    dried: Electrode,
    *,
    cr_pct: float,
    cbd_diameter_um: float,
    force_field: ForceField,
    settings: CalenderingSettings,
    course: Course | None = None,
) -> StageResult:
    """Press a dried film to its net compression rate and let it spring back.

    The film first comes to rest without load, since the dried film carried the drying pressure;
    the compression rate counts from that thickness. An uncalendered film (compression rate 0) goes
    through the same rest, so that all conditions of a slurry compare.

    Parameters
    ----------
    dried
        Dried film.
    cr_pct
        Net compression rate: lowest gap = (1 - cr_pct / 100) times the thickness at rest.
    cbd_diameter_um
        Dry CBD diameter.
    force_field, settings
        From the config.
    course
        Restarts of this stage (also of the other two stages), if it shall be resumable.

    Raises
    ------
    PhysicsFailure
        Beads were lost.
    """
    history: list[Observation] = []
    time_step_us = settings.motion.time_step_ns * 1e-3
    criteria = settings.convergence
    course = course or Course()
    with FilmSimulation(
        dried,
        force_field,
        cbd_reference_diameter_um=cbd_diameter_um,
        time_step_us=time_step_us,
        drag_time_us=settings.motion.drag_time_us,
        least_inertia_pg=least_inertia_pg(dried, settings.motion),
        plane_um=2 * dried.highest_um,
        holding_pressure_kPa=settings.holding_pressure_kPa,
        course=course,
    ) as simulation:
        moving = settle(
            simulation, criteria, phase="rest", time_step_us=time_step_us, history=history
        )
        before_um = simulation.thickness_um
        gap_um, largest_kPa = before_um, 0.0
        if cr_pct > 0 and not moving:
            gap_um = before_um * (1 - cr_pct / 100)
            _press(simulation, before_um, gap_um, settings, history, course)
            largest_kPa = max(o.pressure_kPa for o in history)
            gap_um = min(o.plane_um for o in history)
            moving = settle(
                simulation,
                criteria,
                phase="spring back",
                time_step_us=time_step_us,
                history=history,
            )
        film = simulation.electrode()
    status, reason = _verdict(moving, criteria.longest_us)
    after_um = film.thickness_um
    return StageResult(
        film,
        status,
        reason,
        {
            "thickness_before_um": before_um,
            "thickness_um": after_um,
            "gap_um": gap_um,
            "cr_imposed_pct": 100 * (1 - gap_um / before_um),
            "cr_retained_pct": 100 * (1 - after_um / before_um),
            "pressure_max_MPa": largest_kPa / 1e3,
            "inertial_number": _inertial_number(
                film, settings.plane_speed_m_s, gap_um, largest_kPa
            ),
            "mass_pg": film.mass_pg,
            "simulated_time_us": history[-1].time_us,
        },
        history,
    )


def _inertial_number(
    film: Electrode, plane_speed_m_s: float, gap_um: float, pressure_kPa: float
) -> float:
    """Strain rate against the time in which the pressure moves the largest particle.

    Below some 1e-2 a granular film deforms quasi-statically (GDR MiDi 2004, Eur. Phys. J. E 14,
    341); 0 for a film that was not pressed.
    """
    if pressure_kPa <= 0:
        return 0.0
    largest = int(np.argmax(film.radii_um))
    diameter_um = 2 * float(film.radii_um[largest])
    density_pg_um3 = float(film.masses_pg[largest]) / (np.pi / 6 * diameter_um**3)
    time_us = diameter_um * float(np.sqrt(density_pg_um3 / pressure_kPa))
    return plane_speed_m_s / gap_um * time_us


def _press(
    simulation: FilmSimulation,
    before_um: float,
    gap_um: float,
    settings: CalenderingSettings,
    history: list[Observation],
    course: Course,
) -> None:
    """Bring the plane down to the gap, hold it there, and take it away again.

    On its way down a film is the same whatever its gap is, so all conditions of a slurry share it.
    """
    time_step_us = settings.motion.time_step_ns * 1e-3
    speed = settings.plane_speed_m_s
    block_us = CONTROL_STEPS * time_step_us
    between = max(round(settings.convergence.window_us / block_us), 1)

    def advance(phase: str) -> None:
        simulation.run(CONTROL_STEPS)
        now = observe(simulation, phase)
        history.append(now)
        if len(history) % between == 0:
            _LOGGER.info(
                "%s: %.1f us, thickness %.2f um, plane at %.2f um (lowest %.2f um), "
                "pressure %.3g kPa",
                phase,
                now.time_us,
                now.thickness_um,
                now.plane_um,
                gap_um,
                now.pressure_kPa,
            )

    simulation.jump_plane(simulation.highest_um)
    while (left_um := simulation.plane_um - gap_um) > 1e-9:
        # The last block is slower, so that the plane stops at the gap and not below it.
        course.share(max(100 * (1 - simulation.plane_um / before_um), 0.0))
        simulation.drive_plane(-min(speed, left_um / block_us))
        advance("press")
    course.share(None)
    simulation.drive_plane(0.0)
    for _ in range(round(settings.hold_time_us / block_us)):
        advance("hold")
    simulation.drive_plane(speed)
    while simulation.pressure_kPa > 0:
        advance("unload")
    simulation.jump_plane(2 * simulation.highest_um)
