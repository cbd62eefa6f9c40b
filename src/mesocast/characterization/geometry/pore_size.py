"""Size of the pores: the local thickness of the pore space.

It is PoreSpy's measure, which a test compares; PoreSpy itself takes ten times the CPU time here,
most of it for its import and for compiling, once per electrode, and has no periodic sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from mesocast.characterization.voxels import PORE
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.characterization.voxels import VoxelImage


@dataclass(frozen=True)
class PoreSizes:
    """Distribution of the pore volume over the pores' diameters.

    Parameters
    ----------
    diameters_um
        Shape (n,), rising, um.
    volume_shares
        Shape (n,): share of the pore volume with that diameter; they add up to one.
    """

    diameters_um: NDArray[np.float64]
    volume_shares: NDArray[np.float64]

    @property
    def mean_um(self) -> float:
        """Mean diameter, weighted by volume."""
        return float(self.diameters_um @ self.volume_shares)


def pore_sizes(image: VoxelImage) -> PoreSizes:
    """Measure how large the pores are.

    The diameter at a point of the pore space is that of the largest sphere that holds the point
    and fits between the solids (Hildebrand and Rüegsegger, J. Microsc. 185, 67 (1997); PoreSpy's
    local thickness, Gostick et al., J. Open Source Softw. 4, 1296 (2019)), and ends at the centre
    of a solid voxel, which makes it up to a voxel too wide. Diameters are put into classes as wide
    as a voxel.

    Raises
    ------
    PhysicsFailure
        ``no_pores``, or ``no_solid``, which pores would end at.
    """
    pores = image.labels == PORE
    if not pores.any() or pores.all():
        status, phase = ("no_solid", "solid") if pores.any() else ("no_pores", "pore")
        raise PhysicsFailure(status, f"the image has no {phase} voxel")
    edge_um = float(np.prod(image.voxel_size_um)) ** (1 / 3)
    radii_um = local_thickness_um(pores, image.voxel_size_um, periodic=image.periodic)[pores]
    classes = np.round(2 * radii_um / edge_um).astype(np.int64)
    counts, sums_um = np.bincount(classes), np.bincount(classes, weights=2.0 * radii_um)
    present = np.flatnonzero(counts)
    return PoreSizes(sums_um[present] / counts[present], counts[present] / counts.sum())


def local_thickness_um(
    mask: NDArray[np.bool_], edges_um: tuple[float, float, float], *, periodic: bool
) -> NDArray[np.float32]:
    """Radius of the largest sphere inside a mask that holds each voxel.

    Parameters
    ----------
    mask
        Shape (nx, ny, nz), with at least one voxel outside.
    edges_um
        Edges of a voxel, um.
    periodic
        Whether the mask repeats along x and y.

    Returns
    -------
    NDArray
        Shape (nx, ny, nz), um; 0 outside the mask. The sphere around a voxel is as large as the
        distance between its centre and that of the nearest voxel outside.
    """
    return np.asarray(
        _largest_covering(distance_outside_um(mask, edges_um, periodic), edges_um, periodic)
    )


@njit(cache=True)
def distance_outside_um(
    mask: NDArray[np.bool_], edges_um: tuple[float, float, float], periodic: bool
) -> NDArray[np.float32]:
    """Distance from each voxel of a mask to the nearest voxel outside, as far as centres go.

    One axis after the other (Saito and Toriwaki, Pattern Recognit. 27, 1551 (1994)); across
    periodic sides, which scipy's transform does not know. Parameters as ``local_thickness_um``.
    """
    nx, ny, nz = mask.shape
    hx, hy, hz = edges_um
    along = np.empty((nx, ny, nz), dtype=np.float32)  # squared, in the voxel's own row
    for i in range(nx):
        for j in range(ny):
            row, inside = along[i, j], mask[i, j]
            steps = np.float32(np.inf)
            for k in range(nz):
                steps = steps + 1 if inside[k] else np.float32(0)
                row[k] = steps
            for k in range(nz - 1, -1, -1):
                steps = min(steps + 1, row[k])
                row[k] = (steps * hz) ** 2
    plane = np.empty((nx, ny, nz), dtype=np.float32)
    for i in range(nx):
        for j in range(ny):
            _nearest(plane[i, j], along[i], j, hy, periodic)
    squared = np.empty((nx, ny, nz), dtype=np.float32)
    for j in range(ny):
        for i in range(nx):
            _nearest(squared[i, j], plane[:, j], i, hx, periodic)
    return np.sqrt(squared)


@njit(cache=True)
def _nearest(
    nearest: NDArray[np.float32],
    rows: NDArray[np.float32],
    place: int,
    edge_um: float,
    periodic: bool,
) -> None:
    """Least of the rows' squared distances plus that of the row; rows lie `edge_um` apart."""
    count, length = rows.shape
    nearest[:] = rows[place]
    for step in range(1, count):
        away = np.float32((step * edge_um) ** 2)
        if away >= nearest.max():
            return
        for other in (place - step, place + step):
            if periodic or 0 <= other < count:
                row = rows[other % count]
                for k in range(length):
                    nearest[k] = min(nearest[k], row[k] + away)


@njit(cache=True)
def _largest_covering(
    radii_um: NDArray[np.float32], edges_um: tuple[float, float, float], periodic: bool
) -> NDArray[np.float32]:
    """Radius of the largest of the voxels' spheres that each voxel lies in."""
    nx, ny, nz = radii_um.shape
    hx, hy, hz = edges_um
    covering = np.zeros((nx, ny, nz), dtype=np.float32)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                radius = radii_um[i, j, k]
                if radius == 0:
                    continue
                reach_x = int(radius / hx)
                for di in range(-reach_x, reach_x + 1):
                    a = i + di
                    if not periodic and (a < 0 or a >= nx):
                        continue
                    rest_x = radius**2 - (di * hx) ** 2
                    reach_y = int(np.sqrt(max(rest_x, 0.0)) / hy)
                    for dj in range(-reach_y, reach_y + 1):
                        b = j + dj
                        if not periodic and (b < 0 or b >= ny):
                            continue
                        rest = rest_x - (dj * hy) ** 2
                        if rest <= 0:
                            continue
                        # Strictly inside: a voxel at the distance of the radius is outside.
                        reach_z = int(np.ceil(np.sqrt(rest) / hz - 1e-6)) - 1
                        row = covering[a % nx, b % ny, max(k - reach_z, 0) : k + reach_z + 1]
                        for c in range(len(row)):
                            row[c] = radius if row[c] < radius else row[c]
    return covering
