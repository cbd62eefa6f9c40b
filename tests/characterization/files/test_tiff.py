from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from mesocast.characterization.files.tiff import read_tiff, write_tiff
from mesocast.characterization.voxels import PORE, VoxelImage
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def image() -> VoxelImage:
    labels = np.random.default_rng(3).integers(0, 3, (6, 5, 9), dtype=np.uint8)
    return VoxelImage(labels, (0.31, 0.293, 0.4012345))


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
        (np.zeros((4, 4, 4), dtype=np.float32), "float32; allowed are whole numbers"),
        (np.full((4, 4, 4), np.nan, dtype=np.float32), "64 voxels are NaN"),
        (np.full((5, 6, 7), 3, dtype=np.uint8), r"labels \[3\] are unknown"),
        (np.arange(256, dtype=np.uint8).reshape(4, 8, 8), r"labels \[3, .*\] and 248 more are"),
        (np.zeros((5, 6, 7), dtype=np.uint8), "no voxel has the label 1 of active_material"),
        (np.zeros((4, 4), dtype=np.uint8), "at least 2 voxels"),
        (np.zeros((4, 1, 4), dtype=np.uint8), "at least 2 voxels"),
        (np.zeros((2, 4, 4, 3), dtype=np.uint8), "at least 2 voxels"),
    ],
)
def test_bad_images_are_refused(layers: NDArray[np.generic], message: str, tmp_path: Path) -> None:
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
        np.arange(210, dtype=np.uint8).reshape(5, 6, 7) % 3,
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


def tomogram(path: Path) -> NDArray[np.uint16]:
    """Write 5 layers of 6 x 7 pixels with labels of their own; return them."""
    layers = np.random.default_rng(1).choice([0, 128, 1000], (5, 6, 7)).astype(np.uint16)
    tifffile.imwrite(path, layers, photometric="minisblack")
    return layers


LABELS = {"pore": 1000, "active_material": 128, "cbd": 0}


def test_any_labels_and_type_of_whole_numbers(tmp_path: Path) -> None:
    layers = tomogram(tmp_path / "image.tif")
    image = read_tiff(
        tmp_path / "image.tif", labels=LABELS, voxel_size_um=(0.1, 0.2, 0.3), periodic=False
    )
    assert image.labels.shape == (7, 6, 5)
    assert image.voxel_size_um == (0.1, 0.2, 0.3)
    assert not image.periodic
    for name, phase in (("pore", PORE), ("active_material", ACTIVE_MATERIAL), ("cbd", CBD)):
        np.testing.assert_array_equal(
            image.labels == phase, (layers == LABELS[name]).transpose(2, 1, 0)
        )


def test_two_phases_in_one_bit(tmp_path: Path) -> None:
    layers = np.random.default_rng(1).random((5, 6, 7)) < 0.5
    tifffile.imwrite(tmp_path / "image.tif", layers)
    image = read_tiff(
        tmp_path / "image.tif",
        labels={"pore": 0, "active_material": 1},
        voxel_size_um=(0.1, 0.1, 0.1),
    )
    np.testing.assert_array_equal(image.labels, layers.transpose(2, 1, 0))


@pytest.mark.parametrize(
    ("axis", "order", "size_um"),
    [("x", (1, 0, 2), (0.2, 0.3, 0.1)), ("y", (2, 0, 1), (0.1, 0.3, 0.2))],
)
def test_the_thickness_may_lie_along_any_axis(
    axis: str, order: tuple[int, int, int], size_um: tuple[float, ...], tmp_path: Path
) -> None:
    layers = tomogram(tmp_path / "image.tif")
    image = read_tiff(
        tmp_path / "image.tif",
        labels=LABELS,
        voxel_size_um=(0.1, 0.2, 0.3),
        thickness_axis=axis,
    )
    assert image.voxel_size_um == size_um
    # The file's axes are z, y, x; the order above says which become x, y, z.
    np.testing.assert_array_equal(image.labels == PORE, (layers == 1000).transpose(order))


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("pages", [False, True])
def test_a_cut_file_of_any_layout_is_refused(
    compression: str | None, pages: bool, tmp_path: Path
) -> None:
    layers = tomogram(tmp_path / "image.tif")
    with tifffile.TiffWriter(tmp_path / "whole.tif") as writer:
        for part in layers if pages else [layers]:
            writer.write(part, compression=compression, metadata=None, photometric="minisblack")
    whole = (tmp_path / "whole.tif").read_bytes()
    cut = tmp_path / "cut.tif"
    for length in range(0, len(whole), 31):
        cut.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"cut\.tif"):
            read_tiff(cut, labels=LABELS, voxel_size_um=(0.1, 0.1, 0.1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": {"binder": 1, "pore": 0}}, "phase binder: allowed are pore, active_material"),
        ({"labels": {"pore": 0}}, "at least two phases"),
        ({"labels": {"pore": 0, "cbd": 0}}, "each its own"),
        ({"thickness_axis": "t"}, "thickness axis t: allowed are x, y, z"),
        ({"labels": LABELS, "voxel_size_um": (0.1, -0.1, 0.1)}, "positive"),
        ({"labels": LABELS, "voxel_size_um": (0.1, 0.1, float("nan"))}, "positive"),
    ],
)
def test_impossible_requests_are_refused(
    options: dict[str, object], message: str, tmp_path: Path
) -> None:
    tomogram(tmp_path / "image.tif")
    with pytest.raises(InputError, match=message):
        read_tiff(tmp_path / "image.tif", **options)  # type: ignore[arg-type]
