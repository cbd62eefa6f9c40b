"""What a voxel image tells of an electrode, as columns of its row."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from mesocast.characterization.geometry.pore_size import pore_sizes
from mesocast.characterization.geometry.voxel_surface import (
    area_by_marching_cubes,
    area_by_voxel_faces,
    euler_characteristic,
    meshed_volume_um3,
)
from mesocast.characterization.result import Failure
from mesocast.characterization.transport.kinds import (
    ConductingKind,
    conduction_of_kinds,
    kinds_of,
)
from mesocast.characterization.transport.properties import (
    PermeableCbd,
    electronic_conduction,
    pore_transport,
)
from mesocast.characterization.voxels import OTHER, PORE
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.characterization.transport.grid import ConductionSolution
    from mesocast.characterization.transport.properties import PoreTransport
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.config.campaign import Campaign
    from mesocast.electrode import Electrode

    Report = Callable[[str], None]

_LOGGER = logging.getLogger(__name__)
_Result = TypeVar("_Result")

# Of the nanopores of the CBD, over that in the electrolyte.
CBD_RELATIVE_DIFFUSIVITY = 0.05


@dataclass(frozen=True)
class Phases:
    """What conducts how well.

    Parameters
    ----------
    am_conductivity_S_m, cbd_conductivity_S_m
        Electronic conductivities, S/m.
    cbd_nanoporosity
        Pore fraction inside the CBD.
    kinds
        Kinds of active material, if there are several: the particles' diameters (um) and the
        conductivity of each.
    cbd_relative_diffusivity
        Effective diffusivity inside the CBD over that in the electrolyte, for the tortuosity
        factor with permeable CBD.
    """

    am_conductivity_S_m: float
    cbd_conductivity_S_m: float
    cbd_nanoporosity: float
    cbd_relative_diffusivity: float = CBD_RELATIVE_DIFFUSIVITY
    kinds: tuple[ConductingKind, ...] = ()

    @classmethod
    def of(cls, campaign: Campaign) -> Phases:
        """Take them from a campaign's materials."""
        materials = campaign.materials
        return cls(
            materials.active_material.electronic_conductivity_S_m,
            materials.cbd.conductivity_S_m,
            materials.cbd.nanoporosity,
            campaign.characterization.cbd_relative_diffusivity,
            kinds_of(materials.active_material),
        )


# Parts of the measurement of an image, and about what share of its time each takes (of a
# three-phase image of 160^3 voxels).
PARTS = {
    "pores": 0.15,
    "pores and CBD": 0.28,
    "electrons": 0.39,
    "coarse grid": 0.07,
    "pore sizes": 0.09,
    "surfaces": 0.02,
}


def _silent(_part: str) -> None:
    """Tell nobody."""


def volume_columns(image: VoxelImage, cbd_nanoporosity: float) -> dict[str, float]:
    """Volume shares of an image."""
    am_fraction, cbd_fraction = image.fraction(ACTIVE_MATERIAL), image.fraction(CBD)
    porosity_bulk = image.fraction(PORE)
    return {
        "am_fraction": am_fraction,
        "cbd_fraction": cbd_fraction,
        "porosity_bulk": porosity_bulk,
        "porosity_total": porosity_bulk + cbd_nanoporosity * cbd_fraction,
    }


