from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.files.tiff import write_tiff
from mesocast.characterization.sample import ImageRequest, read_sample
from mesocast.characterization.voxels import VoxelImage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def image() -> VoxelImage:
    labels = np.random.default_rng(3).integers(0, 3, (6, 5, 9), dtype=np.uint8)
    return VoxelImage(labels, (0.31, 0.293, 0.4012345))


def test_tiff_round_trip(image: VoxelImage, tmp_path: Path) -> None:
    write_tiff(image, tmp_path / "image.tif")
    read = read_sample(tmp_path / "image.tif", ImageRequest(periodic=True)).image("z")
    np.testing.assert_array_equal(read.labels, image.labels)
    assert read.voxel_size_um == pytest.approx(image.voxel_size_um, rel=1e-8)
    assert read.periodic
    assert [path.name for path in tmp_path.iterdir()] == ["image.tif"]


def test_tiff_bytes_are_reproducible(image: VoxelImage, tmp_path: Path) -> None:
    for name in ("a.tif", "b.tif"):
        write_tiff(image, tmp_path / name)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
