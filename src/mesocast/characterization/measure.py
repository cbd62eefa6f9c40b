"""All properties of one electrode, or of one voxel image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mesocast.characterization.conventions import published_conventions
from mesocast.characterization.further import Wanted, by_contacts, measure_further
from mesocast.characterization.geometry.bead_surface import active_surface
from mesocast.characterization.image import image_columns, volume_columns
from mesocast.characterization.result import Characterization, ImageProperties
from mesocast.characterization.voxels import voxelize
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.characterization.image import Phases
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.electrode import Electrode

# Painting the spheres is cheap, so volumes are taken from a grid finer than that of the transport
# problem; at 0.1 um they are within 0.02 % of their limit.
VOLUME_VOXEL_SIZE_UM = 0.1


def characterize(
    electrode: Electrode,
    phases: Phases,
    *,
    voxel_size_um: float,
    coverage_tolerance_um: float,
    transport_method: str = "aperture",
    conductivity_method: str = "multigrid",
    volume_voxel_size_um: float = VOLUME_VOXEL_SIZE_UM,
    wanted: Wanted | None = None,
) -> Characterization:
    """Measure all properties of an electrode.

    Parameters
    ----------
    electrode
        Spheres on the collector, periodic along x and y.
    phases
        Conductivities and nanoporosity.
    voxel_size_um
        Voxel edge of the transport problem, um. Tortuosity and conductivity depend on it.
    coverage_tolerance_um
        Gap to CBD below which active-material surface counts as covered, um.
    transport_method
        How the pores' tortuosity factor is measured: a name in ``transport.PORE_METHODS``.
    conductivity_method
        How the electronic conductivity is measured: a name in ``conduction.METHODS``.
    volume_voxel_size_um
        Voxel edge for the volume fractions, um.
    wanted
        What to measure besides.

    Raises
    ------
    InputError
        The electrode has no beads or a parameter is out of range.
    """
    if len(electrode.radii_um) == 0:
        raise InputError("the electrode has no beads; at least one is needed")
    if not 0 <= coverage_tolerance_um < math.inf:
        raise InputError(f"coverage_tolerance_um {coverage_tolerance_um}: must be at least 0")
    thickness_um = electrode.thickness_um
    volume_um3 = electrode.area_um2 * thickness_um
    image = voxelize(electrode, voxel_size_um, thickness_um)
    coarse = None
    if min(image.labels.shape) >= 4:  # enough for the double edge
        coarse = voxelize(electrode, 2 * voxel_size_um, thickness_um)
    columns = image_columns(image, coarse, phases, transport_method, conductivity_method, electrode)
    fine = voxelize(electrode, volume_voxel_size_um, thickness_um)
    columns |= volume_columns(fine, phases.cbd_nanoporosity)
    nominal_um3 = electrode.volume_below_um3(thickness_um) - electrode.volume_below_um3(0.0)
    union_um3 = (1 - columns["porosity_bulk"]) * volume_um3
    surface = active_surface(electrode, coverage_tolerance_um)
    wanted = wanted or Wanted()
    further = measure_further(
        image, phases, wanted, electrode, by_apertures=transport_method == "aperture"
    )
    if "contacts" in wanted.names:
        further.columns["electronic_conductivity_contacts_S_m"] = by_contacts(
            electrode, phases, wanted.contacts
        )
    if "conventions" in wanted.names:
        further.columns.update(
            published_conventions(
                electrode,
                image,
                transport_method=transport_method,
                volume_voxel_size_um=volume_voxel_size_um,
                cbd_nanoporosity=phases.cbd_nanoporosity,
            )
        )
    columns |= {
        "thickness_um": thickness_um,
        "voxel_size_um": float(voxel_size_um),
        # pg/um3 is g/cm3, and pg/um2 is 0.1 mg/cm2.
        "density_g_cm3": electrode.mass_pg / volume_um3,
        "mass_loading_mg_cm2": 0.1 * electrode.mass_pg / electrode.area_um2,
        # Spheres that do not overlap come out negative by the error of the grid.
        "overlap_pct": max(0.0, 100 * (1 - union_um3 / nominal_um3)),
        "cut_volume_pct": 100 * (1 - nominal_um3 / electrode.sphere_volume_um3),
        "active_surface_pct": 100 * surface.pore_share,
        "am_surface_on_cbd_pct": 100 * surface.cbd_share,
        "am_surface_on_am_pct": 100 * surface.active_material_share,
        "am_surface_on_collector_pct": 100 * surface.collector_share,
        "specific_active_surface_1_um": surface.pore_share * surface.area_um2 / volume_um3,
        "volume_voxel_size_um": float(volume_voxel_size_um),
        "coverage_tolerance_um": float(coverage_tolerance_um),
        "surface": surface,
        "profile": fine,
        "further": further,
    }
    return Characterization(**columns)


def characterize_image(
    image: VoxelImage,
    phases: Phases,
    *,
    transport_method: str = "multigrid",
    conductivity_method: str = "multigrid",
    wanted: Wanted | None = None,
    report: Callable[[str], None] | None = None,
) -> ImageProperties:
    """Measure what a voxel image tells of an electrode: all but its mass and exact surfaces.

    Parameters
    ----------
    image, phases
        Voxel image of any source, and what its phases are.
    transport_method, conductivity_method
        Names in ``conduction.METHODS``.
    wanted
        What to measure besides.
    report
        See ``image_columns``.

    Raises
    ------
    InputError
        A parameter is out of range.
    """
    deep = [count for count in image.labels.shape if count > 1]
    coarse = image.every_second_voxel() if min(deep) >= 4 else None
    more = {} if report is None else {"report": report}
    return ImageProperties(
        **image_columns(image, coarse, phases, transport_method, conductivity_method, None, **more),
        further=measure_further(image, phases, wanted or Wanted(), None),
    )
