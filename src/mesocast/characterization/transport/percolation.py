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

    from mesocast.characterization.transport.faces import Faces


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
def reached_through_faces(faces: Faces) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Find the cells that are connected to the end planes through open faces.

    Parameters
    ----------
    faces
        Conductances; above 0 is open.

    Returns
    -------
    tuple
        Two masks of shape (nx, ny, nz): connected to the plane z = 0; connected to both planes,
        which is to belong to a cluster that spans.
    """
    nx, ny, nz = faces.x.shape
    reached = np.zeros((nx, ny, nz), dtype=np.bool_)
    spanning = np.zeros((nx, ny, nz), dtype=np.bool_)
    cells = np.empty(nx * ny * nz, dtype=np.int64)  # every cell reached, cluster after cluster
    found = visited = 0
    for start in range(nx * ny):
        if faces.z[start // ny, start % ny, 0] == 0 or reached[start // ny, start % ny, 0]:
            continue
        cluster = found
        reached[start // ny, start % ny, 0] = True
        cells[found] = start * nz
        found += 1
        spans = False
        while visited < found:
            cell = cells[visited]
            visited += 1
            i, j, k = cell // nz // ny, cell // nz % ny, cell % nz
            spans |= k == nz - 1 and faces.z[i, j, nz] > 0
            after_i, after_j = (i + 1) % nx, (j + 1) % ny
            for a, b, c, conductance in (
                ((i - 1) % nx, j, k, faces.x[i, j, k]),
                (after_i, j, k, faces.x[after_i, j, k]),
                (i, (j - 1) % ny, k, faces.y[i, j, k]),
                (i, after_j, k, faces.y[i, after_j, k]),
                (i, j, k - 1, faces.z[i, j, k] if k > 0 else np.float32(0)),
                (i, j, k + 1, faces.z[i, j, k + 1] if k + 1 < nz else np.float32(0)),
            ):
                if conductance > 0 and not reached[a, b, c]:
                    reached[a, b, c] = True
                    cells[found] = (a * ny + b) * nz + c
                    found += 1
        if spans:
            for cell in cells[cluster:found]:
                spanning[cell // nz // ny, cell // nz % ny, cell % nz] = True
    return reached, spanning
