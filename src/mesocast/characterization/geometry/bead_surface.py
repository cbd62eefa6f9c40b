"""Active surface: what the surface of the active material faces, exact from the spheres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from mesocast.electrode import ACTIVE_MATERIAL, CBD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.electrode import Electrode

POINTS_PER_UM2 = 100.0
# A small sphere gets enough points to keep the error of its shares below 0.001; the
# errors of many spheres cancel.
_LEAST_POINTS = 5000

_NOT_ACTIVE = -1
_FACES_PORE, _COVERED_BY_CBD, _TOUCHES_ACTIVE_MATERIAL, _ON_COLLECTOR = range(4)


@dataclass(frozen=True)
class ActiveSurface:
    """What the surface of each particle of active material faces.

    Parameters
    ----------
    beads
        Shape (n,): rows of the particles in the electrode.
    areas_um2
        Shape (n,): 4 pi r^2. Their sum is the denominator of all shares of the electrode.
    shares
        Shape (n, 4): shares of a particle's surface that face pore (the active surface), lie in
        CBD or closer to it than the coverage tolerance, lie in another particle, and lie at or
        below the collector plane z = 0. They add up to one.
    """

    beads: NDArray[np.int64]
    areas_um2: NDArray[np.float64]
    shares: NDArray[np.float64]

    @property
    def area_um2(self) -> float:
        """Area of all particles."""
        return float(self.areas_um2.sum())

    @property
    def pore_share(self) -> float:
        """Share of all surface that faces pore."""
        return self._share(_FACES_PORE)

    @property
    def cbd_share(self) -> float:
        """Share of all surface that CBD covers."""
        return self._share(_COVERED_BY_CBD)

    @property
    def active_material_share(self) -> float:
        """Share of all surface that lies in other active material."""
        return self._share(_TOUCHES_ACTIVE_MATERIAL)

    @property
    def collector_share(self) -> float:
        """Share of all surface on the collector."""
        return self._share(_ON_COLLECTOR)

    def _share(self, kind: int) -> float:
        area_um2 = self.area_um2
        return float((self.areas_um2 * self.shares[:, kind]).sum()) / area_um2 if area_um2 else 0.0


def active_surface(
    electrode: Electrode,
    coverage_tolerance_um: float,
    points_per_um2: float = POINTS_PER_UM2,
) -> ActiveSurface:
    """Measure what the surface of the active material faces.

    Fibonacci points (González, Math. Geosci. 42, 49 (2010)), each of equal area, cover every
    sphere of active material. A point belongs to the first of these that holds it: the collector
    (z <= 0), another sphere of active material, a CBD sphere enlarged by the tolerance, the pore.
    The plane at the film's thickness is a convention, not a wall: a point above it counts as
    any other point.

    Parameters
    ----------
    electrode
        Spheres, periodic along x and y.
    coverage_tolerance_um
        Gap to CBD below which the surface counts as covered, um; 0 counts true overlap only.
    points_per_um2
        Density of points; at least 5000 points lie on each sphere.
    """
    active = electrode.species == ACTIVE_MATERIAL
    radii = electrode.radii_um[active].astype(np.float64)
    if not len(radii):
        return ActiveSurface(np.empty(0, dtype=np.int64), np.empty(0), np.empty((0, 4)))
    areas = 4 * np.pi * radii**2
    centres = electrode.positions_um[active].astype(np.float64)
    centres[:, :2] %= electrode.lateral_um
    obstacles, sources = _with_periodic_images(electrode, coverage_tolerance_um, float(radii.max()))
    active_numbers = np.where(active, np.cumsum(active) - 1, _NOT_ACTIVE)
    counts = _classify(
        np.column_stack([centres, radii]),
        np.maximum(np.ceil(areas * points_per_um2), _LEAST_POINTS).astype(np.int64),
        obstacles,
        active_numbers[sources],
    )
    return ActiveSurface(np.flatnonzero(active), areas, counts / counts.sum(axis=1, keepdims=True))


def _with_periodic_images(
    electrode: Electrode, coverage_tolerance_um: float, largest_active_radius_um: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All spheres and those of their images that can touch a sphere centred in the box.

    The nearest image alone is not enough: in a small box a large sphere touches two images of
    the same neighbour, and itself. Returns the spheres as rows (x, y, z, enlarged radius) and the
    bead that each one is an image of.
    """
    tolerance = np.where(electrode.species == CBD, coverage_tolerance_um, 0.0)
    spheres = np.column_stack([electrode.positions_um, electrode.radii_um + tolerance])
    sources = np.arange(len(spheres))
    for axis, length in enumerate(electrode.lateral_um):
        reach = spheres[:, 3] + largest_active_radius_um
        images = int(np.ceil(reach.max() / length))
        shifts = np.arange(-images, images + 1)[:, None] * length
        shifted = spheres[:, axis] % length + shifts
        near = (shifted > -reach) & (shifted < length + reach)
        kept = np.nonzero(near)[1]
        spheres, sources = spheres[kept], sources[kept]
        spheres[:, axis] = shifted[near]
    return spheres, sources


@njit(cache=True)
def _classify(
    active: NDArray[np.float64],
    point_counts: NDArray[np.int64],
    obstacles: NDArray[np.float64],
    active_numbers: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Count the points of each class on each sphere of active material; shape (n, 4).

    Spheres are rows (x, y, z, radius); `active_numbers` says which row of `active` an obstacle is
    an image of.
    """
    counts = np.zeros((len(active), 4), dtype=np.int64)
    golden_angle = np.pi * (3 - np.sqrt(5))
    # A point at centre + r n lies in an obstacle at centre + offset when n.offset exceeds height.
    offsets = np.empty((len(obstacles), 3))
    heights = np.empty(len(obstacles))
    is_cbd = np.empty(len(obstacles), dtype=np.bool_)
    for sphere in range(len(active)):
        radius = active[sphere, 3]
        near_count = 0
        for obstacle in range(len(obstacles)):
            squared = 0.0
            for axis in range(3):
                offsets[near_count, axis] = obstacles[obstacle, axis] - active[sphere, axis]
                squared += offsets[near_count, axis] ** 2
            obstacle_radius = obstacles[obstacle, 3]
            itself = active_numbers[obstacle] == sphere and squared < 1e-12 * radius**2
            if itself or squared >= (radius + obstacle_radius) ** 2:
                continue
            heights[near_count] = (squared + radius**2 - obstacle_radius**2) / (2 * radius)
            is_cbd[near_count] = active_numbers[obstacle] == _NOT_ACTIVE
            near_count += 1
        points = point_counts[sphere]
        for point in range(points):
            w = 1 - (2 * point + 1) / points
            ring = np.sqrt(1 - w**2)
            u, v = ring * np.cos(golden_angle * point), ring * np.sin(golden_angle * point)
            kind = _FACES_PORE
            if active[sphere, 2] + radius * w <= 0:
                kind = _ON_COLLECTOR
            else:
                for near in range(near_count):
                    inside = u * offsets[near, 0] + v * offsets[near, 1] + w * offsets[near, 2]
                    if inside <= heights[near]:
                        continue
                    if is_cbd[near]:
                        kind = _COVERED_BY_CBD
                    else:
                        kind = _TOUCHES_ACTIVE_MATERIAL
                        break
            counts[sphere, kind] += 1
    return counts
