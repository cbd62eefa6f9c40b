"""Tables beside the row of an electrode: particles, profiles through the thickness, pore sizes."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.voxels import PORE, WALL
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.storage.files import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.characterization.geometry.bead_surface import ActiveSurface
    from mesocast.characterization.geometry.pore_size import PoreSizes
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.electrode import Electrode

    Columns = Mapping[str, NDArray[np.number]]


def write_table(path: Path, columns: Columns) -> None:
    """Write columns of equal length as CSV, with names as the first line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([f"{value:.6g}" for value in row])
    write_text(path, text.getvalue())


def particle_columns(electrode: Electrode, surface: ActiveSurface) -> Columns:
    """Columns of one row per particle of active material; `id` is that of the electrode's dump."""
    return {
        "id": surface.beads + 1,
        "z_um": electrode.positions_um[surface.beads, 2],
        "diameter_um": 2 * electrode.radii_um[surface.beads],
        "area_um2": surface.areas_um2,
        "active_surface_pct": 100 * surface.shares[:, 0],
        "am_surface_on_cbd_pct": 100 * surface.shares[:, 1],
        "am_surface_on_am_pct": 100 * surface.shares[:, 2],
        "am_surface_on_collector_pct": 100 * surface.shares[:, 3],
    }


def profile_columns(image: VoxelImage) -> Columns:
    """Columns of one row per layer of an image, from the collector up."""
    nz = image.labels.shape[2]
    inside = np.count_nonzero(image.labels != WALL, axis=(0, 1))
    # A layer that is left out as a whole has no shares.
    counted = np.where(inside > 0, inside, np.nan)
    shares = {
        name: np.count_nonzero(image.labels == phase, axis=(0, 1)) / counted
        for name, phase in (
            ("porosity_bulk", PORE),
            ("am_fraction", ACTIVE_MATERIAL),
            ("cbd_fraction", CBD),
        )
    }
    return {"z_um": (np.arange(nz) + 0.5) * image.voxel_size_um[2], **shares}


def pore_size_columns(sizes: PoreSizes) -> Columns:
    """Columns of one row per diameter of pores."""
    return {"diameter_um": sizes.diameters_um, "volume_share": sizes.volume_shares}
