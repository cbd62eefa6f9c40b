"""The choice of the smallest equation that cross-validation does not reject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, check_cv

from mesocast.errors import EstimatorInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mesocast.surrogates.equations.equation import Transform
    from mesocast.surrogates.training import TrainingData

FOLDS = 5


def folds_of(data: TrainingData) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Folds that keep all rows of a slurry on one side where slurries are known, else of rows."""
    if data.slurries is None or len(set(data.slurries)) < 2:
        return make_folds(FOLDS, data.y, data.seed)
    splitter = GroupKFold(min(FOLDS, len(set(data.slurries))))
    return list(splitter.split(data.x, data.y, data.slurries))


def make_folds(
    cv: Any, y: NDArray[np.float64], seed: int
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Give the training and the test rows of each fold.

    Parameters
    ----------
    cv
        Number of folds (fewer when there are fewer rows), or a splitter of scikit-learn, or an
        iterable of (train, test) rows.
    y
        Target, shape (rows,).
    seed
        Of the shuffling when ``cv`` is a number.

    Raises
    ------
    EstimatorInputError
        The target is constant in the training rows of a fold.
    """
    is_number = isinstance(cv, int)
    splitter = (
        KFold(min(cv, len(y)), shuffle=True, random_state=seed) if is_number else check_cv(cv)
    )
    folds = list(splitter.split(y[:, None], y))
    if any(np.ptp(y[train]) == 0 for train, _ in folds):
        raise EstimatorInputError(
            "cv: y is constant in the training rows of a fold; use fewer folds"
        )
    return folds


def one_standard_error(
    errors: Mapping[Transform, NDArray[np.float64]], first: int
) -> tuple[Transform, int]:
    """Choose the smallest dimension within one standard error of the lowest error.

    Hastie, Tibshirani, Friedman, The Elements of Statistical Learning (2009), section 7.10.

    Parameters
    ----------
    errors
        Mean squared errors of shape (dimensions, folds) per transform of the target.
    first
        Smallest dimension that is allowed.

    Returns
    -------
    tuple
        Transform and dimension; of two transforms the one with the lower mean error.
    """
    best = min(
        (float(error.mean()), transform, dimension)
        for transform, folds in errors.items()
        for dimension, error in enumerate(folds[first - 1 :], start=first)
    )
    winner = errors[best[1]][best[2] - 1]
    with np.errstate(over="ignore"):  # of huge errors none is better than another
        tolerance = winner.std(ddof=1) / np.sqrt(len(winner)) if len(winner) > 1 else 0.0
    # Below the rounding of the data no error is better than another.
    limit = max(best[0] + tolerance, 1e-20)
    dimension, _, transform = min(
        (dimension, float(error.mean()), transform)
        for transform, folds in errors.items()
        for dimension, error in enumerate(folds[first - 1 :], start=first)
        if error.mean() <= limit
    )
    return transform, dimension
