"""Clusters of voxels that connect the current collector with the surface of the film."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.characterization.faces import Faces


def clusters(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Give every connected cluster of a mask its number.

    Voxels are connected through shared faces, also across the periodic faces in x and y; edges
    and corners conduct nothing in a seven-point scheme and do not connect.

    Parameters
    ----------
    mask
        Shape (nx, ny, nz).

    Returns
    -------
    NDArray
        Shape (nx, ny, nz): 0 outside the mask, otherwise the number of the cluster, from 1.
    """
    numbers, count = ndimage.label(mask)
    across = np.concatenate(
        [
            np.column_stack([numbers[0].ravel(), numbers[-1].ravel()]),
            np.column_stack([numbers[:, 0].ravel(), numbers[:, -1].ravel()]),
        ]
    )
    across = np.unique(across[(across > 0).all(axis=1)], axis=0)
    graph = coo_array((np.ones(len(across)), (across[:, 0], across[:, 1])), (count + 1, count + 1))
    # Number 0 (outside) has no link, and scipy numbers components in order of first occurrence.
    _, merged = connected_components(graph, directed=False)
    return np.asarray(merged.astype(np.int32)[numbers])


def spanning(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep only the clusters that reach both the first and the last layer along z.

    Parameters
    ----------
    mask
        Shape (nx, ny, nz), periodic along x and y.
    """
    numbers = clusters(mask)
    through = np.intersect1d(numbers[:, :, 0], numbers[:, :, -1])
    return np.isin(numbers, through[through > 0])


def reach(mask: NDArray[np.bool_]) -> int:
    """Count the layers along z that are reached from the first layer through the mask."""
    numbers = clusters(mask)
    bottom = np.unique(numbers[:, :, 0])
    reached = np.isin(numbers, bottom[bottom > 0]).any(axis=(0, 1))
    return int(reached.sum())


@njit(cache=True)
def reached_through_faces(faces: Faces) -> NDArray[np.bool_]:
    """Find the cells that are connected to the end planes through open faces.

    Parameters
    ----------
    faces
        Conductances; above 0 is open.

    Returns
    -------
    NDArray
        Shape (2, nx, ny, nz): connected to the plane z = 0, to the other one. A cell that is both
        belongs to a cluster that spans.
    """
    nx, ny, nz = faces.x.shape
    reached = np.zeros((2, nx, ny, nz), dtype=np.bool_)
    waiting = np.empty(nx * ny * nz, dtype=np.int64)  # a cell waits at most once
    for end in range(2):
        seen = reached[end]
        length = 0
        first, face = (0, 0) if end == 0 else (nz - 1, nz)
        for i in range(nx):
            for j in range(ny):
                if faces.z[i, j, face] > 0:
                    seen[i, j, first] = True
                    waiting[length] = (i * ny + j) * nz + first
                    length += 1
        while length > 0:
            length -= 1
            cell = waiting[length]
            i, j, k = cell // nz // ny, cell // nz % ny, cell % nz
            after_i, after_j = (i + 1) % nx, (j + 1) % ny
            for a, b, c, conductance in (
                ((i - 1) % nx, j, k, faces.x[i, j, k]),
                (after_i, j, k, faces.x[after_i, j, k]),
                (i, (j - 1) % ny, k, faces.y[i, j, k]),
                (i, after_j, k, faces.y[i, after_j, k]),
                (i, j, k - 1, faces.z[i, j, k] if k > 0 else np.float32(0)),
                (i, j, k + 1, faces.z[i, j, k + 1] if k + 1 < nz else np.float32(0)),
            ):
                if conductance > 0 and not seen[a, b, c]:
                    seen[a, b, c] = True
                    waiting[length] = (a * ny + b) * nz + c
                    length += 1
    return reached
