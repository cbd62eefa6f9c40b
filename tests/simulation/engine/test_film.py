"""Beads between planes, held against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from mesocast.config.force_fields import ForceField, Hertz, LennardJones
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import PhysicsFailure
from mesocast.simulation.engine.film import FilmSimulation

DIAMETER = 2.0
SIDE = 12.0
# Of the Lennard-Jones pairs of `_field`.
SIGMA, CUTOFF = 0.8 * DIAMETER, 1.7 * DIAMETER


def _hertz(stiffness_kPa: float) -> Hertz:
    return Hertz(
        normal_stiffness_kPa=stiffness_kPa,
        tangential_to_normal_stiffness=1,
        normal_damping_1_um_us=10,
        tangential_to_normal_damping=1,
        friction=0.1,
    )


def _field(*, epsilon: float = 0.0, contact: float = 1e-6, wall: float = 1e4) -> ForceField:
    species = LennardJones(epsilon_fJ_um=epsilon, sigma_per_diameter=0.8, cutoff_per_diameter=1.7)
    return ForceField(
        active_material=species, cbd=species, hertz=_hertz(contact), wall=_hertz(wall)
    )


def _beads(*positions: tuple[float, float, float], species: int = CBD) -> Electrode:
    count = len(positions)
    return Electrode(
        np.array(positions),
        np.full(count, DIAMETER / 2),
        np.full(count, species),
        np.full(count, 4.0),
        (SIDE, SIDE),
    )


def _simulation(film: Electrode, field: ForceField, **settings: Any) -> FilmSimulation:
    return FilmSimulation(
        film,
        field,
        cbd_reference_diameter_um=DIAMETER,
        **{"time_step_us": 0.001, "drag_time_us": 0.5, "plane_um": 20.0, **settings},
    )


def _rest_distance() -> float:
    """Zero of the shifted force of a Lennard-Jones pair."""

    def force(r: float) -> float:
        return 2 * (SIGMA / r) ** 13 - (SIGMA / r) ** 7

    return float(brentq(lambda r: force(r) - force(CUTOFF), SIGMA, 1.24 * SIGMA))


def _energy_fJ(distance: float, epsilon_fJ: float) -> float:
    """Of a Lennard-Jones pair whose energy and force are shifted to vanish at the cutoff."""

    def energy(r: float) -> float:
        return 4 * epsilon_fJ * ((SIGMA / r) ** 12 - (SIGMA / r) ** 6)

    slope = -24 * epsilon_fJ / CUTOFF * (2 * (SIGMA / CUTOFF) ** 12 - (SIGMA / CUTOFF) ** 6)
    return energy(distance) - energy(CUTOFF) - (distance - CUTOFF) * slope


@pytest.mark.parametrize(
    "positions",
    [
        ((5.0, 5.0, 8.0), (7.1, 5.0, 8.0)),
        ((0.3, 5.0, 8.0), (SIDE - 1.8, 5.0, 8.0)),  # neighbours through the periodic side
        ((5.0, 5.0, 8.0), (5.0, 5.0, 9.6)),
    ],
)
def test_two_beads_come_to_rest_where_the_shifted_force_vanishes(
    positions: tuple[tuple[float, float, float], ...],
) -> None:
    with _simulation(_beads(*positions), _field(epsilon=100)) as simulation:
        simulation.run(10_000)
        film = simulation.electrode()
        apart = film.positions_um[0] - film.positions_um[1]
        apart[:2] -= SIDE * np.round(apart[:2] / SIDE)
        distance = float(np.linalg.norm(apart))
        assert distance == pytest.approx(_rest_distance(), rel=1e-4)
        energy = _energy_fJ(distance, epsilon_fJ=100 * DIAMETER)
        assert simulation.potential_energy_fJ == pytest.approx(energy, rel=1e-9)
        assert simulation.kinetic_energy_fJ < 1e-6 * abs(simulation.potential_energy_fJ)


@pytest.mark.parametrize("depth", [0.01, 0.05])
def test_pressure_of_a_squeezed_bead_is_hertz(depth: float) -> None:
    gap = DIAMETER - 2 * depth
    film = _beads((5.0, 5.0, gap / 2))
    with _simulation(film, _field(wall=1e4), plane_um=gap) as simulation:
        simulation.run(200)
        force = 1e4 * np.sqrt(DIAMETER / 2) * depth**1.5
        assert simulation.pressure_kPa == pytest.approx(force / SIDE**2, rel=1e-6)


def test_plane_moves_as_driven_and_reports_the_force_where_it_is() -> None:
    film = _beads((5.0, 5.0, 1.0))
    with _simulation(film, _field(wall=1e4), plane_um=2.05) as simulation:
        simulation.drive_plane(-0.05)
        simulation.run(2000)  # 2 us: down by 0.1 um, into the bead by 0.05
        assert simulation.plane_um == pytest.approx(1.95)
        assert simulation.time_us == pytest.approx(2.0)
        simulation.drive_plane(0.0)
        simulation.run(6000)
        assert simulation.plane_um == pytest.approx(1.95)
        force = 1e4 * np.sqrt(DIAMETER / 2) * 0.025**1.5  # half the overlap at each plane
        assert simulation.pressure_kPa == pytest.approx(force / SIDE**2, rel=1e-3)
        simulation.jump_plane(9.0)
        simulation.run(200)
        assert simulation.pressure_kPa == 0


@pytest.mark.parametrize("adhesion", [1.0, 0.0])
def test_collector_attracts_what_is_near_as_its_mirror_image_would(adhesion: float) -> None:
    field = _field(epsilon=100, wall=1e-6).model_copy(update={"collector_adhesion": adhesion})
    film = _beads((5.0, 5.0, 1.1), (9.0, 9.0, 5.0))
    with _simulation(film, field) as simulation:
        simulation.run(20_000)
        near, far = simulation.electrode().positions_um[:, 2]
        assert simulation.pressure_kPa == 0
    # The bottom of the well between a bead and its image at twice the distance.
    at_rest = 2 ** (1 / 6) * 0.8 * DIAMETER / 2
    assert near == pytest.approx(at_rest if adhesion else 1.1, abs=1e-3)
    assert far == pytest.approx(5.0, abs=1e-9)


def test_collector_attracts_a_bead_that_comes_into_reach_later() -> None:
    field = _field(epsilon=100, wall=1e-6).model_copy(update={"collector_adhesion": 1.0})
    with _simulation(_beads((5.0, 5.0, 4.0)), field, holding_pressure_kPa=0.01) as simulation:
        simulation.run(100_000)
        (height,) = simulation.electrode().positions_um[:, 2]
    # Nothing but the attraction's core stops the fall.
    assert height == pytest.approx(2 ** (1 / 6) * 0.8 * DIAMETER / 2, abs=1e-2)


def test_weight_presses_the_film_on_the_collector_and_nothing_on_the_plane() -> None:
    film = _beads((5.0, 5.0, 1.2))
    with _simulation(film, _field(wall=1e4), holding_pressure_kPa=2.0) as simulation:
        simulation.run(20_000)
        overlap = 1.0 - simulation.electrode().positions_um[0, 2]
        weight = 2.0 * SIDE**2
        assert 1e4 * overlap**1.5 == pytest.approx(weight, rel=1e-3)
        assert simulation.pressure_kPa == 0


def test_resized_beads_have_the_new_size_and_mass() -> None:
    film = _beads((5.0, 5.0, 5.0), (8.0, 8.0, 8.0))
    with _simulation(film, _field()) as simulation:
        simulation.run(200)
        simulation.resize_cbd(1.5, 1.25)
        simulation.run(200)
        after = simulation.electrode()
    assert after.radii_um == pytest.approx([0.75, 0.75])
    assert after.mass_pg == pytest.approx(2.5)


def test_drag_slows_every_bead_in_the_same_time() -> None:
    positions = np.array([[3.0, 3.0, 10.0], [9.0, 9.0, 10.0]])
    film = Electrode(
        positions,
        np.array([2.0, 1.0]),
        np.array([ACTIVE_MATERIAL, CBD]),
        np.array([150.0, 4.0]),
        (SIDE, SIDE),
    )
    with _simulation(film, _field(), holding_pressure_kPa=1.0) as simulation:
        simulation.run(5000)  # 10 drag times: both fall at acceleration times drag time
        before = simulation.electrode().positions_um[:, 2]
        simulation.run(1000)
        fallen = before - simulation.electrode().positions_um[:, 2]
    speed = SIDE**2 / 154.0 * 0.5
    assert fallen == pytest.approx([speed, speed], rel=1e-3)


def test_drag_takes_the_same_time_when_a_bead_has_lost_mass() -> None:
    """Weight falls with the mass of the film as it was; drag follows the mass of the bead."""
    film = _beads((5.0, 5.0, 10.0), (9.0, 9.0, 10.0))
    with _simulation(film, _field(), holding_pressure_kPa=0.05) as simulation:
        simulation.resize_cbd(DIAMETER, 0.5)
        simulation.run(5000)
        before = simulation.electrode().positions_um[:, 2]
        simulation.run(1000)
        fallen = before - simulation.electrode().positions_um[:, 2]
    speed = 0.05 * SIDE**2 / 8.0 * 0.5
    assert fallen == pytest.approx([speed, speed], rel=1e-3)


def test_plane_at_the_highest_point_touches_no_contact_radius() -> None:
    film = Electrode(
        np.array([[5.0, 5.0, 3.0], [9.0, 9.0, 1.5]]),
        np.array([1.0, 1.0]),
        np.array([ACTIVE_MATERIAL, CBD]),
        np.array([4.0, 4.0]),
        (SIDE, SIDE),
    )
    field = _field().model_copy(update={"active_material_contact_factor": 1.1})
    with _simulation(film, field) as simulation:
        simulation.run(200)
        assert simulation.highest_um == pytest.approx(3.0 + 1.1)
        simulation.jump_plane(simulation.highest_um)
        simulation.run(200)
        assert simulation.pressure_kPa == 0
        simulation.drive_plane(-0.05)
        simulation.run(200)
        assert simulation.pressure_kPa > 0


def test_contact_factor_changes_the_contact_but_neither_mass_nor_true_radius() -> None:
    film = _beads((5.0, 5.0, 1.05), species=ACTIVE_MATERIAL)
    both = Electrode(
        np.vstack([film.positions_um, [[9.0, 9.0, 9.0]]]),
        np.array([1.0, 1.0]),
        np.array([ACTIVE_MATERIAL, CBD]),
        np.array([4.0, 4.0]),
        (SIDE, SIDE),
    )
    field = _field().model_copy(update={"active_material_contact_factor": 1.1})
    with _simulation(both, field, plane_um=2.1) as simulation:
        simulation.run(200)
        assert simulation.pressure_kPa > 0
        assert simulation.electrode().radii_um == pytest.approx([1.0, 1.0])
        assert simulation.electrode().mass_pg == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("lower", "upper", "stiffness_kPa"),
    [
        (ACTIVE_MATERIAL, ACTIVE_MATERIAL, 4e4),
        (ACTIVE_MATERIAL, CBD, 1e4),
        (CBD, CBD, 1e4),
    ],
)
def test_active_material_has_contacts_of_its_own(
    lower: int, upper: int, stiffness_kPa: float
) -> None:
    """Two beads on each other between planes: each contact carries the same force by Hertz."""
    film = Electrode(
        np.array([[5.0, 5.0, 0.98], [5.0, 5.0, 2.94], [1.0, 1.0, 9.0], [9.0, 1.0, 9.0]]),
        np.full(4, 1.0),
        np.array([lower, upper, ACTIVE_MATERIAL, CBD]),
        np.full(4, 4.0),
        (SIDE, SIDE),
    )
    hard = {"active_material_hertz": _hertz(4e4)}
    field = _field(contact=1e4, wall=1e5).model_copy(update=hard)
    with _simulation(film, field, plane_um=3.92, drag_time_us=0.1) as simulation:
        simulation.run(20_000)
        apart = float(np.diff(simulation.electrode().positions_um[:2, 2])[0])
        force = stiffness_kPa * np.sqrt(0.5) * (2 - apart) ** 1.5
        assert simulation.pressure_kPa * SIDE**2 == pytest.approx(force, rel=1e-3)


def test_beads_that_fly_off_are_a_failure_of_physics() -> None:
    film = _beads((5.0, 5.0, 5.0), (5.0, 5.0, 5.4))
    with (
        _simulation(film, _field(epsilon=1e6)) as simulation,
        pytest.raises(PhysicsFailure, match="particles_lost"),
    ):
        simulation.run(20_000)


def test_a_wrong_command_stays_a_fault_of_the_program() -> None:
    """LAMMPS says "out of range" of types and numbers, which no bead can cause."""
    with (
        _simulation(_beads((5.0, 5.0, 5.0)), _field()) as simulation,
        pytest.raises(Exception, match="out of range") as error,
    ):
        simulation._command("neighbor 0.3 multi\nneigh_modify every 99999999999999999999")
    assert not isinstance(error.value, PhysicsFailure)


def test_steps_must_fill_whole_averaging_windows() -> None:
    with (
        _simulation(_beads((5.0, 5.0, 5.0)), _field()) as simulation,
        pytest.raises(ValueError, match="150"),
    ):
        simulation.run(150)


def test_memory_that_is_refused_to_lammps_is_no_physics(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise Exception(  # noqa: TRY002 - what LAMMPS raises
            "ERROR on proc 0: Failed to allocate 131072 bytes for array neighlist:firstneigh"
            " (src/src/memory.cpp:64)\nLast input line: run 100"
        )

    with _simulation(_beads((3.0, 3.0, 1.0)), _field()) as simulation:
        monkeypatch.setattr(simulation._lammps, "commands_string", refuse)
        with pytest.raises(MemoryError, match="131072 bytes"):
            simulation.run(100)
