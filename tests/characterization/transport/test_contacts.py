"""Conduction through contacts, against closed forms and the voxel solver."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mesocast.characterization.further import by_contacts
from mesocast.characterization.image import Phases
from mesocast.characterization.transport.contacts import contact_conductivity
from mesocast.characterization.transport.kinds import ConductingKind
from mesocast.characterization.transport.properties import electronic_conduction
from mesocast.characterization.voxels import VoxelImage
from mesocast.config.characterization import ContactSettings
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import PhysicsFailure


def _film(
    positions_um: list[list[float]],
    radii_um: list[float],
    species: int = CBD,
    side_um: float = 10.0,
) -> Electrode:
    count = len(radii_um)
    return Electrode(
        np.array(positions_um, dtype=float),
        np.array(radii_um, dtype=float),
        np.full(count, species),
        np.ones(count),
        (10.0, 10.0),
    )


def _column(count: int, spacing_um: float, species: int = CBD) -> Electrode:
    """Spheres of radius 1 um above each other, the lowest on the collector."""
    positions = [[5.0, 5.0, 0.9 + spacing_um * number] for number in range(count)]
    return _film(positions, [1.0] * count, species)


def _resistance(film: Electrode, conductivity_S_m: float, skin_um: float = 0.0) -> float:
    """Of a film of equal beads, um/(S/m)/um2."""
    values = np.full(len(film.radii_um), conductivity_S_m)
    return film.thickness_um / film.area_um2 / contact_conductivity(film, values, skin_um)


@pytest.mark.parametrize("skin_um", [0.0, 0.05])
def test_column_of_spheres_is_a_row_of_constrictions(skin_um: float) -> None:
    film = _column(4, 1.8)
    circle = math.sqrt((1 - skin_um / 2) ** 2 - 0.9**2)
    top = math.sqrt(1 - max(0.0, film.thickness_um - film.positions_um[-1, 2]) ** 2)
    expected = (math.sqrt(1 - 0.9**2) ** -1 + top**-1) / (4 * 3.0) + 3 * 2 / (4 * 3.0 * circle)
    assert _resistance(film, 3.0, skin_um) == pytest.approx(expected, rel=1e-6)


def test_skin_insulates_what_it_is_not_pressed_through() -> None:
    film = _column(4, 1.96)  # overlaps of 0.04 um
    assert _resistance(film, 1.0, 0.039) > 3 * _resistance(film, 1.0, 0.0)
    with pytest.raises(PhysicsFailure) as failure:
        _resistance(film, 1.0, 0.041)
    assert failure.value.status == "solid_not_percolating"
    active = _film(film.positions_um.tolist(), film.radii_um.tolist(), ACTIVE_MATERIAL)
    assert _resistance(active, 1.0, 0.041) == pytest.approx(_resistance(film, 1.0, 0.0))


def test_dead_ends_and_islands_take_no_current() -> None:
    column = _column(4, 1.8)
    dead = [[6.8, 5.0, 4.5], [1.0, 1.0, 3.0]]
    film = _film(column.positions_um.tolist() + dead, [1.0] * 4 + [1.0, 0.5])
    values = np.full(6, 3.0)
    alone = contact_conductivity(column, values[:4], 0.0) / column.thickness_um
    both = contact_conductivity(film, values, 0.0) / film.thickness_um
    assert both == pytest.approx(alone, rel=0.02)  # both heights differ by the beads' volumes


def test_neighbours_across_the_period_conduct() -> None:
    """Two ways that meet only across a side of the box: beads at 0.2 and 9.6 um."""
    low, high = [[0.2, 5.0, 0.9]], [[8.5, 5.0, 1.7], [8.5, 5.0, 3.4]]
    film = _film(low + high, [1.0] * 3)
    assert contact_conductivity(film, np.ones(3), 0.0) > 0


@pytest.mark.parametrize("ratio", [0.15, 0.2, 0.3, 0.4, 0.5])
def test_simple_cubic_lattice_is_that_of_the_voxels(ratio: float) -> None:
    """Radius of the contact over that of the sphere; the voxels' error falls with their edge."""
    radius = 0.5 / math.sqrt(1 - ratio**2)
    found = []
    for count in (48, 96):
        axis = (np.arange(count) + 0.5) / count - 0.5
        x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
        labels = np.where(x**2 + y**2 + z**2 < radius**2, CBD, 0).astype(np.uint8)
        image = VoxelImage(labels, (1 / count,) * 3)
        solution = electronic_conduction(image, 1e-9, 1.0, "multigrid")
        found.append(solution.effective_conductivity)
    voxels = 2 * found[1] - found[0]
    # The cell between two contacts: two constrictions over an area of one.
    contacts = 4 * ratio * radius / 2
    assert contacts == pytest.approx(voxels, rel=0.12)


def test_each_kind_conducts_as_it_does() -> None:
    settings = ContactSettings(skin_um=0.0)
    film = _column(3, 1.8, species=ACTIVE_MATERIAL)
    kinds = (ConductingKind((2.0,), 5.0), ConductingKind((4.0,), 50.0))
    found = by_contacts(film, Phases(1.0, 2.0, 0.5, kinds=kinds), settings)
    alone = by_contacts(film, Phases(1.0, 2.0, 0.5), settings)
    assert found is not None
    assert alone is not None
    assert found == pytest.approx(5 * alone)
    cbd = by_contacts(_column(3, 1.8), Phases(1.0, 2.0, 0.5), settings)
    assert cbd == pytest.approx(settings.cbd_conductivity_S_m * alone)


def test_film_without_a_way_has_no_value() -> None:
    film = _column(3, 2.1)
    assert by_contacts(film, Phases(1.0, 2.0, 0.5), ContactSettings()) is None
