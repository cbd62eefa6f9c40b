"""Stacks without a description: NumPy's .npy, MATLAB's .mat, and raw bytes."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.files.stack import Edges, Stack, shape_text
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.characterization.files.stack import Choices


def plain_stack(path: Path | str, array: NDArray[Any], kind: str, edges: Edges) -> Stack:
    """Take an array as layers (axes Z, Y, X), or as a single layer (Y, X).

    Raises
    ------
    InputError
        It has another number of axes longer than one voxel.
    """
    shape = array.shape
    while array.ndim > 3 and 1 in array.shape:
        array = np.squeeze(array, axis=array.shape.index(1))
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3 or array.size == 0:
        raise InputError(
            f"{path}: shape is {shape_text(shape) or 'a number'}; allowed are layers (z, y, x), or "
            "one image (y, x)"
        )
    return Stack(
        voxels=array,
        edges=edges,
        read={"format": kind, "axes": "ZYX", "shape": list(shape), "type": str(array.dtype)},
    )


def read_npy(path: Path, _choices: Choices) -> Stack:
    """Read a NumPy array with the axes z, y, x.

    Raises
    ------
    InputError
        The file is missing, broken, or holds objects.
    """
    try:
        array = np.load(path, allow_pickle=False, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: cannot be read as a NumPy array ({error})") from error
    if not isinstance(array, np.ndarray):
        raise InputError(f"{path}: holds several arrays; allowed: one, as numpy.save writes it")
    return plain_stack(path, array, "NumPy", Edges())


def read_mat(path: Path, choices: Choices) -> Stack:
    """Read a variable of a MATLAB file of version 4 to 7; 7.3 is HDF5.

    MATLAB's first axis are rows (y), its second columns (x), its third the layers.

    Raises
    ------
    InputError
        The file is broken, or holds several arrays and none is chosen.
    """
    from scipy.io import loadmat, whosmat
    from scipy.io.matlab import MatReadError

    try:
        names = [name for name, shape, _ in whosmat(path) if math.prod(shape) > 0]
        name = chosen_dataset(path, names, choices)
        array = loadmat(path, variable_names=[name])[name]
    except (
        OSError,
        ValueError,
        TypeError,
        IndexError,
        MatReadError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise InputError(f"{path}: cannot be read as a MATLAB file ({error})") from error
    if array.ndim == 3:
        array = array.transpose(2, 0, 1)
    return plain_stack(path, array, f"MATLAB, {name}", Edges())


def chosen_dataset(path: Path, names: list[str], choices: Choices) -> str:
    """Name of the array to read of those in a file.

    Raises
    ------
    InputError
        There are several and none is chosen, or the chosen one is not there.
    """
    allowed = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    if choices.dataset is not None:
        if choices.dataset not in names:
            raise InputError(f"{path}: holds no {choices.dataset}; allowed: {allowed}")
        return choices.dataset
    if len(names) != 1:
        raise InputError(f"{path}: holds {len(names)} arrays; allowed: --dataset {allowed}")
    return names[0]


def read_raw(path: Path, choices: Choices) -> Stack:
    """Read bytes without a header; x runs fastest, then y.

    Raises
    ------
    InputError
        Shape or type is not given, or the file has another size than they say.
    """
    if choices.raw_shape is None or choices.raw_type is None:
        raise InputError(
            f"{path}: has no header; allowed: --raw-shape X Y Z with --raw-type, as uint8"
        )
    try:
        kind = np.dtype(choices.raw_type)
    except TypeError as error:
        raise InputError(
            f"--raw-type {choices.raw_type}; allowed: uint8, uint16, int16, float32, ..., with "
            "> before it for big-endian, as >u2"
        ) from error
    if min(choices.raw_shape) < 1 or choices.raw_offset < 0 or kind.kind not in "buif":
        raise InputError(
            f"--raw-shape {choices.raw_shape}, --raw-offset {choices.raw_offset}, --raw-type "
            f"{choices.raw_type}; allowed: positive numbers of voxels of a type of numbers"
        )
    expected = choices.raw_offset + math.prod(choices.raw_shape) * kind.itemsize
    try:
        size = path.stat().st_size
        if size != expected:
            raise InputError(
                f"{path}: has {size} bytes; {shape_text(choices.raw_shape)} voxels of {kind} after "
                f"{choices.raw_offset} bytes are {expected}"
            )
        nx, ny, nz = choices.raw_shape
        array = np.memmap(path, kind, "r", choices.raw_offset, (nz, ny, nx))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    return plain_stack(path, array, "raw", Edges())
