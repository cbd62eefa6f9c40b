"""The reference transport method: TauFactor's solvers, on one CPU thread.

Kench et al., J. Open Source Softw. 8, 5358 (2023); Cooper et al., SoftwareX 5, 203 (2016).
TauFactor has periodic sides for two phases of cubic voxels only. The two solvers below are its
own, with the stencil extended to periodic sides and to voxels of unequal edges (a grid that fits
the box has slightly different edges along each axis).
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from taufactor import AnisotropicSolver, MultiPhaseSolver, PeriodicSolver

from mesocast.characterization.transport.grid import ConductionSolution
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_LOGGER = logging.getLogger(__name__)

# TauFactor stops when the flux differs by less than this between any two layers (and tau by less
# than 0.002 in 100 iterations). With its default, 1e-2, the result was up to 7e-4 off its limit on
# synthetic electrodes, with 3e-3 up to 2e-4, for 15 to 30 % more iterations.
FLUX_TOLERANCE = 3e-3
ITERATION_LIMIT = 20_000


class _DoublePrecision:
    """Double precision, which TauFactor's base class knows but its solvers do not pass on.

    In single precision the fluxes of a tortuous film stay uneven by more than the tolerance.
    """

    @property
    def precision(self) -> torch.dtype:
        """Type of all fields."""
        return torch.double

    @precision.setter
    def precision(self, value: torch.dtype) -> None:
        """Ignore the base class's choice."""


class _TwoPhase(_DoublePrecision, PeriodicSolver, AnisotropicSolver):  # type: ignore[misc]  # untyped library
    """One conducting phase: PeriodicSolver with the weights of AnisotropicSolver."""

    def init_conductive_neighbours(self, img: torch.Tensor) -> torch.Tensor:
        """Sum the weights of the conducting neighbours; the end planes are half a voxel away."""
        padded = self._pad(img, [2, 2])[:, :, 1:-1, 1:-1]
        neighbours = torch.zeros_like(padded)
        for axis, weight in enumerate((1.0, self.Ky, self.Kz), start=1):
            neighbours += weight * (torch.roll(padded, 1, axis) + torch.roll(padded, -1, axis))
        neighbours = neighbours[:, 1:-1]
        neighbours[(img == 0) | (neighbours == 0)] = torch.inf
        return neighbours

    def vertical_flux(self) -> torch.Tensor:
        """Flux between layers; the parent tells insulating voxels by a count above 8."""
        flux: torch.Tensor = self.field[:, 2:-1, 1:-1, 1:-1] - self.field[:, 1:-2, 1:-1, 1:-1]
        insulating = torch.isinf(self.factor)
        flux[insulating[:, :-1] | insulating[:, 1:]] = 0
        return flux


