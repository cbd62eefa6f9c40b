from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.geometry.voxel_surface import (
    area_by_marching_cubes,
    area_by_voxel_faces,
    euler_characteristic,
)
from mesocast.characterization.voxels import OTHER, PORE, WALL, VoxelImage, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mesocast.electrode import Electrode

    MakeElectrode = Callable[..., Electrode]

EDGES_UM = (0.3, 0.4, 0.5)
both = pytest.mark.parametrize("measure", [area_by_voxel_faces, area_by_marching_cubes])


def random_labels(shape: tuple[int, int, int] = (7, 8, 9)) -> NDArray[np.uint8]:
    return np.random.default_rng(4).integers(0, 3, shape, dtype=np.uint8)


@both
def test_flat_layers_have_their_area(measure: Callable[[VoxelImage], object]) -> None:
    labels = np.full((4, 6, 12), PORE, dtype=np.uint8)
    labels[:, :, 3:8] = ACTIVE_MATERIAL
    labels[:, :, 8:] = CBD
    areas = measure(VoxelImage(labels, EDGES_UM))
    face_um2 = 4 * 0.3 * 6 * 0.4
    assert areas.active_material_pore_um2 == pytest.approx(face_um2)  # type: ignore[attr-defined]
    assert areas.active_material_cbd_um2 == pytest.approx(face_um2)  # type: ignore[attr-defined]
    assert areas.pore_share == pytest.approx(0.5)  # type: ignore[attr-defined]


@both
@pytest.mark.parametrize("phase", [OTHER, WALL])
def test_a_fourth_phase_takes_its_surface_and_no_other(
    phase: int, measure: Callable[[VoxelImage], object]
) -> None:
    labels = np.full((4, 6, 12), phase, dtype=np.uint8)
    labels[:, :, :3] = PORE
    labels[:, :, 3:8] = ACTIVE_MATERIAL
    labels[:, :3, 8:] = CBD
    areas = measure(VoxelImage(labels, EDGES_UM))
    face_um2 = 4 * 0.3 * 6 * 0.4
    assert areas.active_material_pore_um2 == pytest.approx(face_um2)  # type: ignore[attr-defined]
    # Half of the upper face; the mesh rounds the edge of the CBD.
    assert areas.active_material_cbd_um2 == pytest.approx(  # type: ignore[attr-defined]
        face_um2 / 2, rel=1e-9 if measure is area_by_voxel_faces else 0.1
    )


def test_a_sphere_has_three_halves_and_eleven_tenths_of_its_area(
    make_electrode: MakeElectrode,
) -> None:
    """Across the periodic sides, too."""
    for centre in ((5, 5, 5), (9.9, 0.2, 5)):
        image = voxelize(make_electrode([centre], [3.0]), 0.1, 10.0)
        exact_um2 = 4 * np.pi * 9
        faces, mesh = area_by_voxel_faces(image), area_by_marching_cubes(image)
        assert faces.active_material_pore_um2 == pytest.approx(1.5 * exact_um2, rel=0.01)
        assert mesh.active_material_pore_um2 == pytest.approx(1.1 * exact_um2, rel=0.02)
        assert faces.pore_share == mesh.pore_share == 1.0


def test_faces_are_those_counted_one_by_one() -> None:
    labels = random_labels()
    expected = 0.0
    for axis, area_um2 in enumerate((0.4 * 0.5, 0.3 * 0.5, 0.3 * 0.4)):
        one, other = np.delete(labels, -1, axis), np.delete(labels, 0, axis)
        pairs = ((one == PORE) & (other == ACTIVE_MATERIAL)) | (
            (other == PORE) & (one == ACTIVE_MATERIAL)
        )
        expected += pairs.sum() * area_um2
    areas = area_by_voxel_faces(VoxelImage(labels, EDGES_UM, periodic=False))
    assert areas.active_material_pore_um2 == pytest.approx(expected)


def test_the_mesh_is_that_of_scikit_image() -> None:
    from skimage.measure import marching_cubes, mesh_surface_area

    labels = random_labels()
    area_um2 = {}
    for phase in (PORE, ACTIVE_MATERIAL, CBD):
        mesh = marching_cubes((labels == phase).astype(np.float32), 0.5, spacing=EDGES_UM)
        area_um2[phase] = float(mesh_surface_area(mesh[0], mesh[1]))
    areas = area_by_marching_cubes(VoxelImage(labels, EDGES_UM, periodic=False))
    for other, third, area in (
        (PORE, CBD, areas.active_material_pore_um2),
        (CBD, PORE, areas.active_material_cbd_um2),
    ):
        expected = (area_um2[ACTIVE_MATERIAL] + area_um2[other] - area_um2[third]) / 2
        assert area == pytest.approx(expected, rel=1e-4)


def test_without_active_material_there_is_no_share() -> None:
    image = VoxelImage(np.full((4, 4, 4), PORE, dtype=np.uint8), EDGES_UM)
    assert area_by_voxel_faces(image).pore_share is None
    assert area_by_marching_cubes(image).pore_share is None


def test_euler_characteristic_is_that_of_scikit_image() -> None:
    from skimage.measure import euler_number

    labels = random_labels()
    assert euler_characteristic(VoxelImage(labels, EDGES_UM, periodic=False)) == euler_number(
        labels == PORE, connectivity=1
    )


def test_a_channel_closes_to_a_ring_across_the_periodic_sides() -> None:
    labels = np.full((6, 6, 6), ACTIVE_MATERIAL, dtype=np.uint8)
    labels[:, 2, 2] = PORE
    assert euler_characteristic(VoxelImage(labels, EDGES_UM, periodic=False)) == 1
    assert euler_characteristic(VoxelImage(labels, EDGES_UM)) == 0
