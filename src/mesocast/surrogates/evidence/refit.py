"""The surrogates that would have been found from other rows, or with other seeds."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.registry import METHODS
from mesocast.surrogates.rows import Rows
from mesocast.surrogates.splits import random_splits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from mesocast.surrogates.surrogate import Surrogate
    from mesocast.surrogates.training import Model, TrainingData

    Surrogates = Mapping[str, Surrogate]
    Box = Mapping[str, tuple[float, float]]

_LOGGER = logging.getLogger(__name__)


def refit_on_splits(
    surrogates: Surrogates, table: pd.DataFrame, box_pct: Box, count: int
) -> list[dict[str, Model]]:
    """Fit all properties to the training rows of each random split that a validation uses.

    Parameters
    ----------
    surrogates
        Give method, settings, seed and share of test rows per property.
    table
        The dataset.
    box_pct
        Bounds per input.
    count
        Splits. One on which a property cannot be fitted is left out.

    Raises
    ------
    InputError
        No split can be fitted.
    """
    rows = {name: Rows.from_table(table, name) for name in surrogates}
    splits = {
        name: random_splits(len(rows[name].y), count, surrogate.test_share, surrogate.seed)
        for name, surrogate in surrogates.items()
    }

    def data(name: str, number: int) -> TrainingData:
        surrogate = surrogates[name]
        return rows[name].training_data(
            *splits[name][number],
            box=rows[name].box(box_pct),
            unit=surrogate.unit,
            seed=surrogate.seed + number,
        )

    return _fit(surrogates, count, data)


def refit_on_other_seeds(
    surrogates: Surrogates, table: pd.DataFrame, box_pct: Box, count: int, *, seed: int
) -> list[dict[str, Model]]:
    """Fit all properties to data whose residuals have other signs, slurry by slurry.

    The wild cluster bootstrap (Cameron, Gelbach and Miller, Rev. Econ. Stat. 90 (2008) 414): each
    slurry keeps its residuals or has them all reversed, in all properties together. It needs no
    recipe that was simulated twice, and keeps what the electrodes of a slurry have in common. The
    residuals hold what the surrogates cannot describe as well, so it is an upper bound of the
    noise between seeds.

    Parameters
    ----------
    surrogates, table, box_pct
        As for `refit_on_splits`; the table has the column ``slurry_id``.
    count
        Data sets. One that cannot be fitted is left out.
    seed
        Of the signs.

    Raises
    ------
    InputError
        No data set can be fitted.
    """
    rows = {name: Rows.from_table(table, name) for name in surrogates}
    slurry_of = dict(zip(table["condition_id"], table["slurry_id"], strict=True))
    slurries = sorted(set(slurry_of.values()))
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (count, len(slurries)))

    def data(name: str, number: int) -> TrainingData:
        own, surrogate = rows[name], surrogates[name]
        everything = np.arange(len(own.y))
        training = own.training_data(
            everything, everything, box=own.box(box_pct), unit=surrogate.unit, seed=surrogate.seed
        )
        of_slurry = dict(zip(slurries, signs[number], strict=True))
        sign = np.array([of_slurry[slurry_of[name]] for name in own.condition_ids])
        predicted = surrogate.model(own.x)
        added = predicted + sign * (own.y - predicted)
        # Relative where that has a meaning: a positive property stays positive.
        positive = (own.y > 0) & (predicted > 0)
        ratio = np.where(positive, own.y, 1.0) / np.where(positive, predicted, 1.0)
        return dataclasses.replace(training, y=np.where(positive, predicted * ratio**sign, added))

    return _fit(surrogates, count, data)


def _fit(
    surrogates: Surrogates, count: int, data: Callable[[str, int], TrainingData]
) -> list[dict[str, Model]]:
    """Fit all properties for each number that can be fitted."""
    fitted = []
    for number in range(count):
        try:
            fitted.append(
                {
                    name: METHODS[surrogate.method].fit(data(name, number), surrogate.settings)[0]
                    for name, surrogate in surrogates.items()
                }
            )
        except InputError as error:
            _LOGGER.warning("one of %d sets of surrogates is left out: %s", count, error)
    if not fitted:
        raise InputError("surrogates: none of the sets can be fitted again; see the warnings")
    return fitted
