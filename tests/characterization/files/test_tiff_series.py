"""Files of more than one stack, and files that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from mesocast.characterization.files.stack import ALL_SERIES, Choices
from mesocast.characterization.files.tiff_stack import read_tiff_stack
from mesocast.errors import InputError
from tests.characterization.files.test_tiff_stack import (
    GREY,
    by_pillow,
    page_by_page,
    pages,
    plain,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Write = Callable[[Path, Any], object]


def colours(image: NDArray[np.uint8], samples: int = 3) -> NDArray[np.uint8]:
    return np.repeat(image[..., None], samples, -1)


def preview_first(path: Path, image: NDArray[Any]) -> None:
    with tifffile.TiffWriter(path) as writer:
        writer.write(np.zeros((4, 4, 3), "u1"), photometric="rgb", metadata=None)
        writer.write(image, metadata=None, contiguous=False, **GREY)


def ome_with_preview(path: Path, image: NDArray[Any]) -> None:
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(image, metadata={"axes": "ZYX"}, **GREY)
        writer.write(image[::2, ::2, ::2], metadata={"axes": "ZYX"}, **GREY)


def two_volumes(path: Path, image: NDArray[Any]) -> None:
    with tifffile.TiffWriter(path) as writer:
        writer.write(image[:6], **GREY)
        writer.write(image[6:], **GREY)


def imagej_and_more(path: Path, image: NDArray[Any]) -> None:
    """Write pages behind those that ImageJ's description knows."""
    tifffile.imwrite(path, image, imagej=True, metadata={"axes": "ZYX"})
    content = path.read_bytes()
    assert b"images=12" in content
    assert b"slices=12" in content
    path.write_bytes(
        content.replace(b"images=12", b"images=09").replace(b"slices=12", b"slices=09")
    )


