"""What no surrogate can explain: the scatter of electrodes made by one recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Below this share of the largest one, an eigenvalue is zero but for rounding.
_ZERO = 1e-9


@dataclass(frozen=True)
class NoiseCeiling:
    """The best that a function of the recipe can do on new electrodes.

    Parameters
    ----------
    recipes, rows
        Recipes that were made from several slurries, and their electrodes.
    slurries
        Slurries of these electrodes: the independent units.
    freedom
        Degrees of freedom of the noise variance; fewer than ``rows - recipes`` as far as electrodes
        of one slurry share its noise.
    standard_deviation
        Of electrodes of one recipe, pooled over the recipes, in the unit of the property.
    relative_standard_deviation_pct
        The same relative to the mean of its recipe: the lowest RMSE % that can be expected.
    r2
        The highest R2 that can be expected: 1 - (noise variance) / (variance of all rows).
    r2_ci95
        Its 95 % interval, from the chi-squared distribution of the noise variance. In simulations
        it holds the true value in 92 to 96 % of all cases; with two or three slurries in all, in
        some 87 %.
    """

    recipes: int
    rows: int
    slurries: int
    freedom: float
    standard_deviation: float
    relative_standard_deviation_pct: float
    r2: float
    r2_ci95: tuple[float, float]


@dataclass(frozen=True)
class Replicates:
    """Electrodes of recipes that were made from several slurries.

    Electrodes of one slurry and one recipe count as one, with their mean: the slurry is what is
    random.

    Parameters
    ----------
    recipe, slurry
        Number of the recipe and of the slurry of each electrode, from 0, shape (rows,).
    deviation
        Of the property from the mean of its recipe, shape (rows,).
    mean
        Of the recipe of each, shape (rows,).
    """

    recipe: NDArray[np.intp]
    slurry: NDArray[np.intp]
    deviation: NDArray[np.float64]
    mean: NDArray[np.float64]

    @property
    def rows(self) -> int:
        """How many electrodes there are."""
        return len(self.deviation)

    @property
    def recipes(self) -> int:
        """How many recipes there are."""
        return int(self.recipe.max()) + 1

    @property
    def standard_deviation(self) -> float:
        """Between electrodes of one recipe, pooled over the recipes."""
        return float(np.sqrt(np.sum(self.deviation**2) / (self.rows - self.recipes)))

    @property
    def of_the_mean_pct(self) -> float:
        """The standard deviation relative to the mean of all these electrodes."""
        return float(100 * self.standard_deviation / self.mean.mean())

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the pooled variance (Satterthwaite, Biometrics Bull. 2 (1946) 110).

        The noise is that of the slurry, which all its electrodes share, plus that of the
        electrode. The squared deviations are then a quadratic form whose mean and variance follow
        from the two variances, and these from the part of the squares that differences between
        slurries explain (Henderson's method 3, Biometrics 9 (1953) 226).
        """
        total = float(np.sum(self.deviation**2))
        freedom = self.rows - self.recipes
        if total == 0:
            return float(freedom)
        # Slurries without what their recipes have in common: Z' (1 - P) Z of the linear model.
        made = np.zeros((self.recipes, int(self.slurry.max()) + 1))
        made[self.recipe, self.slurry] = 1.0
        spread = np.diag(made.sum(axis=0)) - made.T @ (made / made.sum(axis=1, keepdims=True))
        values, vectors = np.linalg.eigh(spread)
        is_there = values > _ZERO * values.max()
        sums = np.bincount(self.slurry, weights=self.deviation)
        between = float(np.sum((sums @ vectors[:, is_there]) ** 2 / values[is_there]))
        left = freedom - int(is_there.sum())
        # Where all squares are between slurries, nothing tells the two apart; the shared noise is
        # the more cautious guess.
        of_electrode = (total - between) / left if left > 0 else 0.0
        of_slurry = total / freedom - of_electrode
        if of_slurry < 0:
            return float(freedom)
        variance = (
            of_electrode**2 * freedom
            + 2 * of_electrode * of_slurry * freedom
            + of_slurry**2 * float(np.sum(values**2))
        )
        return float((of_electrode + of_slurry) ** 2 * freedom**2 / variance)


def replicates(
    x: NDArray[np.float64], y: NDArray[np.float64], slurries: ArrayLike | None = None
) -> Replicates | None:
    """Find the recipes that were made from several slurries; values not finite are left out.

    Parameters
    ----------
    x
        Recipes, shape (rows, inputs).
    y
        The property, shape (rows,).
    slurries
        Slurry of each row, shape (rows,); None: each row has one of its own.

    Returns
    -------
    Replicates or None
        None where no recipe was made from two slurries.
    """
    is_finite = np.isfinite(y)
    names = np.arange(len(y)) if slurries is None else np.asarray(slurries).astype(str)
    recipe = np.unique(x[is_finite], axis=0, return_inverse=True)[1].reshape(-1)
    slurry = np.unique(names[is_finite], return_inverse=True)[1].reshape(-1)
    pairs, electrode = np.unique(np.stack([recipe, slurry]), axis=1, return_inverse=True)
    electrode = electrode.reshape(-1)
    recipe, slurry = pairs
    value = np.bincount(electrode, weights=y[is_finite]) / np.bincount(electrode)
    count = np.bincount(recipe)
    mean = (np.bincount(recipe, weights=value) / count)[recipe]
    chosen = count[recipe] > 1
    if not chosen.any():
        return None
    return Replicates(
        recipe=np.unique(recipe[chosen], return_inverse=True)[1],
        slurry=np.unique(slurry[chosen], return_inverse=True)[1],
        deviation=(value - mean)[chosen],
        mean=mean[chosen],
    )


def noise_ceiling(
    x: NDArray[np.float64], y: NDArray[np.float64], slurries: ArrayLike | None = None
) -> NoiseCeiling | None:
    """Estimate the ceiling from recipes that were made from several slurries.

    The noise of slurries and that of electrodes are taken to be normal and the same everywhere.

    Parameters
    ----------
    x, y, slurries
        Recipes, the property and the slurries, as in `replicates`.

    Returns
    -------
    NoiseCeiling or None
        None where no recipe was made from two slurries.
    """
    from scipy.stats import chi2

    found = replicates(x, y, slurries)
    if found is None:
        return None
    relative = float(np.sum((found.deviation / found.mean) ** 2))
    variance, freedom = found.standard_deviation**2, found.freedom
    total = float(np.var(y, ddof=1))
    low, high = (float(chi2.ppf(share, freedom)) / freedom for share in (0.025, 0.975))
    return NoiseCeiling(
        recipes=found.recipes,
        rows=found.rows,
        slurries=len(np.unique(found.slurry)),
        freedom=freedom,
        standard_deviation=found.standard_deviation,
        relative_standard_deviation_pct=float(
            100 * np.sqrt(relative / (found.rows - found.recipes))
        ),
        r2=1 - variance / total,
        r2_ci95=(1 - variance / low / total, 1 - variance / high / total),
    )
