"""Beads and the forces between them in LAMMPS: the base of every simulation.

``units micro``: um, us, pg; hence pressure in kPa, force in nN, energy in fJ, speed in m/s. This
module and its subclasses in `simulation` and `shear` are the only ones that speak to LAMMPS.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

import numpy as np

from mesocast.electrode import ACTIVE_MATERIAL, Electrode
from mesocast.errors import PhysicsFailure
from mesocast.simulation.engine.attraction import attractions
from mesocast.simulation.engine.ranks import Lammps

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

    from mesocast.config.force_fields import ForceField, Hertz
    from mesocast.simulation.engine.attraction import Attraction

# Neighbour-list skin. A few loose CBD beads fly at 1 to 3 m/s and decide how often the lists are
# made: with 0.3 um every ninth step, with 1 um every fortieth. Longer lists cost about what that
# saves; a step takes as long with either on one rank, as far as scattering timings tell. Several
# ranks each make the pairs across their borders: there the shorter lists win.
_SKIN_UM = 0.5
# Ranks share a film in its plane, whose sides do not change; one rank has it all.
PROCESSORS = "processors * * 1"
# What LAMMPS (22 Jul 2025) says when beads flew apart: "Lost atoms: original .. current ..", and
# "Non-numeric atom coords - simulation unstable" (or pressure, positions, box dimensions). Anything
# else that it says ("... out of range" of a type, an index, a number) is a wrong command.
_UNSTABLE = ("lost atoms: original", "simulation unstable")
# "Failed to allocate .. bytes for array ..": a queue's limit of memory, where it ends no process.
_OUT_OF_MEMORY = re.compile("failed to (re)?allocate", re.IGNORECASE)
NEIGHBOURS = f"""
neighbor {_SKIN_UM} multi
comm_modify mode multi vel yes
neigh_modify delay 0 every 1 check yes
"""


def _types(electrode: Electrode) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """LAMMPS type of each bead and the true diameter of each active-material type.

    One type per size class, since Lennard-Jones coefficients follow the diameter; CBD comes last.
    """
    active = electrode.species == ACTIVE_MATERIAL
    diameters, index = np.unique(np.round(2 * electrode.radii_um[active], 9), return_inverse=True)
    types = np.full(len(active), len(diameters) + 1, dtype=np.int64)
    types[active] = index + 1
    return types, diameters


def hertz_coefficients(contact: Hertz) -> str:
    """Coefficients of ``gran/hertz/history`` in the order of LAMMPS."""
    normal, damping = contact.normal_stiffness_kPa, contact.normal_damping_1_um_us
    return (
        f"{normal} {normal * contact.tangential_to_normal_stiffness} "
        f"{damping} {damping * contact.tangential_to_normal_damping} {contact.friction} 1"
    )


class BeadSimulation(ABC):
    """Beads with their forces in a box that a subclass gives.

    Parameters
    ----------
    electrode
        Initial beads; they start at rest.
    force_field
        Forces between beads.
    cbd_reference_diameter_um
        Dry CBD diameter, to which the CBD's Lennard-Jones coefficients refer in every stage.
    time_step_us
        Time step.
    least_inertia_pg
        Beads lighter than this move as if they had this mass (mass scaling).
    start_us
        Time at which the simulation starts.
    """

    def __init__(
        self,
        electrode: Electrode,
        force_field: ForceField,
        *,
        cbd_reference_diameter_um: float,
        time_step_us: float,
        least_inertia_pg: float = 0.0,
        start_us: float = 0.0,
    ) -> None:
        self._start_us = start_us
        self._template = electrode
        self._types, self._diameters = _types(electrode)
        self._cbd_type = len(self._diameters) + 1
        self._force_field = force_field
        self._cbd_reference_diameter_um = cbd_reference_diameter_um
        self._time_step_us = time_step_us
        self._least_inertia_pg = least_inertia_pg
        moving_pg = np.maximum(electrode.masses_pg, least_inertia_pg)
        self._moving_mass_pg = float(moving_pg.sum())
        self._masses_pg = [
            float(moving_pg[self._types == t].mean()) for t in range(1, self._cbd_type + 1)
        ]
        self._steps = 0
        self._prepared = False
        self._lammps: Lammps | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @abstractmethod
    def _box(self, electrode: Electrode) -> str:
        """Commands that set the boundaries and the region ``box``."""

    @abstractmethod
    def _set_fixes(self) -> None:
        """Set what moves the beads and what is measured."""

    def _start(self) -> None:
        """Open LAMMPS with the initial beads."""
        self._open()
        self._create_beads(self._template)
        self._set_forces()
        self._set_fixes()

    def _open(self) -> None:
        self._lammps = Lammps()
        self._count_pair_styles_from(0)
        self._prepared = False

    def _count_pair_styles_from(self, number: int) -> None:
        """Make the contacts of a restart file those of this simulation's pair style.

        LAMMPS (22 Jul 2025) names the history of contacts in a restart file after the number of
        pair styles that the process had made, and drops it silently when the numbers differ. May
        go when LAMMPS counts per instance; a test of the friction across a restart tells.
        """
        self._running.count_pair_styles_from(number)

    @property
    def _running(self) -> Lammps:
        if self._lammps is None:
            raise RuntimeError("LAMMPS was not started: the course replays what it has read before")
        return self._lammps

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
            message = (str(error).strip().splitlines() or [""])[0]
            if any(words in message.lower() for words in _UNSTABLE):
                raise PhysicsFailure(
                    "particles_lost",
                    f"beads left the film or flew apart after {self._steps} steps ({message})",
                ) from error
            if _OUT_OF_MEMORY.search(message):  # the next attempt asks for more
                raise MemoryError(message) from error
            raise

    def _create_beads(self, electrode: Electrode) -> None:
        width, depth = electrode.lateral_um
        self._command(
            f"""
            units micro
            atom_style sphere 1
            newton off
            {PROCESSORS}
            {self._box(electrode)}
            create_box {self._cbd_type} box
            {NEIGHBOURS}
            """
        )
        positions = electrode.positions_um.copy()
        positions[:, 0] %= width
        positions[:, 1] %= depth
        count = len(self._types)
        # Numbered here: LAMMPS would number them rank by rank.
        created = self._running.create_atoms(
            range(1, count + 1), self._types.tolist(), positions.ravel().tolist()
        )
        if created != count:
            raise PhysicsFailure(
                "particles_lost", f"{created} of {count} beads lie inside the film"
            )
        radii = self._contact_radii(electrode.radii_um)
        for bead_type in range(1, self._cbd_type + 1):
            beads = np.flatnonzero(self._types == bead_type)
            if len(beads):
                self._set_size(bead_type, float(radii[beads[0]]), self._masses_pg[bead_type - 1])

    def _contact_radii(self, radii_um: NDArray[np.float64]) -> NDArray[np.float64]:
        factor = np.where(
            self._template.species == ACTIVE_MATERIAL,
            self._force_field.active_material_contact_factor,
            1.0,
        )
        return radii_um * factor

    def _set_size(self, bead_type: int, radius_um: float, mass_pg: float) -> None:
        density = float(mass_pg / (4 / 3 * np.pi * radius_um**3))
        self._command(f"set type {bead_type} diameter {2 * radius_um!r} density {density!r}")

    def _set_forces(self) -> None:
        pairs = self._attractions()
        contacts = [self._force_field.hertz]
        active_material = self._force_field.active_material_hertz
        if active_material is not None and self._cbd_type > 1:  # LAMMPS refuses what nobody uses
            contacts.append(active_material)
        styles = [f"gran/hertz/history {hertz_coefficients(contact)}" for contact in contacts]
        longest_um = max(pair.cutoff_um for pair in pairs)
        lines = [f"pair_style hybrid/overlay {' '.join(styles)} lj/smooth/linear {longest_um!r}"]
        lines += [
            f"pair_coeff {pair.first + 1} {pair.second + 1} gran/hertz/history"
            + (f" {1 if pair.second + 1 == self._cbd_type else 2}" if len(contacts) > 1 else "")
            for pair in pairs
        ]
        lines += [
            f"pair_coeff {pair.first + 1} {pair.second + 1} lj/smooth/linear "
            f"{pair.epsilon_fJ!r} {pair.sigma_um!r} {pair.cutoff_um!r}"
            for pair in pairs
        ]
        self._command("\n".join(lines))

    def _attractions(self) -> list[Attraction]:
        return attractions(
            self._force_field, self._diameters.tolist(), self._cbd_reference_diameter_um
        )

    def separate(self, steps: int, *, longest_move_um: float) -> None:
        """Push overlapping beads apart with a bounded move per step."""
        self._command(f"unfix motion\nfix motion all nve/limit {longest_move_um!r}\nrun {steps}")
        self._command("velocity all set 0 0 0\nunfix motion\nfix motion all nve/sphere")
        self._steps += steps
        self._prepared = False

    @property
    def time_step_us(self) -> float:
        """Time step."""
        return self._time_step_us

    @property
    def time_us(self) -> float:
        """Simulated time, counted from the start that the simulation was given."""
        return self._start_us + self._steps * self._time_step_us

    @property
    def steps(self) -> int:
        """Steps taken."""
        return self._steps
