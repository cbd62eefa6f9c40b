"""Lennard-Jones coefficients of each pair of kinds of beads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesocast.config.force_fields import ForceField


@dataclass(frozen=True)
class Attraction:
    """Attraction between two kinds of beads.

    Parameters
    ----------
    first, second
        Their numbers: size classes of the active material in the order given, then the CBD.
    epsilon_fJ
        Depth of the well.
    sigma_um, cutoff_um
        Zero crossing, and range.
    """

    first: int
    second: int
    epsilon_fJ: float
    sigma_um: float
    cutoff_um: float


def attractions(
    force_field: ForceField, active_material_um: Sequence[float], cbd_dry_um: float
) -> list[Attraction]:
    """Mix the coefficients of all pairs as published: geometric energies, arithmetic lengths.

    Parameters
    ----------
    force_field
        Gives the coefficients over the diameter.
    active_material_um
        True diameter of each size class.
    cbd_dry_um
        Dry CBD diameter, to which the CBD's coefficients refer in every stage.
    """
    active = force_field.active_material
    kinds = [(active, d) for d in active_material_um] + [(force_field.cbd, cbd_dry_um)]
    epsilon = [kind.epsilon_fJ_um * d for kind, d in kinds]
    sigma = [kind.sigma_per_diameter * d for kind, d in kinds]
    cutoff = [kind.cutoff_per_diameter * d for kind, d in kinds]
    return [
        Attraction(
            i,
            j,
            float(np.sqrt(epsilon[i] * epsilon[j])),
            (sigma[i] + sigma[j]) / 2,
            (cutoff[i] + cutoff[j]) / 2,
        )
        for i in range(len(kinds))
        for j in range(i, len(kinds))
    ]
