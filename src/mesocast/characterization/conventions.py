"""Numbers of published work in its own conventions, beside Mesocast's own.

They are what to hold against a published number; which one an optimum is sought by moves it.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

from mesocast.characterization.geometry.voxel_surface import area_by_voxel_faces
from mesocast.characterization.transport.properties import PermeableCbd, pore_transport
from mesocast.characterization.voxels import PORE, voxelize
from mesocast.electrode import CBD
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.electrode import Electrode

_LOGGER = logging.getLogger(__name__)

#: CBD in the electrochemical models of Ngandjong et al., J. Power Sources 485 (2021) 229320:
#: electrolyte fills 0.47 of it and diffuses in it at 0.33 of its own diffusivity.
NGANDJONG_CBD = PermeableCbd(relative_diffusivity=0.33, nanoporosity=0.47)
#: The published chain counts active surface on voxels of this edge (ARTISTIC, public code of 2020).
FACES_VOXEL_UM = 1.0


def published_conventions(
    electrode: Electrode,
    image: VoxelImage,
    *,
    transport_method: str,
    volume_voxel_size_um: float,
    cbd_nanoporosity: float,
) -> dict[str, float | None]:
    """Measure an electrode as published work does.

    Parameters
    ----------
    electrode
        The spheres.
    image
        Their voxels, for transport.
    transport_method
        Name in ``transport.PORE_METHODS``.
    volume_voxel_size_um
        Voxel edge for volume fractions, um.
    cbd_nanoporosity
        Pore fraction inside the CBD, for the total porosity.

    Returns
    -------
    dict
        By column; None where there is no result.
    """
    found: dict[str, float | None] = {"tortuosity_ngandjong_2021": None}
    try:
        transport = pore_transport(image, transport_method, electrode=electrode, cbd=NGANDJONG_CBD)
        found["tortuosity_ngandjong_2021"] = math.sqrt(transport.tortuosity_factor)
    except PhysicsFailure as failure:
        _LOGGER.info("no tortuosity_ngandjong_2021: %s", failure)
    coarse = voxelize(electrode, FACES_VOXEL_UM, electrode.thickness_um)
    share = area_by_voxel_faces(coarse).pore_share
    found["active_surface_voxel_faces_1um_pct"] = None if share is None else 100 * share
    height_um = float(electrode.positions_um[:, 2].max())
    high = voxelize(electrode, volume_voxel_size_um, height_um)
    bulk = high.fraction(PORE)
    found["thickness_to_highest_centre_um"] = height_um
    found["porosity_bulk_to_highest_centre"] = bulk
    found["porosity_total_to_highest_centre"] = bulk + cbd_nanoporosity * high.fraction(CBD)
    return found
