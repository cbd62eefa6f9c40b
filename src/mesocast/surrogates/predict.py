"""From recipes to properties."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mesocast.columns import PARAMETERS, possible, unit_of
from mesocast.columns.units import refusal
from mesocast.errors import InputError
from mesocast.surrogates.rows import with_places

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from mesocast.columns.variables import Value

_LOGGER = logging.getLogger(__name__)


# Difference between two rank correlations that is more than chance among a hundred electrodes.
_CLEARLY = 0.1


@dataclass(frozen=True)
class Interval:
    """Where 95 % of new electrodes lie around their prediction.

    Parameters
    ----------
    low, high
        2.5 and 97.5 % percentile of simulated over predicted value, minus 1, or of simulated minus
        predicted value, in the unit of the property.
    is_relative
        Which of the two: a ratio, unless its size follows the predicted value clearly more than
        that of the difference. It has a meaning only where both are positive.
    """

    low: float
    high: float
    is_relative: bool = True

    @classmethod
    def of(cls, simulated: NDArray[np.float64], predicted: NDArray[np.float64]) -> Interval:
        """Take it from electrodes that a fit has not seen, each of shape (rows,)."""
        is_relative = bool((simulated > 0).all() and (predicted > 0).all())
        if is_relative and np.ptp(predicted) > 0:
            absolute = np.abs(simulated - predicted)
            relative, plain = (_follows(e, predicted) for e in (absolute / predicted, absolute))
            is_relative = relative <= plain + _CLEARLY
        error = simulated / predicted - 1 if is_relative else simulated - predicted
        low, high = np.percentile(error, [2.5, 97.5]).tolist()
        return cls(low, high, is_relative)

    def around(
        self, prediction: NDArray[np.float64], name: str, growth: ArrayLike = 1.0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bounds around predictions, in the unit of the property.

        Parameters
        ----------
        prediction
            Predicted values, shape (n,).
        name
            Column that is predicted: its bounds end where its possible values do.
        growth
            How much wider than among the data, shape (n,) or one number
            (:meth:`mesocast.surrogates.region.DataRegion.growth`).
        """
        wider = np.asarray(growth)
        if self.is_relative:
            ends = prediction * (1 + self.low * wider), prediction * (1 + self.high * wider)
        else:
            ends = prediction + self.low * wider, prediction + self.high * wider
        possible_values = possible(name)
        return (
            np.clip(np.minimum(*ends), *possible_values),
            np.clip(np.maximum(*ends), *possible_values),
        )


def _follows(size: NDArray[np.float64], predicted: NDArray[np.float64]) -> float:
    """How much the size of errors goes with the predicted value: Spearman's correlation, from 0."""
    from scipy.stats import spearmanr

    return abs(float(spearmanr(size, predicted)[0])) if np.ptp(size) > 0 else 0.0


class Predictor(Protocol):
    """What predicts one property, and knows where it can (a `Surrogate`)."""

    def __call__(self, recipes: ArrayLike) -> NDArray[np.float64]:
        """Predict the property of recipes, shape (n, inputs)."""

    def is_inside(self, recipes: ArrayLike) -> NDArray[np.bool_]:
        """Say for each recipe whether it lies in the box and near the data."""

    def growth(self, recipes: ArrayLike) -> NDArray[np.float64]:
        """How much wider intervals are at each recipe than among the data."""


