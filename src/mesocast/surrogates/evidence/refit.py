"""The surrogates that would have been found from other rows, or with other seeds."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.methods.indicated import Indicated, expanded
from mesocast.surrogates.methods.through_microstructure import ThroughMicrostructure
from mesocast.surrogates.registry import fit_model
from mesocast.surrogates.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.surrogates.surrogate import Surrogate
    from mesocast.surrogates.training import Model, TrainingData

    Surrogates = Mapping[str, Surrogate]
    Box = Mapping[str, tuple[float, float]]

_LOGGER = logging.getLogger(__name__)

# With fewer slurries to draw from, draws are mostly the same.
_LEAST_DRAWN = 4


def refit_on_slurries(
    surrogates: Surrogates, table: pd.DataFrame, box_pct: Box, count: int, *, seed: int
) -> list[dict[str, Model]]:
    """Fit all properties to the electrodes of as many slurries, drawn with replacement.

    The cluster bootstrap (Davison and Hinkley, Bootstrap Methods, 1997, section 3.8): electrodes of
    one slurry share its structure and noise, so the slurry is what a further campaign would draw
    anew. Films of one slurry recipe are drawn together. A slurry drawn twice counts twice, in all
    properties.

    Parameters
    ----------
    surrogates
        Give method, settings and seed per property.
    table
        The dataset.
    box_pct
        Bounds per input.
    count
        Draws. One on which a property cannot be fitted is left out.
    seed
        Of the draws.

    Raises
    ------
    InputError
        No draw can be fitted.
    """
    rows = {name: Rows.from_table(table, name, box_pct) for name in surrogates}
    slurries = sorted({slurry for own in rows.values() for slurry in _slurries(own)})
    draws = np.random.default_rng(seed).integers(len(slurries), size=(count, len(slurries)))

    def data(name: str, number: int) -> TrainingData:
        surrogate, own = surrogates[name], rows[name]
        drawn = dict(zip(*np.unique(draws[number], return_counts=True), strict=True))
        times = {slurries[slurry]: int(amount) for slurry, amount in drawn.items()}
        repeats = np.array([times.get(slurry, 0) for slurry in _slurries(own)])
        return own.training_data(
            np.repeat(np.arange(len(own.y)), repeats),
            np.arange(len(own.y)),
            box=own.box(box_pct),
            unit=surrogate.unit,
            seed=surrogate.seed + number,
        )

    return _fit(surrogates, count, data)


def _slurries(rows: Rows) -> list[str]:
    """What is drawn anew of each row: its slurry recipe.

    Where there are too few of them (a design that holds the slurry), its film, else the row itself.
    """
    for names in (rows.mixtures, rows.slurries):
        if names is not None and len(set(names.tolist())) >= _LEAST_DRAWN:
            return [str(name) for name in names]
    return [str(name) for name in rows.condition_ids]


def refit_on_other_seeds(
    surrogates: Surrogates, table: pd.DataFrame, box_pct: Box, count: int, *, seed: int
) -> list[dict[str, Model]]:
    """Fit all properties to data whose residuals have other signs, slurry by slurry.

    The wild cluster bootstrap (Cameron, Gelbach and Miller, Rev. Econ. Stat. 90 (2008) 414): each
    slurry keeps its residuals or has them all reversed, in all properties together. It needs no
    recipe that was simulated twice, and keeps what the electrodes of a slurry have in common. The
    residuals hold what the surrogates cannot describe as well, and lack what a flexible one has
    fitted of the noise: mostly more than the noise between seeds, but no bound of it.

    Parameters
    ----------
    surrogates, table, box_pct
        As for `refit_on_slurries`; the table has the column ``slurry_id``.
    count
        Data sets. One that cannot be fitted is left out.
    seed
        Of the signs.

    Raises
    ------
    InputError
        No data set can be fitted.
    """
    rows = {name: Rows.from_table(table, name, box_pct) for name in surrogates}
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
        return dataclasses.replace(
            training,
            y=_reversed(own.y, surrogate.model(own.x), sign),
            microstructure={
                name: _reversed(own.microstructure[name], predicted, sign)
                for name, predicted in _microstructure(surrogate.model, own.x).items()
            },
        )

    return _fit(surrogates, count, data)


def _microstructure(model: Model, x: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """What a model that goes through the microstructure predicts of it; nothing of another one."""
    if isinstance(model, Indicated):
        return _microstructure(model.inner, expanded(x, model.inputs, model.words))
    parts = model.parts if isinstance(model, ThroughMicrostructure) else {}
    return {name: part(x) for name, part in parts.items()}


def _reversed(
    y: NDArray[np.float64], predicted: NDArray[np.float64], sign: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values whose residuals have the given signs, all of shape (rows,)."""
    added = predicted + sign * (y - predicted)
    # Relative where that has a meaning: a positive property stays positive.
    positive = (y > 0) & (predicted > 0)
    ratio = np.where(positive, y, 1.0) / np.where(positive, predicted, 1.0)
    return np.where(positive, predicted * ratio**sign, added)


def _fit(
    surrogates: Surrogates, count: int, data: Callable[[str, int], TrainingData]
) -> list[dict[str, Model]]:
    """Fit all properties for each number that can be fitted."""
    fitted = []
    for number in range(count):
        try:
            fitted.append(
                {
                    name: fit_model(surrogate.method, data(name, number), surrogate.settings)[0]
                    for name, surrogate in surrogates.items()
                }
            )
        except InputError as error:
            _LOGGER.warning("one of %d sets of surrogates is left out: %s", count, error)
    if not fitted:
        raise InputError("surrogates: none of the sets can be fitted again; see the warnings")
    return fitted
