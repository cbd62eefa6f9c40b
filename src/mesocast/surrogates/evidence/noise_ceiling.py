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


@dataclass(frozen=True)
class Replicates:
    """Electrodes of recipes that were simulated more than once.

    Parameters
    ----------
    recipes, rows
        Such recipes and their electrodes.
    deviation
        Of the property from the mean of its recipe, shape (rows,).
    mean
        Of the recipe of each, shape (rows,).
    """

    recipes: int
    rows: int
    deviation: NDArray[np.float64]
    mean: NDArray[np.float64]

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the deviations."""
        return self.rows - self.recipes

    @property
    def standard_deviation(self) -> float:
        """Between electrodes of one recipe, pooled over the recipes."""
        return float(np.sqrt(np.sum(self.deviation**2) / self.freedom))

    @property
    def of_the_mean_pct(self) -> float:
        """The standard deviation relative to the mean of all these electrodes."""
        return float(100 * self.standard_deviation / self.mean.mean())


def replicates(x: NDArray[np.float64], y: NDArray[np.float64]) -> Replicates | None:
    """Find the recipes that were simulated more than once; values that are not finite are left out.

    Parameters
    ----------
    x
        Recipes, shape (rows, inputs).
    y
        The property, shape (rows,).

    Returns
    -------
    Replicates or None
        None where no recipe was simulated twice.
    """
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    _, group = np.unique(x, axis=0, return_inverse=True)
    group = group.reshape(-1)
    count = np.bincount(group)
    mean = (np.bincount(group, weights=y) / count)[group]
    is_replicate = count[group] > 1
    if not is_replicate.any():
        return None
    return Replicates(
        recipes=int((count > 1).sum()),
        rows=int(is_replicate.sum()),
        deviation=(y - mean)[is_replicate],
        mean=mean[is_replicate],
    )


def noise_ceiling(x: NDArray[np.float64], y: NDArray[np.float64]) -> NoiseCeiling | None:
    """Estimate the ceiling from recipes that were simulated more than once.

    One-way analysis of variance with the recipe as the factor; the noise is taken to be normal and
    the same everywhere.

    Parameters
    ----------
    x, y
        Recipes and the property, as in `replicates`.

    Returns
    -------
    NoiseCeiling or None
        None where no recipe was simulated twice.
    """
    from scipy.stats import chi2

    found = replicates(x, y)
    if found is None:
        return None
    freedom = found.freedom
    squares = float(np.sum(found.deviation**2))
    relative = float(np.sum((found.deviation / found.mean) ** 2))
    total = float(np.var(y, ddof=1))
    low, high = (float(chi2.ppf(share, freedom)) for share in (0.025, 0.975))
    return NoiseCeiling(
        recipes=found.recipes,
        rows=found.rows,
        standard_deviation=found.standard_deviation,
        relative_standard_deviation_pct=float(100 * np.sqrt(relative / freedom)),
        r2=1 - squares / freedom / total,
        r2_ci95=(1 - squares / low / total, 1 - squares / high / total),
    )
