"""Cells of what ``characterize --cell`` measures: a condition's electrode, an image, a packing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.cell.result import CellResult, cell
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.cell.chemistry import Chemistry
    from mesocast.config.campaign import Campaign
    from mesocast.config.materials import Materials


def cell_of_measured(
    row: Mapping[str, Any], campaign: Campaign, chemistry: Chemistry
) -> CellResult | PhysicsFailure:
    """Put what was measured into cells.

    Parameters
    ----------
    row
        Columns of an electrode, or of an image, whose names it translates; see ``row_of_image``.
    campaign, chemistry
        Settings and materials.

    Returns
    -------
    CellResult or PhysicsFailure
        Why there is no cell, where there is none: also where an image is no electrode.
    """
    try:
        return cell(
            row_of_image(row, campaign.materials),
            chemistry,
            material=campaign.materials.active_material,
            settings=campaign.cell,
        )
    except PhysicsFailure as failure:
        return failure


def row_of_image(row: Mapping[str, Any], materials: Materials) -> dict[str, Any]:
    """Give an image the columns of an electrode that a cell needs, where it has others for them.

    Its density is that of its phases, its transport that of sharp voxels, which is too low by 1.2
    to 3 times, and its active surface that of marching cubes.

    Parameters
    ----------
    row
        Columns of an image or of an electrode, which stays as it is.
    materials
        Densities of the phases.
    """
    found = dict(row)
    for name, other in (
        ("tortuosity_factor_permeable_cbd", "tortuosity_factor_permeable_cbd_voxel"),
        ("active_surface_pct", "active_surface_marching_cubes_pct"),
    ):
        if found.get(name) is None:
            found[name] = row.get(other)
    if found.get("density_g_cm3") is None:
        cbd = materials.cbd
        found["density_g_cm3"] = (
            row["am_fraction"] * materials.active_material.density_g_cm3
            + row["cbd_fraction"] * (1 - cbd.nanoporosity) * cbd.solid_density_g_cm3
        )
    return found