def image_columns(
    image: VoxelImage,
    coarse: VoxelImage | None,
    phases: Phases,
    transport_method: str,
    conductivity_method: str,
    electrode: Electrode | None,
    report: Report = _silent,
) -> dict[str, Any]:
    """Measure what voxels give of ``Characterization`` or ``ImageProperties``.

    Parameters
    ----------
    image, coarse
        The structure, and the same at the double edge; without that, there is no estimate of the
        error of the grid.
    phases
        Conductivities and nanoporosity.
    transport_method, conductivity_method
        Names of methods.
    electrode
        The spheres that both images show, for the method ``aperture``. Without them, what comes
        from the pores' transport bears the names of ``ImageProperties``.
    report
        Told the name of each part in ``PARTS`` as it begins.

    Raises
    ------
    InputError
        A parameter is out of range.
    """
    permeable_cbd = PermeableCbd(phases.cbd_relative_diffusivity, phases.cbd_nanoporosity)
    failures: list[Failure] = []
    # What only compares is no failure of the electrode when it has no result.
    unlisted: list[Failure] = []
    suffix = "" if electrode is not None else "_voxel"

    def diffuse(cells: VoxelImage, method: str, cbd: PermeableCbd | None = None) -> PoreTransport:
        return pore_transport(cells, method, electrode=electrode, cbd=cbd)

    def conduct(cells: VoxelImage) -> ConductionSolution:
        if phases.kinds and electrode is not None:
            return conduction_of_kinds(
                cells, electrode, phases.kinds, phases.cbd_conductivity_S_m, conductivity_method
            )
        return electronic_conduction(
            cells, phases.am_conductivity_S_m, phases.cbd_conductivity_S_m, conductivity_method
        )

    report("pores")
    pores = _attempt(
        f"tortuosity_factor{suffix}", lambda: diffuse(image, transport_method), failures
    )
    factor = pores.tortuosity_factor if pores else None
    report("pores and CBD")
    factor_permeable = _attempt(
        f"tortuosity_factor_permeable_cbd{suffix}",
        lambda: diffuse(image, transport_method, permeable_cbd).tortuosity_factor,
        failures,
    )
    report("electrons")
    conduction = _attempt("electronic_conductivity", lambda: conduct(image), failures)
    factor_voxel = factor
    if electrode is not None and transport_method != "multigrid":
        factor_voxel = _attempt(
            "tortuosity_factor_voxel",
            lambda: diffuse(image, "multigrid").tortuosity_factor,
            unlisted,
        )
    report("coarse grid")
    coarse_factor = coarse_conductivity_S_m = None
    if coarse is not None:
        coarse_factor = _attempt(
            "tortuosity_resolution_error",
            lambda: diffuse(coarse, transport_method).tortuosity_factor,
            unlisted,
        )
        coarse_conductivity_S_m = _attempt(
            "conductivity_resolution_error",
            lambda: conduct(coarse).effective_conductivity,
            unlisted,
        )
    report("pore sizes")
    sizes = _attempt("mean_pore_diameter", lambda: pore_sizes(image), failures)
    report("surfaces")
    faces, mesh = area_by_voxel_faces(image), area_by_marching_cubes(image)
    conductivity_S_m = conduction.effective_conductivity if conduction else None
    solutions = {"pore": pores.solution if pores else None, "solid": conduction}
    percolating_pct = 100 * pores.percolating_share if pores else None
    columns: dict[str, Any] = volume_columns(image, phases.cbd_nanoporosity) | {
        "thickness_um": image.thickness_um,
        "electronic_conductivity_S_m": conductivity_S_m,
        "electronic_conductivity_relative": (
            conductivity_S_m / phases.cbd_conductivity_S_m
            if conductivity_S_m is not None and phases.cbd_conductivity_S_m > 0
            else None
        ),
        "pore_euler_1_um3": euler_characteristic(image) / image.volume_um3,
        "porosity_image": image.fraction(PORE),
        "mean_pore_diameter_um": sizes.mean_um if sizes else None,
        "tortuosity_factor_voxel": factor_voxel,
        "active_surface_voxel_faces_pct": _percent(faces.pore_share),
        "active_surface_marching_cubes_pct": _percent(mesh.pore_share),
        "specific_active_surface_voxel_faces_1_um": (
            faces.active_material_pore_um2 / image.volume_um3
        ),
        "specific_active_surface_marching_cubes_1_um": (
            # Of a film one layer of voxels is too little to count; of a small block it is not.
            mesh.active_material_pore_um2
            / (image.volume_um3 if image.periodic else meshed_volume_um3(image))
        ),
        "conductivity_resolution_error": _change(coarse_conductivity_S_m, conductivity_S_m),
        "tortuosity_solver_error": pores.solution.solver_error if pores else None,
        "conductivity_solver_error": conduction.solver_error if conduction else None,
        "tortuosity_solver_tolerance": pores.solution.solver_tolerance if pores else None,
        "conductivity_solver_tolerance": conduction.solver_tolerance if conduction else None,
        "tortuosity_flux_imbalance": pores.solution.flux_imbalance if pores else None,
        "conductivity_flux_imbalance": conduction.flux_imbalance if conduction else None,
        "voxel_size_um": math.prod(image.voxel_size_um) ** (1 / 3),
        "cbd_relative_diffusivity": float(phases.cbd_relative_diffusivity),
        "transport_method": transport_method,
        "conductivity_method": conductivity_method,
        "image": image,
        "pore_sizes": sizes,
        "profile": image,
        "fields": {
            name: solution.field
            for name, solution in solutions.items()
            if solution is not None and solution.field is not None
        },
        "failures": tuple(failures),
    }
    columns |= {
        f"{name}{suffix}": value
        for name, value in {
            "tortuosity_factor": factor,
            "tortuosity_factor_percolating": (
                pores.tortuosity_factor_percolating if pores else None
            ),
            "tortuosity": pores.tortuosity if pores else None,
            "bruggeman_exponent": pores.bruggeman_exponent if pores else None,
            "tortuosity_factor_permeable_cbd": factor_permeable,
            "tortuosity_permeable_cbd": (
                math.sqrt(factor_permeable) if factor_permeable is not None else None
            ),
            "tortuosity_resolution_error": _change(coarse_factor, factor),
        }.items()
    }
    if electrode is None:
        return columns | {
            "pore_percolating_voxel_pct": percolating_pct,
            "other_fraction": image.fraction(OTHER),
        }
    return columns | {"pore_percolating_pct": percolating_pct}


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _change(one: float | None, other: float | None) -> float | None:
    """Relative difference of two results."""
    return abs(one / other - 1) if one is not None and other is not None else None


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
