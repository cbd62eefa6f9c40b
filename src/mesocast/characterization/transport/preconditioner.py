"""The preconditioner of the conduction problem: one V-cycle of multigrid.

A red-black Gauss-Seidel sweep comes before and its mirror image after the coarse correction. Every
level is again a grid of cells with six faces each; a coarse face carries the sum of its fine faces
(piecewise-constant interpolation), reduced by a factor that makes up for the jumps of that
interpolation (Braess, Computing 55, 379 (1995)). A V-cycle stays symmetric and positive definite
for any such factor, because the coarse correction can only lower the energy more; a W-cycle does
not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.transport import multigrid_kernels
from mesocast.characterization.transport.faces import Faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Over-correction: 0.5 is exact for a smooth field on a uniform grid, 1 is Galerkin's operator and
# needs two to three times the iterations.
COARSE_SCALE = 0.6
# A coarser axis must not become much longer than the others, or point sweeps stop smoothing.
_LARGEST_EDGE_RATIO = 1.5
_DIRECT_CELLS = 400


class Level:
    """One grid of the hierarchy, with its fields."""

    def __init__(self, faces: Faces, edges: tuple[float, float, float]) -> None:
        nx, ny, nz = faces.x.shape
        self.faces = faces
        self.inverse = multigrid_kernels.inverse_diagonal(faces)
        self.potential = np.zeros((nx, ny, nz + 2), dtype=np.float32)
        self.source = np.zeros((nx, ny, nz), dtype=np.float32)
        self.edges = edges
        self._even = nx % 2 == 0 and ny % 2 == 0
        shortest = min(
            (edge for edge, count in zip(edges, (nx, ny, nz), strict=True) if count > 1),
            default=0.0,
        )
        self.factors = tuple(
            2 if count > 1 and edge < _LARGEST_EDGE_RATIO * shortest else 1
            for edge, count in zip(edges, (nx, ny, nz), strict=True)
        )

    def coarser(self) -> Level:
        """Grid with twice the edges along the axes that are short."""
        x, y, z = (
            multigrid_kernels.coarse_faces(
                face,
                axis,
                self.factors,
                np.float32(COARSE_SCALE if self.factors[axis] == 2 else 1),
            )
            for axis, face in enumerate(self.faces)
        )
        edges = [edge * factor for edge, factor in zip(self.edges, self.factors, strict=True)]
        return Level(Faces(x, y, z), (edges[0], edges[1], edges[2]))

    def smooth_from_zero(self) -> None:
        """Sweep once over both colours, from a zero potential."""
        if not self._even:
            self.potential[:] = 0
        self._sweep(0, from_zero=True)

    def smooth_back(self) -> None:
        """Sweep once over both colours, in the mirrored order."""
        self._sweep(1)

    def _sweep(self, first: int, *, from_zero: bool = False) -> None:
        fields = (self.potential, self.source, self.inverse, self.faces)
        if self._even:
            multigrid_kernels.relax_both(*fields, first, from_zero)
        else:
            for colour in (first, 1 - first):
                multigrid_kernels.relax(*fields, colour, first == 1)

    def inverted(self) -> NDArray[np.float32]:
        """Inverse of the operator as a matrix, for the coarsest grid."""
        size = self.source.size
        matrix = np.empty((size, size))
        unit = np.zeros_like(self.potential, dtype=np.float64)
        column = np.empty(self.source.shape)
        cells = unit[:, :, 1:-1]
        for number in range(size):
            cell = np.unravel_index(number, cells.shape)
            cells[cell] = 1
            multigrid_kernels.apply(unit, self.faces, column)
            matrix[:, number] = column.ravel()
            cells[cell] = 0
        isolated = self.inverse.ravel() == 0
        matrix[isolated, isolated] = 1
        if not (self.faces.z[:, :, 0].any() or self.faces.z[:, :, -1].any()):
            # Without an end plane potentials are free up to a constant.
            return np.linalg.pinv(matrix, hermitian=True).astype(np.float32)
        return np.linalg.inv(matrix).astype(np.float32)


class Preconditioner:
    """One V-cycle from a zero potential."""

    def __init__(self, faces: Faces, edges: tuple[float, float, float]) -> None:
        self.levels = [Level(faces, edges)]
        while self.levels[-1].source.size > _DIRECT_CELLS:
            self.levels.append(self.levels[-1].coarser())
        self.coarsest_inverse = self.levels[-1].inverted()

    def __call__(self) -> NDArray[np.float32]:
        """Approximate the potential of the finest level's source."""
        *upper, coarsest = self.levels
        for level, coarser in zip(upper, self.levels[1:], strict=True):
            level.smooth_from_zero()
            multigrid_kernels.restrict(
                coarser.source, level.potential, level.source, level.faces, level.factors
            )
        coarsest.potential[:, :, 1:-1] = (self.coarsest_inverse @ coarsest.source.ravel()).reshape(
            coarsest.source.shape
        )
        for level, coarser in zip(reversed(upper), reversed(self.levels[1:]), strict=True):
            multigrid_kernels.prolong(level.potential, coarser.potential, level.factors)
            level.smooth_back()
        return self.levels[0].potential
