"""What a reader gives: numbers on a grid, before anything is understood as a phase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# Series of a file to be read one after the other as one stack.
ALL_SERIES = -1


@dataclass(frozen=True)
class Choices:
    """What to take of a file that holds more than one stack of numbers.

    Parameters
    ----------
    series
        Number of the series of a TIFF, from 0, or ``ALL_SERIES``; None where there is only one.
    channel, frame
        Number of the channel or colour, and of the time frame, from 0; None where there is one.
    layers_axis
        Letter of the file's axis that holds the layers, where that is not Z (a stack that was
        saved as time frames T or channels C).
    stored_values
        Take the numbers of a TIFF with "0 is white" as they are stored, not as they are shown.
    dataset
        Path inside an HDF5 file, or name of a variable in a MATLAB file.
    raw_shape, raw_type, raw_offset
        Voxels along x, y and z, type (``uint8``, ``uint16``, ``>u2``, ...) and bytes before the
        first voxel of a file without a header; x runs fastest.
    """

    series: int | None = None
    channel: int | None = None
    frame: int | None = None
    layers_axis: str | None = None
    stored_values: bool = False
    dataset: str | None = None
    raw_shape: tuple[int, int, int] | None = None
    raw_type: str | None = None
    raw_offset: int = 0


@dataclass(frozen=True)
class Edges:
    """Edges of a voxel, as a file says them.

    Parameters
    ----------
    um
        Along x, y and z (the distance between layers), um; None where the file does not say it.
    found
        What stands in the file, for messages.
    """

    um: tuple[float | None, float | None, float | None] = (None, None, None)
    found: str = "nothing"


@dataclass(frozen=True)
class Stack:
    """Layers of numbers.

    Parameters
    ----------
    voxels
        Shape (nz, ny, nx), as stored; one layer for a single image.
    edges
        What the file says of a voxel's size.
    read
        What was read: format, pages, axes, shape, type. JSON.
    white_is_zero
        The number that is shown as black where 0 is shown as white (TIFF's MinIsWhite), else None.
    remarks
        What a person should know of how the file was read.
    files
        The files that were read, where they are others than the one that was named.
    """

    voxels: NDArray[Any]
    edges: Edges
    read: dict[str, Any]
    white_is_zero: int | None = None
    remarks: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape for a message, slowest axis first."""
    return " x ".join(str(count) for count in shape)
