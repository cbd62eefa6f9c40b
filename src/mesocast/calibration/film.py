"""What is measured of a simulated film, by the names of a measured table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.characterization.image import Phases, volume_columns
from mesocast.characterization.measure import VOLUME_VOXEL_SIZE_UM, characterize
from mesocast.characterization.voxels import voxelize
from mesocast.simulation.composition import porosity_by_mass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.config.campaign import Campaign
    from mesocast.electrode import Electrode

_COLUMNS = (
    "density_g_cm3",
    "porosity_total",
    "porosity_bulk",
    "electronic_conductivity_S_m",
    "tortuosity_factor",
    "active_surface_pct",
)


def observe(
    electrode: Electrode, measured: Mapping[str, float], campaign: Campaign, *, has_voxels: bool
) -> dict[str, float]:
    """Measure a film.

    Parameters
    ----------
    electrode
        Its beads after pressing.
    measured
        What calendering measured: compression rates and pressure.
    campaign
        With the coefficients that the film was made with.
    has_voxels
        Whether transport and surfaces are measured, too.

    Returns
    -------
    dict
        Quantities of a measured table; what has no result (no conducting way) is missing.
    """
    thickness_um = electrode.thickness_um
    if has_voxels:
        settings = campaign.characterization
        columns = characterize(
            electrode,
            Phases.of(campaign),
            voxel_size_um=settings.voxel_size_um,
            coverage_tolerance_um=settings.coverage_tolerance_um,
            transport_method=settings.transport_method,
            conductivity_method=settings.conductivity_method,
        ).row()
        found = {name: columns[name] for name in _COLUMNS}
    else:
        image = voxelize(electrode, VOLUME_VOXEL_SIZE_UM, thickness_um)
        shares = volume_columns(image, campaign.materials.cbd.nanoporosity)
        found = {
            # pg/um3 is g/cm3.
            "density_g_cm3": electrode.mass_pg / (electrode.area_um2 * thickness_um),
            "porosity_total": shares["porosity_total"],
            "porosity_bulk": shares["porosity_bulk"],
        }
    found["porosity_by_mass"] = porosity_by_mass(campaign.materials, electrode, thickness_um)
    if measured["cr_imposed_pct"] > 0:
        share = measured["cr_retained_pct"] / measured["cr_imposed_pct"]
        found["springback_pct"] = 100 * (1 - share)
        if campaign.calendering.pressure_scale is not None:
            found["pressure_max_MPa"] = (
                campaign.calendering.pressure_scale * measured["pressure_model_kPa"] / 1e3
            )
    return {name: float(value) for name, value in found.items() if value is not None}
