from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from mesocast.characterization.voxels import PORE, VoxelImage, read_tiff, voxelize, write_tiff
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def test_tiff_round_trip(image: VoxelImage, tmp_path: Path) -> None:
    write_tiff(image, tmp_path / "image.tif")
    read = read_tiff(tmp_path / "image.tif")
    np.testing.assert_array_equal(read.labels, image.labels)
    assert read.voxel_size_um == pytest.approx(image.voxel_size_um, rel=1e-8)
    assert [path.name for path in tmp_path.iterdir()] == ["image.tif"]


def test_tiff_bytes_are_reproducible(image: VoxelImage, tmp_path: Path) -> None:
    for name in ("a.tif", "b.tif"):
        write_tiff(image, tmp_path / name)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_a_tiff_cut_anywhere_is_refused(image: VoxelImage, tmp_path: Path) -> None:
    write_tiff(image, tmp_path / "image.tif")
    whole = (tmp_path / "image.tif").read_bytes()
    broken = tmp_path / "broken.tif"
    for length in range(0, len(whole), 37):
        broken.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"broken\.tif"):
            read_tiff(broken)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (np.zeros((4, 4, 4), dtype=np.uint16), "uint16; allowed is uint8"),
        (np.full((4, 4, 4), np.nan, dtype=np.float32), "float32; allowed is uint8"),
        (np.full((5, 6, 7), 3, dtype=np.uint8), r"labels \[3\] are unknown"),
        (np.zeros((4, 4), dtype=np.uint8), "at least 2 voxels"),
        (np.zeros((4, 1, 4), dtype=np.uint8), "at least 2 voxels"),
        (np.zeros((2, 4, 4, 3), dtype=np.uint8), "at least 2 voxels"),
    ],
)
def test_bad_images_are_refused(layers: np.ndarray, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.tif"
    tifffile.imwrite(
        path,
        layers,
        imagej=True,
        resolution=(2.0, 2.0),
        metadata={"spacing": 0.5, "unit": "um"},
    )
    with pytest.raises(InputError, match=message):
        read_tiff(path)


@pytest.mark.parametrize(
    ("resolution", "metadata"),
    [
        ((2.0, 2.0), None),
        ((2.0, 2.0), {"unit": "um"}),
        ((2.0, 2.0), {"spacing": 0.5}),
        ((2.0, 2.0), {"spacing": 0.5, "unit": "inch"}),
        ((2.0, 2.0), {"spacing": -0.5, "unit": "um"}),
        ((0.0, 2.0), {"spacing": 0.5, "unit": "um"}),
    ],
)
def test_an_image_without_its_voxel_size_is_refused(
    resolution: tuple[float, float], metadata: dict[str, object] | None, tmp_path: Path
) -> None:
    path = tmp_path / "bad.tif"
    tifffile.imwrite(
        path,
        np.zeros((5, 6, 7), dtype=np.uint8),
        imagej=metadata is not None,
        resolution=resolution,
        metadata=metadata,
    )
    with pytest.raises(InputError, match="voxel size"):
        read_tiff(path)


@pytest.mark.parametrize("content", [None, b"", b"a text, no image"])
def test_what_is_no_tiff_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "bad.tif"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.tif"):
        read_tiff(path)
