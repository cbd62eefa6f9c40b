"""Beads between two planes in LAMMPS.

The film is periodic in the plane; it rests on the collector (a plane at z = 0) and carries a plane
on top that is driven at a given speed and reports the force on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mesocast.electrode import CBD, Electrode
from mesocast.errors import PhysicsFailure
from mesocast.simulation.engine.beads import (
    NEIGHBOURS,
    PROCESSORS,
    BeadSimulation,
    hertz_coefficients,
)
from mesocast.simulation.engine.state import written_whole
from mesocast.simulation.restarts import Course

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.config.force_fields import ForceField

# Room above the film and below the collector, so that a bead pressed into a plane is not lost.
_MARGIN_UM = 5.0
# Steps over which the force on the plane is averaged before it is read.
_AVERAGED_STEPS = 100
# Steps after which LAMMPS looks again which beads the collector may attract, and a distance that
# none covers in them.
_STEPS_BETWEEN_GROUPS = 10
_GROUP_MARGIN_UM = 0.5
# Beads times steps between two points at which a simulation can be resumed: about ten seconds on
# one core, so that a job that is told to stop does so in time. Results depend on it in the last
# digits (see mesocast.restarts), so it is no setting.
_BEAD_STEPS_BETWEEN_POINTS = 5_000_000


class FilmSimulation(BeadSimulation):
    """A film under a moving plane.

    Parameters
    ----------
    electrode
        Initial beads; they start at rest.
    force_field
        Forces between beads and with the planes.
    cbd_reference_diameter_um
        Dry CBD diameter, to which the CBD's Lennard-Jones coefficients refer in every stage.
    time_step_us
        Time step.
    drag_time_us
        Time in which a free bead loses its speed to the medium. It takes out the energy that
        cohesion sets free; it does not act on beads at rest.
    least_inertia_pg
        Beads lighter than this move as if they had this mass (mass scaling).
    plane_um
        Initial height of the top plane.
    holding_pressure_kPa
        Weight of the film, spread over its mass.
    start_us
        Time at which the simulation starts.
    course
        The course of the stage that this simulation is a part of, if it shall be resumable.
    """

    def __init__(
        self,
        electrode: Electrode,
        force_field: ForceField,
        *,
        cbd_reference_diameter_um: float,
        time_step_us: float,
        drag_time_us: float,
        plane_um: float,
        least_inertia_pg: float = 0.0,
        holding_pressure_kPa: float = 0.0,
        start_us: float = 0.0,
        course: Course | None = None,
    ) -> None:
        super().__init__(
            electrode,
            force_field,
            cbd_reference_diameter_um=cbd_reference_diameter_um,
            time_step_us=time_step_us,
            least_inertia_pg=least_inertia_pg,
            start_us=start_us,
        )
        self._drag_time_us = drag_time_us
        self._weight_um_us2 = holding_pressure_kPa * electrode.area_um2 / self._moving_mass_pg
        self._plane_start_um = self._plane_um = plane_um
        self._speed_m_s = 0.0
        self._since = 0
        self._course = course or Course()
        self._since_point = 0
        if not self._course.replaying:
            self._start()

    # --- set-up ------------------------------------------------------------------------------

    def _box(self, electrode: Electrode) -> str:
        width, depth = electrode.lateral_um
        top = max(electrode.highest_um, self._plane_um) + _MARGIN_UM
        return (
            "boundary p p f\n"
            f"region box block 0 {width!r} 0 {depth!r} {-_MARGIN_UM} {top!r} units box"
        )

    def _set_fixes(self) -> None:
        wall = hertz_coefficients(self._force_field.wall)
        # Any compute of energy or pressure has them summed up in each step, a sixth of its time:
        # LAMMPS (22 Jul 2025) schedules all of them for the next step whenever a fix schedules what
        # it reads. So those that `thermo` makes go, and the pairs are asked for their energy when
        # it is read.
        self._command(
            f"""
            variable plane internal 0.0
            variable speed internal 0.0
            variable since internal 0
            variable displacement equal v_plane+v_speed*dt*(step-v_since)
            region collector plane 0 0 0 0 0 1
            region plane plane 0 0 {self._plane_start_um!r} 0 0 -1 move NULL NULL v_displacement
            fix collector all wall/gran/region hertz/history {wall} region collector
            fix plane all wall/gran/region hertz/history {wall} region plane contacts
            compute plane all reduce sum f_plane[4]
            fix plane_force all ave/time 1 {_AVERAGED_STEPS} {_AVERAGED_STEPS} c_plane
            fix motion all nve/sphere
            {self._drag()}
            compute kinetic all ke
            compute potential all group/group all
            timestep {self._time_step_us!r}
            thermo_style custom step
            thermo 1000000000
            uncompute thermo_pe
            uncompute thermo_press
            """
        )
        if self._weight_um_us2 > 0:
            self._command(f"fix weight all gravity {self._weight_um_us2!r} vector 0 0 -1")
        self._set_adhesion()

    def _drag(self) -> str:
        """Command that slows every bead down in the drag time, whatever its mass."""
        cbd_pg = self._masses_pg[-1]
        scales = [f"scale {t} {m / cbd_pg!r}" for t, m in enumerate(self._masses_pg, start=1)]
        return f"fix drag all viscous {cbd_pg / self._drag_time_us!r} {' '.join(scales)}"

    def _set_adhesion(self) -> None:
        """Let the collector attract each bead as the bead's mirror image below it would.

        Not by LAMMPS's own wall, which ends one rank alone when a bead has flown through it.
        """
        share = self._force_field.collector_adhesion
        if not share:
            return
        for pair in self._attractions():
            if pair.first != pair.second:
                continue
            i, reach_um = pair.first + 1, pair.cutoff_um / 2
            near = pair.sigma_um / 2
            scale = 24 * share * pair.epsilon_fJ / near
            # The formula is slow: without the group of beads in reach it takes a fifth of a step.
            self._command(
                f"group type_{i} type {i}\n"
                f"region low_{i} plane 0 0 {reach_um + _GROUP_MARGIN_UM!r} 0 0 -1\n"
                f"group low_{i} dynamic type_{i} region low_{i} every {_STEPS_BETWEEN_GROUPS}\n"
                f"variable adhesion_{i} atom (z>{near / 2!r})*(z<{reach_um!r})"
                f"*{scale!r}*(2*({near!r}/z)^13-({near!r}/z)^7)\n"
                f"fix adhesion_{i} low_{i} addforce 0.0 0.0 v_adhesion_{i}"
            )

    def _write_restart(self, path: Path) -> None:
        with written_whole(path):
            self._command(f"write_restart {path}")

    def _read_restart(self, path: Path) -> None:
        """Start LAMMPS anew from a restart file, which also holds the history of the contacts.

        Each start leaks the per-bead table of `contacts` (LAMMPS 22 Jul 2025): one or two megabytes
        at full size, some hundred by the end of a job. The cost model's memory includes them.
        """
        self._close()
        self._open()
        self._command(f"newton off\n{PROCESSORS}\nread_restart {path}\n{NEIGHBOURS}")
        # The file brings the pair styles, but without coefficients (documented), and with a random
        # `limit_damping` (not in the file; LAMMPS 22 Jul 2025). So they are set again: the hybrid
        # one, number 0, stays; the granular one is made anew and shall again be number 1.
        self._count_pair_styles_from(1)
        self._set_forces()
        self._set_fixes()
        self._tell_plane()

    # --- control -----------------------------------------------------------------------------

    @property
    def plane_um(self) -> float:
        """Height of the top plane."""
        travelled = self._speed_m_s * self._time_step_us * (self._steps - self._since)
        return self._plane_um + travelled

    def drive_plane(self, speed_m_s: float) -> None:
        """Move the top plane at this speed from now on (negative is down)."""
        self._plane_um = self.plane_um
        self._since, self._speed_m_s = self._steps, speed_m_s
        self._tell_plane()

    def _tell_plane(self) -> None:
        if self._lammps is None:
            return
        self._lammps.set_internal_variable("plane", self._plane_um - self._plane_start_um)
        self._lammps.set_internal_variable("speed", self._speed_m_s)
        self._lammps.set_internal_variable("since", float(self._since))

    def jump_plane(self, height_um: float) -> None:
        """Put the top plane, standing still, at another height where it touches no bead."""
        self.drive_plane(0.0)
        self._plane_um = height_um
        self._tell_plane()

    def resize_cbd(self, diameter_um: float, mass_pg: float) -> None:
        """Give every CBD bead a new diameter and mass."""
        self._masses_pg[-1] = max(mass_pg, self._least_inertia_pg)
        self._set_size(self._cbd_type, diameter_um / 2, self._masses_pg[-1])
        self._command(self._drag())
        cbd = self._template.species == CBD
        self._template = Electrode(
            positions_um=self._template.positions_um,
            radii_um=np.where(cbd, diameter_um / 2, self._template.radii_um),
            species=self._template.species,
            masses_pg=np.where(cbd, mass_pg, self._template.masses_pg),
            lateral_um=self._template.lateral_um,
        )
        self._prepared = False

    def run(self, steps: int) -> None:
        """Advance by a number of steps, a multiple of the averaging window (100)."""
        if steps % _AVERAGED_STEPS:
            raise ValueError(f"steps = {steps} is no multiple of {_AVERAGED_STEPS}")
        if self._since_point * len(self._types) >= _BEAD_STEPS_BETWEEN_POINTS:
            self._since_point = 0
            self._course.pass_point(self._write_restart, self._read_restart)
        self._command(f"run {steps} post no" + (" pre no" if self._prepared else ""))
        self._steps += steps
        self._since_point += steps
        self._prepared = True

    # --- measurement -------------------------------------------------------------------------

    @property
    def pressure_kPa(self) -> float:
        """Pressure on the top plane, averaged over the last 100 steps."""
        force = self._course.reading(lambda: self._running.fix_value("plane_force"))
        return -force / self._template.area_um2

    @property
    def kinetic_energy_fJ(self) -> float:
        """Kinetic energy of all beads."""
        return self._course.reading(lambda: self._running.compute_value("kinetic"))

    @property
    def potential_energy_fJ(self) -> float:
        """Potential (Lennard-Jones) energy of all beads; granular contacts store none in LAMMPS."""
        return self._course.reading(lambda: self._running.compute_value("potential"))

    @property
    def thickness_um(self) -> float:
        """Net thickness of the film (see `Electrode.thickness_um`)."""
        return self._course.reading(lambda: self._beads().thickness_um)

    @property
    def highest_um(self) -> float:
        """Height at which a plane that comes down touches the first bead."""

        def read() -> float:
            beads = self._beads()
            return replace(beads, radii_um=self._contact_radii(beads.radii_um)).highest_um

        return self._course.reading(read)

    def electrode(self) -> Electrode:
        """Beads as they are now, with their true radii, in a fixed order.

        Restarts hold what this returns; ask for ``thickness_um`` where a number is enough.
        """
        return self._with(self._course.reading(lambda: self._beads().positions_um))

    def _beads(self) -> Electrode:
        positions = self._running.positions()
        if not np.isfinite(positions).all():
            raise PhysicsFailure("particles_lost", f"positions diverged at step {self._steps}")
        width, depth = self._template.lateral_um
        positions[:, 0] %= width
        positions[:, 1] %= depth
        return self._with(positions)

    def _with(self, positions: NDArray[np.float64]) -> Electrode:
        before = self._template
        return Electrode(
            positions_um=positions,
            radii_um=before.radii_um,
            species=before.species,
            masses_pg=before.masses_pg,
            lateral_um=before.lateral_um,
        )