class _MultiPhase(_DoublePrecision, MultiPhaseSolver):  # type: ignore[misc]  # untyped library
    """Several conductivities: MultiPhaseSolver with periodic sides and half-voxel end planes.

    The parent keeps the end planes a whole voxel away, which adds the resistance of a layer that
    is not there.
    """

    def __init__(
        self,
        img: NDArray[np.uint8],
        cond: dict[int, float],
        spacing: tuple[float, float, float],
    ) -> None:
        self._weights = [(spacing[0] / edge) ** 2 for edge in spacing]
        super().__init__(img, cond=cond, device="cpu")

    def init_conductive_neighbours(self, img: torch.Tensor) -> list[torch.Tensor]:
        """Face conductances along each axis, after their sum per voxel."""
        half_resistance = torch.full_like(img, torch.inf)
        for phase, value in self.cond.items():
            half_resistance[img == phase] = value
        end_plane = torch.zeros_like(half_resistance[:, :1])  # no resistance of its own
        padded = torch.cat([end_plane, half_resistance, end_plane], dim=1)
        # Face i lies between voxels i - 1 and i; the sides have one more, equal to the first.
        faces = [self._weights[0] / (padded[:, 1:] + padded[:, :-1])]
        for axis in (2, 3):
            inner = self._weights[axis - 1] / (half_resistance + half_resistance.roll(1, axis))
            faces.append(torch.cat([inner, inner.narrow(axis, 0, 1)], dim=axis))
        total = torch.zeros_like(img)
        for axis, face in enumerate(faces, start=1):
            count = img.shape[axis]
            total += face.narrow(axis, 0, count) + face.narrow(axis, 1, count)
        total[total == 0] = torch.inf
        return [total, *faces]

    def apply_boundary_conditions(self) -> None:
        """Copy the sides, as PeriodicSolver does."""
        PeriodicSolver.apply_boundary_conditions(self)

    def sum_weighted_neighbours(self) -> torch.Tensor:
        """Sum the neighbours' potentials, each times the conductance of the face between."""
        field, (along, across, third) = self.field, self.pre_factors
        total: torch.Tensor = field[:, 2:, 1:-1, 1:-1] * along[:, 1:]
        total.addcmul_(field[:, :-2, 1:-1, 1:-1], along[:, :-1])
        total.addcmul_(field[:, 1:-1, 2:, 1:-1], across[:, :, 1:])
        total.addcmul_(field[:, 1:-1, :-2, 1:-1], across[:, :, :-1])
        total.addcmul_(field[:, 1:-1, 1:-1, 2:], third[:, :, :, 1:])
        total.addcmul_(field[:, 1:-1, 1:-1, :-2], third[:, :, :, :-1])
        return total

    def vertical_flux(self) -> torch.Tensor:
        """Flux through every face along the flux axis, the two end planes included."""
        inner = self.field[:, :, 1:-1, 1:-1]
        flux: torch.Tensor = (inner[:, 1:] - inner[:, :-1]) * self.pre_factors[0]
        return flux

    def compute_metrics(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Replace the parent's length of Nx + 1 voxels by the true one, Nx."""
        tau, relative_error = super().compute_metrics()
        shortened = self.Nx / (self.Nx + 1)
        self.D_eff *= shortened
        return tau / shortened, relative_error


def solve(
    phases: NDArray[np.uint8],
    conductivities: tuple[float, ...],
    voxel_size_um: tuple[float, float, float],
    flux_tolerance: float = FLUX_TOLERANCE,
) -> ConductionSolution:
    """Solve with TauFactor; see ``mesocast.characterization.transport.methods.Method``.

    Parameters
    ----------
    phases, conductivities, voxel_size_um
        See there.
    flux_tolerance
        TauFactor's ``conv_crit``.

    Raises
    ------
    PhysicsFailure
        ``transport_not_converged``.
    """
    hx, hy, hz = voxel_size_um
    # TauFactor's flux axis is the first. Its red-black sweeps diverge across periodic sides with
    # an odd number of voxels; two periods side by side are the same problem.
    nx, ny, _ = phases.shape
    layers = np.tile(phases.transpose(2, 0, 1), (1, 1 + nx % 2, 1 + ny % 2))
    spacing = (hz, hx, hy)
    with _silent_on_one_thread():
        solver: Any
        if len(conductivities) == 1:
            solver = _TwoPhase(layers, spacing, D_0=conductivities[0], device="cpu")
        else:
            solver = _MultiPhase(layers, dict(enumerate(conductivities, start=1)), spacing)
        solver.solve(iter_limit=ITERATION_LIMIT, verbose=False, conv_crit=flux_tolerance)
    largest, smallest = float(solver.flux_1d.max()), float(solver.flux_1d.min())
    imbalance = (largest - smallest) / largest if largest > 0 else float("nan")
    effective = float(solver.D_eff[0])
    if not (solver.converged and imbalance < flux_tolerance and effective > 0):
        raise PhysicsFailure(
            "transport_not_converged",
            f"TauFactor stopped after {solver.iter} iterations with effective conductivity "
            f"{effective:.4g} and fluxes that differ by {imbalance:.2g} (allowed {flux_tolerance})",
        )
    return ConductionSolution(
        effective_conductivity=effective,
        iterations=int(solver.iter),
        flux_imbalance=imbalance,
        solver_error=imbalance,
        solver_tolerance=flux_tolerance,
    )


@contextlib.contextmanager
def _silent_on_one_thread() -> Iterator[None]:
    """Send TauFactor's prints and warnings to the log; sum in one order, so in one result."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    printed = io.StringIO()
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            contextlib.redirect_stdout(printed),
        ):
            warnings.simplefilter("always")
            yield
    finally:
        torch.set_num_threads(threads)
    for line in (*printed.getvalue().splitlines(), *(str(warning.message) for warning in caught)):
        _LOGGER.debug("taufactor: %s", line)
