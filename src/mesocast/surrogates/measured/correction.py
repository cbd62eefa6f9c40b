"""Surrogates of simulations, corrected by what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import possible
from mesocast.columns.variables import words_of
from mesocast.surrogates.measured.discrepancy import Discrepancy, fit_discrepancy
from mesocast.surrogates.surrogate import fit_like

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from mesocast.surrogates.measured.table import MeasuredTable
    from mesocast.surrogates.surrogate import Surrogate
    from mesocast.surrogates.training import Model

# A positive property that varies by more than this factor differs by a factor, not by an amount.
_A_FACTOR = 3.0
# Size of a discrepancy before anything is measured: share of the simulated range, or logarithm.
_EXPECTED = 0.3


@dataclass(frozen=True)
class Corrected:
    """A surrogate with the discrepancy of what was measured.

    Parameters
    ----------
    property_name
        Column of the dataset.
    model
        The surrogate, a function of recipes, shape (n, inputs).
    discrepancy
        Of measured from predicted values.
    is_ratio
        Whether it is of the logarithms.
    """

    property_name: str
    model: Model
    discrepancy: Discrepancy
    is_ratio: bool

    def __call__(self, recipes_pct: ArrayLike) -> NDArray[np.float64]:
        """Predict what is measured at recipes, shape (n, inputs), in the unit of the property.

        The median, which for a ratio is below the mean.
        """
        recipes = np.asarray(recipes_pct, dtype=float)
        return self._applied(self.model(recipes), self.discrepancy(recipes)[0])

    def apart(self, recipes_pct: ArrayLike, deviations: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give what the line does if its discrepancy is off by standard deviations, shape (m,).

        Returns
        -------
        ndarray
            Shape (m, n), without scatter.
        """
        recipes = np.asarray(recipes_pct, dtype=float)
        mean, spread = self.discrepancy(recipes)
        return self.with_difference(recipes, mean + deviations[:, None] * spread)

    def with_difference(
        self, recipes_pct: NDArray[np.float64], differences: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give the property where the discrepancy is known, of the shape of the differences."""
        return self._applied(self.model(recipes_pct), differences)

    def interval(self, recipes_pct: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bounds between which 95 % of new measured electrodes lie, each of shape (n,)."""
        recipes = np.asarray(recipes_pct, dtype=float)
        mean, deviation = self.discrepancy(recipes)
        return self._between(recipes, mean, np.hypot(deviation, self.discrepancy.noise))

    def left_out(
        self,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Prediction and interval of each measured electrode by the others, each of shape (n,)."""
        recipes = np.array(self.discrepancy.x)
        mean, deviation = self.discrepancy.left_out()
        return (
            self._applied(self.model(recipes), mean),
            *self._between(recipes, mean, deviation),
        )

    def sample(
        self, recipes_pct: ArrayLike, count: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Draw what the line may do at recipes, without scatter, shape (count, n)."""
        recipes = np.asarray(recipes_pct, dtype=float)
        drawn = self.discrepancy.sample(recipes, count, random)
        return self._applied(self.model(recipes), drawn)

    def is_inside(self, recipes_pct: ArrayLike) -> NDArray[np.bool_]:
        """Say for each recipe whether it lies in the box of the surrogate's fit."""
        return self.model.is_inside(recipes_pct)

    def _between(
        self, recipes: NDArray[np.float64], mean: NDArray[np.float64], spread: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        predicted, width = self.model(recipes), self.discrepancy.quantile * spread
        ends = self._applied(predicted, mean - width), self._applied(predicted, mean + width)
        return np.minimum(*ends), np.maximum(*ends)

    def _applied(
        self, predicted: NDArray[np.float64], difference: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        value = predicted * np.exp(difference) if self.is_ratio else predicted + difference
        return np.asarray(np.clip(value, *possible(self.property_name)))


def correct(
    surrogates: Mapping[str, Surrogate],
    measured: MeasuredTable,
    bounds_pct: Mapping[str, tuple[float, float]],
) -> dict[str, Corrected]:
    """Correct every surrogate by what was measured of its property.

    Parameters
    ----------
    surrogates
        By property.
    measured
        The measured electrodes. Those outside of the bounds count as well.
    bounds_pct
        Of the parameters.

    Returns
    -------
    dict
        By property; where nothing was measured, the discrepancy has mean zero and is as wide as
        the priors say.
    """
    words = words_of(bounds_pct)
    box = [bounds_pct[name] for name in measured.inputs]
    choices = [len(words.get(name, ())) for name in measured.inputs]
    nothing = np.full(len(measured), math.nan)
    return {
        name: _corrected(
            surrogate,
            measured.recipes_pct,
            measured.properties.get(name, nothing),
            measured.deviations.get(name, nothing),
            box,
            choices,
        )
        for name, surrogate in surrogates.items()
    }


def _corrected(
    surrogate: Surrogate,
    recipes: NDArray[np.float64],
    values: NDArray[np.float64],
    deviations: NDArray[np.float64],
    box: list[tuple[float, float]],
    choices: list[int],
) -> Corrected:
    # Far outside of the box an equation may have no value.
    predicted = surrogate(recipes)
    there = np.isfinite(values) & np.isfinite(predicted)
    recipes, values, deviations = recipes[there], values[there], deviations[there]
    predicted = predicted[there]
    simulated = np.array([pair["simulated"] for pair in surrogate.pairs])
    is_ratio = (
        possible(surrogate.property_name)[0] == 0
        and bool((values > 0).all() and (predicted > 0).all() and (simulated > 0).all())
        and float(simulated.max() / simulated.min()) > _A_FACTOR
    )
    if is_ratio:
        differences, told, expected = np.log(values / predicted), deviations / values, _EXPECTED
    else:
        differences, told = values - predicted, deviations
        expected = _EXPECTED * surrogate.span
    return Corrected(
        surrogate.property_name,
        surrogate.model,
        fit_discrepancy(recipes, differences, told, box, expected=expected, choices=choices),
        is_ratio,
    )


def with_measured(
    surrogates: Mapping[str, Surrogate],
    measured: MeasuredTable,
    table: pd.DataFrame,
    bounds_pct: Mapping[str, tuple[float, float]],
) -> dict[str, Surrogate]:
    """Add surrogates of what was measured and has none, by the method of the others.

    Parameters
    ----------
    surrogates
        By property; at least one.
    measured
        The measured electrodes.
    table
        Dataset of the simulated electrodes.
    bounds_pct
        Of the parameters.

    Raises
    ------
    InputError
        The dataset does not carry a fit of a column that was measured.
    """
    first = next(iter(surrogates.values()))
    further = {
        name: fit_like(first, table, name, bounds_pct)
        for name in measured.properties
        if name not in surrogates
    }
    return {**surrogates, **further}
