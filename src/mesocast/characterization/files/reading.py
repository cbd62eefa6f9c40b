"""Which reader a file is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.characterization.files.arrays import read_mat, read_npy, read_raw
from mesocast.characterization.files.folder import read_folder
from mesocast.characterization.files.tiff_stack import read_tiff_stack
from mesocast.characterization.files.volumes import read_hdf5, read_meta_image, read_nrrd
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mesocast.characterization.files.stack import Choices, Stack

    Reader = Callable[[Path, Choices], Stack]

_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_USER_BLOCK = 512  # bytes before it, where MATLAB writes its own words
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
READERS: dict[str, Reader] = {
    ".tif": read_tiff_stack,
    ".tiff": read_tiff_stack,
    ".npy": read_npy,
    ".mat": read_mat,
    ".raw": read_raw,
    ".dat": read_raw,
    ".bin": read_raw,
    ".nrrd": read_nrrd,
    ".nhdr": read_nrrd,
    ".mha": read_meta_image,
    ".mhd": read_meta_image,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    ".hdf": read_hdf5,
}


def read_stack(path: Path, choices: Choices) -> Stack:
    """Read a stack of numbers of any known format; a folder is one of slices.

    Raises
    ------
    InputError
        The format is not known, or its reader refuses the file.
    """
    if path.is_dir():
        return read_folder(path, choices)
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
            stream.seek(_USER_BLOCK)
            later = stream.read(8)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if choices.raw_shape is not None:
        return read_raw(path, choices)
    # The content counts more than the name: MATLAB 7.3 is HDF5, and a TIFF may be called .lsm.
    if start == _HDF5_SIGNATURE:
        return read_hdf5(path, choices)
    if later == _HDF5_SIGNATURE and start[:6] == b"MATLAB":
        return read_hdf5(path, choices, is_matlab=True)
    if start[:4] in _TIFF_SIGNATURES:
        return read_tiff_stack(path, choices)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: its format is not known; allowed: {', '.join(READERS)}, or a folder of "
            "slices; save it as a TIFF stack"
        )
    return reader(path, choices)
