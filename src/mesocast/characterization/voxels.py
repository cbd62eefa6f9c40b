"""The voxel image of an electrode, and how spheres are painted on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from mesocast.electrode import Electrode

PORE = 0
PHASES = (PORE, ACTIVE_MATERIAL, CBD)
# Solid that neither conducts nor reacts, as foil or separator in a tomogram: insulates.
OTHER = 3
# No phase and no part of the volume: insulates.
WALL = 255


@dataclass(frozen=True)
class VoxelImage:
    """Three phases on a regular grid.

    Parameters
    ----------
    labels
        Shape (nx, ny, nz), uint8: ``PORE``, ``ACTIVE_MATERIAL`` or ``CBD``; in an image of any
        source also ``OTHER``, and ``WALL`` for what is no part of the sample. Layer 0 along z
        lies on the current collector.
    voxel_size_um
        Edges (hx, hy, hz) of a voxel, um.
    periodic
        Whether the image repeats along x and y, as simulated electrodes do. Otherwise, as in a
        tomogram, its sides are walls that nothing passes.
    """

    labels: NDArray[np.uint8]
    voxel_size_um: tuple[float, float, float]
    periodic: bool = True

    @property
    def thickness_um(self) -> float:
        """Height of the image."""
        return float(self.labels.shape[2] * self.voxel_size_um[2])

    @property
    def volume_um3(self) -> float:
        """Volume of the sample."""
        return float(self.voxels * np.prod(self.voxel_size_um))

    @property
    def voxels(self) -> int:
        """Number of voxels that belong to the sample."""
        return int(self.labels.size - np.count_nonzero(self.labels == WALL))

    def fraction(self, phase: int) -> float:
        """Volume fraction of a phase."""
        return float(np.count_nonzero(self.labels == phase) / self.voxels)

    def every_second_voxel(self) -> VoxelImage:
        """Same structure on a grid of twice the edge, sampled at every second voxel."""
        hx, hy, hz = self.voxel_size_um
        return replace(
            self,
            labels=np.ascontiguousarray(self.labels[::2, ::2, ::2]),
            voxel_size_um=(2 * hx, 2 * hy, 2 * hz),
        )

    def plot(self) -> Figure:
        """Draw two sections through the middle."""
        from mesocast.characterization.pictures.sections import section_figure

        return section_figure(self)

    def _repr_html_(self) -> str:
        size = " × ".join(
            f"{count * edge:.1f}"
            for count, edge in zip(self.labels.shape, self.voxel_size_um, strict=True)
        )
        shares = ", ".join(
            f"{name} {100 * self.fraction(phase):.1f} %"
            for phase, name in zip(PHASES, ("pore", "active material", "CBD"), strict=True)
        )
        return f"<p>Voxel image of {size} µm³, {self.labels.shape} voxels: {shares}</p>"

    def between_walls(self) -> NDArray[np.uint8]:
        """Labels plus one layer of ``WALL`` along x and y, unless the image is periodic.

        Every periodic method, TauFactor's included, then sees sides that nothing passes.
        """
        if self.periodic:
            return self.labels
        return np.pad(self.labels, ((0, 1), (0, 1), (0, 0)), constant_values=WALL)


def voxelize(electrode: Electrode, voxel_size_um: float, thickness_um: float) -> VoxelImage:
    """Paint the spheres of an electrode on a grid.

    A voxel belongs to a sphere when its centre lies in it (true radius, not the contact radius).
    Where spheres overlap, active material wins over CBD. The grid fits the box exactly: the voxel
    edge is the length divided by the nearest whole number of voxels along z, and by the nearest
    even number along x and y (a chequerboard must close across the periodic sides). So the three
    edges differ slightly from `voxel_size_um` and from each other.

    Parameters
    ----------
    electrode
        Spheres, periodic along x and y.
    voxel_size_um
        Voxel edge that is asked for, um.
    thickness_um
        Upper end of the image, um; what lies above it or below z = 0 is cut off.

    Raises
    ------
    InputError
        A length is not positive, an axis has less than two voxels, or a bead is neither active
        material nor CBD.
    """
    lengths_um = (*electrode.lateral_um, thickness_um)
    if not (voxel_size_um > 0 and np.isfinite((voxel_size_um, *lengths_um)).all()):
        raise InputError(
            f"voxel size {voxel_size_um} um, box {lengths_um} um: must be positive lengths"
        )
    nx, ny = (2 * round(length / voxel_size_um / 2) for length in electrode.lateral_um)
    nz = round(thickness_um / voxel_size_um)
    if min(nx, ny, nz) < 2:
        raise InputError(
            f"voxel size {voxel_size_um} um: gives {nx} x {ny} x {nz} voxels in a box of "
            f"{lengths_um} um; each axis needs at least 2"
        )
    if not np.isin(electrode.species, (ACTIVE_MATERIAL, CBD)).all():
        raise InputError(
            f"species {sorted(set(electrode.species.tolist()))}: allowed are {ACTIVE_MATERIAL} "
            f"(active material) and {CBD} (CBD)"
        )
    hx, hy, hz = (length / count for length, count in zip(lengths_um, (nx, ny, nz), strict=True))
    labels = sample_phases(electrode, (nx, ny, nz), (hx, hy, hz), (0.5, 0.5, 0.5))
    return VoxelImage(labels, (hx, hy, hz))


def sample_phases(
    electrode: Electrode,
    counts: tuple[int, int, int],
    spacing_um: tuple[float, float, float],
    offset: tuple[float, float, float],
    order: Sequence[int] = (CBD, ACTIVE_MATERIAL),
) -> NDArray[np.uint8]:
    """Phases at the points (index + offset) * spacing of a grid that is periodic along x and y.

    Where spheres overlap, active material wins over CBD: the later in the order.
    """
    labels = np.zeros(counts, dtype=np.uint8)
    for species in order:
        selected = electrode.species == species
        _paint(
            labels,
            np.column_stack(
                [electrode.positions_um[selected], electrode.radii_um[selected]]
            ).astype(np.float64),
            np.uint8(species),
            spacing_um,
            offset,
        )
    return labels


@njit(cache=True)
def _paint(
    labels: NDArray[np.uint8],
    spheres_um: NDArray[np.float64],
    label: np.uint8,
    spacing_um: tuple[float, float, float],
    offset: tuple[float, float, float],
) -> None:
    """Paint each sphere (x, y, z, radius) as one chord along z per column of points."""
    nx, ny, nz = labels.shape
    hx, hy, hz = spacing_um
    ox, oy, oz = offset
    for sphere in range(len(spheres_um)):
        x, y, z, radius = spheres_um[sphere]
        for i in range(int(np.ceil((x - radius) / hx - ox)), int((x + radius) // hx) + 1):
            dx = (i + ox) * hx - x
            for j in range(int(np.ceil((y - radius) / hy - oy)), int((y + radius) // hy) + 1):
                dy = (j + oy) * hy - y
                half_chord_squared = radius**2 - dx**2 - dy**2
                if half_chord_squared < 0:
                    continue
                half_chord = np.sqrt(half_chord_squared)
                first = max(int(np.ceil((z - half_chord) / hz - oz)), 0)
                last = min(int(np.floor((z + half_chord) / hz - oz)), nz - 1)
                for k in range(first, last + 1):
                    labels[i % nx, j % ny, k] = label
