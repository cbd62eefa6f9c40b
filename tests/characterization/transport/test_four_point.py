"""The conductivity that a four-point probe reads."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mesocast.characterization.transport.four_point import (
    four_point_conductivity,
    in_plane_conductivity,
    thickness_correction,
)
from mesocast.characterization.transport.properties import electronic_conduction
from mesocast.characterization.voxels import PORE, WALL, VoxelImage, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import PhysicsFailure

EDGES_UM = (0.5, 0.4, 0.25)
SIGMA = {ACTIVE_MATERIAL: 0.04, CBD: 2.0}


def layered(axis: int) -> VoxelImage:
    """A quarter of active material, the rest CBD, in layers across an axis."""
    labels = np.full((8, 8, 8), CBD, np.uint8)
    labels.swapaxes(0, axis)[:2] = ACTIVE_MATERIAL
    return VoxelImage(labels, EDGES_UM)


@pytest.mark.parametrize("periodic", [True, False])
def test_layers_conduct_in_series_and_in_parallel(periodic: bool) -> None:
    series = 1 / (0.25 / 0.04 + 0.75 / 2.0)
    parallel = 0.25 * 0.04 + 0.75 * 2.0
    for axis, along_x, along_y in (
        (0, series, parallel),
        (1, parallel, series),
        (2, parallel, parallel),
    ):
        image = VoxelImage(layered(axis).labels, EDGES_UM, periodic=periodic)
        assert in_plane_conductivity(image, SIGMA) == pytest.approx(along_x, rel=2e-4)
        found = four_point_conductivity(image, SIGMA)
        assert found == pytest.approx(math.sqrt(along_x * along_y), rel=2e-4)


def test_pores_and_walls_carry_nothing() -> None:
    labels = np.full((6, 6, 8), PORE, np.uint8)
    labels[:, :, 2:4] = ACTIVE_MATERIAL
    image = VoxelImage(labels, EDGES_UM)
    assert four_point_conductivity(image, SIGMA) == pytest.approx(0.01, rel=1e-4)
    # Through the thickness nothing connects: the probe reads another number than two plates would.
    with pytest.raises(PhysicsFailure, match="solid_not_percolating"):
        electronic_conduction(image, 0.04, 2.0)


@pytest.mark.parametrize("periodic", [True, False])
def test_what_is_no_part_of_the_sample_is_no_area(periodic: bool) -> None:
    labels = np.full((6, 6, 8), ACTIVE_MATERIAL, np.uint8)
    labels[:, :, 4:] = WALL
    image = VoxelImage(labels, EDGES_UM, periodic=periodic)
    assert four_point_conductivity(image, SIGMA) == pytest.approx(0.04, rel=1e-4)


@pytest.mark.parametrize("repeats", [1, 2])
def test_a_repeated_structure_reads_the_same(packing: Electrode, repeats: int) -> None:
    """Between two plates it would not: they short what lies at them."""
    image = voxelize(packing, 0.4, 8.0)
    tiled = VoxelImage(np.tile(image.labels, (repeats, 1, 1)), image.voxel_size_um)
    one, more = (in_plane_conductivity(i, SIGMA) for i in (image, tiled))
    assert more == pytest.approx(one, rel=3e-4)
    plates = in_plane_conductivity(
        VoxelImage(tiled.labels, image.voxel_size_um, periodic=False), SIGMA
    )
    assert plates != pytest.approx(one, rel=1e-3)


def test_a_period_is_the_resistance_that_it_adds(packing: Electrode) -> None:
    """As voltage taps away from the contacts read it: two periods between plates, less one."""
    image = voxelize(packing, 0.5, 8.0)
    # Periodic along y, walls at collector and surface: the plates at the ends of x.
    resistances = []
    for repeats in (2, 3):
        labels = np.tile(image.labels, (repeats, 1, 1)).swapaxes(0, 2)
        standing = VoxelImage(
            np.pad(labels, ((0, 1), (0, 0), (0, 0)), constant_values=WALL),
            image.voxel_size_um[::-1],
        )
        found = electronic_conduction(standing, SIGMA[ACTIVE_MATERIAL], SIGMA[CBD])
        resistances.append(repeats / found.effective_conductivity)
    added = resistances[1] - resistances[0]
    assert in_plane_conductivity(image, SIGMA) == pytest.approx(1 / added, rel=2e-3)


def test_a_solid_that_does_not_connect_is_no_number() -> None:
    labels = np.full((6, 6, 8), PORE, np.uint8)
    labels[2:4] = ACTIVE_MATERIAL
    for periodic in (True, False):
        with pytest.raises(PhysicsFailure, match="solid_not_percolating"):
            four_point_conductivity(VoxelImage(labels, EDGES_UM, periodic=periodic), SIGMA)


@pytest.mark.parametrize(
    ("ratio", "smits"),
    [(0.4, 0.9995), (0.5, 0.9974), (1.0, 0.9214), (2.0, 0.6337)],
)
def test_the_correction_is_smits_table(ratio: float, smits: float) -> None:
    assert thickness_correction(ratio) == pytest.approx(smits, abs=2e-4)


def test_a_thin_coating_needs_no_correction() -> None:
    assert thickness_correction(0.05) == pytest.approx(1, abs=1e-9)
