"""Volumes with a header: NRRD, MetaImage (MHA, MHD) and HDF5.

NRRD is read by pynrrd and HDF5 by h5py, which the extra ``volumes`` installs. MetaImage has no
lean library (SimpleITK is 50 MB); its header is a list of "key = value"
(https://itk.org/Wiki/ITK/MetaIO/Documentation).
"""

from __future__ import annotations

import math
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.files.arrays import chosen_dataset, plain_stack
from mesocast.characterization.files.stack import Edges
from mesocast.characterization.files.voxel_size import unit_um
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from mesocast.characterization.files.stack import Choices, Stack

_META_TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_HEADER_LIMIT = 100_000


def _library(name: str, path: Path) -> ModuleType:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"{path}: needs {name}; allowed: pip install 'mesocast[volumes]', or a TIFF stack"
        ) from error


def read_nrrd(path: Path, _choices: Choices) -> Stack:
    """Read an NRRD file: axes x, y, z, with ``spacings`` or ``space directions``.

    Raises
    ------
    InputError
        The file is broken, or the library is missing.
    """
    nrrd = _library("nrrd", path)
    try:
        array, header = nrrd.read(str(path), index_order="C")
    except (OSError, ValueError, KeyError, EOFError, zlib.error, nrrd.NRRDError) as error:
        raise InputError(f"{path}: cannot be read as NRRD ({error})") from error
    lengths = np.atleast_1d(header.get("spacings", ()))
    if "space directions" in header:
        directions = np.atleast_2d(np.asarray(header["space directions"], dtype=float))
        lengths = np.linalg.norm(directions, axis=-1)
    units = header.get("space units", header.get("units", [])) or [None] * len(lengths)
    stack = plain_stack(path, array, "NRRD", _edges(lengths.tolist(), list(units), "NRRD"))
    data = header.get("data file", header.get("datafile"))
    return replace(stack, files=(path, path.parent / data)) if isinstance(data, str) else stack


def _edges(lengths: list[float], units: list[Any], kind: str) -> Edges:
    """Edges along x, y and z from lengths and their units."""
    found = f"{kind}: spacing {', '.join(f'{one:g}' for one in lengths) or 'none'}, unit " + (
        ", ".join(dict.fromkeys(str(unit) for unit in units)) or "none"
    )
    edges: list[float | None] = [None, None, None]
    for place, (length, unit) in enumerate(zip(lengths[:3], units[:3], strict=False)):
        factor = unit_um(unit)
        if factor is not None and 0 < length < math.inf:
            edges[place] = length * factor
    return Edges((edges[0], edges[1], edges[2]), found)


def read_meta_image(path: Path, _choices: Choices) -> Stack:
    """Read a MetaImage: a header in the file, or beside its data. Lengths are mm.

    Raises
    ------
    InputError
        The header lacks an entry or asks for what is not known; the data are truncated.
    """
    try:
        with path.open("rb") as stream:
            header: dict[str, str] = {}
            while "ElementDataFile" not in header:
                line = stream.readline(_HEADER_LIMIT)
                key, equals, value = line.decode("ascii").partition("=")
                if not equals:
                    raise InputError(f"{path}: is no MetaImage (no entry in {line[:40]!r})")
                header[key.strip()] = value.strip()
            if header["ElementDataFile"] == "LOCAL":
                data = stream.read()
            else:
                data = (path.parent / header["ElementDataFile"]).read_bytes()
        counts = [int(word) for word in header["DimSize"].split()]
        big = header.get("BinaryDataByteOrderMSB", header.get("ElementByteOrderMSB", "False"))
        if header.get("ElementNumberOfChannels", "1") != "1":
            raise InputError(
                f"{path}: has {header['ElementNumberOfChannels']} channels; allowed: one"
            )
        kind = np.dtype((">" if big == "True" else "<") + _META_TYPES[header["ElementType"]])
        if header.get("CompressedData", "False") == "True":
            data = zlib.decompress(data)
        expected = math.prod(counts) * kind.itemsize
        if len(data) != expected:
            raise InputError(
                f"{path}: holds {len(data)} bytes of voxels; its header says {expected}"
            )
        array = np.frombuffer(data, kind).reshape(counts[::-1])
        spacing = header.get("ElementSpacing", header.get("ElementSize", ""))
        lengths = [float(word) for word in spacing.split()]
    except (OSError, ValueError, KeyError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read as a MetaImage ({error})") from error
    stack = plain_stack(path, array, "MetaImage", _edges(lengths, ["mm"] * 3, "MetaImage"))
    name = header["ElementDataFile"]
    return stack if name == "LOCAL" else replace(stack, files=(path, path.parent / name))


def read_hdf5(path: Path, choices: Choices, *, is_matlab: bool = False) -> Stack:
    """Read a dataset of an HDF5 file with the axes z, y, x; a variable of MATLAB 7.3 with z, x, y.

    The edges come from the attribute ``element_size_um`` (z, y, x) that ilastik and Fiji write.

    Raises
    ------
    InputError
        The file is broken, the library is missing, or several datasets are there and none chosen.
    """
    h5py = _library("h5py", path)
    names: list[str] = []

    def collect(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and len(item.shape) >= 2:
            names.append(name)

    try:
        with h5py.File(path, "r") as file:
            file.visititems(collect)
            wanted = choices.dataset and choices.dataset.strip("/")
            chosen = chosen_dataset(path, names, replace(choices, dataset=wanted))
            array = file[chosen][()]
            size = file[chosen].attrs.get("element_size_um", ())
            lengths = [float(one) for one in np.atleast_1d(size)][::-1]
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read as HDF5 ({error})") from error
    if is_matlab:
        # MATLAB's rows (y), columns (x) and layers, last axis first.
        return plain_stack(path, array.swapaxes(-1, -2), f"MATLAB 7.3, {chosen}", Edges())
    edges = _edges(lengths, ["um"] * len(lengths), "HDF5 element_size_um")
    return plain_stack(path, array, f"HDF5, {chosen}", edges)
