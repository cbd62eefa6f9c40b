"""Folders, plain arrays and volumes with a header give what a TIFF of the same numbers gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from mesocast.characterization.files.reading import read_stack
from mesocast.characterization.files.stack import Choices
from mesocast.characterization.files.voxel_size import resolve_edges
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray


def write_mha(path: Path, image: NDArray[Any], *, compressed: bool = False) -> None:
    import zlib

    data = image.tobytes()
    nz, ny, nx = image.shape
    header = [
        "ObjectType = Image",
        "NDims = 3",
        "BinaryData = True",
        f"BinaryDataByteOrderMSB = {image.dtype.byteorder == '>'}",
        f"CompressedData = {compressed}",
        "ElementSpacing = 0.0005 0.0004 0.0015",
        f"DimSize = {nx} {ny} {nz}",
        f"ElementType = {'MET_UCHAR' if image.dtype.itemsize == 1 else 'MET_USHORT'}",
    ]
    data = zlib.compress(data) if compressed else data
    if path.suffix == ".mhd":
        path.with_suffix(".zraw").write_bytes(data)
        path.write_text("\n".join([*header, f"ElementDataFile = {path.stem}.zraw\n"]))
    else:
        path.write_bytes("\n".join([*header, "ElementDataFile = LOCAL\n"]).encode() + data)


def write_nrrd(path: Path, image: NDArray[Any], **header: Any) -> None:
    import nrrd

    nrrd.write(str(path), image.transpose(2, 1, 0), header)


def write_hdf5(path: Path, **datasets: NDArray[Any]) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        for name, array in datasets.items():
            file[f"exchange/{name}"] = array
            file[f"exchange/{name}"].attrs["element_size_um"] = (1.5, 0.4, 0.5)


def write_mat(path: Path, image: NDArray[Any]) -> None:
    from scipy.io import savemat

    savemat(path, {"labels": image.transpose(1, 2, 0)}, do_compression=True)


def write_mat_7_3(path: Path, image: NDArray[Any]) -> None:
    """As MATLAB does: its words first, and its axes from the last to the first."""
    import h5py

    with h5py.File(path, "w", userblock_size=512) as file:
        file["labels"] = image.transpose(1, 2, 0).T
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(116))


def slices(suffix: str, name: str = "slice_{}", first: int = 8) -> Callable[[Path, Any], None]:
    """Write a folder whose numbers pass from one digit to two."""

    def write(path: Path, image: NDArray[Any]) -> None:
        path.mkdir()
        for number, layer in enumerate(image, first):
            file = path / f"{name.format(number)}{suffix}"
            if suffix == ".tif":
                tifffile.imwrite(file, layer, compression="lzw")
            else:
                Image.fromarray(layer).save(file)

    return write


@pytest.mark.parametrize(
    ("name", "write", "choices", "edges_um"),
    [
        ("a.npy", np.save, {}, None),
        ("a.npy", lambda p, i: np.save(p, i.astype(">i4")), {}, None),
        ("a.npy", lambda p, i: np.save(p, np.asfortranarray(i)), {}, None),
        ("a.npy", lambda p, i: np.save(p, i[None, ..., None]), {}, None),
        ("a.mat", write_mat, {}, None),
        ("a.mat", write_mat_7_3, {}, None),
        (
            "a.raw",
            lambda p, i: p.write_bytes(i.tobytes()),
            {"raw_shape": (8, 10, 12), "raw_type": "uint8"},
            None,
        ),
        (
            "a.dat",
            lambda p, i: p.write_bytes(b"x" * 100 + i.astype(">u2").tobytes()),
            {"raw_shape": (8, 10, 12), "raw_type": ">u2", "raw_offset": 100},
            None,
        ),
        ("a.nrrd", write_nrrd, {}, None),
        (
            "a.nrrd",
            lambda p, i: write_nrrd(p, i, spacings=[500.0, 400.0, 1500.0], units=["nm"] * 3),
            {},
            (0.5, 0.4, 1.5),
        ),
        (
            "a.nrrd",
            lambda p, i: write_nrrd(
                p,
                i,
                **{
                    "space dimension": 3,
                    "space directions": np.diag([0.5, 0.4, 1.5]),
                    "space units": ["um"] * 3,
                },
            ),
            {},
            (0.5, 0.4, 1.5),
        ),
        ("a.mha", write_mha, {}, (0.5, 0.4, 1.5)),
        ("a.mha", lambda p, i: write_mha(p, i.astype(">u2")), {}, (0.5, 0.4, 1.5)),
        ("a.mhd", lambda p, i: write_mha(p, i, compressed=True), {}, (0.5, 0.4, 1.5)),
        ("a.h5", lambda p, i: write_hdf5(p, labels=i), {}, (0.5, 0.4, 1.5)),
        (
            "a.hdf5",
            lambda p, i: write_hdf5(p, raw=i * 40.5, labels=i),
            {"dataset": "/exchange/labels"},
            (0.5, 0.4, 1.5),
        ),
        ("a", slices(".tif"), {}, None),
        ("a", slices(".png"), {}, None),
        ("a", slices(".bmp", "sample2_{:03d}_labels"), {}, None),
    ],
)
def test_every_format_gives_the_same_numbers(
    name: str,
    write: Callable[[Path, Any], None],
    choices: dict[str, Any],
    edges_um: tuple[float, ...] | None,
    truth: NDArray[np.uint8],
    tmp_path: Path,
) -> None:
    write(tmp_path / name, truth)
    stack = read_stack(tmp_path / name, Choices(**choices))
    np.testing.assert_array_equal(stack.voxels, truth)
    assert stack.read["format"]
    if edges_um is not None:
        said, _ = resolve_edges(tmp_path / name, stack.edges, None, layers=12)
        assert said == pytest.approx(edges_um)


def test_the_content_counts_more_than_the_name(truth: NDArray[np.uint8], tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.lsm", truth, photometric="minisblack")
    write_hdf5(tmp_path / "b.mat", labels=truth)
    for name in ("a.lsm", "b.mat"):
        np.testing.assert_array_equal(read_stack(tmp_path / name, Choices()).voxels, truth)


def folder_with(change: Callable[[Path], object]) -> Callable[[Path, Any], None]:
    def write(path: Path, image: NDArray[Any]) -> None:
        slices(".tif")(path, image)
        change(path)

    return write


@pytest.mark.parametrize(
    ("name", "write", "choices", "message"),
    [
        ("a.am", lambda p, i: p.write_text("# AmiraMesh"), {}, "format is not known.*TIFF stack"),
        ("a.npy", lambda p, i: p.write_bytes(b"\x93NUMPY"), {}, "cannot be read as a NumPy array"),
        ("a.npy", lambda p, i: np.save(p, np.array([{}])), {}, "cannot be read as a NumPy array"),
        ("a.npy", lambda p, i: np.save(p, np.zeros((2, 3, 4, 5))), {}, "shape is 2 x 3 x 4 x 5"),
        ("a.npy", lambda p, i: np.save(p, np.zeros(7)), {}, "shape is 7"),
        ("a.raw", lambda p, i: p.write_bytes(b"1"), {}, "no header.*--raw-shape X Y Z"),
        (
            "a.raw",
            lambda p, i: p.write_bytes(i.tobytes()[:-1]),
            {"raw_shape": (8, 10, 12), "raw_type": "uint8"},
            "has 959 bytes; .* are 960",
        ),
        (
            "a.raw",
            lambda p, i: p.write_bytes(i.tobytes()),
            {"raw_shape": (8, 10, 12), "raw_type": "byte8"},
            "--raw-type byte8; allowed: uint8",
        ),
        ("a.h5", lambda p, i: write_hdf5(p, raw=i, labels=i), {}, "2 arrays.*exchange/labels"),
        ("a.h5", lambda p, i: write_hdf5(p, raw=i), {"dataset": "x"}, "no x; allowed: exchange"),
        ("a.h5", lambda p, i: p.write_bytes(b"\x89HDF\r\n\x1a\n1"), {}, "cannot be read as HDF5"),
        ("a.nrrd", lambda p, i: p.write_bytes(b"NRRD0004\n"), {}, "cannot be read as NRRD"),
        ("a.mha", lambda p, i: p.write_bytes(b"NDims 3\n"), {}, "is no MetaImage"),
        (
            "a.mha",
            lambda p, i: write_mha(p, i.astype("f8")),
            {},
            "holds 7680 bytes of voxels; its header says 1920",
        ),
        ("a.mat", lambda p, i: p.write_bytes(b"MATLAB 5.0" * 3), {}, "cannot be read as a MATLAB"),
        ("a", lambda p, i: p.mkdir(), {}, "holds no slices"),
        ("a", folder_with(lambda p: (p / "slice_11.tif").unlink()), {}, "slice is missing"),
        (
            "a",
            folder_with(lambda p: tifffile.imwrite(p / "mask_8.tif", np.zeros((10, 8), "u1"))),
            {},
            "several kinds of slices: 12 of slice_#.tif, 1 of mask_#.tif",
        ),
        (
            "a",
            folder_with(lambda p: tifffile.imwrite(p / "slice_11.tif", np.zeros((9, 8), "u1"))),
            {},
            "slice_11.tif: is 1 x 9 x 8",
        ),
        (
            "a",
            folder_with(
                lambda p: tifffile.imwrite(
                    p / "slice_12.tif", np.zeros((2, 10, 8), "u1"), photometric="minisblack"
                )
            ),
            {},
            "slice_12.tif: is 2 x 10 x 8",
        ),
        (
            "a",
            folder_with(lambda p: Image.new("RGB", (8, 10)).save(p / "slice_20.png")),
            {},
            "several kinds",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(
    name: str,
    write: Callable[[Path, Any], None],
    choices: dict[str, Any],
    message: str,
    truth: NDArray[np.uint8],
    tmp_path: Path,
) -> None:
    write(tmp_path / name, truth)
    with pytest.raises(InputError, match=message) as refusal:
        read_stack(tmp_path / name, Choices(**choices))
    assert str(tmp_path) in str(refusal.value) or "--raw" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.tif: cannot be read \(No such file"):
        read_stack(tmp_path / "no.tif", Choices())


def test_slices_with_colours_take_a_channel(truth: NDArray[np.uint8], tmp_path: Path) -> None:
    coloured = np.stack([truth, 0 * truth, 0 * truth], -1)
    slices(".png")(tmp_path / "a", coloured)
    with pytest.raises(InputError, match="3 colours per pixel"):
        read_stack(tmp_path / "a", Choices())
    np.testing.assert_array_equal(read_stack(tmp_path / "a", Choices(channel=0)).voxels, truth)


def test_other_files_beside_slices_are_said(truth: NDArray[np.uint8], tmp_path: Path) -> None:
    slices(".png")(tmp_path / "a", truth)
    (tmp_path / "a" / "notes.txt").write_text("taken on Monday")
    assert "notes.txt" in read_stack(tmp_path / "a", Choices()).remarks[0]
