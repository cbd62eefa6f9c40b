from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.region import Crop, rebin, rebin_steps, voxel_image
from mesocast.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATH = Path("a.tif")
LAYERS = np.arange(4 * 5 * 6, dtype=np.uint8).reshape(4, 5, 6)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], LAYERS),
        (["x=1:3"], LAYERS[:, :, 1:3]),
        (["y=2:", "z=:3"], LAYERS[:3, 2:]),
        (["x=0:6", "y=0:5", "z=1:2"], LAYERS[1:2]),
    ],
)
def test_crop(words: list[str], expected: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(Crop.parse(words).apply(LAYERS, PATH), expected)


@pytest.mark.parametrize(
    "words", [["x=1"], ["t=1:2"], ["x=a:2"], ["x=1:2", "x=2:3"], ["x=1:2:3"], ["1:2"]]
)
def test_what_is_no_crop(words: list[str]) -> None:
    with pytest.raises(InputError, match=r"crop .*; allowed"):
        Crop.parse(words)


@pytest.mark.parametrize("words", [["x=1:7"], ["x=3:3"], ["y=4:2"], ["z=-1:2"]])
def test_crop_beyond_the_stack(words: list[str]) -> None:
    with pytest.raises(InputError, match=r"a\.tif: crop .*allowed are whole numbers from 0 to"):
        Crop.parse(words).apply(LAYERS, PATH)


def test_rebin_takes_the_phase_that_most_voxels_have() -> None:
    codes = np.zeros((4, 4, 5), dtype=np.uint8)
    codes[:2, :2, :2] = [[[1, 1], [1, 1]], [[1, 2], [0, 0]]]
    codes[2:, 2:, 2:4] = [[[0, 0], [0, 0]], [[2, 2], [2, 2]]]  # a tie
    merged, remarks = rebin(codes, rebin_steps(codes, 2, PATH))
    assert merged.shape == (2, 2, 2)
    assert merged[0, 0, 0] == 1
    assert merged[1, 1, 1] == 0
    assert "left out 16 voxels" in remarks[0]


def test_rebin_keeps_the_one_voxel_of_a_single_image() -> None:
    codes = np.ones((1, 4, 6), dtype=np.uint8)
    assert rebin(codes, rebin_steps(codes, 2, PATH))[0].shape == (1, 2, 3)


@pytest.mark.parametrize("factor", [0, -1, 5])
def test_impossible_factors(factor: int) -> None:
    with pytest.raises(InputError, match=f"rebin {factor}: allowed is 1 to 4"):
        rebin_steps(LAYERS, factor, PATH)


@pytest.mark.parametrize(
    ("axis", "order", "size_um"),
    [
        ("z", (2, 1, 0), (0.1, 0.2, 0.3)),
        ("x", (1, 0, 2), (0.2, 0.3, 0.1)),
        ("y", (2, 0, 1), (0.1, 0.3, 0.2)),
    ],
)
def test_the_thickness_may_lie_along_any_axis(
    axis: str, order: tuple[int, int, int], size_um: tuple[float, ...]
) -> None:
    image = voxel_image(LAYERS, (0.1, 0.2, 0.3), axis, periodic=False, path=PATH)
    assert image.voxel_size_um == size_um
    assert not image.periodic
    # The file's axes are z, y, x; the order above says which become x, y, z.
    np.testing.assert_array_equal(image.labels, LAYERS.transpose(order))


@pytest.mark.parametrize(
    ("layers", "axis", "message"),
    [
        (LAYERS, "t", "thickness axis t: allowed are x, y, z"),
        (LAYERS[:1], "z", "one voxel along the thickness axis z; allowed: x or y"),
        (LAYERS[:1, :1], "x", "is 6 x 1 x 1 voxels; at least 2 along two axes"),
        (LAYERS[:, :, :1], "x", "one voxel along the thickness axis x; allowed: y or z"),
    ],
)
def test_impossible_axes(layers: NDArray[np.uint8], axis: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        voxel_image(layers, (1.0, 1.0, 1.0), axis, periodic=True, path=PATH)
