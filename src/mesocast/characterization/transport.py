"""Transport through the thickness: tortuosity factor of the pores, electronic conductivity.

All methods solve the same problem: div(sigma grad phi) = 0 with fixed potentials on the two end
planes z = 0 and z = thickness (half a voxel before the first and behind the last voxel centre)
and periodic sides. Two voxels conduct into each other through a shared face, with the harmonic
mean of their conductivities. Clusters that do not connect the two planes are removed first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.percolation import reach, spanning
from mesocast.characterization.voxels import PORE
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from mesocast.characterization.voxels import VoxelImage

    # (phases, conductivities, voxel_size_um) -> solution. `phases` has shape (nx, ny, nz): 0
    # insulates, i conducts with conductivities[i - 1]; every conducting voxel is in a cluster
    # that spans. The effective conductivity has the unit of the conductivities.
    Method = Callable[
        [NDArray[np.uint8], tuple[float, ...], tuple[float, float, float]], "ConductionSolution"
    ]


@dataclass(frozen=True)
class ConductionSolution:
    """Effective conductivity of an image along z.

    Parameters
    ----------
    effective_conductivity
        Mean flux per area over mean gradient, in the unit of the phases' conductivities.
    iterations
        Iterations of the solver.
    flux_imbalance
        (largest - smallest) / largest flux over the layers: zero for the exact solution.
    """

    effective_conductivity: float
    iterations: int
    flux_imbalance: float


@dataclass(frozen=True)
class PoreTransport:
    """Diffusion through the pore space alone; CBD counts as solid.

    Parameters
    ----------
    tortuosity_factor
        porosity / effective_diffusivity, with the porosity of the *whole* pore space of the
        image, closed pores included: TauFactor's convention.
    tortuosity_factor_percolating
        The same with the porosity of the percolating pores only (PoreSpy's and OpenImpala's
        convention).
    effective_diffusivity
        Relative to the diffusivity in the electrolyte.
    porosity
        Pore fraction of the voxel image.
    percolating_share
        Share of the pore volume that connects collector and surface.
    solution
        How the number was obtained.
    """

    tortuosity_factor: float
    tortuosity_factor_percolating: float
    effective_diffusivity: float
    porosity: float
    percolating_share: float
    solution: ConductionSolution


def pore_transport(image: VoxelImage, method: str = "taufactor") -> PoreTransport:
    """Tortuosity factor of the pore space along z.

    Parameters
    ----------
    image
        Voxel image.
    method
        A name in ``METHODS``.

    Raises
    ------
    PhysicsFailure
        ``pore_not_percolating`` or ``transport_not_converged``.
    """
    solution, percolating = _conduct(image, {PORE: 1.0}, method, "pore")
    porosity = image.fraction(PORE)
    return PoreTransport(
        tortuosity_factor=porosity / solution.effective_conductivity,
        tortuosity_factor_percolating=percolating / solution.effective_conductivity,
        effective_diffusivity=solution.effective_conductivity,
        porosity=porosity,
        percolating_share=percolating / porosity,
        solution=solution,
    )


def electronic_conduction(
    image: VoxelImage,
    am_conductivity_S_m: float,
    cbd_conductivity_S_m: float,
    method: str = "taufactor",
) -> ConductionSolution:
    """Effective electronic conductivity of active material and CBD along z, S/m.

    Voxels of different beads that share a face are in perfect contact; pores insulate. With
    beads that only touch, the contact is therefore as large as a voxel.

    Parameters
    ----------
    image
        Voxel image.
    am_conductivity_S_m, cbd_conductivity_S_m
        Conductivities of the phases, S/m; a phase with 0 insulates.
    method
        A name in ``METHODS``.

    Raises
    ------
    InputError
        A conductivity is negative or both are 0.
    PhysicsFailure
        ``solid_not_percolating`` or ``transport_not_converged``.
    """
    conductivities = {ACTIVE_MATERIAL: am_conductivity_S_m, CBD: cbd_conductivity_S_m}
    if min(conductivities.values()) < 0 or not max(conductivities.values()) > 0:
        raise InputError(
            f"am_conductivity_S_m {am_conductivity_S_m}, cbd_conductivity_S_m "
            f"{cbd_conductivity_S_m}: must be at least 0, and one above 0"
        )
    return _conduct(image, conductivities, method, "solid")[0]


def _conduct(
    image: VoxelImage, conductivities: Mapping[int, float], method: str, network: str
) -> tuple[ConductionSolution, float]:
    """Solve on the spanning clusters; also their share of the image's volume."""
    if method not in METHODS:
        raise InputError(f"transport method {method}: allowed are {', '.join(METHODS)}")
    conducting = {phase: value for phase, value in conductivities.items() if value > 0}
    mask = np.isin(image.labels, list(conducting))
    kept = spanning(mask)
    if not kept.any():
        height_um = reach(mask) * image.voxel_size_um[2]
        raise PhysicsFailure(
            f"{network}_not_percolating",
            f"the {network} network ({mask.mean():.4f} of the volume) reaches {height_um:.2f} um "
            f"from the collector, the film is {image.thickness_um:.2f} um thick",
        )
    # Scaled to at most 1, because solvers may work in single precision.
    scale = max(conducting.values())
    values = tuple(sorted({value / scale for value in conducting.values()}))
    phases = np.zeros_like(image.labels)
    for phase, value in conducting.items():
        phases[kept & (image.labels == phase)] = values.index(value / scale) + 1
    solution = METHODS[method](phases, values, image.voxel_size_um)
    return (
        ConductionSolution(
            effective_conductivity=solution.effective_conductivity * scale,
            iterations=solution.iterations,
            flux_imbalance=solution.flux_imbalance,
        ),
        float(kept.mean()),
    )


def _taufactor(
    phases: NDArray[np.uint8],
    conductivities: tuple[float, ...],
    voxel_size_um: tuple[float, float, float],
) -> ConductionSolution:
    from mesocast.characterization.taufactor_method import solve  # imports torch: seconds

    return solve(phases, conductivities, voxel_size_um)


METHODS: dict[str, Method] = {"taufactor": _taufactor}
