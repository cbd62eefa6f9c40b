from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.voxels import PORE, WALL, VoxelImage, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.electrode import Electrode

    MakeElectrode = Callable[..., Electrode]


def volume_um3(image: VoxelImage, phase: int) -> float:
    return float((image.labels == phase).sum() * np.prod(image.voxel_size_um))


@pytest.fixture
def image() -> VoxelImage:
    labels = np.random.default_rng(3).integers(0, 3, (6, 5, 9), dtype=np.uint8)
    return VoxelImage(labels, (0.31, 0.293, 0.4012345))


@pytest.mark.parametrize("centre", [(5, 5, 5), (0.2, 9.9, 5), (-3.0, 24.0, 5)])
def test_volume_of_a_sphere_is_exact_wherever_it_lies(
    make_electrode: MakeElectrode, centre: tuple[float, float, float]
) -> None:
    image = voxelize(make_electrode([centre], [3.0]), 0.05, 10.0)
    assert volume_um3(image, ACTIVE_MATERIAL) == pytest.approx(36 * np.pi, rel=5e-4)


def test_volume_of_two_overlapping_spheres_is_that_of_their_union(
    make_electrode: MakeElectrode,
) -> None:
    radius, distance = 2.0, 2.5
    image = voxelize(make_electrode([(4, 5, 5), (6.5, 5, 5)], [radius] * 2), 0.05, 10.0)
    lens = np.pi / 12 * (4 * radius + distance) * (2 * radius - distance) ** 2
    assert volume_um3(image, ACTIVE_MATERIAL) == pytest.approx(
        2 * 4 / 3 * np.pi * radius**3 - lens, rel=5e-4
    )


def test_active_material_wins_over_cbd_in_either_order(make_electrode: MakeElectrode) -> None:
    spheres = [(4.0, 5.0, 5.0), (6.0, 5.0, 5.0)], [2.0, 2.0]
    one = voxelize(make_electrode(*spheres, [CBD, ACTIVE_MATERIAL]), 0.1, 10.0)
    alone = voxelize(make_electrode(spheres[0][1:], [2.0]), 0.1, 10.0)
    np.testing.assert_array_equal(one.labels == ACTIVE_MATERIAL, alone.labels == ACTIVE_MATERIAL)
    other = voxelize(
        make_electrode(spheres[0][::-1], spheres[1], [ACTIVE_MATERIAL, CBD]), 0.1, 10.0
    )
    np.testing.assert_array_equal(one.labels, other.labels)


def test_every_voxel_agrees_with_the_distance_to_the_spheres(packing: Electrode) -> None:
    image = voxelize(packing, 0.3, 7.7)
    hx, hy, hz = image.voxel_size_um
    nx, ny, nz = image.labels.shape
    centres = np.stack(
        np.meshgrid(
            (np.arange(nx) + 0.5) * hx,
            (np.arange(ny) + 0.5) * hy,
            (np.arange(nz) + 0.5) * hz,
            indexing="ij",
        ),
        axis=-1,
    )
    expected = np.full((nx, ny, nz), PORE)
    for species in (CBD, ACTIVE_MATERIAL):
        for index in np.flatnonzero(packing.species == species):
            offset = centres - packing.positions_um[index]
            offset[..., :2] -= 8 * np.round(offset[..., :2] / 8)
            expected[(offset**2).sum(axis=-1) <= packing.radii_um[index] ** 2] = species
    np.testing.assert_array_equal(image.labels, expected)


def test_grid_fits_the_box_and_is_even_in_the_plane(make_electrode: MakeElectrode) -> None:
    image = voxelize(make_electrode([(5, 5, 5)], [1.0], lateral_um=(10.0, 11.0)), 0.37, 8.1)
    assert image.labels.shape == (28, 30, 22)
    np.testing.assert_allclose(
        np.array(image.labels.shape) * image.voxel_size_um, (10.0, 11.0, 8.1), rtol=1e-12
    )


def test_what_lies_outside_the_film_is_cut(make_electrode: MakeElectrode) -> None:
    image = voxelize(make_electrode([(5, 5, 0), (5, 5, 6)], [2.0, 2.0]), 0.05, 6.0)
    assert volume_um3(image, ACTIVE_MATERIAL) == pytest.approx(4 / 3 * np.pi * 8, rel=1e-3)


@pytest.mark.parametrize("voxel_size_um", [0.0, -0.1, float("nan"), float("inf"), 9.0])
def test_impossible_voxel_sizes_are_refused(
    make_electrode: MakeElectrode, voxel_size_um: float
) -> None:
    with pytest.raises(InputError, match="voxel size"):
        voxelize(make_electrode([(5, 5, 5)], [1.0]), voxel_size_um, 10.0)


def test_unknown_species_are_refused(make_electrode: MakeElectrode) -> None:
    with pytest.raises(InputError, match=r"species \[3\]"):
        voxelize(make_electrode([(5, 5, 5)], [1.0], [3]), 0.5, 10.0)


def test_every_second_voxel_covers_the_same_block(image: VoxelImage) -> None:
    coarse = image.every_second_voxel()
    assert coarse.labels.shape == (3, 3, 5)
    assert coarse.voxel_size_um == tuple(2 * edge for edge in image.voxel_size_um)
    assert coarse.labels[1, 2, 3] == image.labels[2, 4, 6]


def test_walls_stand_at_the_sides_of_an_image_that_does_not_repeat(image: VoxelImage) -> None:
    assert image.between_walls() is image.labels
    walled = replace(image, periodic=False).between_walls()
    assert walled.shape == (7, 6, 9)
    assert (walled[6] == WALL).all()
    assert (walled[:, 5] == WALL).all()
    np.testing.assert_array_equal(walled[:6, :5], image.labels)
