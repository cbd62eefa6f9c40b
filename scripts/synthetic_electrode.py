"""Closed-form stand-in for a campaign's surrogates, with an optimum inside the box.

Physically plausible trends with made-up coefficients: for tests and benchmarks of the optimizer.
Needs NumPy only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BOUNDS_PCT = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}

_ACTIVE_DENSITY_G_CM3 = 4.65
_CBD_DENSITY_G_CM3 = 0.95


def _phases(recipe_pct: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Porosity, CBD volume fraction and active-material volume fraction."""
    am, sc, cr = recipe_pct.T / 100
    dried = 0.50 - 0.35 * (sc - 0.58) + 0.9 * (am - 0.91) + 4.0 * (sc - 0.58) ** 2
    porosity = 1 - (1 - dried) / (1 - 0.75 * cr)
    cbd = (1 - am) / _CBD_DENSITY_G_CM3
    share = cbd / (cbd + am / _ACTIVE_DENSITY_G_CM3)
    solid = 1 - porosity
    return porosity, solid * share, solid * (1 - share)


def tortuosity_factor(recipe_pct: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pore tortuosity: Bruggeman, raised by blocking CBD and by flattened pores."""
    porosity, cbd, _ = _phases(recipe_pct)
    cr = recipe_pct[:, 2] / 100
    blocking: NDArray[np.float64] = np.exp(2.5 * cbd * (1 - porosity))
    return blocking * (1 + 1.5 * cr**2) / porosity**0.6


def electronic_conductivity_S_m(recipe_pct: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smooth percolation of the CBD, which a dilute or a thick slurry spreads unevenly."""
    _, cbd, active = _phases(recipe_pct)
    sc, cr = recipe_pct[:, 1] / 100, recipe_pct[:, 2] / 100
    evenness: NDArray[np.float64] = np.exp(-(((sc - 0.60) / 0.15) ** 2))
    contact = 1 + 2 * active**2 + np.tanh(4 * cr)
    percolation: NDArray[np.float64] = 1 / (1 + np.exp(-(cbd - 0.12) / 0.03))
    return 0.1 + 40 * cbd**1.8 * percolation * evenness * contact


def active_surface_pct(recipe_pct: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the active surface in contact with pores."""
    porosity, cbd, _ = _phases(recipe_pct)
    sc = recipe_pct[:, 1] / 100
    return 100 * porosity / (porosity + (0.9 + sc) * cbd + 0.15 * (1 - porosity) ** 3)


def density_g_cm3(recipe_pct: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mass of the solids per volume of the film."""
    _, cbd, active = _phases(recipe_pct)
    return _CBD_DENSITY_G_CM3 * cbd + _ACTIVE_DENSITY_G_CM3 * active


PROPERTIES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "tortuosity_factor": tortuosity_factor,
    "electronic_conductivity_S_m": electronic_conductivity_S_m,
    "active_surface_pct": active_surface_pct,
    "density_g_cm3": density_g_cm3,
}