@pytest.mark.parametrize(
    ("write", "message", "choices"),
    [
        (
            lambda p, i: tifffile.imwrite(p, colours(i), photometric="rgb"),
            "3 colours per pixel",
            {"channel": 1},
        ),
        (
            lambda p, i: tifffile.imwrite(
                p, colours(i, 4), photometric="rgb", extrasamples=["unassalpha"]
            ),
            "4 colours per pixel",
            {"channel": 0},
        ),
        (
            lambda p, i: tifffile.imwrite(
                p,
                np.stack([i, 40 * i], 1),
                imagej=True,
                metadata={"axes": "ZCYX"},
            ),
            "2 channels",
            {"channel": 0},
        ),
        (
            lambda p, i: tifffile.imwrite(p, i, imagej=True, metadata={"axes": "CYX"}),
            "12 channels.*--layers-axis C",
            {"layers_axis": "C"},
        ),
        (
            lambda p, i: tifffile.imwrite(p, i, imagej=True, metadata={"axes": "TYX"}),
            "12 time frames.*--layers-axis T",
            {"layers_axis": "T"},
        ),
        (
            lambda p, i: tifffile.imwrite(
                p, np.stack([i, 0 * i]), imagej=True, metadata={"axes": "TZYX"}
            ),
            "2 time frames",
            {"frame": 0},
        ),
        (
            lambda p, i: tifffile.imwrite(
                p, np.stack([0 * i, i]), ome=True, metadata={"axes": "CZYX"}, **GREY
            ),
            "2 channels",
            {"channel": 1},
        ),
        (preview_first, "2 series.* 1 of 13 pages", {"series": 1}),
        (ome_with_preview, "2 series.* 12 of 18 pages", {"series": 0}),
        (two_volumes, "2 series.* 6 of 12 pages.*--series all", {"series": ALL_SERIES}),
        (imagej_and_more, "9 of 12 pages.*--series all", {"series": ALL_SERIES}),
    ],
)
def test_more_than_one_stack_is_refused_by_name_or_chosen(
    write: Write, message: str, choices: dict[str, Any], truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    write(tmp_path / "a.tif", truth)
    with pytest.raises(InputError, match=rf"a\.tif.*{message}") as refusal:
        read(tmp_path / "a.tif")
    assert "\n" not in str(refusal.value)
    np.testing.assert_array_equal(read(tmp_path / "a.tif", **choices), truth)


@pytest.mark.parametrize("samples", [3, 4])
def test_one_coloured_slice_is_no_stack(
    samples: int, truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", colours(truth[3], samples), photometric="rgb")
    with pytest.raises(InputError, match=f"{samples} colours per pixel"):
        read(tmp_path / "a.tif")
    np.testing.assert_array_equal(read(tmp_path / "a.tif", channel=0), truth[3:4])


@pytest.mark.parametrize("count", [3, 4])
def test_few_slices_saved_as_colours_can_be_said_to_be_layers(
    count: int, truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    planar: Any = {"photometric": "rgb", "planarconfig": "separate"}
    tifffile.imwrite(tmp_path / "a.tif", truth[:count], **planar)
    with pytest.raises(InputError, match="--layers-axis S"):
        read(tmp_path / "a.tif")
    np.testing.assert_array_equal(read(tmp_path / "a.tif", layers_axis="S"), truth[:count])


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (pages(lambda n: {}), None),
        (lambda p, i: page_by_page()(p, [q if n % 2 else q[:-1] for n, q in enumerate(i)]), "6 of"),
        (lambda p, i: page_by_page()(p, [q if n < 9 else q[:-1] for n, q in enumerate(i)]), "9 of"),
        (plain(compression="jpeg"), "with loss"),
        (by_pillow("jpeg"), "with loss"),
    ],
)
def test_unequal_or_lossy_pages(
    write: Write, message: str | None, truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    write(tmp_path / "a.tif", truth)
    if message is None:
        np.testing.assert_array_equal(read(tmp_path / "a.tif"), truth)
        return
    with pytest.raises(InputError, match=message):
        read(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"channel": 3}, "allowed are 0 to 2"),
        ({"layers_axis": "T"}, "layers axis T: allowed are those of the file"),
        ({"series": 2}, "series 2: allowed are 0 to 0"),
    ],
)
def test_a_choice_that_the_file_does_not_have(
    choices: dict[str, Any], message: str, truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", colours(truth), photometric="rgb")
    with pytest.raises(InputError, match=message):
        read(tmp_path / "a.tif", **choices)


def test_thumbnails_of_a_page_are_no_layers(truth: NDArray[np.uint8], tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(truth, metadata=None, **GREY)
        writer.write(truth[0, ::2, ::2], metadata=None, subfiletype=1, **GREY)
    stack = read_tiff_stack(tmp_path / "a.tif", Choices())
    np.testing.assert_array_equal(stack.voxels, truth)
    assert stack.read["pages_in_file"] == 12


def test_it_says_what_was_read(truth: NDArray[np.uint8], tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", truth, compression="lzw", **GREY)
    assert read_tiff_stack(tmp_path / "a.tif", Choices()).read == {
        "format": "TIFF (pages)",
        "pages": 12,
        "pages_in_file": 12,
        "series_in_file": 1,
        "axes": "QYX",
        "shape": [12, 10, 8],
        "type": "uint8",
        "compression": ["LZW"],
        "photometric": ["MINISBLACK"],
    }


@pytest.mark.parametrize("content", [None, b"", b"a text, no image", b"II*\0"])
def test_what_is_no_tiff_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "bad.tif"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.tif"):
        read_tiff_stack(path, Choices())


@pytest.mark.parametrize(
    "write",
    [
        plain(),
        plain(compression="zlib"),
        plain(compression="lzw"),
        plain(imagej=True, metadata={"axes": "ZYX"}),
        page_by_page(),
        page_by_page(compression="zstd"),
    ],
)
def test_a_file_cut_anywhere_is_refused(
    write: Write, truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    write(tmp_path / "whole.tif", truth)
    whole = (tmp_path / "whole.tif").read_bytes()
    cut = tmp_path / "cut.tif"
    for length in range(0, len(whole), 41):
        cut.write_bytes(whole[:length])
        if length > len(whole) - 16:  # only the end of the last page's entries is missing
            continue
        with pytest.raises(InputError, match=r"cut\.tif"):
            read(cut)
