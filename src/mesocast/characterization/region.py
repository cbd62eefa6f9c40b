"""The part of a stack that is measured: a block, on a coarser grid, seen along any axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.voxels import WALL, VoxelImage
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

AXES = ("x", "y", "z")


@dataclass(frozen=True)
class Crop:
    """A block of voxels.

    Parameters
    ----------
    ranges
        First voxel and the one behind the last along the file's x, y and z, from 0; an axis that
        is left out is taken whole.
    """

    ranges: Mapping[str, tuple[int | None, int | None]]

    @classmethod
    def parse(cls, words: Sequence[str]) -> Crop:
        """Read ``x=10:110 y=:50 z=5:``.

        Raises
        ------
        InputError
            A word is something else.
        """
        ranges: dict[str, tuple[int | None, int | None]] = {}
        for word in words:
            axis, _, text = word.partition("=")
            ends = text.split(":")
            try:
                first, last = (int(end) if end else None for end in ends)
            except ValueError as error:
                raise InputError(
                    f"--crop {word}; allowed: an axis, its first voxel and the one behind its "
                    "last, as x=10:110"
                ) from error
            if axis not in AXES or axis in ranges:
                raise InputError(f"--crop {word}; allowed: each of x, y and z once")
            ranges[axis] = (first, last)
        return cls(ranges)

    def apply(self, layers: NDArray[Any], path: Path | str) -> NDArray[Any]:
        """Cut the block out of layers of shape (nz, ny, nx).

        Raises
        ------
        InputError
            It reaches beyond the stack, or holds nothing.
        """
        slices = [slice(None)] * 3
        for axis, (first, last) in self.ranges.items():
            place = 2 - AXES.index(axis)
            count = layers.shape[place]
            start, stop = first or 0, count if last is None else last
            if not 0 <= start < stop <= count:
                raise InputError(
                    f"{path}: crop {axis}={start}:{stop}: allowed are whole numbers from 0 to "
                    f"{count}, the first below the second"
                )
            slices[place] = slice(start, stop)
        return layers[tuple(slices)]


def rebin_steps(codes: NDArray[np.uint8], factor: int, path: Path | str) -> tuple[int, int, int]:
    """Voxels that ``rebin`` merges along each axis of an array; an axis with one voxel stays.

    Raises
    ------
    InputError
        The factor is below 1 or larger than an axis.
    """
    nz, ny, nx = (1 if count == 1 else factor for count in codes.shape)
    longest = min((count for count in codes.shape if count > 1), default=1)
    if not 1 <= factor <= longest:
        raise InputError(f"{path}: rebin {factor}: allowed is 1 to {longest}")
    return nz, ny, nx


def rebin(
    codes: NDArray[np.uint8], steps: tuple[int, int, int]
) -> tuple[NDArray[np.uint8], list[str]]:
    """Merge blocks of voxels: the phase that most of them have wins, on a tie the lower code.

    Parameters
    ----------
    codes
        Shape (nz, ny, nx).
    steps
        Voxels of a block along each axis.

    Returns
    -------
    tuple
        The coarser codes; and a remark where voxels that fill no block were left out.
    """
    if max(steps) == 1:
        return codes, []
    counts = [count // step for count, step in zip(codes.shape, steps, strict=True)]
    kept = codes[tuple(slice(n * step) for n, step in zip(counts, steps, strict=True))]
    cubes = kept.reshape(counts[0], steps[0], counts[1], steps[1], counts[2], steps[2])
    merged = np.zeros(counts, dtype=np.uint8)
    most = np.full(counts, -1, dtype=np.int32)
    for phase in np.unique(kept):
        amount = (cubes == phase).sum(axis=(1, 3, 5), dtype=np.int32)
        wins = amount > most
        merged[wins] = phase
        most[wins] = amount[wins]
    left = codes.size - kept.size
    return merged, [f"rebinning left out {left} voxels at the ends"] if left else []


def trim(codes: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], list[str]]:
    """Leave out layers at the ends that hold nothing of the sample, as a foil that is ignored.

    Returns
    -------
    tuple
        The block that holds the sample; and a remark where it is smaller.
    """
    if not (codes == WALL).any():
        return codes, []
    slices, words = [], []
    for place, axis in zip(range(3), "zyx", strict=True):
        others = tuple(other for other in range(3) if other != place)
        present = np.flatnonzero((codes != WALL).any(axis=others))
        first, last = (int(present[0]), int(present[-1]) + 1) if len(present) else (0, 0)
        slices.append(slice(first, last))
        if last - first < codes.shape[place]:
            words.append(f"{axis}={first}:{last}")
    if not words:
        return codes, []
    return codes[tuple(slices)], [f"only ignored voxels lie outside {' '.join(reversed(words))}"]


def voxel_image(
    codes: NDArray[np.uint8],
    edges_um: tuple[float, float, float],
    thickness_axis: str,
    *,
    periodic: bool,
    path: Path | str,
) -> VoxelImage:
    """Turn layers so that the thickness lies along the last axis; the other two keep their order.

    Parameters
    ----------
    codes
        Phases, shape (nz, ny, nx).
    edges_um
        Of a voxel along the file's x, y and z, um.
    thickness_axis
        The file's axis that runs from the collector to the surface.
    periodic
        See ``VoxelImage``.
    path
        For messages.

    Raises
    ------
    InputError
        The axis is unknown or has a single voxel, or more than one other axis has.
    """
    if thickness_axis not in AXES:
        raise InputError(f"thickness axis {thickness_axis}: allowed are {', '.join(AXES)}")
    counts = dict(zip(AXES, codes.shape[::-1], strict=True))
    deep = [axis for axis in AXES if counts[axis] > 1]
    if len(deep) < 2:
        raise InputError(
            f"{path}: is {counts['x']} x {counts['y']} x {counts['z']} voxels; at least 2 along "
            "two axes are needed"
        )
    if thickness_axis not in deep:
        raise InputError(
            f"{path}: has one voxel along the thickness axis {thickness_axis}; allowed: "
            f"{' or '.join(deep)}"
        )
    # The thickness becomes the last axis; the other two keep their order.
    order = [axis for axis in range(3) if AXES[axis] != thickness_axis]
    order.append(AXES.index(thickness_axis))
    hx, hy, hz = (float(edges_um[axis]) for axis in order)
    return VoxelImage(
        np.ascontiguousarray(codes.transpose(2, 1, 0).transpose(order)), (hx, hy, hz), periodic
    )
