"""Migration of carbon and binder to the top of a wet film that dries faster than it mixes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mesocast.electrode import CBD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.electrode import Electrode

# Intervals of the film's height; with half as many, shares differ by less than 1e-4.
_INTERVALS = 200


@dataclass(frozen=True)
class Migration:
    """Where the CBD is while the surface of the film comes down.

    Nothing moves in the resting liquid but by diffusion, so what the falling surface sweeps up
    gathers below it and diffuses back (Routh and Zimmerman, Chem. Eng. Sci. 59 (2004) 2961; of
    binder in electrodes Font et al., J. Power Sources 393 (2018) 177). In a liquid that mixes fast
    (a Peclet number of 0) everything comes down evenly. With the share C of the CBD below a height
    z, over the wet thickness, and the time t in which the surface comes down by all of it:

        dC/dt = 1/Pe d2C/dz2,  C(0) = 0,  C(1 - t) = 1,  C = z at the start.

    Parameters
    ----------
    peclet_number
        Speed of the surface times the wet thickness over the diffusivity.
    heights_um
        Thickness of the film at the times that are asked for: the wet one, and then falling.
    """

    peclet_number: float
    heights_um: tuple[float, ...]

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """Share of the CBD below `places` of the film at each of its heights, (heights, places)."""
        from scipy.integrate import solve_ivp

        places, interval = self.places, 1 / _INTERVALS

        def rate(time: float, share: NDArray[np.float64]) -> NDArray[np.float64]:
            # In the coordinate z / (1 - t), which comes down with the surface.
            height = 1 - time
            found = np.zeros_like(share)
            slope = (share[2:] - share[:-2]) / (2 * interval)
            bend = (share[2:] - 2 * share[1:-1] + share[:-2]) / interval**2
            found[1:-1] = bend / (self.peclet_number * height**2) - places[1:-1] / height * slope
            return found

        times = 1 - np.array(self.heights_um) / self.heights_um[0]
        found = solve_ivp(
            rate,
            (0.0, float(times[-1])),
            places,
            method="LSODA",
            t_eval=times,
            rtol=1e-7,
            atol=1e-9,
            lband=1,
            uband=1,
        )
        return np.maximum.accumulate(np.clip(found.y.T, 0.0, 1.0), axis=1)

    @property
    def places(self) -> NDArray[np.float64]:
        """Heights in the film over its thickness, at which shares are given."""
        return np.linspace(0.0, 1.0, _INTERVALS + 1)

    def move(self, film: Electrode, number: int) -> Electrode:
        """Bring a film down to its next height.

        Active material comes down evenly; each CBD bead stays where as much of the CBD is below it
        as before.

        Parameters
        ----------
        film
            Beads at the height before.
        number
            Of the next height.
        """
        before_um, height_um = self.heights_um[number - 1 : number + 1]
        evenly = film.stretched(height_um / before_um)
        if not self.peclet_number:
            return evenly
        is_cbd = film.species == CBD
        place = np.clip(film.positions_um[is_cbd, 2] / before_um, 0.0, 1.0)
        below = np.interp(place, self.places, self.shares[number - 1])
        moved_um = np.interp(below, self.shares[number], self.places) * height_um
        # No higher than below the surface, on which a bead's force has no direction.
        highest_um = height_um - evenly.radii_um[is_cbd]
        positions_um = evenly.positions_um.copy()
        positions_um[is_cbd, 2] = np.maximum(
            positions_um[is_cbd, 2], np.minimum(moved_um, highest_um)
        )
        return replace(evenly, positions_um=positions_um)
