"""What no surrogate can explain: the scatter of electrodes made by one recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class NoiseCeiling:
    """The best that a function of the recipe can do on new electrodes.

    Parameters
    ----------
    recipes, rows
        Recipes that were simulated more than once, and their electrodes.
    standard_deviation
        Of electrodes of one recipe, pooled over the recipes, in the unit of the property.
    relative_standard_deviation_pct
        The same relative to the mean of its recipe: the lowest RMSE % that can be expected.
    r2
        The highest R2 that can be expected: 1 - (noise variance) / (variance of all rows).
    r2_ci95
        Its 95 % interval, from the chi-squared distribution of the noise variance.
    """

    recipes: int
    rows: int
    standard_deviation: float
    relative_standard_deviation_pct: float
    r2: float
    r2_ci95: tuple[float, float]


def noise_ceiling(x: NDArray[np.float64], y: NDArray[np.float64]) -> NoiseCeiling | None:
    """Estimate the ceiling from recipes that were simulated more than once.

    One-way analysis of variance with the recipe as the factor; the noise is taken to be normal and
    the same everywhere.

    Parameters
    ----------
    x
        Recipes, shape (rows, inputs).
    y
        The property, shape (rows,).

    Returns
    -------
    NoiseCeiling or None
        None where no recipe was simulated twice.
    """
    from scipy.stats import chi2

    _, group = np.unique(x, axis=0, return_inverse=True)
    group = group.reshape(-1)
    count = np.bincount(group)
    mean = np.bincount(group, weights=y) / count
    is_replicate = count[group] > 1
    freedom = int(is_replicate.sum() - (count > 1).sum())
    if freedom == 0:
        return None
    deviation = (y - mean[group])[is_replicate]
    squares = float(np.sum(deviation**2))
    relative = float(np.sum((deviation / mean[group][is_replicate]) ** 2))
    total = float(np.var(y, ddof=1))
    low, high = (float(chi2.ppf(share, freedom)) for share in (0.025, 0.975))
    return NoiseCeiling(
        recipes=int((count > 1).sum()),
        rows=int(is_replicate.sum()),
        standard_deviation=float(np.sqrt(squares / freedom)),
        relative_standard_deviation_pct=float(100 * np.sqrt(relative / freedom)),
        r2=1 - squares / freedom / total,
        r2_ci95=(1 - squares / low / total, 1 - squares / high / total),
    )
