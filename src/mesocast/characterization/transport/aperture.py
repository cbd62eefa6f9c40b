"""Face conductances from the spheres themselves: the open share of every face.

Sharp voxels close a throat that is narrower than a voxel and lengthen every path around a sphere,
so that diffusivities come out far too low. Here a cell's faces conduct in proportion to the part of
them that lies in the pores, which is sampled on the face planes. The sphere surfaces keep their
position to a fraction of a cell. For pores only: contacts between solids have no width to sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from mesocast.characterization.transport.faces import Faces
from mesocast.characterization.voxels import sample_phases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mesocast.electrode import Electrode

# Two samples per edge of a face are better than more: they find a little less open area, finite
# volumes conduct a little too well. At 0.25 um the two leave 0.2 to 0.5 %, and 4 x 4 samples 0.6 to
# 1.0 % (docs/characterization.md, by scripts/convergence_voxel_size.py).
SAMPLES_PER_EDGE = 2


def aperture_faces(
    electrode: Electrode,
    counts: tuple[int, int, int],
    cell_size_um: tuple[float, float, float],
    conductivities: Mapping[int, float],
    samples_per_edge: int = SAMPLES_PER_EDGE,
) -> Faces:
    """Conductances between cell centres through the conducting part of each face.

    Parameters
    ----------
    electrode
        Spheres, periodic along x and y.
    counts, cell_size_um
        Cells along each axis and their edges; the grid starts at the collector plane.
    conductivities
        By phase; a phase that is left out insulates. Where a face lies in several phases, the mean
        over its samples counts.
    samples_per_edge
        The face is sampled at the centres of this number squared of equal rectangles.

    Returns
    -------
    Faces
        In the unit of the conductivities times um. End planes are half a cell away.
    """
    table = np.zeros(256)
    table[list(conductivities)] = list(conductivities.values())
    hx, hy, hz = cell_size_um
    geometry = (hy * hz / hx, hx * hz / hy, hx * hy / hz)
    x, y, z = (
        _mean_conductance(
            _sample_faces(electrode, counts, cell_size_um, axis, samples_per_edge),
            axis,
            samples_per_edge,
            (table * geometry[axis] / samples_per_edge**2).astype(np.float32),
        )
        for axis in range(3)
    )
    z[:, :, [0, -1]] *= 2
    return Faces(x, y, z)


def _sample_faces(
    electrode: Electrode,
    counts: tuple[int, int, int],
    cell_size_um: tuple[float, float, float],
    axis: int,
    samples: int,
) -> NDArray[np.uint8]:
    """Phases on the face planes of one axis."""
    finer = [samples if other != axis else 1 for other in range(3)]
    points = [count * factor for count, factor in zip(counts, finer, strict=True)]
    if axis == 2:
        points[2] += 1  # both end planes
    spacing = [edge / factor for edge, factor in zip(cell_size_um, finer, strict=True)]
    offset = [0.5 if other != axis else 0.0 for other in range(3)]
    return sample_phases(
        electrode,
        (points[0], points[1], points[2]),
        (spacing[0], spacing[1], spacing[2]),
        (offset[0], offset[1], offset[2]),
    )


@njit(cache=True)
def _mean_conductance(
    phases: NDArray[np.uint8], axis: int, samples: int, table: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Sum the table's values over the samples of each face."""
    fx = 1 if axis == 0 else samples
    fy = 1 if axis == 1 else samples
    fz = 1 if axis == 2 else samples
    nx, ny, nz = phases.shape
    faces = np.zeros((nx // fx, ny // fy, nz // fz), dtype=np.float32)
    for i in range(nx):
        for j in range(ny):
            row, target = phases[i, j], faces[i // fx, j // fy]
            for k in range(nz // fz):
                for sample in range(fz):
                    target[k] += table[row[fz * k + sample]]
    return faces
