"""A cell of slurry under steady shear in LAMMPS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.simulation.engine.beads import BeadSimulation

if TYPE_CHECKING:
    from mesocast.config.force_fields import ForceField
    from mesocast.electrode import Electrode

# The stress is averaged over windows of this many steps, from a reading every tenth.
WINDOW_STEPS = 1000
_READ_EVERY_STEPS = 10


class ShearSimulation(BeadSimulation):
    """Beads in a cell that is periodic on all sides and is sheared (non-equilibrium dynamics).

    The cell tilts at a steady rate with its images (Lees and Edwards 1972, J. Phys. C 5, 1921); no
    wall can slip. Contacts take up the work of the shear; there is no drag and no thermostat.

    Parameters
    ----------
    electrode
        Initial beads.
    force_field
        Forces between beads.
    height_um
        Period across the flow.
    cbd_reference_diameter_um
        Dry CBD diameter, to which the CBD's Lennard-Jones coefficients refer.
    time_step_us
        Time step.
    """

    def __init__(
        self,
        electrode: Electrode,
        force_field: ForceField,
        *,
        height_um: float,
        cbd_reference_diameter_um: float,
        time_step_us: float,
    ) -> None:
        super().__init__(
            electrode,
            force_field,
            cbd_reference_diameter_um=cbd_reference_diameter_um,
            time_step_us=time_step_us,
        )
        self._height_um = height_um
        self._rate_1_us = 0.0
        self._start()

    def _box(self, electrode: Electrode) -> str:
        width, depth = electrode.lateral_um
        return (
            "boundary p p p\n"
            f"region box prism 0 {width!r} 0 {depth!r} 0 {self._height_um!r} 0 0 0 units box"
        )

    def _set_fixes(self) -> None:
        self._command(
            f"""
            fix motion all nve/sphere
            compute stress all pressure NULL virial
            fix stress all ave/time {_READ_EVERY_STEPS} {WINDOW_STEPS // _READ_EVERY_STEPS} &
                {WINDOW_STEPS} c_stress[5]
            timestep {self._time_step_us!r}
            thermo_style custom step c_stress[5]
            thermo 1000000000
            """
        )

    def shear(self, rate_1_us: float) -> None:
        """Shear at this rate from now on; the beads take up the change of the flow at once."""
        half = (rate_1_us - self._rate_1_us) * self._height_um / 2
        self._command(
            f"""
            velocity all ramp vx {-half!r} {half!r} z 0 {self._height_um!r} sum yes units box
            fix shear all deform 1 xz erate {rate_1_us!r} remap v flip yes
            """
        )
        self._rate_1_us = rate_1_us
        self._prepared = False

    def mean_stress_kPa(self) -> float:
        """Run one window and return the shear stress averaged over it."""
        self._command(f"run {WINDOW_STEPS} post no")
        self._steps += WINDOW_STEPS
        return -self._running.fix_value("stress")
