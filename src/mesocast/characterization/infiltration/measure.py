"""Infiltration of an electrode as columns of its row."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.geometry.voxel_surface import area_by_voxel_faces
from mesocast.characterization.infiltration.capillarity import Capillarity, capillarity
from mesocast.characterization.infiltration.flow import (
    kozeny_carman_um2,
    washburn_rate_mm_s05,
    washburn_time_ms,
)
from mesocast.characterization.transport.properties import pore_transport
from mesocast.characterization.voxels import OTHER
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from mesocast.characterization.transport.properties import PermeableCbd
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.config.characterization import InfiltrationSettings
    from mesocast.electrode import Electrode


@dataclass(frozen=True, eq=False)
class Infiltration:
    """Infiltration of one structure.

    Parameters
    ----------
    columns
        By name.
    capillarity
        The fields that they were taken from.
    """

    columns: dict[str, float | None]
    capillarity: Capillarity


def infiltrate(
    image: VoxelImage,
    liquid: InfiltrationSettings,
    cbd: PermeableCbd,
    electrode: Electrode | None = None,
) -> Infiltration:
    """Let electrolyte enter the dry pores of an electrode.

    Parameters
    ----------
    image
        Voxel image. The CBD is a wall for what happens between gas and electrolyte; its nanopores
        are full at once.
    liquid
        The electrolyte.
    cbd
        How permeable the CBD is, for the transport past the trapped gas.
    electrode
        The spheres that the image shows, to resolve that transport by apertures.

    Raises
    ------
    InputError
        PoreSpy is not installed.
    PhysicsFailure
        ``no_pores`` or ``pore_not_open``.
    """
    found = capillarity(image, liquid)
    wet = dataclasses.replace(image, labels=np.where(found.trapped, OTHER, image.labels))
    surface_um2 = area_by_voxel_faces(image).active_material_pore_um2
    wetted_um2 = area_by_voxel_faces(wet).active_material_pore_um2
    permeability_um2 = kozeny_carman_um2(image)
    median_kPa = found.imbibed_at_kPa(0.5)
    time_ms = None
    if 0 < permeability_um2 < np.inf and median_kPa > 0:
        time_ms = washburn_time_ms(
            image.thickness_um,
            filled=float(np.count_nonzero(found.pores & ~found.trapped) / image.voxels),
            permeability_um2=permeability_um2,
            capillary_pressure_kPa=median_kPa,
            viscosity_mPa_s=liquid.viscosity_mPa_s,
        )
    drained_kPa = found.drained_at_kPa(0.5)
    columns: dict[str, float | None] = {
        **{
            f"imbibition_pressure_{share}_kPa": found.imbibed_at_kPa(share / 100)
            for share in (10, 50, 90)
        },
        "drainage_pressure_50_kPa": drained_kPa if np.isfinite(drained_kPa) else None,
        "gas_trapped_pct": 100 * found.trapped_share,
        "surface_wetted_pct": 100 * wetted_um2 / surface_um2 if surface_um2 > 0 else None,
        "transport_wetted_relative": _relative_transport(image, wet, cbd, electrode),
        "permeability_kozeny_carman_um2": (
            permeability_um2 if np.isfinite(permeability_um2) else None
        ),
        "washburn_time_ms": time_ms,
        "washburn_rate_mm_s05": (
            washburn_rate_mm_s05(image.thickness_um, time_ms) if time_ms else None
        ),
    }
    return Infiltration(columns, found)


def _relative_transport(
    image: VoxelImage, wet: VoxelImage, cbd: PermeableCbd, electrode: Electrode | None
) -> float | None:
    """Effective diffusivity with the trapped gas over that without; 0 where gas closes the way."""
    method = "aperture" if electrode is not None else "multigrid"
    try:
        dry = pore_transport(image, method, electrode=electrode, cbd=cbd).effective_diffusivity
    except PhysicsFailure:
        return None
    try:
        passed = pore_transport(wet, method, electrode=electrode, cbd=cbd).effective_diffusivity
    except PhysicsFailure as failure:
        return None if failure.status == "transport_not_converged" else 0.0
    return passed / dry
