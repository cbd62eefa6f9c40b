"""Which properties can be had together: the Pareto front, its hypervolume and its knee.

The front is cut by rays. From the reference point r a ray goes through each of many points p that
lie evenly on the faces of the unit box around which the objectives improve; where it leaves the
region that some recipe dominates lies a point of the front, and that point is a scalar minimum
(Chebyshev's scalarization). With the lengths of the rays the hypervolume is an integral in polar
coordinates (Deng and Zhang, IEEE Trans. Evol. Comput. 23 (2019) 185; Zhang and Golovin, ICML 2020),

    HV = mean over p of L(p)^m,   L(p) = max_x min_i (r_i - f_i(x))_+ / p_i.

Acquisitions such as qLogNEHVI build a front from few expensive evaluations. Surrogates are cheap,
so the front is searched exhaustively, and the hypervolume is that of the front and not of a finite
set of points, which in four objectives is far smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import qmc

from mesocast.optimization.discrete import lattice, minima

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.columns.variables import Discrete
    from mesocast.optimization.minima import Values

# Points whose objectives agree to this share of the front's extent are one point.
_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Front:
    """A Pareto front, all objectives minimized.

    Parameters
    ----------
    points
        Where it is reached, shape (n, d).
    objectives
        Shape (n, m); no row dominates another.
    hypervolume
        Volume between the reference point and the front.
    knee
        Row of the knee.
    """

    points: NDArray[np.float64]
    objectives: NDArray[np.float64]
    hypervolume: float
    knee: int


def pareto_front(
    objectives: Values,
    reference: Sequence[float],
    lower: Sequence[float],
    upper: Sequence[float],
    discrete: Mapping[int, Discrete] | None = None,
    *,
    rays_per_objective: int = 256,
    lattice_points: int = 30_000,
) -> Front:
    """Search the front of cheap objectives over a box.

    Parameters
    ----------
    objectives
        Maps points, shape (n, d), to objectives, shape (n, m), all to be minimized.
    reference
        Worst value of each objective that still counts, length m.
    lower, upper
        Corners of the box, length d.
    discrete
        What is allowed along axes that have only some values.
    rays_per_objective
        Rays through each far face of the box, a power of two.
    lattice_points
        Of the search, see `mesocast.optimization.minima.minima`.

    Returns
    -------
    Front
        Empty, with hypervolume 0 and knee -1, where nothing is better than the reference point in
        every objective.
    """
    corner = np.asarray(reference, dtype=float)
    size = len(corner)
    # Rays are even in units of what can be gained in each objective.
    gain = corner - objectives(lattice(lower, upper, discrete or {}, lattice_points)).min(axis=0)
    unit = np.where(gain > 0, gain, 1.0)

    def length(values: NDArray[np.float64], ray: NDArray[np.float64]) -> NDArray[np.float64]:
        """Minus the length of the ray that a value dominates."""
        return np.asarray(np.max((values - corner) / unit / ray, axis=-1))

    found = minima(
        objectives,
        length,
        rays(rays_per_objective, size),
        lower,
        upper,
        discrete or {},
        lattice_points=lattice_points,
    )
    reached = found.scores < 0
    power = float(np.mean(np.maximum(-found.scores, 0.0) ** size))
    hypervolume = float(np.prod(unit)) * power
    points, values = found.points[reached], found.values[reached]
    keep = np.flatnonzero(is_non_dominated(values))
    if keep.size:
        extent = np.maximum(np.ptp(values[keep], axis=0), 1e-300)
        _, first = np.unique(np.round(values[keep] / extent / _SAME), axis=0, return_index=True)
        keep = keep[np.sort(first)]
    points, values = points[keep], values[keep]
    return Front(points, values, hypervolume, knee(values) if len(values) else -1)


def rays(count: int, size: int) -> NDArray[np.float64]:
    """Even points on the faces of the unit box away from the origin, shape (count * size, size)."""
    if size == 1:
        return np.ones((1, 1))
    on_face = np.maximum(qmc.Sobol(size - 1, rng=0).random(count), 1e-9)
    return np.concatenate([np.insert(on_face, face, 1.0, axis=1) for face in range(size)])


def is_non_dominated(objectives: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say for each row, shape (n, m), whether no other row is as good in all and better in one."""
    import torch
    from botorch.utils.multi_objective.pareto import is_non_dominated as keeps

    if not len(objectives):
        return np.zeros(0, dtype=bool)
    return np.asarray(keeps(-torch.as_tensor(np.ascontiguousarray(objectives))))


def knee(objectives: NDArray[np.float64]) -> int:
    """Row of a front that bulges most towards the ideal point.

    Farthest from the plane through the ends of the axes, each objective scaled to its extent on
    the front (Das, Struct. Optim. 18 (1999) 107): leaving it, what is lost in one objective is
    more than what is gained in another.
    """
    low, high = objectives.min(axis=0), objectives.max(axis=0)
    scaled = (objectives - low) / np.where(high > low, high - low, 1.0)
    return int(scaled.sum(axis=1).argmin())
