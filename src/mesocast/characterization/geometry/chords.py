"""Chord lengths: how far a straight line runs within a phase.

As PoreSpy's ``apply_chords`` and ``chord_counts`` (Gostick et al., J. Open Source Softw. 4, 1296
(2019)) with all lines of an axis; chords that the image's ends or the sample's border cut are left
out, as their length is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Chords:
    """Chords along one axis.

    Parameters
    ----------
    lengths_um
        Shape (n,), rising: the lengths that occur.
    counts
        Shape (n,): how many chords have each.
    """

    lengths_um: NDArray[np.float64]
    counts: NDArray[np.int64]

    @property
    def mean_um(self) -> float | None:
        """Mean length; None without chords."""
        total = self.counts.sum()
        return float(self.lengths_um @ self.counts / total) if total else None


def chords(mask: NDArray[np.bool_], valid: NDArray[np.bool_], axis: int, edge_um: float) -> Chords:
    """Measure the chords of a mask along an axis.

    Parameters
    ----------
    mask, valid
        Shape (nx, ny, nz): the phase, and what belongs to the sample at all.
    axis, edge_um
        Axis of the chords, and the edge of a voxel along it.
    """
    count = mask.shape[axis]
    found = np.zeros(count + 1, dtype=np.int64)
    for rows, inside in zip(np.moveaxis(mask, axis, -1), np.moveaxis(valid, axis, -1), strict=True):
        border = np.ones((len(rows), 1), dtype=bool)
        # Along each row: 0 in another phase, 1 in the phase, 2 where nothing is known.
        known = np.hstack([~border, inside, ~border])
        steps = np.diff(np.hstack([~border, rows, ~border]).astype(np.int8), axis=1)
        starts, ends = np.nonzero(steps == 1), np.nonzero(steps == -1)
        # The voxels before the first and behind the last of a chord.
        whole = known[starts[0], starts[1]] & known[ends[0], ends[1] + 1]
        found += np.bincount((ends[1] - starts[1])[whole], minlength=count + 1)
    present = np.flatnonzero(found)
    return Chords(present * np.float64(edge_um), found[present])
