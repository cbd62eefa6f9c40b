r"""What a four-point probe reads on a coating: its conductivity in the plane.

Four pins in a line, *s* apart, stand on a coating of thickness *t* that lies on an insulator (on a
metal foil the probe would read the foil). The outer two carry the current *I*, the inner two tell
the voltage *V*, so that contacts do not count. Far from its rim, and thin against *s*, the coating
is read as

.. math:: \sigma = \frac{\ln 2}{\pi\, t} \frac{I}{V} .

(Smits, Bell Syst. Tech. J. 37, 711 (1958).) Pins are a millimetre or more apart and a coating is
a tenth of that thick, so the current runs in the plane: the number is that of the plane, the
geometric mean of the two directions where they differ, and not the conductivity through the
thickness. Where the coating is not thin, the formula is to be divided by
``thickness_correction``.

The conductivity in the plane is that of a structure that repeats without end: a mean field of one
along x, to which periodic potentials are added. Sides that are walls, as a tomogram has, do not
repeat; there two of them are the electrodes.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.transport import multigrid
from mesocast.characterization.transport.methods import conduct_voxels
from mesocast.characterization.transport.percolation import spanning
from mesocast.characterization.transport.voxel_faces import voxel_faces
from mesocast.characterization.voxels import WALL
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.characterization.voxels import VoxelImage


def four_point_conductivity(image: VoxelImage, conductivities: Mapping[int, float]) -> float:
    """Conductivity that a four-point probe reads on a coating of this structure, S/m.

    Parameters
    ----------
    image
        Voxel image.
    conductivities
        Of the phases, S/m, by their labels; one at least is above 0. Others insulate.

    Raises
    ------
    PhysicsFailure
        ``solid_not_percolating`` or ``transport_not_converged``.
    """
    along_x = in_plane_conductivity(image, conductivities)
    hx, hy, hz = image.voxel_size_um
    turned = dataclasses.replace(
        image,
        labels=np.ascontiguousarray(image.labels.swapaxes(0, 1)),
        voxel_size_um=(hy, hx, hz),
    )
    return math.sqrt(along_x * in_plane_conductivity(turned, conductivities))


def in_plane_conductivity(image: VoxelImage, conductivities: Mapping[int, float]) -> float:
    """Effective conductivity along x; nothing leaves at the collector and the surface.

    Parameters
    ----------
    image
        Voxel image.
    conductivities
        By phase; others insulate.

    Raises
    ------
    PhysicsFailure
        ``solid_not_percolating`` or ``transport_not_converged``.
    """
    conducting = {phase: value for phase, value in conductivities.items() if value > 0}
    labels = image.labels
    hx, hy, hz = image.voxel_size_um
    if not image.periodic:
        standing = dataclasses.replace(
            image, labels=np.ascontiguousarray(labels.swapaxes(0, 2)), voxel_size_um=(hz, hy, hx)
        )
        return conduct_voxels(standing, conducting, "multigrid", "solid")[0].effective_conductivity
    # Along x as others see the thickness, with a wall where collector and surface would meet.
    turned = np.pad(labels.swapaxes(0, 2), ((0, 1), (0, 0), (0, 0)), constant_values=WALL)
    if not spanning(np.isin(turned, list(conducting))).any():
        raise PhysicsFailure("solid_not_percolating", "the solid does not connect in the plane")
    scale = max(conducting.values())  # the preconditioner works in single precision
    phases = np.zeros_like(labels)
    for number, phase in enumerate(conducting, start=1):
        phases[labels == phase] = number
    values = tuple(value / scale for value in conducting.values())
    faces = voxel_faces(phases, values, image.voxel_size_um)
    faces.z[:, :, [0, -1]] = 0
    drive = hx * faces.x.astype(float)
    power = hx * float(drive.sum())
    solution = multigrid.solve_source(
        faces, image.voxel_size_um, drive - np.roll(drive, -1, axis=0), drive_power=power
    )
    return scale * solution.power / image.volume_um3


def thickness_correction(thickness_over_spacing: float) -> float:
    r"""Give what a thin coating's formula is to be divided by where the coating is not thin.

    :math:`F = 1 / (1 + \frac{2}{\ln 2} \sum_{k \ge 1} [K_0(\pi k s / t) - K_0(2 \pi k s / t)])`,
    the pins' images in both faces, summed; Smits' table. 1 within 0.1 % up to *t/s* = 0.4. Where
    the conductivities in the plane and through the thickness differ, *t* is to be multiplied by
    the root of the first over the second.

    Parameters
    ----------
    thickness_over_spacing
        Thickness of the coating over the distance of neighbouring pins, above 0.
    """
    from scipy.special import k0

    # Terms fall as exp(-pi k s / t).
    k = np.arange(1, 10 + math.ceil(15 * thickness_over_spacing))
    distance = np.pi * k / thickness_over_spacing
    return float(1 / (1 + 2 / math.log(2) * np.sum(k0(distance) - k0(2 * distance))))
