"""All properties of one electrode."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, TypeVar

from mesocast.characterization.pore_size import mean_pore_diameter_um
from mesocast.characterization.result import Characterization, Failure
from mesocast.characterization.surface import active_surface
from mesocast.characterization.transport import (
    PermeableCbd,
    electronic_conduction,
    pore_transport,
)
from mesocast.characterization.voxels import PORE, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.characterization.conduction import ConductionSolution
    from mesocast.characterization.transport import PoreTransport
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.electrode import Electrode

_LOGGER = logging.getLogger(__name__)
_Result = TypeVar("_Result")

# Painting the spheres is cheap, so volumes are taken from a grid finer than that of the transport
# problem; at 0.1 um they are within 0.02 % of their limit.
VOLUME_VOXEL_SIZE_UM = 0.1
# Of the nanopores of the CBD, over that in the electrolyte.
CBD_RELATIVE_DIFFUSIVITY = 0.05


def characterize(
    electrode: Electrode,
    *,
    voxel_size_um: float,
    am_conductivity_S_m: float,
    cbd_conductivity_S_m: float,
    cbd_nanoporosity: float,
    coverage_tolerance_um: float,
    cbd_relative_diffusivity: float = CBD_RELATIVE_DIFFUSIVITY,
    transport_method: str = "aperture",
    conductivity_method: str = "multigrid",
    volume_voxel_size_um: float = VOLUME_VOXEL_SIZE_UM,
) -> Characterization:
    """Measure all properties of an electrode.

    Parameters
    ----------
    electrode
        Spheres on the collector, periodic along x and y.
    voxel_size_um
        Voxel edge of the transport problem, um. Tortuosity and conductivity depend on it.
    am_conductivity_S_m, cbd_conductivity_S_m
        Electronic conductivities of the phases, S/m.
    cbd_nanoporosity
        Pore fraction inside the CBD.
    coverage_tolerance_um
        Gap to CBD below which active-material surface counts as covered, um.
    cbd_relative_diffusivity
        Effective diffusivity inside the CBD over that in the electrolyte, for the tortuosity
        factor with permeable CBD.
    transport_method
        How the pores' tortuosity factor is measured: a name in ``transport.PORE_METHODS``.
    conductivity_method
        How the electronic conductivity is measured: a name in ``conduction.METHODS``.
    volume_voxel_size_um
        Voxel edge for the volume fractions, um.

    Raises
    ------
    InputError
        The electrode has no beads or a parameter is out of range.
    """
    if len(electrode.radii_um) == 0:
        raise InputError("the electrode has no beads; at least one is needed")
    permeable_cbd = PermeableCbd(cbd_relative_diffusivity, cbd_nanoporosity)
    if not 0 <= coverage_tolerance_um < math.inf:
        raise InputError(f"coverage_tolerance_um {coverage_tolerance_um}: must be at least 0")
    failures: list[Failure] = []
    thickness_um = electrode.thickness_um
    volume_um3 = electrode.area_um2 * thickness_um
    image = voxelize(electrode, voxel_size_um, thickness_um)
    fine = voxelize(electrode, volume_voxel_size_um, thickness_um)
    am_fraction, cbd_fraction = fine.fraction(ACTIVE_MATERIAL), fine.fraction(CBD)
    porosity_bulk = fine.fraction(PORE)
    nominal_um3 = electrode.volume_below_um3(thickness_um) - electrode.volume_below_um3(0.0)
    union_um3 = (am_fraction + cbd_fraction) * volume_um3
    surface = active_surface(electrode, coverage_tolerance_um)

    def diffuse(cells: VoxelImage, method: str, cbd: PermeableCbd | None = None) -> PoreTransport:
        return pore_transport(cells, method, electrode=electrode, cbd=cbd)

    def conduct(cells: VoxelImage) -> ConductionSolution:
        return electronic_conduction(
            cells, am_conductivity_S_m, cbd_conductivity_S_m, conductivity_method
        )

    pores = _attempt("tortuosity_factor", lambda: diffuse(image, transport_method), failures)
    pores_and_cbd = _attempt(
        "tortuosity_factor_permeable_cbd",
        lambda: diffuse(image, transport_method, permeable_cbd),
        failures,
    )
    conduction = _attempt("electronic_conductivity", lambda: conduct(image), failures)
    conductivity_S_m = conduction.effective_conductivity if conduction else None
    # What only compares is no failure of the electrode when it has no result.
    unlisted: list[Failure] = []
    sharp = _attempt("tortuosity_factor_voxel", lambda: diffuse(image, "multigrid"), unlisted)
    coarse_pores = coarse_conduction = None
    if min(image.labels.shape) >= 4:  # enough for the double edge
        coarse = voxelize(electrode, 2 * voxel_size_um, thickness_um)
        coarse_pores = _attempt(
            "tortuosity_resolution_error", lambda: diffuse(coarse, transport_method), unlisted
        )
        coarse_conduction = _attempt(
            "conductivity_resolution_error", lambda: conduct(coarse), unlisted
        )
    return Characterization(
        thickness_um=thickness_um,
        # pg/um3 is g/cm3, and pg/um2 is 0.1 mg/cm2.
        density_g_cm3=electrode.mass_pg / volume_um3,
        mass_loading_mg_cm2=0.1 * electrode.mass_pg / electrode.area_um2,
        am_fraction=am_fraction,
        cbd_fraction=cbd_fraction,
        porosity_bulk=porosity_bulk,
        porosity_total=porosity_bulk + cbd_nanoporosity * cbd_fraction,
        # Spheres that do not overlap come out negative by the error of the grid.
        overlap_pct=max(0.0, 100 * (1 - union_um3 / nominal_um3)),
        cut_volume_pct=100 * (1 - nominal_um3 / electrode.sphere_volume_um3),
        active_surface_pct=100 * surface.pore_share,
        am_surface_on_cbd_pct=100 * surface.cbd_share,
        am_surface_on_am_pct=100 * surface.active_material_share,
        am_surface_on_collector_pct=100 * surface.collector_share,
        specific_active_surface_1_um=surface.pore_share * surface.area_um2 / volume_um3,
        electronic_conductivity_S_m=conductivity_S_m,
        electronic_conductivity_relative=(
            conductivity_S_m / cbd_conductivity_S_m
            if conductivity_S_m is not None and cbd_conductivity_S_m > 0
            else None
        ),
        tortuosity_factor=pores.tortuosity_factor if pores else None,
        tortuosity_factor_percolating=pores.tortuosity_factor_percolating if pores else None,
        tortuosity=pores.tortuosity if pores else None,
        bruggeman_exponent=pores.bruggeman_exponent if pores else None,
        pore_percolating_pct=100 * pores.percolating_share if pores else None,
        porosity_image=image.fraction(PORE),
        mean_pore_diameter_um=_attempt(
            "mean_pore_diameter", lambda: mean_pore_diameter_um(image), failures
        ),
        tortuosity_factor_voxel=sharp.tortuosity_factor if sharp else None,
        tortuosity_factor_permeable_cbd=pores_and_cbd.tortuosity_factor if pores_and_cbd else None,
        tortuosity_permeable_cbd=pores_and_cbd.tortuosity if pores_and_cbd else None,
        tortuosity_resolution_error=(
            abs(coarse_pores.tortuosity_factor / pores.tortuosity_factor - 1)
            if pores and coarse_pores
            else None
        ),
        conductivity_resolution_error=(
            abs(coarse_conduction.effective_conductivity / conduction.effective_conductivity - 1)
            if conduction and coarse_conduction
            else None
        ),
        tortuosity_solver_error=pores.solution.solver_error if pores else None,
        conductivity_solver_error=conduction.solver_error if conduction else None,
        tortuosity_solver_tolerance=pores.solution.solver_tolerance if pores else None,
        conductivity_solver_tolerance=conduction.solver_tolerance if conduction else None,
        tortuosity_flux_imbalance=pores.solution.flux_imbalance if pores else None,
        conductivity_flux_imbalance=conduction.flux_imbalance if conduction else None,
        voxel_size_um=float(voxel_size_um),
        volume_voxel_size_um=float(volume_voxel_size_um),
        coverage_tolerance_um=float(coverage_tolerance_um),
        cbd_relative_diffusivity=float(cbd_relative_diffusivity),
        transport_method=transport_method,
        conductivity_method=conductivity_method,
        image=image,
        failures=tuple(failures),
    )


def _attempt(
    quantity: str, measure: Callable[[], _Result], failures: list[Failure]
) -> _Result | None:
    """Measure, or note why there is no result and go on."""
    try:
        return measure()
    except PhysicsFailure as failure:
        _LOGGER.info("no %s: %s", quantity, failure)
        failures.append(Failure(quantity, failure.status, failure.reason))
        return None
