"""Viscosity of a slurry by shearing it, and how far it agrees with measured ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import Stopped
from mesocast.simulation.composition import compose
from mesocast.simulation.engine.shear import WINDOW_STEPS, ShearSimulation
from mesocast.simulation.packing import well_mixed
from mesocast.simulation.time_step import Beads, time_step_us

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.config.force_fields import ForceField
    from mesocast.config.materials import Materials
    from mesocast.config.viscosity import ViscositySettings
    from mesocast.simulation.composition import Composition

# Twice the stages' steps: the periodic cell is filled at its final density, with no free surface
# to give way.
SEPARATION_STEPS = 1000
SEPARATION_MOVE_UM = 0.05
# The first half of the strain is the approach to steady flow; the rest gives this many blocks.
_BLOCKS = 10
# Smallest loading with which the search for a cubic cell starts: its film is low and wide.
_START_LOADING_MG_CM2 = 1.0


@dataclass(frozen=True)
class FlowPoint:
    """Steady flow at one rate.

    Parameters
    ----------
    shear_rate_1_s
        Shear rate.
    shear_stress_Pa
        Mean stress.
    viscosity_Pa_s
        Stress over rate.
    viscosity_error_Pa_s
        Standard error of the mean over blocks in time.
    """

    shear_rate_1_s: float
    shear_stress_Pa: float
    viscosity_Pa_s: float
    viscosity_error_Pa_s: float


def cubic_cell(
    materials: Materials, *, am_pct: float, sc_pct: float, mass_ug: float
) -> Composition:
    """Beads of a cell of slurry that is as high as it is wide.

    Raises
    ------
    InputError
        The mass is too small.
    """
    recipe = {"am_pct": am_pct, "sc_pct": sc_pct, "mass_ug": mass_ug}
    film = compose(materials, **recipe, mass_loading_mg_cm2=_START_LOADING_MG_CM2)
    # Height times area is fixed by the mass, so the loading that makes a cube follows at once.
    loading = _START_LOADING_MG_CM2 * film.area_um2 / film.slurry_volume_um3 ** (2 / 3)
    return compose(materials, **recipe, mass_loading_mg_cm2=loading)


def flow_curve(
    composition: Composition,
    force_field: ForceField,
    settings: ViscositySettings,
    seed: int,
    stop_reason: Callable[[], str] = str,
) -> list[FlowPoint]:
    """Shear a cell of slurry at each rate in turn.

    Parameters
    ----------
    composition, force_field, settings, seed
        The slurry and how it is sheared.
    stop_reason
        Asked after each window why to stop, or nothing.

    Raises
    ------
    PhysicsFailure
        Beads were lost, or the cell is too crowded.
    Stopped
        There was a reason to stop; shearing keeps no restart, so the job begins anew.
    """

    def window_stress_Pa() -> float:
        if reason := stop_reason():
            raise Stopped(f"{reason}; a flow curve keeps no restart and begins anew")
        return 1e3 * simulation.mean_stress_kPa()

    cell = well_mixed(composition, seed)
    step_us = time_step_us(
        settings.time_step_ns, Beads.of_composition(composition, 1.0), force_field
    )
    points = []
    with ShearSimulation(
        cell,
        force_field,
        height_um=composition.slurry_thickness_um,
        cbd_reference_diameter_um=composition.cbd_dry_diameter_um,
        time_step_us=step_us,
    ) as simulation:
        simulation.separate(SEPARATION_STEPS, longest_move_um=SEPARATION_MOVE_UM)
        for rate_1_s in settings.shear_rates_1_s:
            rate_1_us = rate_1_s * 1e-6
            windows = settings.strain / rate_1_us / step_us / WINDOW_STEPS
            per_block = max(round(windows / (2 * _BLOCKS)), 1)
            simulation.shear(rate_1_us)
            stresses_Pa = np.array([window_stress_Pa() for _ in range(2 * _BLOCKS * per_block)])
            blocks_Pa = stresses_Pa.reshape(2 * _BLOCKS, per_block).mean(axis=1)[_BLOCKS:]
            stress_Pa = float(blocks_Pa.mean())
            error_Pa = float(blocks_Pa.std(ddof=1) / np.sqrt(_BLOCKS))
            points.append(FlowPoint(rate_1_s, stress_Pa, stress_Pa / rate_1_s, error_Pa / rate_1_s))
    return points
