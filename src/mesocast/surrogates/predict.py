"""From recipes to properties."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import PARAMETERS
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.surrogates.training import Model

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Interval:
    """Where 95 % of new electrodes lie around their prediction.

    Parameters
    ----------
    low, high
        2.5 and 97.5 % percentile of simulated over predicted value, minus 1, or of simulated minus
        predicted value, in the unit of the property.
    is_relative
        Which of the two. A ratio has a meaning only where both are positive.
    """

    low: float
    high: float
    is_relative: bool = True

    @classmethod
    def of(cls, simulated: NDArray[np.float64], predicted: NDArray[np.float64]) -> Interval:
        """Take it from electrodes that a fit has not seen, each of shape (rows,)."""
        is_relative = bool((simulated > 0).all() and (predicted > 0).all())
        error = simulated / predicted - 1 if is_relative else simulated - predicted
        low, high = np.percentile(error, [2.5, 97.5]).tolist()
        return cls(low, high, is_relative)

    def around(
        self, prediction: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bounds around predictions, in the unit of the property."""
        if not self.is_relative:
            return prediction + self.low, prediction + self.high
        ends = prediction * (1 + self.low), prediction * (1 + self.high)
        return np.minimum(*ends), np.maximum(*ends)


def predict(
    models: Mapping[str, Model],
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
        :attr:`mesocast.surrogates.evidence.validation.Validation.interval`). It is as wide
        everywhere, and it does not hold outside of the box.
    recipes
        With the columns ``am_pct, sc_pct, cr_pct`` in percent; further columns are kept.

    Returns
    -------
    DataFrame
        The recipes with ``is_inside`` (whether the box of all fits holds the recipe) and, per
        property, its prediction and the bounds of the interval (``<property>_low``, ``_high``).

    Raises
    ------
    InputError
        A column is missing, holds anything but percents, or has the name of a prediction.
    """
    missing = [name for name in PARAMETERS if name not in recipes.columns]
    if missing:
        raise InputError(
            f"recipes: column {missing[0]!r} is missing; needed: {', '.join(PARAMETERS)}"
        )
    try:
        x = recipes[list(PARAMETERS)].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"recipes: {', '.join(PARAMETERS)} must hold numbers ({error})") from error
    wrong = ~np.isfinite(x).all(axis=1)
    if wrong.any():
        raise InputError(
            f"recipes: row {int(wrong.argmax()) + 1} holds an empty or infinite value; "
            "allowed: finite numbers"
        )
    for name, values in zip(PARAMETERS, x.T, strict=True):
        impossible = (values < 0) | (values > 100)
        if impossible.any():
            raise InputError(
                f"recipes: row {int(impossible.argmax()) + 1}: {name} = "
                f"{values[impossible][0]:g}; allowed: percent, 0 to 100"
            )
    made = [f"{name}{end}" for name in models for end in ("", "_low", "_high")]
    taken = [name for name in ("is_inside", *made) if name in recipes.columns]
    if taken:
        raise InputError(
            f"recipes: column {taken[0]!r} has the name of a prediction; allowed: another name"
        )
    inside = np.all([model.is_inside(x) for model in models.values()], axis=0)
    if not inside.all():
        _LOGGER.warning(
            "%d of %d recipes lie outside the bounds in which the surrogates were fitted; "
            "what is predicted there is a guess",
            int((~inside).sum()),
            len(inside),
        )
    columns = {"is_inside": inside}
    for name, model in models.items():
        prediction = model(x)
        low, high = intervals[name].around(prediction)
        columns |= {name: prediction, f"{name}_low": low, f"{name}_high": high}
    return recipes.assign(**columns)
