from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.geometry.pore_size import (
    distance_outside_um,
    local_thickness_um,
    pore_sizes,
)
from mesocast.characterization.voxels import PORE, VoxelImage, voxelize
from mesocast.electrode import ACTIVE_MATERIAL
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from mesocast.electrode import Electrode


def spherical_pore(radius_voxels: int) -> VoxelImage:
    size = 2 * radius_voxels + 6
    axis = np.arange(size) - (size - 1) // 2
    distance_squared = axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2
    inside = distance_squared < radius_voxels**2
    labels = np.where(inside, PORE, ACTIVE_MATERIAL).astype(np.uint8)
    return VoxelImage(labels, (0.1, 0.1, 0.1))


@pytest.mark.parametrize("radius_voxels", [5, 12])
def test_a_spherical_pore_has_its_own_diameter(radius_voxels: int) -> None:
    diameter_um = pore_sizes(spherical_pore(radius_voxels)).mean_um
    assert diameter_um == pytest.approx(0.2 * radius_voxels, abs=0.2)


def test_the_diameter_follows_the_voxel_size() -> None:
    image = spherical_pore(6)
    larger = VoxelImage(image.labels, (0.4, 0.4, 0.4))
    assert pore_sizes(larger).mean_um == pytest.approx(4 * pore_sizes(image).mean_um)


def test_an_image_without_pores_is_no_number() -> None:
    image = VoxelImage(np.full((4, 4, 4), ACTIVE_MATERIAL, dtype=np.uint8), (1.0, 1.0, 1.0))
    with pytest.raises(PhysicsFailure) as failure:
        pore_sizes(image)
    assert failure.value.status == "no_pores"


def test_an_image_without_solid_is_no_number() -> None:
    with pytest.raises(PhysicsFailure) as failure:
        pore_sizes(VoxelImage(np.full((4, 4, 4), PORE, dtype=np.uint8), (1.0, 1.0, 1.0)))
    assert failure.value.status == "no_solid"


def test_shares_add_up_and_diameters_rise(packing: Electrode) -> None:
    sizes = pore_sizes(voxelize(packing, 0.4, 8.0))
    assert sizes.volume_shares.sum() == pytest.approx(1)
    assert (np.diff(sizes.diameters_um) > 0).all()


def test_spheres_of_whole_voxels_are_those_of_porespy(packing: Electrode) -> None:
    from scipy import ndimage

    from mesocast.characterization.geometry.pore_size import _largest_covering

    porespy = pytest.importorskip("porespy")  # it allows no Python after 3.13
    porespy.settings.tqdm["disable"] = True
    pores = voxelize(packing, 0.25, 8.0).labels == PORE
    whole = np.floor(ndimage.distance_transform_edt(pores)).astype(np.float32)
    theirs = porespy.filters.local_thickness(pores, method="bf")
    assert theirs.max() >= 4
    np.testing.assert_array_equal(_largest_covering(whole, (1.0, 1.0, 1.0), False), theirs)


def test_spheres_reach_across_the_periodic_sides_only(packing: Electrode) -> None:
    pores = voxelize(packing, 0.4, 8.0).labels == PORE
    edges_um = (0.4, 0.5, 0.3)
    thickness = local_thickness_um(pores, edges_um, periodic=True)
    shifted = local_thickness_um(np.roll(pores, (3, 8), (0, 1)), edges_um, periodic=True)
    np.testing.assert_array_equal(np.roll(thickness, (3, 8), (0, 1)), shifted)
    assert (local_thickness_um(pores, edges_um, periodic=False) != thickness).any()


@pytest.mark.parametrize("shape", [(20, 24, 30), (31, 17, 9)])
def test_distances_are_those_of_scipy(shape: tuple[int, int, int]) -> None:
    from scipy import ndimage

    edges_um = (0.3, 0.4, 0.5)
    mask = np.random.default_rng(3).random(shape) < 0.97
    walls = ndimage.distance_transform_edt(mask, sampling=edges_um)
    np.testing.assert_allclose(distance_outside_um(mask, edges_um, False), walls, rtol=1e-6)
    repeated = ndimage.distance_transform_edt(np.tile(mask, (3, 3, 1)), sampling=edges_um)
    nx, ny, _ = shape
    np.testing.assert_allclose(
        distance_outside_um(mask, edges_um, True), repeated[nx : 2 * nx, ny : 2 * ny], rtol=1e-6
    )
