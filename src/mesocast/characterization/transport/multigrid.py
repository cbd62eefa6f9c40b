"""Conduction on a grid, between two planes or from sources: conjugate gradients with multigrid.

The unknowns are the potentials of cells; what is given is the conductance of every face between
two cells. So the same solver serves sharp voxels and apertures. Nothing is assembled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mesocast.characterization.transport import multigrid_kernels
from mesocast.characterization.transport.preconditioner import Preconditioner
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.characterization.transport.faces import Faces

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


@dataclass(frozen=True)
class SourceSolution:
    """Potential of cells that are fed a current each, with the end planes at zero.

    Parameters
    ----------
    power
        Dissipated power, in the unit of current squared over that of the faces; of a drive, what
        is left of its power.
    relative_error
        Estimated relative error of the power from ending the iteration.
    iterations
        Steps of the conjugate gradients.
    potential
        Shape (nx, ny, nz); without meaning in cells without conductance, and up to a constant in
        each cluster that no end plane is connected to.
    """

    power: float
    relative_error: float
    iterations: int
    potential: NDArray[np.float64]


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
    solution = np.empty((nx, ny, nz + 2))
    solution[:] = np.clip(1 - (np.arange(-1, nz + 1) + 0.5) / nz, 0, 1)
    _, energy = multigrid_kernels.layer_fluxes(solution, faces)
    product = np.empty((nx, ny, nz))
    multigrid_kernels.apply(solution, faces, product)
    run = _descend(
        Preconditioner(faces, edges), solution, -product, (energy, -1.0), tolerance, iteration_limit
    )
    fluxes, dissipation = multigrid_kernels.layer_fluxes(solution, faces)
    return GridSolution(
        conductance=float(dissipation),
        relative_error=run.relative_error,
        flux_imbalance=float(1 - fluxes.min() / fluxes.max()),
        iterations=run.iterations,
        potential=solution[:, :, 1:-1],
    )


def solve_source(
    faces: Faces,
    edges: tuple[float, float, float],
    source: NDArray[np.float64],
    *,
    drive_power: float | None = None,
    tolerance: float = TOLERANCE,
    iteration_limit: int = ITERATION_LIMIT,
) -> SourceSolution:
    """Find the potential of cells that are fed currents, with both end planes at zero.

    Parameters
    ----------
    faces, edges, tolerance, iteration_limit
        See ``solve``. Where no face leads to an end plane, the sources of each cluster must add up
        to zero.
    source
        Shape (nx, ny, nz): current into each cell; 0 in cells without conductance.
    drive_power
        Where the sources are the divergence of an imposed field: the power of that field alone,
        which the cells' potentials lower. None: the power is that of the currents.

    Raises
    ------
    PhysicsFailure
        ``transport_not_converged``.
    """
    nx, ny, nz = faces.x.shape
    solution = np.zeros((nx, ny, nz + 2))
    energy = (0.0, 1.0) if drive_power is None else (drive_power, -1.0)
    run = _descend(
        Preconditioner(faces, edges),
        solution,
        np.array(source, dtype=np.float64),
        energy,
        tolerance,
        iteration_limit,
    )
    return SourceSolution(
        power=run.energy,
        relative_error=run.relative_error,
        iterations=run.iterations,
        potential=solution[:, :, 1:-1],
    )


class _Run(NamedTuple):
    """Energy at the end of the conjugate gradients, its estimated error, and the steps taken."""

    energy: float
    relative_error: float
    iterations: int


def _descend(
    preconditioner: Preconditioner,
    solution: NDArray[np.float64],
    residual: NDArray[np.float64],
    start: tuple[float, float],
    tolerance: float,
    iteration_limit: int,
) -> _Run:
    """Step until the energy is known; ``solution`` and ``residual`` change in place.

    Parameters
    ----------
    start
        The energy before the first step, and -1 where steps lower it, 1 where they raise it.
    """
    finest = preconditioner.levels[0]
    faces = finest.faces
    energy, sign = start
    finest.source[:] = residual
    direction = preconditioner().astype(np.float64)
    product = np.empty_like(residual)
    weight = multigrid_kernels.dot(residual, finest.potential)
    steps: list[float] = []
    relative_error = 0.0
    # Every quantity below the roundoff of the energy is a residual of zero.
    while weight > np.finfo(float).eps * energy:
        curvature = multigrid_kernels.apply(direction, faces, product)
        step = weight / curvature if curvature > 0 else np.nan
        steps.append(step * weight)
        energy += sign * steps[-1]
        relative_error = sum(steps[-_DELAY:]) / energy if energy > 0 else np.nan
        multigrid_kernels.advance(solution, direction, step)
        multigrid_kernels.lower(residual, product, step, finest.source)
        if len(steps) >= _DELAY and relative_error < tolerance:
            break
        if len(steps) == iteration_limit or not np.isfinite(relative_error):
            raise _not_converged(len(steps), relative_error, tolerance)
        previous, weight = weight, multigrid_kernels.dot(residual, preconditioner())
        multigrid_kernels.turn(direction, finest.potential, weight / previous)
    else:
        # Solved to the last digit; or the preconditioner is none (a negative norm of the residual,
        # beyond its own single precision) or met what is no number, which compares as solved.
        if not -weight <= np.finfo(np.float32).eps * energy:
            raise _not_converged(len(steps), abs(weight / energy), tolerance)
        relative_error = max(weight, 0.0) / energy if energy > 0 else 0.0
    return _Run(float(energy), float(relative_error), len(steps))


def _not_converged(iterations: int, relative_error: float, tolerance: float) -> PhysicsFailure:
    return PhysicsFailure(
        "transport_not_converged",
        f"multigrid stopped after {iterations} iterations with an estimated relative error of "
        f"{relative_error:.2g} (allowed {tolerance:g})",
    )
