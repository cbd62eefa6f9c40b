"""Face conductances of sharp voxels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from mesocast.characterization.transport.faces import Faces

if TYPE_CHECKING:
    from numpy.typing import NDArray


def voxel_faces(
    phases: NDArray[np.uint8],
    conductivities: tuple[float, ...],
    voxel_size_um: tuple[float, float, float],
) -> Faces:
    """Conductances between the centres of voxels: half a voxel of each phase in series.

    The end planes are half a voxel away from the outermost centres. See
    ``mesocast.characterization.transport.methods.Method`` for the parameters; the conductances have
    the unit of the conductivities times um.
    """
    sigma = np.array((0.0, *conductivities))
    sums = sigma[:, None] + sigma
    harmonic = np.divide(2 * np.outer(sigma, sigma), sums, out=np.zeros_like(sums), where=sums > 0)
    hx, hy, hz = voxel_size_um
    along = hx * hy / hz
    return Faces(
        _pairs(phases, (harmonic * (hy * hz / hx)).astype(np.float32), 0),
        _pairs(phases, (harmonic * (hx * hz / hy)).astype(np.float32), 1),
        _pairs_along(
            phases,
            (harmonic * along).astype(np.float32),
            (2 * sigma * along).astype(np.float32),
        ),
    )


@njit(cache=True)
def _pairs(
    phases: NDArray[np.uint8], conductance: NDArray[np.float32], axis: int
) -> NDArray[np.float32]:
    """Look up each voxel's face towards the voxel before it, across the period."""
    nx, ny, nz = phases.shape
    faces = np.empty((nx, ny, nz), dtype=np.float32)
    for i in range(nx):
        for j in range(ny):
            before = phases[i - 1 if i > 0 else nx - 1, j]
            if axis == 1:
                before = phases[i, j - 1 if j > 0 else ny - 1]
            for k in range(nz):
                faces[i, j, k] = conductance[before[k], phases[i, j, k]]
    return faces


@njit(cache=True)
def _pairs_along(
    phases: NDArray[np.uint8], conductance: NDArray[np.float32], to_plane: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Look up the faces along z, those towards the end planes included."""
    nx, ny, nz = phases.shape
    faces = np.empty((nx, ny, nz + 1), dtype=np.float32)
    for i in range(nx):
        for j in range(ny):
            row = phases[i, j]
            faces[i, j, 0] = to_plane[row[0]]
            for k in range(1, nz):
                faces[i, j, k] = conductance[row[k - 1], row[k]]
            faces[i, j, nz] = to_plane[row[nz - 1]]
    return faces
