r"""How fast electrolyte enters: permeability by Kozeny and Carman, and Washburn's law.

.. math:: k = \frac{\varepsilon^3}{5 S^2}, \qquad
          t = \frac{\varepsilon \eta L^2}{2 k p_c} .

Kozeny and Carman (Carman, Trans. Inst. Chem. Eng. 15, 150 (1937)) need the porosity and the wall
over the volume, *S*; 5 is their constant for beds of grains. It is an estimate:
docs/electrolyte.md has its error against closed forms. A front that the capillary pressure
:math:`p_c` pulls into a depth *L* against the viscosity :math:`\eta` follows by Darcy's law
(Washburn, Phys. Rev. 17, 273 (1921)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.geometry.voxel_surface import (
    marching_cubes_area_um2,
    meshed_volume_um3,
)
from mesocast.characterization.voxels import PORE

if TYPE_CHECKING:
    from mesocast.characterization.voxels import VoxelImage

_KOZENY = 5.0


def kozeny_carman_um2(image: VoxelImage) -> float:
    """Permeability of an image from its porosity and the wall of its pores, um2.

    The wall is that of a marching-cubes mesh; without one the permeability is infinite.
    """
    area_um2 = marching_cubes_area_um2(image.labels == PORE, image.voxel_size_um, image.periodic)
    wall_1_um = area_um2 / meshed_volume_um3(image)
    porosity = image.fraction(PORE)
    return float("inf") if wall_1_um == 0 else porosity**3 / (_KOZENY * wall_1_um**2)


def washburn_time_ms(
    depth_um: float,
    *,
    filled: float,
    permeability_um2: float,
    capillary_pressure_kPa: float,
    viscosity_mPa_s: float,
) -> float:
    """Time in which capillarity fills a depth.

    Parameters
    ----------
    depth_um
        How far the front goes.
    filled
        Share of the volume that electrolyte fills behind the front.
    permeability_um2, capillary_pressure_kPa, viscosity_mPa_s
        Of the pores, of the front, of the electrolyte.
    """
    # mPa s over kPa is a microsecond.
    time_us = (
        filled * viscosity_mPa_s * depth_um**2 / (2 * permeability_um2 * capillary_pressure_kPa)
    )
    return 1e-3 * time_us


def washburn_rate_mm_s05(depth_um: float, time_ms: float) -> float:
    """Depth of a front over the root of its time, mm/s^0.5."""
    return float(1e-3 * depth_um / np.sqrt(1e-3 * time_ms))
