"""Voxel images and fields for ParaView: VTK's XML image data, written by hand.

The format is that of https://docs.vtk.org/en/latest/vtk_file_formats/vtkxml_file_format.html with
raw appended data. VTK's own writer does not notice a full disk, and would be half a gigabyte of
libraries to write one file.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

import numpy as np

from mesocast.storage.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    from mesocast.characterization.transport.field import Field
    from mesocast.characterization.voxels import VoxelImage

    # Name, type in VTK's words, components, and what gives the array of shape (nx, ny, nz, ...).
    Array = tuple[str, str, int, Callable[[], NDArray[np.generic]]]

_LAYERS_PER_BLOCK = 16
_OFFSET_DIGITS = 20  # written as zeros first, as the place of an array is known only afterwards
_BYTES_PER_FIELD = 16  # potential and three components of the flux in single precision


def vti_bytes(voxels: int, networks: int) -> int:
    """Largest size of a file, before compression."""
    return voxels * (1 + _BYTES_PER_FIELD * networks)


def write_vti(path: Path, image: VoxelImage, fields: Mapping[str, Field]) -> None:
    """Write VTK image data: one cell per voxel, compressed.

    Parameters
    ----------
    path
        File to write, with the suffix ``.vti``; it appears complete or not at all.
    image
        The phases become the cell array ``phase``.
    fields
        Fields on the grid of the image by the name of their network, which become
        ``<network>_potential`` (1 at the collector, 0 at the surface, NaN outside the network)
        and ``<network>_flux`` (a vector, over the mean flux density along z).

    Raises
    ------
    OSError
        The disk is full, or another fault of writing; no file is left.
    """
    arrays: list[Array] = [("phase", "UInt8", 1, lambda: image.labels)]
    for name, field in fields.items():
        arrays += [
            (f"{name}_potential", "Float32", 1, lambda field=field: _potential(field)),  # type: ignore[misc]
            (f"{name}_flux", "Float32", 3, lambda field=field: field.flux()),  # type: ignore[misc]
        ]
    with replacing(path) as temporary, temporary.open("wb") as stream:
        places = _write_head(stream, image, arrays)
        start = stream.tell()
        for place, (_, _, _, values) in zip(places, arrays, strict=True):
            offset = stream.tell() - start
            _write_array(stream, values())
            end = stream.tell()
            stream.seek(place)
            stream.write(f"{offset:0{_OFFSET_DIGITS}d}".encode())
            stream.seek(end)
        stream.write(b"\n</AppendedData>\n</VTKFile>\n")
        stream.flush()
        os.fsync(stream.fileno())  # a network's disk says only now that it is full


def _potential(field: Field) -> NDArray[np.float32]:
    return np.where(field.conducting, field.potential, np.float32(np.nan))


def _write_head(stream: BinaryIO, image: VoxelImage, arrays: list[Array]) -> list[int]:
    """Write all before the data; return where the offset of each array stands."""
    extent = " ".join(f"0 {count}" for count in image.labels.shape)
    spacing = " ".join(repr(float(edge)) for edge in image.voxel_size_um)
    stream.write(
        b'<?xml version="1.0"?>\n<VTKFile type="ImageData" version="1.0" '
        b'byte_order="LittleEndian" header_type="UInt64" compressor="vtkZLibDataCompressor">\n'
        + f'<ImageData WholeExtent="{extent}" Origin="0 0 0" Spacing="{spacing}">\n'.encode()
        + f'<Piece Extent="{extent}">\n<CellData>\n'.encode()
    )
    places = []
    for name, kind, components, _ in arrays:
        stream.write(
            f'<DataArray type="{kind}" Name="{name}" NumberOfComponents="{components}" '
            'format="appended" offset="'.encode()
        )
        places.append(stream.tell())
        stream.write(b"0" * _OFFSET_DIGITS + b'"/>\n')
    stream.write(b'</CellData>\n</Piece>\n</ImageData>\n<AppendedData encoding="raw">\n_')
    return places


def _write_array(stream: BinaryIO, values: NDArray[np.generic]) -> None:
    """Write compressed blocks of layers behind a table of their sizes; VTK counts x fastest."""
    nz = values.shape[2]
    starts = range(0, nz, _LAYERS_PER_BLOCK)
    layer_bytes = values.nbytes // nz
    last = nz % _LAYERS_PER_BLOCK
    table = [len(starts), layer_bytes * min(_LAYERS_PER_BLOCK, nz), layer_bytes * last]
    if nz < _LAYERS_PER_BLOCK:
        table[2] = 0
    place = stream.tell()
    stream.write(bytes(8 * (3 + len(starts))))
    for start in starts:
        layers = values[:, :, start : start + _LAYERS_PER_BLOCK]
        turned = np.ascontiguousarray(layers.transpose(2, 1, 0, *range(3, values.ndim)))
        little = turned.astype(turned.dtype.newbyteorder("<"), copy=False)
        block = zlib.compress(little.tobytes(), 1)
        stream.write(block)
        table.append(len(block))
    end = stream.tell()
    stream.seek(place)
    stream.write(np.array(table, dtype="<u8").tobytes())
    stream.seek(end)
