"""Voxel images and fields for ParaView."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.storage.files import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mesocast.characterization.transport.field import Field
    from mesocast.characterization.voxels import VoxelImage


def write_vti(path: Path, image: VoxelImage, fields: Mapping[str, Field]) -> None:
    """Write VTK image data: one cell per voxel, compressed.

    Parameters
    ----------
    path
        File to write, with the suffix ``.vti``; it appears complete or not at all.
    image
        The phases become the cell array ``phase``.
    fields
        Fields on the grid of the image by the name of their network, which become
        ``<network>_potential`` (1 at the collector, 0 at the surface, NaN outside the network)
        and ``<network>_flux`` (a vector, over the mean flux density along z).
    """
    import pyvista  # seconds

    nx, ny, nz = image.labels.shape
    grid = pyvista.ImageData(dimensions=(nx + 1, ny + 1, nz + 1), spacing=image.voxel_size_um)
    # VTK counts x fastest.
    grid.cell_data["phase"] = image.labels.ravel(order="F")
    for name, field in fields.items():
        potential = np.where(field.conducting, field.potential, np.float32(np.nan))
        grid.cell_data[f"{name}_potential"] = potential.ravel(order="F")
        grid.cell_data[f"{name}_flux"] = field.flux().reshape((-1, 3), order="F")
    with replacing(path) as temporary:
        grid.save(temporary.with_suffix(".vti"))
        temporary.with_suffix(".vti").rename(temporary)