def predict(
    models: Mapping[str, Predictor],
    intervals: Mapping[str, Interval],
    recipes: pd.DataFrame,
) -> pd.DataFrame:
    """Predict the properties of many recipes.

    Parameters
    ----------
    models
        Surrogate per property.
    intervals
        Per property the 95 % interval of a new electrode (see
        :attr:`mesocast.surrogates.evidence.validation.Validation.interval`); none is given for a
        property without one. It grows outside of the data.
    recipes
        With the columns of the models' inputs (``am_pct, sc_pct, cr_pct`` in percent, or a
        campaign's own); further columns are kept.

    Returns
    -------
    DataFrame
        The recipes with ``is_inside`` (whether the box of all fits holds the recipe, near their
        data) and, per property, its prediction and the bounds of the interval
        (``<property>_low``, ``_high``). None of them leaves what is possible.

    Raises
    ------
    InputError
        A column is missing, holds what is not possible, or has the name of a prediction.
    """
    x = checked_recipes(recipes, inputs_of_models(models), words_of_models(models))
    ends = ("", "_low", "_high")
    made = [f"{name}{end}" for name in models for end in (ends if name in intervals else ends[:1])]
    taken = [name for name in ("is_inside", *made) if name in recipes.columns]
    if taken:
        raise InputError(
            f"recipes: column {taken[0]!r} has the name of a prediction; allowed: another name"
        )
    inside = np.all([model.is_inside(x) for model in models.values()], axis=0)
    if not inside.all():
        _LOGGER.warning(
            "%d of %d recipes lie outside the bounds of the surrogates or away from the electrodes "
            "to which they were fitted; what is predicted there is a guess",
            int((~inside).sum()),
            len(inside),
        )
    columns = {"is_inside": inside}
    for name, model in models.items():
        prediction = model(x)
        columns[name] = np.clip(prediction, *possible(name))
        if name in intervals:
            low, high = intervals[name].around(prediction, name, model.growth(x))
            columns |= {f"{name}_low": low, f"{name}_high": high}
    return recipes.assign(**columns)


def is_near_data(models: Mapping[str, Predictor], recipe_pct: Mapping[str, Value]) -> bool:
    """Whether all surrogates know the neighbourhood of a recipe; a warning says where not."""
    inputs, recipe = inputs_of_models(models), row_of_recipe(models, recipe_pct)
    away = [name for name, model in models.items() if not model.is_inside(recipe)[0]]
    if away:
        told = ", ".join(f"{name} = {_told(recipe_pct[name])}" for name in inputs)
        _LOGGER.warning(
            "the recipe %s lies away from the electrodes to which the surrogates of %s were "
            "fitted; what is predicted there is a guess",
            told,
            ", ".join(away),
        )
    return not away


def row_of_recipe(
    models: Mapping[str, Predictor], recipe_pct: Mapping[str, Value]
) -> NDArray[np.float64]:
    """Give a recipe as the models take it, shape (1, inputs); errors as for `checked_recipes`."""
    import pandas as pd

    told = pd.DataFrame([dict(recipe_pct)])
    return checked_recipes(told, inputs_of_models(models), words_of_models(models))


def inputs_of_models(models: Mapping[str, Predictor]) -> tuple[str, ...]:
    """Design variables that the models of one dataset take, in their order."""
    return tuple(getattr(next(iter(models.values()), None), "inputs", PARAMETERS))


def words_of_models(models: Mapping[str, Predictor]) -> dict[str, tuple[str, ...]]:
    """Words of the choices among the models' inputs, by column."""
    return dict(getattr(next(iter(models.values()), None), "words", {}))


def _told(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def checked_recipes(
    recipes: pd.DataFrame,
    inputs: tuple[str, ...] = PARAMETERS,
    words: Mapping[str, tuple[str, ...]] | None = None,
) -> NDArray[np.float64]:
    """Numbers of recipes, shape (n, inputs), in the unit of their columns; of choices the places.

    Raises
    ------
    InputError
        A column is missing, or holds what is not possible.
    """
    missing = [name for name in inputs if name not in recipes.columns]
    if missing:
        raise InputError(
            f"recipes: column {missing[0]!r} is missing; needed: {', '.join(inputs)}; there "
            f"are {', '.join(map(repr, recipes.columns)) or 'none'}"
        )
    if recipes.empty:
        raise InputError("recipes: there is no row; allowed: one recipe or more")
    try:
        recipes = with_places(recipes, words or {})
    except InputError as error:
        raise InputError(f"recipes: {error}") from error
    try:
        x = recipes[list(inputs)].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"recipes: {', '.join(inputs)} must hold numbers ({error})") from error
    wrong = ~np.isfinite(x).all(axis=1)
    if wrong.any():
        raise InputError(
            f"recipes: row {int(wrong.argmax()) + 1} holds an empty or infinite value; "
            "allowed: finite numbers"
        )
    for name, values in zip(inputs, x.T, strict=True):
        low, high = possible(name)
        impossible = (values < low) | (values > high)
        if impossible.any():
            value = float(values[impossible][0])
            raise InputError(
                f"recipes: row {int(impossible.argmax()) + 1}: {name} = {value:g}: "
                f"{refusal(value, low, high, unit_of(name))}"
            )
    return x
