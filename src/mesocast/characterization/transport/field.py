"""Potential and flux of a transport solve, for pictures and for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from mesocast.characterization.transport.faces import Faces

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Field:
    """Potential (or concentration) between an end plane at 1 (z = 0) and one at 0.

    Parameters
    ----------
    potential
        Shape (nx, ny, nz), float32; without meaning in cells without conductance.
    faces
        Conductances between the cells.
    cell_size_um
        Edges of a cell along x, y and z.
    """

    potential: NDArray[np.float32]
    faces: Faces
    cell_size_um: tuple[float, float, float]

    def within(self, nx: int, ny: int) -> Field:
        """Take the first cells along x and y only."""
        x, y, z = (face[:nx, :ny] for face in self.faces)
        return Field(self.potential[:nx, :ny], Faces(x, y, z), self.cell_size_um)

    @property
    def conducting(self) -> NDArray[np.bool_]:
        """Cells that belong to the network."""
        x, y, z = self.faces
        return np.asarray(
            (x > 0)
            | (np.roll(x, -1, 0) > 0)
            | (y > 0)
            | (np.roll(y, -1, 1) > 0)
            | (z[:, :, :-1] > 0)
            | (z[:, :, 1:] > 0)
        )

    def flux(self, rows: slice = slice(None)) -> NDArray[np.float32]:
        """Flux density at the cells' centres over the mean flux density along z.

        Parameters
        ----------
        rows
            Cells along y to give it for.

        Returns
        -------
        NDArray
            Shape (nx, rows, nz, 3): along x, y and z, each the mean of a cell's two faces.
        """
        nx, ny, _ = self.potential.shape
        hx, hy, hz = self.cell_size_um
        areas = np.array([hy * hz, hx * hz, hx * hy])
        first, last, _ = rows.indices(ny)
        fluxes = _fluxes(self.potential, self.faces, first, last)
        drops = self.potential[:, :, :-1] - self.potential[:, :, 1:]
        between = self.faces.z[:, :, 1:-1] * drops
        through = float(between.sum(dtype=np.float64)) / between.shape[2]
        return np.asarray(fluxes * (nx * ny * hx * hy / through / areas).astype(np.float32))


@njit(cache=True)
def _fluxes(
    potential: NDArray[np.float32], faces: Faces, first: int, last: int
) -> NDArray[np.float32]:
    nx, ny, nz = potential.shape
    fluxes = np.empty((nx, last - first, nz, 3), dtype=np.float32)
    for i in range(nx):
        after_i = i + 1 if i + 1 < nx else 0
        for j in range(first, last):
            after_j = j + 1 if j + 1 < ny else 0
            for k in range(nz):
                here = potential[i, j, k]
                below = potential[i, j, k - 1] if k > 0 else np.float32(1)
                above = potential[i, j, k + 1] if k + 1 < nz else np.float32(0)
                fluxes[i, j - first, k, 0] = (
                    faces.x[i, j, k] * (potential[i - 1, j, k] - here)
                    + faces.x[after_i, j, k] * (here - potential[after_i, j, k])
                ) / 2
                fluxes[i, j - first, k, 1] = (
                    faces.y[i, j, k] * (potential[i, j - 1, k] - here)
                    + faces.y[i, after_j, k] * (here - potential[i, after_j, k])
                ) / 2
                fluxes[i, j - first, k, 2] = (
                    faces.z[i, j, k] * (below - here) + faces.z[i, j, k + 1] * (here - above)
                ) / 2
    return fluxes
