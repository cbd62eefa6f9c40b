"""Pressure control and the verdict on convergence, on a film that is a spring."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from mesocast.config.simulation import Convergence
from mesocast.simulation.convergence import CONTROL_STEPS, Observation, PressureControl, settle

if TYPE_CHECKING:
    from mesocast.simulation.engine.film import FilmSimulation

STEP_US = 0.002


class Spring:
    """A plane on an elastic film that may creep; no dynamics."""

    time_step_us = STEP_US

    def __init__(self, stiffness_kPa_um: float, creep_um_us: float = 0.0) -> None:
        self.stiffness_kPa_um = stiffness_kPa_um
        self.creep_um_us = creep_um_us
        self.height_um = 40.0
        self.plane_um = 45.0
        self.time_us = 0.0
        self.speed_m_s = 0.0
        self.kinetic_energy_fJ = 0.0
        self.potential_energy_fJ = -1000.0

    @property
    def pressure_kPa(self) -> float:
        """Pressure of the compressed film."""
        return self.stiffness_kPa_um * max(0.0, self.height_um - self.plane_um)

    @property
    def thickness_um(self) -> float:
        """Thickness under the plane."""
        return min(self.height_um, self.plane_um)

    def drive_plane(self, speed_m_s: float) -> None:
        """Set the plane's speed."""
        self.speed_m_s = speed_m_s

    def run(self, steps: int) -> None:
        """Let time pass."""
        self.time_us += steps * self.time_step_us
        self.plane_um += self.speed_m_s * steps * self.time_step_us
        self.height_um -= self.creep_um_us * steps * self.time_step_us


def _settle(
    film: Spring, criteria: Convergence, target_kPa: float | None
) -> tuple[str, list[Observation]]:
    history: list[Observation] = []
    moving = settle(
        cast("FilmSimulation", film),
        criteria,
        phase="test",
        history=history,
        target_kPa=target_kPa,
    )
    return moving, history


@pytest.mark.parametrize("stiffness_kPa_um", [10.0, 300.0, 5000.0])
def test_control_brings_soft_and_stiff_films_to_the_target(stiffness_kPa_um: float) -> None:
    film = Spring(stiffness_kPa_um)
    control = PressureControl(100.0, 1.0)
    for _ in range(300):
        film.run(CONTROL_STEPS)
        control(cast("FilmSimulation", film))
    assert film.pressure_kPa == pytest.approx(100.0, rel=0.05)


def test_settled_film_ends_early_at_its_pressure_with_the_plane_at_rest() -> None:
    film = Spring(300.0)
    moving, history = _settle(film, Convergence(longest_us=500), 100.0)
    assert moving == ""
    assert film.pressure_kPa == pytest.approx(100.0, rel=0.15)
    assert film.speed_m_s == 0
    assert film.time_us < 250
    assert history[-1].time_us == pytest.approx(film.time_us)


def test_creeping_film_does_not_settle_and_the_verdict_names_the_drift() -> None:
    moving, _ = _settle(Spring(300.0, creep_um_us=0.05), Convergence(longest_us=60), 100.0)
    assert "thickness drifts" in moving


def test_pressure_that_cannot_be_reached_is_named() -> None:
    film = Spring(0.01)
    film.plane_um = 30.0
    moving, _ = _settle(film, Convergence(longest_us=30, thickness_drift_pct=50), 100.0)
    assert "pressure is" in moving


def test_one_quiet_window_at_the_end_is_not_settled() -> None:
    """Two in a row are asked for: the last of a stage may be quiet by chance."""

    class Stopping(Spring):
        """Creeps, and stops in the last of the windows."""

        @property
        def thickness_um(self) -> float:
            return 40.0 - min(self.time_us, 14.0)

    film = Stopping(300.0)
    criteria = Convergence(window_us=5.0, longest_us=20.0)
    moving, history = _settle(film, criteria, None)
    assert history[-1].thickness_um == history[-2].thickness_um != history[-3].thickness_um
    assert "quiet" in moving


def test_moving_beads_do_not_count_as_settled() -> None:
    film = Spring(300.0)
    film.kinetic_energy_fJ = 50.0
    moving, _ = _settle(film, Convergence(longest_us=30), None)
    assert "kinetic over cohesive energy is 0.05" in moving


@pytest.mark.parametrize("step_us", [STEP_US, STEP_US / 2])
def test_time_is_counted_in_steps_of_the_simulation(step_us: float) -> None:
    film = Spring(300.0, creep_um_us=0.05)
    film.time_step_us = step_us
    _, history = _settle(film, Convergence(longest_us=60, window_us=5), 100.0)
    assert history[-1].time_us == pytest.approx(60, abs=5)
    assert history[-1].time_us - history[-2].time_us == pytest.approx(5, rel=0.1)


def test_without_a_target_the_plane_stands_still() -> None:
    film = Spring(300.0)
    moving, _ = _settle(film, Convergence(longest_us=30), None)
    assert moving == ""
    assert film.plane_um == 45.0
