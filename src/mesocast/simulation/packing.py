"""The well-mixed slurry film from which the dynamics starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.simulation.composition import Composition

# Tries per particle before the film is declared too crowded for random placement.
_TRIES = 20_000
# CBD beads are soft drops of carbon, binder and solvent, which flatten where they touch. So their
# centres may start this close to active material and to a plane (in radii of the drop). The value
# for the plane fills the film evenly to its surface, as a liquid does: 16 films of the demo have a
# slurry density within 1.6 % of ideal mixing.
_CLOSEST_TO_PARTICLE = 0.5
_CLOSEST_TO_PLANE = 0.3


def check_height(composition: Composition) -> None:
    """Refuse a wet film in which a bead does not fit between collector and surface.

    Raises
    ------
    InputError
        The film is too thin.
    """
    largest_um = float(composition.diameters_um.max())
    least_um = max(largest_um, _CLOSEST_TO_PLANE * composition.cbd_wet_diameter_um)
    if composition.slurry_thickness_um < least_um:
        raise InputError(
            f"electrode.mass_loading_mg_cm2 = {composition.mass_loading_mg_cm2:.3g}: the wet film "
            f"of am_pct = {composition.am_pct:.3g}, sc_pct = {composition.sc_pct:.3g} would be "
            f"{composition.slurry_thickness_um:.3g} um thick; allowed: at least {least_um:.3g} um "
            f"(the largest particle has {largest_um:.3g} um)"
        )


def well_mixed(composition: Composition, seed: int) -> Electrode:
    """Place all beads of a wet film at random.

    Active material comes first, from large to small, without overlap; CBD fills what is left.

    Parameters
    ----------
    composition
        What to place, and in how large a film.
    seed
        Seed of the placement; the same seed gives the same film.

    Raises
    ------
    InputError
        The film is thinner than a bead.
    PhysicsFailure
        ``too_crowded``: no place was found for a bead.
    """
    check_height(composition)
    random = np.random.default_rng(seed)
    width, height = composition.lateral_um, composition.slurry_thickness_um
    largest_first = np.argsort(-composition.diameters_um, kind="stable")
    counts = composition.counts[largest_first]
    radii = np.repeat(composition.diameters_um[largest_first] / 2, counts)
    densities = np.repeat(composition.densities_g_cm3[largest_first], counts)
    centres: NDArray[np.float64] = np.empty((0, 3))
    for number, radius in enumerate(radii):
        for _ in range(_TRIES):
            centre = random.uniform([0, 0, radius], [width, width, height - radius])
            gaps = _distances(centres, centre, width) - radii[:number] - radius
            if (gaps >= 0).all():
                centres = np.vstack([centres, centre])
                break
        else:
            raise _too_crowded("active-material particle", number, len(radii), composition)
    drop = composition.cbd_wet_diameter_um / 2
    drops: list[NDArray[np.float64]] = []
    edge, count = _CLOSEST_TO_PLANE * drop, composition.cbd_count
    for number in range(count):
        for _ in range(_TRIES):
            centre = random.uniform([0, 0, edge], [width, width, height - edge])
            if (_distances(centres, centre, width) >= radii + _CLOSEST_TO_PARTICLE * drop).all():
                drops.append(centre)
                break
        else:
            raise _too_crowded("CBD bead", number, count, composition)
    return Electrode(
        positions_um=np.vstack([centres, drops]),
        radii_um=np.append(radii, np.full(count, drop)),
        species=np.append(np.full(len(radii), ACTIVE_MATERIAL), np.full(count, CBD)),
        masses_pg=np.append(
            4 / 3 * np.pi * radii**3 * densities,
            np.full(count, composition.cbd_wet_mass_pg),
        ),
        lateral_um=(width, width),
    )


def _too_crowded(bead: str, number: int, count: int, composition: Composition) -> PhysicsFailure:
    width, height = composition.lateral_um, composition.slurry_thickness_um
    return PhysicsFailure(
        "too_crowded",
        f"no place for {bead} {number + 1} of {count} after {_TRIES} tries in a film of "
        f"{width:.4g} x {width:.4g} x {height:.4g} um",
    )


def displacements(
    centres: NDArray[np.float64],
    point: NDArray[np.float64],
    lateral_um: float | tuple[float, float],
) -> NDArray[np.float64]:
    """Ways from a point to the nearest images of centres, shape (n, 3), periodic in x and y."""
    apart = centres - point
    apart[:, :2] -= lateral_um * np.round(apart[:, :2] / lateral_um)
    return apart


def _distances(
    centres: NDArray[np.float64], point: NDArray[np.float64], width: float
) -> NDArray[np.float64]:
    """Distances from a point to centres, shape (n,), periodic in x and y."""
    return np.asarray(np.sqrt((displacements(centres, point, width) ** 2).sum(axis=1)))
