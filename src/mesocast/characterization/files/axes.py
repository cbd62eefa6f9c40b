"""Axes of a file's array: layers, channels, colours and time frames, by their letters.

The letters are tifffile's and OME's: X, Y, Z; S samples (colours) of a pixel, C channels, T time;
I and Q pages of which nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.files.stack import shape_text
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.characterization.files.stack import Choices

_LAYERS = "ZIQ"
_NAMES = {"S": "colours per pixel", "C": "channels", "T": "time frames"}


def layers_of(
    path: Path, array: NDArray[Any], axes: str, choices: Choices
) -> tuple[NDArray[Any], list[str]]:
    """Take the layers of an array with any axes.

    Parameters
    ----------
    path
        For messages.
    array, axes
        Numbers, and one letter per axis.
    choices
        Channel, frame, and the axis of the layers.

    Returns
    -------
    tuple
        Shape (layers, Y, X), one layer for a single image; and remarks.

    Raises
    ------
    InputError
        Colours, channels or frames are left and nothing chooses one, or there is no plane.
    """
    what = f"axes {axes}, shape {shape_text(array.shape)}"
    counts = zip(axes, array.shape, strict=True)
    kept = [axis for axis, count in counts if count > 1 or axis in "YX"]
    array = array.reshape([array.shape[axes.index(axis)] for axis in kept])
    if len(set(kept)) < len(kept) or not {"X", "Y"} <= set(kept):
        raise InputError(f"{path}: holds no stack of layers ({what})")
    layers = choices.layers_axis
    if layers is not None and layers not in kept:
        raise InputError(f"{path}: layers axis {layers}: allowed are those of the file ({what})")
    if layers is None:
        found = [axis for axis in kept if axis in _LAYERS]
        if len(found) > 1:
            raise InputError(f"{path}: holds several axes of layers ({what}); allowed: one")
        layers = found[0] if found else None
    remarks = []
    for axis in [axis for axis in kept if axis not in ("X", "Y", layers)]:
        count = array.shape[kept.index(axis)]
        number = choices.frame if axis == "T" else choices.channel if axis in "SC" else None
        if number is None:
            raise InputError(_undecided(path, axis, count, what, has_layers=layers is not None))
        if not 0 <= number < count:
            raise InputError(f"{path}: {_NAMES[axis]} {number}: allowed are 0 to {count - 1}")
        array = np.take(array, number, axis=kept.index(axis))
        kept.remove(axis)
        remarks.append(f"{_NAMES[axis]}: number {number} of {count} was read")
    order = [kept.index(axis) for axis in ([layers] if layers else []) + ["Y", "X"]]
    array = array.transpose(order)
    return (array if layers else array[None]), remarks


def _undecided(path: Path, axis: str, count: int, what: str, *, has_layers: bool) -> str:
    name = _NAMES.get(axis, f"entries along its axis {axis}")
    allowed = ["labels, one number per voxel"]
    if axis in _NAMES:
        option = "--frame" if axis == "T" else "--channel"
        allowed.append(f"{option} 0 to {count - 1} to choose one")
    if not has_layers:
        allowed.append(f"--layers-axis {axis} if these are the layers")
    return f"{path}: holds {count} {name} ({what}); allowed: {', '.join(allowed)}"
