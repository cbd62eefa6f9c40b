"""The voxel image of an electrode as a TIFF; ``tiff_stack`` reads TIFFs of any source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.storage.files import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.characterization.voxels import VoxelImage


def write_tiff(image: VoxelImage, path: Path) -> None:
    """Write a z-stack that ImageJ, Fiji and ParaView open at the right scale.

    One page per layer along z, with y down and x to the right, zlib compressed. The resolution
    tags hold 1/hx and 1/hy, the ImageJ description holds hz ("spacing") and the unit. The same
    image always gives the same bytes; the file appears complete or not at all.
    """
    import tifffile

    hx, hy, hz = image.voxel_size_um
    with replacing(path) as temporary, temporary.open("wb") as stream:
        tifffile.imwrite(
            stream,
            np.ascontiguousarray(image.labels.transpose(2, 1, 0)),
            imagej=True,
            compression="zlib",
            resolution=(1 / hx, 1 / hy),
            metadata={"axes": "ZYX", "spacing": hz, "unit": "um"},
        )
