"""Two-point correlation: how alike are points of a structure that lie a distance apart.

S2(r) is the probability that two points a distance r apart along an axis both lie in a phase
(Torquato, Random Heterogeneous Materials, Springer 2002, section 2.1). It is the volume share of
the phase at r = 0 and falls to its square where nothing is correlated any more. Other than a
radial mean it tells the directions of a calendered film apart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SLAB = 32  # rows at a time, so that the transform needs little memory


def two_point(
    mask: NDArray[np.bool_], valid: NDArray[np.bool_], axis: int, longest: int
) -> NDArray[np.float64]:
    """Probability that two voxels some steps apart along an axis both lie in a mask.

    Parameters
    ----------
    mask, valid
        Shape (nx, ny, nz): the phase, and what belongs to the sample at all.
    axis
        Axis of the steps; across its ends there are no pairs.
    longest
        Most steps, below the length of the axis.

    Returns
    -------
    NDArray
        Shape (longest + 1,); NaN where no pair lies in the sample.
    """
    pairs = _pairs(mask, axis, longest)
    possible = _pairs(valid, axis, longest)
    found = np.divide(pairs, possible, out=np.full(longest + 1, np.nan), where=possible > 0)
    return np.asarray(found, dtype=np.float64)


def _pairs(mask: NDArray[np.bool_], axis: int, longest: int) -> NDArray[np.float64]:
    """Count the pairs of voxels of a mask by their steps apart (Wiener and Khinchin)."""
    rows = np.moveaxis(mask, axis, -1)
    length = fft.next_fast_len(rows.shape[-1] + longest, real=True)
    power = np.zeros(length // 2 + 1)
    for start in range(0, len(rows), _SLAB):
        transformed = fft.rfft(rows[start : start + _SLAB].astype(np.float32), length)
        power += (transformed.real**2 + transformed.imag**2).sum(axis=(0, 1), dtype=np.float64)
    return np.asarray(np.rint(fft.irfft(power, length)[: longest + 1]))


def correlation_length(probabilities: NDArray[np.float64], step_um: float) -> float | None:
    """Distance over which the correlation falls to 1/e of what it can lose.

    Parameters
    ----------
    probabilities
        See ``two_point``.
    step_um
        Distance of one step.

    Returns
    -------
    float or None
        None where the phase is missing or fills all, or where the correlation reaches further than
        `probabilities`.
    """
    share = probabilities[0]
    if not 0 < share < 1:
        return None
    covariance = (probabilities - share**2) / (share - share**2)
    below = np.flatnonzero(covariance < 1 / math.e)
    if len(below) == 0:
        return None
    end = int(below[0])
    before, after = covariance[end - 1], covariance[end]
    return float(step_um * (end - 1 + (before - 1 / math.e) / (before - after)))
