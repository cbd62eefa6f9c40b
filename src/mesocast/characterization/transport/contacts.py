r"""Electronic conduction through the contacts of beads, where CBD beads have a skin of binder.

Beads are nodes. Two that overlap conduct through the circle in which their spheres meet, of radius
*a*; each half-space before it has a constriction resistance (Maxwell; Holm, *Electric Contacts*,
1967), so

.. math:: G = \frac{4 a}{1/\sigma_1 + 1/\sigma_2} .

In a simple cubic lattice of equal spheres this is right within 11 % from *a* = 0.15 to 0.5 radii
(``tests/characterization/transport/test_contacts.py`` holds it to the voxel solver).

A CBD bead conducts up to a skin of binder with little carbon. A contact then conducts only once the
skins are pressed through: overlaps that adhesion alone makes conduct badly or not, those that a
calender makes conduct. Voxels of any usual edge do not resolve that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csgraph, diags_array
from scipy.sparse.linalg import cg
from scipy.spatial import cKDTree

from mesocast.electrode import CBD
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.electrode import Electrode

_TOLERANCE = 1e-8
_MOST_ITERATIONS = 20_000


def contact_conductivity(
    electrode: Electrode, conductivities_S_m: NDArray[np.float64], skin_um: float
) -> float:
    """Effective electronic conductivity through the thickness, S/m.

    Parameters
    ----------
    electrode
        Spheres on the collector, periodic along x and y.
    conductivities_S_m
        Of each bead, shape (n,); a bead of 0 insulates.
    skin_um
        Thickness of the insulating skin of two CBD beads in contact (half of it on each). Collector
        and upper electrode are reached through no skin, so their contact resistance is left out.

    Raises
    ------
    PhysicsFailure
        ``solid_not_percolating``: no way of contacts from the collector to the surface;
        ``transport_not_converged``.
    """
    height_um = electrode.thickness_um
    radii = electrode.radii_um
    cores = np.where(electrode.species == CBD, radii - skin_um / 2, radii)
    conducts = (conductivities_S_m > 0) & (cores > 0)
    one, two, circle_um = _contacts(electrode, np.where(conducts, cores, 0.0))
    resistivity = np.divide(1.0, conductivities_S_m, where=conducts, out=np.full(len(radii), 1.0))
    # um S/m, as are those of the electrodes: together with um2 and um they give S/m.
    conductance = 4 * circle_um / (resistivity[one] + resistivity[two])
    z = electrode.positions_um[:, 2]
    low, high = (
        np.where(conducts, 4 * _cut(radii, distance) / resistivity, 0.0)
        for distance in (z, height_um - z)
    )
    used = _between(len(radii), one, two, low > 0, high > 0)
    if not used.any():
        raise PhysicsFailure(
            "solid_not_percolating", "no way of contacts leads from the collector to the surface"
        )
    potential = _solve(used, one, two, conductance, low, high)
    current = float(np.sum((low * (1 - potential))[used]))
    return current * height_um / electrode.area_um2


def _contacts(
    electrode: Electrode, cores_um: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of beads whose cores overlap, and the radius of the circle in which they do."""
    periods = np.array(electrode.lateral_um)
    points = electrode.positions_um.copy()
    points[:, :2] %= periods
    points[:, 2] -= points[:, 2].min()
    reach = 2 * float(cores_um.max(initial=0.0))
    # The tree is periodic along z as well, with nothing near.
    box = np.array([*periods, points[:, 2].max() + 2 * reach + 1.0])
    pairs = cKDTree(points, boxsize=box).query_pairs(reach, output_type="ndarray")
    one, two = pairs[:, 0], pairs[:, 1]
    apart = points[one] - points[two]
    apart[:, :2] -= periods * np.round(apart[:, :2] / periods)
    distance = np.linalg.norm(apart, axis=1)
    first, second = cores_um[one], cores_um[two]
    meet = (distance < first + second) & (first > 0) & (second > 0)
    one, two, distance, first, second = (
        array[meet] for array in (one, two, distance, first, second)
    )
    # Distance of the circle's plane from the first centre; a bead inside of another gives it all.
    along = (distance**2 + first**2 - second**2) / (2 * np.maximum(distance, 1e-9))
    squared = first**2 - along**2
    smaller = np.minimum(first, second)
    circle = np.sqrt(np.where(squared > 0, squared, smaller**2))
    return one, two, circle


def _cut(radii_um: NDArray[np.float64], distance_um: NDArray[np.float64]) -> NDArray[np.float64]:
    """Radius of the circle that a plane cuts from spheres; all of one whose centre is behind it."""
    squared = radii_um**2 - np.maximum(distance_um, 0.0) ** 2
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def _between(
    count: int,
    one: NDArray[np.int64],
    two: NDArray[np.int64],
    low: NDArray[np.bool_],
    high: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Beads that contacts connect with both electrodes."""
    links = coo_array((np.ones(len(one), dtype=bool), (one, two)), shape=(count, count))
    number, part = csgraph.connected_components(links, directed=False)
    both = np.zeros(number, dtype=bool)
    both[np.intersect1d(part[low], part[high])] = True
    return np.asarray(both[part])


def _solve(
    used: NDArray[np.bool_],
    one: NDArray[np.int64],
    two: NDArray[np.int64],
    conductance: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Potential of each bead: 1 at the collector, 0 at the surface and where no current goes."""
    row = np.cumsum(used) - 1
    kept = used[one] & used[two]
    rows, columns, values = row[one[kept]], row[two[kept]], conductance[kept]
    size = int(used.sum())
    links = coo_array((values, (rows, columns)), shape=(size, size)).tocsr()
    links = links + links.T
    diagonal = links.sum(axis=1) + low[used] + high[used]
    found, missed = cg(
        diags_array(diagonal) - links,
        low[used],
        rtol=_TOLERANCE,
        maxiter=_MOST_ITERATIONS,
        M=diags_array(1 / diagonal),
    )
    if missed:
        raise PhysicsFailure(
            "transport_not_converged", f"contacts: no solution in {_MOST_ITERATIONS} iterations"
        )
    potential = np.zeros(len(used))
    potential[used] = found
    return potential
