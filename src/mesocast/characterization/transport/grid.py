"""What a conduction problem on a grid has as its solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from mesocast.characterization.transport.field import Field

    # (phases, conductivities, voxel_size_um) -> solution. `phases` has shape (nx, ny, nz): 0
    # insulates, i conducts with conductivities[i - 1]; every conducting voxel is in a cluster
    # that spans. The effective conductivity has the unit of the conductivities.
    Method = Callable[
        [NDArray[np.uint8], tuple[float, ...], tuple[float, float, float]], "ConductionSolution"
    ]


@dataclass(frozen=True)
class ConductionSolution:
    """Effective conductivity along z.

    Parameters
    ----------
    effective_conductivity
        Mean flux per area over mean gradient, in the unit of the phases' conductivities.
    iterations
        Iterations of the solver.
    flux_imbalance
        (largest - smallest) / largest flux over the layers: zero for the exact solution.
    solver_error
        Relative error that the solver estimates for having stopped: of the dissipated power with
        multigrid, the flux imbalance with TauFactor. The error of the grid is not in it.
    solver_tolerance
        The `solver_error` to stop at.
    field
        Potential and fluxes on the grid; None with TauFactor.
    """

    effective_conductivity: float
    iterations: int
    flux_imbalance: float
    solver_error: float
    solver_tolerance: float
    field: Field | None = None
