"""Calendering: a plane presses the film, and the film springs back."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import PhysicsFailure
from mesocast.simulation.convergence import CONTROL_STEPS, Observation, observe, settle
from mesocast.simulation.engine.film import FilmSimulation
from mesocast.simulation.passes import (
    DEEPEST_CR_PCT,
    Pass,
    Passes,
    line_load_N_mm,
    target_of,
)
from mesocast.simulation.restarts import Course
from mesocast.simulation.stage import StageResult, least_inertia_pg, verdict_of
from mesocast.simulation.time_step import Beads, time_step_us

if TYPE_CHECKING:
    from mesocast.config.force_fields import ForceField
    from mesocast.config.simulation import CalenderingSettings
    from mesocast.electrode import Electrode

_LOGGER = logging.getLogger(__name__)

# A way ends when this share of the film's thickness is left of it: it comes ever slower to its end.
_CLOSE = 1e-5


def calender(
    dried: Electrode,
    *,
    cr_pct: float,
    cbd_diameter_um: float,
    force_field: ForceField,
    settings: CalenderingSettings,
    pressure_kPa: float | None = None,
    solid_density_g_cm3: float | None = None,
    course: Course | None = None,
) -> StageResult:
    """Press a dried film, to its net compression rate or what the settings say; it springs back.

    The film first comes to rest without load, since the dried film carried the drying pressure;
    the compression rate counts from that thickness. An uncalendered film (compression rate 0) goes
    through the same rest, so that all conditions of a slurry compare.

    Parameters
    ----------
    dried
        Dried film.
    cr_pct
        Net compression rate: the plane comes down until the film is (1 - cr_pct / 100) times as
        thick as at rest. The plane stands on the highest beads, a little above that thickness. It
        is not looked at where the settings say what films are pressed to.
    cbd_diameter_um
        Dry CBD diameter.
    force_field, settings
        From the config.
    pressure_kPa
        Pressure in the model at which the plane stops, in place of a compression rate.
    solid_density_g_cm3
        Mean density of the film's solids, for its porosity; without it none is told.
    course
        Restarts of this stage (also of the other two stages), if it shall be resumable.

    Raises
    ------
    PhysicsFailure
        Beads were lost, or the film cannot be pressed to what is asked for.
    """
    target = target_of(
        settings,
        cr_pct=cr_pct,
        pressure_kPa=pressure_kPa,
        solid_density_g_cm3=solid_density_g_cm3 or 0.0,
    )
    history: list[Observation] = []
    criteria = settings.convergence
    course = course or Course()
    with FilmSimulation(
        dried,
        force_field,
        cbd_reference_diameter_um=cbd_diameter_um,
        time_step_us=time_step_us(
            settings.motion.time_step_ns,
            Beads.of_film(dried, cbd_diameter_um),
            force_field,
            inertia_share=settings.motion.inertia_share,
        ),
        drag_time_us=settings.motion.drag_time_us,
        least_inertia_pg=least_inertia_pg(dried, settings.motion),
        plane_um=2 * dried.highest_um,
        holding_pressure_kPa=settings.holding_pressure_kPa,
        course=course,
    ) as simulation:
        moving = settle(simulation, criteria, phase="rest", history=history)
        before_um = simulation.thickness_um
        gap_um, largest_kPa, now_um = before_um, 0.0, before_um
        down: list[Observation] = []
        passes = Passes(target, settings, before_um, dried.mass_pg / dried.area_um2)
        while not moving and (way := passes.next(now_um, gap_um)) is not None:
            down = _press(
                simulation, way, settings, history, course, before_um if passes.done == 1 else None
            )
            largest_kPa = max(o.pressure_kPa for o in history)
            gap_um = min(o.plane_um for o in history)
            moving = settle(
                simulation,
                criteria,
                phase="spring back",
                history=history,
            )
            now_um = history[-1].thickness_um
        film = simulation.electrode()
    status, reason = verdict_of(moving, criteria.longest_us)
    after_um = film.thickness_um
    density = film.mass_pg / film.area_um2 / after_um
    more: dict[str, float] = {}
    if solid_density_g_cm3 is not None:
        more["porosity_by_mass"] = 1 - density / solid_density_g_cm3
    if settings.roll_diameter_mm is not None and settings.pressure_scale is not None and down:
        more["line_load_N_mm"] = line_load_N_mm(
            down, settings.roll_diameter_mm, settings.pressure_scale
        )
    return StageResult(
        film,
        status,
        reason,
        {
            "thickness_before_um": before_um,
            "thickness_um": after_um,
            "gap_um": gap_um,
            "cr_imposed_pct": 100 * (1 - _thinnest_um(history, before_um) / before_um),
            "cr_retained_pct": 100 * (1 - after_um / before_um),
            "passes": passes.done,
            "density_g_cm3": density,
            **more,
            "pressure_model_kPa": largest_kPa,
            "inertial_number": _inertial_number(
                film, settings.plane_speed_m_s, gap_um, largest_kPa
            ),
            "mass_pg": film.mass_pg,
            "simulated_time_us": history[-1].time_us,
        },
        history,
    )


def _thinnest_um(history: list[Observation], before_um: float) -> float:
    """Thickness of the film under the plane, which stands above it on the highest beads.

    Its compression is this one's and not the gap's, by which a rough film could keep more than was
    imposed on it.
    """
    pressed = (o.thickness_um for o in history if o.phase in ("press", "hold"))
    return min(pressed, default=before_um)


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
    way: Pass,
    settings: CalenderingSettings,
    history: list[Observation],
    course: Course,
    shared_from_um: float | None,
) -> list[Observation]:
    """Bring the plane down to the end of its way, hold it, and take it away again.

    On its first way down a film is the same whatever its rate is, so all conditions of a slurry
    share it from the thickness that is given; give what was seen on the way down.
    """
    stop = way.stop
    speed = settings.plane_speed_m_s
    block_us = CONTROL_STEPS * simulation.time_step_us
    between = max(round(settings.convergence.window_us / block_us), 1)

    def advance(phase: str) -> None:
        simulation.run(CONTROL_STEPS)
        now = observe(simulation, phase)
        history.append(now)
        if len(history) % between == 0:
            _LOGGER.info(
                "%s: %.1f us, thickness %.2f um, plane at %.2f um (down to %.2f um), "
                "pressure %.3g kPa",
                phase,
                now.time_us,
                now.thickness_um,
                now.plane_um,
                max(way.gap_um, way.thickness_um),
                now.pressure_kPa,
            )

    largest = 0.0
    start = len(history)
    simulation.jump_plane(simulation.highest_um)
    thickness_um = thinnest_um = history[-1].thickness_um
    close_um = _CLOSE * thickness_um
    while (left_um := way.left_um(simulation.plane_um, thickness_um)) > close_um:
        if shared_from_um is not None:
            # Films part where one of them slows down: a block before it is as thin as it shall be.
            reached_um = thinnest_um - speed * block_us
            course.share(max(100 * (1 - reached_um / shared_from_um), 0.0))
        # The last blocks are slower, so that the film stops where it shall and not below.
        simulation.drive_plane(-min(speed, left_um / block_us))
        advance("press")
        if left_um < speed * block_us:
            shared_from_um = None  # what slowed down is on its own way
            course.share(None)
        thickness_um = history[-1].thickness_um
        thinnest_um = min(thinnest_um, thickness_um)
        if stop is not None:
            value = stop.measure(history[start:])
            largest = max(largest, value)
            if value >= stop.limit:
                break
    else:
        if stop is not None:
            raise PhysicsFailure(
                f"{stop.name}_not_reached",
                f"{largest:.3g} of {stop.limit:.3g} {stop.unit} when the film was compressed by "
                f"{DEEPEST_CR_PCT:g} %",
            )
    down = history[start:]
    course.share(None)
    simulation.drive_plane(0.0)
    for _ in range(round(settings.hold_time_us / block_us)):
        advance("hold")
    simulation.drive_plane(speed)
    while simulation.pressure_kPa > 0:
        advance("unload")
    simulation.jump_plane(2 * simulation.highest_um)
    return down
