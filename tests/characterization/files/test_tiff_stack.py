"""All of a TIFF is read, or one line says why not: one table per kind of file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from mesocast.characterization.files.stack import Choices
from mesocast.characterization.files.tiff_stack import read_tiff_stack
from mesocast.characterization.labels import OWN_LABELS, PhaseLabels, find_phases
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Write = Callable[[Path, Any], object]

TWO = PhaseLabels.parse(["pore=0", "active_material=255"])
BITS = PhaseLabels.parse(["pore=0", "active_material=1"])
GREY: dict[str, Any] = {"photometric": "minisblack"}


def read(path: Path, labels: PhaseLabels = OWN_LABELS, **choices: Any) -> NDArray[np.uint8]:
    stack = read_tiff_stack(path, Choices(**choices))
    return find_phases(stack, labels, path)[0]


def plain(**options: Any) -> Write:
    return lambda path, image: tifffile.imwrite(path, image, **(GREY | options))


def page_by_page(**options: Any) -> Write:
    def write(path: Path, image: NDArray[Any]) -> None:
        with tifffile.TiffWriter(path) as writer:
            for page in image:
                writer.write(page, contiguous=False, **(GREY | {"metadata": None} | options))

    return write


def pages(options_of: Callable[[int], dict[str, Any]]) -> Write:
    def write(path: Path, image: NDArray[Any]) -> None:
        with tifffile.TiffWriter(path) as writer:
            for number, page in enumerate(image):
                writer.write(
                    page,
                    contiguous=False,
                    **(GREY | {"metadata": None} | options_of(number)),
                )

    return write


def by_pillow(compression: str | None) -> Write:
    def write(path: Path, image: NDArray[Any]) -> None:
        first, *rest = (Image.fromarray(page) for page in image)
        first.save(path, save_all=True, append_images=rest, compression=compression)

    return write


def appended(path: Path, image: NDArray[Any]) -> None:
    for page in image:
        tifffile.imwrite(path, page, append=path.exists(), **GREY)


@pytest.mark.parametrize(
    "kind", ["u1", "u2", ">u2", "i2", "u4", "i4", "i8", "f2", "f4", "f8", ">f4"]
)
def test_whole_numbers_of_any_type(kind: str, truth: NDArray[np.uint8], tmp_path: Path) -> None:
    plain(byteorder=">" if kind[0] == ">" else "<")(tmp_path / "a.tif", truth.astype(kind))
    np.testing.assert_array_equal(read(tmp_path / "a.tif"), truth)


@pytest.mark.parametrize(
    "write",
    [
        plain(),
        plain(bigtiff=True),
        plain(tile=(16, 16)),
        plain(tile=(16, 16, 16)),
        plain(rowsperstrip=3),
        plain(imagej=True, metadata={"axes": "ZYX"}),
        plain(ome=True, metadata={"axes": "ZYX"}),
        page_by_page(),
        appended,
        *(
            plain(compression=name)
            for name in ("zlib", "lzw", "zstd", "lzma", "packbits", "deflate", "lerc")
        ),
        *(by_pillow(name) for name in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits")),
    ],
)
def test_layouts_and_compressions(write: Write, truth: NDArray[np.uint8], tmp_path: Path) -> None:
    write(tmp_path / "a.tif", truth)
    np.testing.assert_array_equal(read(tmp_path / "a.tif"), truth)


@pytest.mark.parametrize("compression", [None, "group4", "group3", "tiff_lzw", "packbits"])
def test_bits(compression: str | None, truth: NDArray[np.uint8], tmp_path: Path) -> None:
    by_pillow(compression)(tmp_path / "a.tif", truth == 0)
    np.testing.assert_array_equal(read(tmp_path / "a.tif", BITS), truth == 0)


@pytest.mark.parametrize(
    "options_of",
    [
        lambda n: {"compression": "zlib" if n < 7 else None},
        lambda n: {"compression": "lzw" if n % 2 else "zstd"},
        lambda n: {"rowsperstrip": 10 if n < 7 else 3},
        lambda n: {"tile": (16, 16)} if n > 3 else {},
        lambda n: {"description": f"layer {n}"},
        lambda n: {"photometric": "palette", "colormap": np.zeros((3, 256), "u2")} if n > 5 else {},
    ],
)
def test_pages_that_differ_are_one_stack(
    options_of: Callable[[int], dict[str, Any]], truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    pages(options_of)(tmp_path / "a.tif", truth)
    stack = read_tiff_stack(tmp_path / "a.tif", Choices())
    np.testing.assert_array_equal(stack.voxels, truth)
    assert stack.read["pages"] == stack.read["pages_in_file"] == 12


def test_pages_squeezed_to_bits_are_shown_the_same(
    truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    """ImageMagick stores a page with one grey value in one bit."""
    two = (truth > 0) * np.uint8(255)
    two[3:5], two[7] = 0, 255
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        for page in two:
            flat = page.min() == page.max()
            writer.write(page > 0 if flat else page, contiguous=False, metadata=None, **GREY)
    np.testing.assert_array_equal(read(path, TWO), two > 0)


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("which", [lambda n: n % 2 == 0, lambda n: n > 6, lambda n: n == 4])
def test_pages_of_which_some_have_white_as_zero(
    shown: bool, which: Callable[[int], bool], truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    """Some programs turn the numbers with the tag, some only write the tag."""
    two = (truth > 0) * np.uint8(255)
    stored = np.array([255 - p if shown and which(n) else p for n, p in enumerate(two)])
    pages(lambda n: {"photometric": "miniswhite" if which(n) else "minisblack"})(
        tmp_path / "a.tif", stored
    )
    np.testing.assert_array_equal(read(tmp_path / "a.tif", TWO), two > 0)


@pytest.mark.parametrize("shown", [True, False])
def test_pages_of_bits_of_which_some_have_white_as_zero(
    shown: bool, truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    two = (truth > 0) * np.uint8(255)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for number, page in enumerate(two):
            is_squeezed = number in (3, 4, 5)
            stored = (page > 0) != shown if is_squeezed else page
            writer.write(
                stored,
                contiguous=False,
                metadata=None,
                photometric="miniswhite" if is_squeezed else "minisblack",
            )
    np.testing.assert_array_equal(read(tmp_path / "a.tif", TWO), two > 0)


def test_pages_that_do_not_tell_whether_white_is_zero_are_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).choice(np.array([0, 255], dtype=np.uint8), (6, 40, 40))
    pages(lambda n: {"photometric": "miniswhite" if n % 2 else "minisblack"})(
        tmp_path / "a.tif", noise
    )
    with pytest.raises(InputError, match=r"3 of 6 pages say that 0 is white.*--stored-values"):
        read(tmp_path / "a.tif", TWO)
    np.testing.assert_array_equal(read(tmp_path / "a.tif", TWO, stored_values=True), noise > 0)


@pytest.mark.parametrize(
    ("stored", "labels", "top"),
    [
        (lambda two: 255 * two.astype("u1"), TWO, 255),
        (lambda two: two, BITS, 1),
        (lambda two: 65535 * two.astype("u2"), "pore=0 active_material=65535", 65535),
    ],
)
def test_white_is_zero_is_read_as_it_is_shown(
    stored: Callable[[NDArray[Any]], NDArray[Any]],
    labels: PhaseLabels | str,
    top: int,
    truth: NDArray[np.uint8],
    tmp_path: Path,
) -> None:
    if isinstance(labels, str):
        labels = PhaseLabels.parse(labels.split())
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stored(truth == 0), photometric="miniswhite")
    np.testing.assert_array_equal(read(path, labels), truth > 0)
    np.testing.assert_array_equal(read(path, labels, stored_values=True), truth == 0)
    stack = read_tiff_stack(path, Choices())
    assert stack.white_is_zero == top
    assert f"{top} - stored" in find_phases(stack, labels, path)[2][0]


@pytest.mark.parametrize("compression", [None, "group3", "group4", "tiff_lzw", "packbits"])
def test_white_is_zero_is_what_pillow_shows(
    compression: str | None, truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    """As fax machines and ImageMagick write bits."""
    path = tmp_path / "a.tif"
    first, *rest = (Image.fromarray(page == 0) for page in truth)
    tags = {262: 0}
    first.save(path, save_all=True, append_images=rest, compression=compression, tiffinfo=tags)
    with tifffile.TiffFile(path) as tiff:
        kinds: list[Any] = list(tiff.pages)
        assert {page.photometric.name for page in kinds} == {"MINISWHITE"}
    with Image.open(path) as shown:
        pages = []
        for number in range(len(truth)):
            shown.seek(number)
            pages.append(np.asarray(shown))
    np.testing.assert_array_equal(read(path, BITS), np.array(pages))


def test_labels_that_are_meant_as_stored_beside_the_tag(
    truth: NDArray[np.uint8], tmp_path: Path
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", truth, photometric="miniswhite")
    np.testing.assert_array_equal(read(tmp_path / "a.tif"), truth)
