"""Transport through the thickness: tortuosity factors of the pores, electronic conductivity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.transport.aperture import SAMPLES_PER_EDGE
from mesocast.characterization.transport.methods import METHODS, conduct_apertures, conduct_voxels
from mesocast.characterization.voxels import PORE
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from mesocast.characterization.transport.grid import ConductionSolution
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.electrode import Electrode

PORE_METHODS = ("aperture", *METHODS)


@dataclass(frozen=True)
class PermeableCbd:
    """Diffusion through the nanopores of the CBD.

    Parameters
    ----------
    relative_diffusivity
        Effective diffusivity inside the CBD over that in the electrolyte, in (0, 1].
    nanoporosity
        Pore fraction inside the CBD, in [0, 1).
    """

    relative_diffusivity: float
    nanoporosity: float

    def __post_init__(self) -> None:
        if not 0 < self.relative_diffusivity <= 1:
            raise InputError(
                f"cbd_relative_diffusivity {self.relative_diffusivity}: must be in (0, 1]"
            )
        if not 0 <= self.nanoporosity < 1:
            raise InputError(f"cbd_nanoporosity {self.nanoporosity}: must be in [0, 1)")


@dataclass(frozen=True)
class PoreTransport:
    """Diffusion through the pores.

    Parameters
    ----------
    effective_diffusivity
        Relative to the diffusivity in the electrolyte.
    porosity
        Pore fraction of the voxel image, closed pores included; with the nanopores of the CBD
        where that is permeable.
    percolating_share
        Share of the pore volume that connects collector and surface.
    solution
        How the number was obtained.
    """

    effective_diffusivity: float
    porosity: float
    percolating_share: float
    solution: ConductionSolution

    @property
    def tortuosity_factor(self) -> float:
        """Porosity over effective diffusivity, with the *whole* porosity: TauFactor's convention.

        It is the square of the tortuosity.
        """
        return self.porosity / self.effective_diffusivity

    @property
    def tortuosity_factor_percolating(self) -> float:
        """The same with the percolating pores only (PoreSpy's and OpenImpala's convention)."""
        return self.percolating_share * self.tortuosity_factor

    @property
    def tortuosity(self) -> float:
        """Square root of the tortuosity factor."""
        return math.sqrt(self.tortuosity_factor)

    @property
    def bruggeman_exponent(self) -> float | None:
        """Find b in: effective diffusivity = porosity^b; None for an empty block."""
        if self.porosity == 1:
            return None
        return math.log(self.effective_diffusivity) / math.log(self.porosity)


def pore_transport(
    image: VoxelImage,
    method: str = "multigrid",
    *,
    electrode: Electrode | None = None,
    cbd: PermeableCbd | None = None,
    samples_per_edge: int = SAMPLES_PER_EDGE,
) -> PoreTransport:
    """Diffusion through the pores along z.

    Parameters
    ----------
    image
        Voxel image.
    method
        A name in ``PORE_METHODS``.
    electrode
        The spheres that the image shows, for the method ``aperture``.
    cbd
        How permeable the CBD is; without it the CBD is solid.
    samples_per_edge
        See ``aperture_faces``, for the method ``aperture``.

    Raises
    ------
    InputError
        The method is unknown or lacks the electrode.
    PhysicsFailure
        ``pore_not_percolating`` or ``transport_not_converged``.
    """
    diffusivities, pore_fractions = {PORE: 1.0}, {PORE: 1.0}
    if cbd is not None:
        diffusivities[CBD] = cbd.relative_diffusivity
        pore_fractions[CBD] = cbd.nanoporosity
    if method not in PORE_METHODS:
        raise InputError(f"transport method {method}: allowed are {', '.join(PORE_METHODS)}")
    porosity = sum(image.fraction(phase) * share for phase, share in pore_fractions.items())
    if porosity == 0:
        raise PhysicsFailure("no_pores", "the image has no pore volume")
    network = "pore" if cbd is None else "pore_and_cbd"
    if method == "aperture":
        if electrode is None:
            raise InputError(
                "transport method aperture: needs the spheres; allowed for an image are "
                f"{', '.join(METHODS)}"
            )
        solution, kept = conduct_apertures(
            electrode, image, diffusivities, network, samples_per_edge
        )
    else:
        solution, kept = conduct_voxels(image, diffusivities, method, network)
    percolating = sum(
        float(np.count_nonzero(kept & (image.labels == phase)) / image.voxels) * share
        for phase, share in pore_fractions.items()
    )
    return PoreTransport(
        effective_diffusivity=solution.effective_conductivity,
        porosity=porosity,
        percolating_share=percolating / porosity,
        solution=solution,
    )


def electronic_conduction(
    image: VoxelImage,
    am_conductivity_S_m: float,
    cbd_conductivity_S_m: float,
    method: str = "multigrid",
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
        A conductivity is negative or both are 0, or the method is unknown.
    PhysicsFailure
        ``solid_not_percolating`` or ``transport_not_converged``.
    """
    conductivities = {ACTIVE_MATERIAL: am_conductivity_S_m, CBD: cbd_conductivity_S_m}
    if min(conductivities.values()) < 0 or not max(conductivities.values()) > 0:
        raise InputError(
            f"am_conductivity_S_m {am_conductivity_S_m}, cbd_conductivity_S_m "
            f"{cbd_conductivity_S_m}: must be at least 0, and one above 0"
        )
    if method not in METHODS:
        raise InputError(f"conductivity method {method}: allowed are {', '.join(METHODS)}")
    return conduct_voxels(image, conductivities, method, "solid")[0]
