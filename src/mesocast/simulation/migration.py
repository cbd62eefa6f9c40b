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
    wet_um
        Thickness of the wet film.
    heights
        Thickness of the film over the wet one, at the times that are asked for: falling from 1.
    """

    peclet_number: float
    wet_um: float
    heights: tuple[float, ...]

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

        times = 1 - np.array(self.heights)
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

    def move(self, film: Electrode, evenly: Electrode, number: int) -> Electrode:
        """Bring the CBD of a film to where it is at the next height.

        Each bead stays where as much of the CBD is below it as before.

        Parameters
        ----------
        film
            Beads at the height before.
        evenly
            The same film when all of it has come down evenly to the next height, as the active
            material does.
        number
            Of the next height.
        """
        is_cbd = film.species == CBD
        before_um = self.wet_um * self.heights[number - 1]
        place = np.clip(film.positions_um[is_cbd, 2] / before_um, 0.0, 1.0)
        below = np.interp(place, self.places, self.shares[number - 1])
        moved = np.interp(below, self.shares[number], self.places)
        # No higher than below the surface, on which a bead's force has no direction.
        highest_um = self.wet_um * self.heights[number] - evenly.radii_um[is_cbd]
        positions_um = evenly.positions_um.copy()
        positions_um[is_cbd, 2] = np.maximum(
            positions_um[is_cbd, 2],
            np.minimum(moved * self.wet_um * self.heights[number], highest_um),
        )
        return replace(evenly, positions_um=positions_um)
