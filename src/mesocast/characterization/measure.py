"""All properties of one electrode."""

from __future__ import annotations

import dataclasses
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from mesocast.characterization.pore_size import mean_pore_diameter_um
from mesocast.characterization.surface import active_surface
from mesocast.characterization.transport import electronic_conduction, pore_transport
from mesocast.characterization.voxels import PORE, VoxelImage, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.electrode import Electrode

_LOGGER = logging.getLogger(__name__)
_Result = TypeVar("_Result")

# Painting the spheres is cheap, so volumes are taken from a grid finer than that of the transport
# problem; at 0.1 um they are within 0.02 % of their limit.
VOLUME_VOXEL_SIZE_UM = 0.1


@dataclass(frozen=True)
class Failure:
    """A quantity without a result: which, a status word, and one sentence with the numbers."""

    quantity: str
    status: str
    reason: str


@dataclass(frozen=True)
class Characterization:
    """Properties of one electrode; a property without a result is None and has a failure.

    Parameters
    ----------
    thickness_um
        ``Electrode.thickness_um``, the net thickness without the collector foil.
    density_g_cm3
        Known mass of the beads over area times thickness.
    mass_loading_mg_cm2
        Known mass of the beads over area.
    am_fraction, cbd_fraction
        Volume of the union of the spheres over area times thickness; where they overlap, active
        material wins.
    porosity_bulk
        What is left: CBD counts as solid.
    porosity_total
        porosity_bulk plus the pores inside the CBD (nanoporosity times cbd_fraction).
    overlap_pct
        (nominal - union) / nominal volume of the spheres within the film.
    cut_volume_pct
        Share of the nominal volume above the thickness or below the collector plane, which no
        volume fraction counts.
    active_surface_pct, am_surface_on_cbd_pct, am_surface_on_am_pct, am_surface_on_collector_pct
        Shares of the surface of all active-material spheres (the sum of 4 pi r^2) that face
        pore, CBD within the coverage tolerance, other active material, and the collector; they
        add up to 100.
    specific_active_surface_1_um
        Active surface over area times thickness.
    electronic_conductivity_S_m
        Effective electronic conductivity of active material and CBD along z.
    electronic_conductivity_relative
        The same, relative to the conductivity of the CBD.
    tortuosity_factor
        Pores only: porosity_image / effective diffusivity (TauFactor's convention), by the method
        in transport_method.
    tortuosity_factor_percolating
        The same with the porosity of the percolating pores only.
    tortuosity
        Square root of the tortuosity factor.
    bruggeman_exponent
        b in: effective diffusivity = porosity_image^b (1.5 for Bruggeman's spheres).
    pore_percolating_pct
        Share of the pore volume that connects collector and surface.
    porosity_image
        Porosity of the transport grid (voxel_size_um).
    mean_pore_diameter_um
        See ``mean_pore_diameter_um``.
    tortuosity_flux_imbalance, conductivity_flux_imbalance
        See ``ConductionSolution.flux_imbalance``.
    voxel_size_um, volume_voxel_size_um, coverage_tolerance_um, transport_method
        As asked for.
    image
        The voxel image of the transport problem.
    failures
        Empty when every property has a result.
    """

    thickness_um: float
    density_g_cm3: float
    mass_loading_mg_cm2: float
    am_fraction: float
    cbd_fraction: float
    porosity_bulk: float
    porosity_total: float
    overlap_pct: float
    cut_volume_pct: float
    active_surface_pct: float
    am_surface_on_cbd_pct: float
    am_surface_on_am_pct: float
    am_surface_on_collector_pct: float
    specific_active_surface_1_um: float
    electronic_conductivity_S_m: float | None
    electronic_conductivity_relative: float | None
    tortuosity_factor: float | None
    tortuosity_factor_percolating: float | None
    tortuosity: float | None
    bruggeman_exponent: float | None
    pore_percolating_pct: float | None
    porosity_image: float
    mean_pore_diameter_um: float | None
    tortuosity_flux_imbalance: float | None
    conductivity_flux_imbalance: float | None
    voxel_size_um: float
    volume_voxel_size_um: float
    coverage_tolerance_um: float
    transport_method: str
    image: VoxelImage
    failures: tuple[Failure, ...]

    @property
    def status(self) -> str:
        """``"ok"``, or the status of the first failure."""
        return self.failures[0].status if self.failures else "ok"

    def row(self) -> dict[str, float | str | None]:
        """All properties by name, as plain Python numbers and strings."""
        names = (field.name for field in dataclasses.fields(self))
        return {name: getattr(self, name) for name in names if name not in ("image", "failures")}


def characterize(
    electrode: Electrode,
    *,
    voxel_size_um: float,
    am_conductivity_S_m: float,
    cbd_conductivity_S_m: float,
    cbd_nanoporosity: float,
    coverage_tolerance_um: float,
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
    if not 0 <= cbd_nanoporosity < 1:
        raise InputError(f"cbd_nanoporosity {cbd_nanoporosity}: must be in [0, 1)")
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
    pores = _attempt(
        "tortuosity_factor",
        lambda: pore_transport(image, transport_method, electrode=electrode),
        failures,
    )
    conduction = _attempt(
        "electronic_conductivity",
        lambda: electronic_conduction(
            image, am_conductivity_S_m, cbd_conductivity_S_m, conductivity_method
        ),
        failures,
    )
    conductivity_S_m = conduction.effective_conductivity if conduction else None
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
        tortuosity_flux_imbalance=pores.solution.flux_imbalance if pores else None,
        conductivity_flux_imbalance=conduction.flux_imbalance if conduction else None,
        voxel_size_um=float(voxel_size_um),
        volume_voxel_size_um=float(volume_voxel_size_um),
        coverage_tolerance_um=float(coverage_tolerance_um),
        transport_method=transport_method,
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
