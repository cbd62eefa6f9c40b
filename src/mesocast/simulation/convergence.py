"""When a stage has ended: by what the film does, not by a number of steps."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mesocast.config.simulation import Convergence
    from mesocast.simulation.engine.film import FilmSimulation

_LOGGER = logging.getLogger(__name__)

# Steps between two corrections of the plane's speed; a multiple of the averaging window of the
# force on the plane.
CONTROL_STEPS = 200


@dataclass(frozen=True)
class Observation:
    """The film at one moment; one row of a stage's history."""

    phase: str
    time_us: float
    plane_um: float
    pressure_kPa: float
    thickness_um: float
    kinetic_energy_fJ: float
    potential_energy_fJ: float


def observe(simulation: FilmSimulation, phase: str) -> Observation:
    """Look at the film."""
    return Observation(
        phase=phase,
        time_us=simulation.time_us,
        plane_um=simulation.plane_um,
        pressure_kPa=simulation.pressure_kPa,
        thickness_um=simulation.thickness_um,
        kinetic_energy_fJ=simulation.kinetic_energy_fJ,
        potential_energy_fJ=simulation.potential_energy_fJ,
    )


class PressureControl:
    """Drives the plane so that the film carries a target pressure.

    The speed follows the relative pressure error. Each time the error changes its sign the speed
    limit shrinks, so that a stiff film is approached in ever smaller moves; it grows again while
    the film yields.

    Parameters
    ----------
    target_kPa
        Pressure that the film shall carry.
    fastest_m_s
        Speed limit of the plane.
    """

    def __init__(self, target_kPa: float, fastest_m_s: float) -> None:
        self._target_kPa = target_kPa
        self._fastest_m_s = fastest_m_s
        self._limit_m_s = fastest_m_s
        self._last_error = 0.0

    def __call__(self, simulation: FilmSimulation) -> None:
        """Set the plane's speed for the next steps."""
        error = simulation.pressure_kPa / self._target_kPa - 1
        if error * self._last_error < 0:
            self._limit_m_s = max(0.6 * self._limit_m_s, 1e-3 * self._fastest_m_s)
        else:
            self._limit_m_s = min(1.1 * self._limit_m_s, self._fastest_m_s)
        self._last_error = error
        simulation.drive_plane(self._limit_m_s * float(np.clip(error, -1.0, 1.0)))


def settle(
    simulation: FilmSimulation,
    criteria: Convergence,
    *,
    phase: str,
    history: list[Observation],
    target_kPa: float | None = None,
    fastest_m_s: float = 1.0,
) -> str:
    """Run until the criteria hold, or until the longest time has passed.

    Parameters
    ----------
    simulation
        The film.
    criteria
        When it has settled.
    phase
        Name of this part of the stage in the history.
    history
        Grows by one observation per window.
    target_kPa
        Pressure that the plane holds; with None the plane stands still.
    fastest_m_s
        Speed limit of the plane.

    Returns
    -------
    str
        Empty when settled, otherwise what is still moving, in words.
    """
    control = None if target_kPa is None else PressureControl(target_kPa, fastest_m_s)
    time_step_us = simulation.time_step_us
    window = max(round(criteria.window_us / time_step_us / CONTROL_STEPS), 1)
    windows = max(round(criteria.longest_us / time_step_us / CONTROL_STEPS / window), 2)
    simulation.run(CONTROL_STEPS)
    history.append(observe(simulation, phase))
    quiet, moving = 0, ""
    for _ in range(windows):
        pressures = []
        for _ in range(window):
            simulation.run(CONTROL_STEPS)
            pressures.append(simulation.pressure_kPa)
            if control is not None:
                control(simulation)
        before, now = history[-1], observe(simulation, phase)
        history.append(now)
        moving = _moving(before, now, criteria, float(np.mean(pressures)), target_kPa)
        _LOGGER.info(
            "%s: %.1f us, thickness %.2f um, pressure %.3g kPa: %s",
            phase,
            now.time_us,
            now.thickness_um,
            now.pressure_kPa,
            moving or "settled",
        )
        quiet = quiet + 1 if not moving else 0
        if quiet == 2:
            break
    simulation.drive_plane(0.0)
    return "" if quiet == 2 else moving or "quiet in the last window only"


def _moving(
    before: Observation,
    now: Observation,
    criteria: Convergence,
    pressure_kPa: float,
    target_kPa: float | None,
) -> str:
    """Name the criteria that do not hold yet."""
    drift = 100 * abs(now.thickness_um / before.thickness_um - 1)
    kinetic = now.kinetic_energy_fJ / max(abs(now.potential_energy_fJ), 1e-12)
    left = []
    if drift > criteria.thickness_drift_pct:
        left.append(f"thickness drifts by {drift:.3g} % per window")
    if kinetic > criteria.kinetic_ratio:
        left.append(f"kinetic over cohesive energy is {kinetic:.3g}")
    if target_kPa is not None:
        off = 100 * abs(pressure_kPa / target_kPa - 1)
        if off > criteria.pressure_band_pct:
            left.append(f"pressure is {pressure_kPa:.3g} kPa instead of {target_kPa:.3g}")
    return ", ".join(left)
