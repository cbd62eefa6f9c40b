from __future__ import annotations

import numpy as np
import pytest

from mesocast.characterization.pore_size import mean_pore_diameter_um
from mesocast.characterization.voxels import PORE, VoxelImage
from mesocast.electrode import ACTIVE_MATERIAL
from mesocast.errors import PhysicsFailure


def spherical_pore(radius_voxels: int) -> VoxelImage:
    size = 2 * radius_voxels + 6
    axis = np.arange(size) - (size - 1) // 2
    distance_squared = axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2
    inside = distance_squared < radius_voxels**2
    labels = np.where(inside, PORE, ACTIVE_MATERIAL).astype(np.uint8)
    return VoxelImage(labels, (0.1, 0.1, 0.1))


@pytest.mark.parametrize("radius_voxels", [5, 12])
def test_a_spherical_pore_has_its_own_diameter(radius_voxels: int) -> None:
    diameter_um = mean_pore_diameter_um(spherical_pore(radius_voxels))
    assert diameter_um == pytest.approx(0.2 * radius_voxels, abs=0.2)


def test_the_diameter_follows_the_voxel_size() -> None:
    image = spherical_pore(6)
    larger = VoxelImage(image.labels, (0.4, 0.4, 0.4))
    assert mean_pore_diameter_um(larger) == pytest.approx(4 * mean_pore_diameter_um(image))


def test_an_image_without_pores_is_no_number() -> None:
    image = VoxelImage(np.full((4, 4, 4), ACTIVE_MATERIAL, dtype=np.uint8), (1.0, 1.0, 1.0))
    with pytest.raises(PhysicsFailure) as failure:
        mean_pore_diameter_um(image)
    assert failure.value.status == "no_pores"
