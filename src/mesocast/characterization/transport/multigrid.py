"""Conduction between two planes on a grid: conjugate gradients preconditioned by multigrid.

The unknowns are the potentials of cells; what is given is the conductance of every face between
two cells. So the same solver serves sharp voxels and apertures. Nothing is assembled: every level
is again a grid of cells with six faces each.

The preconditioner is one V-cycle with a red-black Gauss-Seidel sweep before and its mirror image
after the coarse correction. A coarse face carries the sum of its fine faces (piecewise-constant
interpolation), reduced by a factor that makes up for the jumps of that interpolation (Braess,
Computing 55, 379 (1995)). A V-cycle stays symmetric and positive definite for any such factor,
because the coarse correction can only lower the energy more; a W-cycle does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.transport import multigrid_kernels
from mesocast.characterization.transport.faces import Faces
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Over-correction: 0.5 is exact for a smooth field on a uniform grid, 1 is Galerkin's operator and
# needs two to three times the iterations.
COARSE_SCALE = 0.6
# A coarser axis must not become much longer than the others, or point sweeps stop smoothing.
_LARGEST_EDGE_RATIO = 1.5
_DIRECT_CELLS = 400

TOLERANCE = 1e-4
ITERATION_LIMIT = 2000
# The energy still to be lost is estimated by what the last steps lost (Strakos and Tichy, Electron.
# Trans. Numer. Anal. 13, 56 (2002)). On 12 problems of three electrodes and 16 random grids, two
# steps were up to 1.3 times too optimistic; with four the error was at most 0.6 of the estimate,
# and 2.5e-5 at the tolerance below.
_DELAY = 4


@dataclass(frozen=True)
class GridSolution:
    """Potential between an end plane at 1 (z = 0) and one at 0.

    Parameters
    ----------
    conductance
        Between the end planes: the dissipated power at unit difference, in the unit of the faces.
    relative_error
        Estimated relative error of the conductance from ending the iteration.
    flux_imbalance
        (largest - smallest) / largest flux over the planes of faces along z.
    iterations
        Steps of the conjugate gradients.
    potential
        Shape (nx, ny, nz); without meaning in cells without conductance.
    """

    conductance: float
    relative_error: float
    flux_imbalance: float
    iterations: int
    potential: NDArray[np.float64]


class _Level:
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

    def coarser(self) -> _Level:
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
        return _Level(Faces(x, y, z), (edges[0], edges[1], edges[2]))

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
        return np.linalg.inv(matrix).astype(np.float32)


class _Preconditioner:
    """One V-cycle from a zero potential."""

    def __init__(self, faces: Faces, edges: tuple[float, float, float]) -> None:
        self.levels = [_Level(faces, edges)]
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


def solve(
    faces: Faces,
    edges: tuple[float, float, float],
    tolerance: float = TOLERANCE,
    iteration_limit: int = ITERATION_LIMIT,
) -> GridSolution:
    """Find the potential between the end planes.

    Parameters
    ----------
    faces
        Conductances. Every cell with a conductance must be connected to an end plane; for the
        preconditioner's single precision the largest should be of the order of one.
    edges
        Edges of a cell along x, y and z, any unit.
    tolerance
        Relative error of the conductance to end at.
    iteration_limit
        Most steps.

    Raises
    ------
    PhysicsFailure
        ``transport_not_converged``.
    """
    nx, ny, nz = faces.x.shape
    preconditioner = _Preconditioner(faces, edges)
    finest = preconditioner.levels[0]
    solution = np.empty((nx, ny, nz + 2))
    solution[:] = np.clip(1 - (np.arange(-1, nz + 1) + 0.5) / nz, 0, 1)
    _, energy = multigrid_kernels.layer_fluxes(solution, faces)
    product = np.empty((nx, ny, nz))
    multigrid_kernels.apply(solution, faces, product)
    residual = -product
    finest.source[:] = residual
    direction = preconditioner().astype(np.float64)
    weight = multigrid_kernels.dot(residual, finest.potential)
    losses: list[float] = []
    relative_error = 0.0
    # Every quantity below the roundoff of the energy is a residual of zero.
    while weight > np.finfo(float).eps * energy:
        curvature = multigrid_kernels.apply(direction, faces, product)
        step = weight / curvature if curvature > 0 else np.nan
        losses.append(step * weight)
        energy -= losses[-1]
        relative_error = sum(losses[-_DELAY:]) / energy if energy > 0 else np.nan
        multigrid_kernels.advance(solution, direction, step)
        multigrid_kernels.lower(residual, product, step, finest.source)
        if len(losses) >= _DELAY and relative_error < tolerance:
            break
        if len(losses) == iteration_limit or not np.isfinite(relative_error):
            raise _not_converged(len(losses), relative_error, tolerance)
        previous, weight = weight, multigrid_kernels.dot(residual, preconditioner())
        multigrid_kernels.turn(direction, finest.potential, weight / previous)
    else:
        # Solved to the last digit; or the preconditioner is none (a negative norm of the residual,
        # beyond its own single precision) or met what is no number, which compares as solved.
        if not -weight <= np.finfo(np.float32).eps * energy:
            raise _not_converged(len(losses), abs(weight / energy), tolerance)
    fluxes, dissipation = multigrid_kernels.layer_fluxes(solution, faces)
    return GridSolution(
        conductance=float(dissipation),
        relative_error=float(relative_error),
        flux_imbalance=float(1 - fluxes.min() / fluxes.max()),
        iterations=len(losses),
        potential=solution[:, :, 1:-1],
    )


def _not_converged(iterations: int, relative_error: float, tolerance: float) -> PhysicsFailure:
    return PhysicsFailure(
        "transport_not_converged",
        f"multigrid stopped after {iterations} iterations with an estimated relative error of "
        f"{relative_error:.2g} (allowed {tolerance:g})",
    )
