"""Errors of a surrogate against the simulations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def rmse(y: ArrayLike, prediction: ArrayLike) -> float:
    """Root of the mean squared error, in the unit of ``y``."""
    y, prediction = _pair(y, prediction)
    return float(np.sqrt(np.mean((y - prediction) ** 2)))


def max_absolute_error(y: ArrayLike, prediction: ArrayLike) -> float:
    """Largest absolute error (MaxAE of the SISSO program), in the unit of ``y``."""
    y, prediction = _pair(y, prediction)
    return float(np.max(np.abs(y - prediction)))


def rmse_pct(y: ArrayLike, prediction: ArrayLike) -> float:
    """Root mean square of the relative error, ``100 sqrt(mean(((y - yhat) / y)^2))``, in %.

    Equation 4 of Duquesnoy et al., Energy Storage Mater. 56 (2023) 50, over the values that are
    not zero: those have no relative error.

    Raises
    ------
    InputError
        All values of ``y`` are zero.
    """
    y, prediction = _pair(y, prediction)
    there = y != 0
    if not there.any():
        raise InputError("rmse_pct: y is 0 everywhere; a relative error needs other values")
    relative = (y[there] - prediction[there]) / y[there]
    return float(100 * np.sqrt(np.mean(relative**2)))


def r2(y: ArrayLike, prediction: ArrayLike) -> float:
    """Coefficient of determination, ``1 - sum((y - yhat)^2) / sum((y - mean(y))^2)``.

    Raises
    ------
    InputError
        All values of ``y`` are equal, so that there is no variance to explain.
    """
    y, prediction = _pair(y, prediction)
    total = float(np.sum((y - y.mean()) ** 2))
    if np.ptp(y) == 0 or total == 0:
        raise InputError("r2: all values of y are equal; at least two different ones are needed")
    return 1.0 - float(np.sum((y - prediction) ** 2)) / total


def _pair(y: ArrayLike, prediction: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Check two vectors against each other."""
    left, right = np.asarray(y, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    if left.ndim != 1 or left.shape != right.shape or left.size == 0:
        raise InputError(
            f"metrics: y has shape {left.shape} and the prediction {right.shape}; "
            "two vectors of one length of at least 1 are needed"
        )
    if not (np.isfinite(left).all() and np.isfinite(right).all()):
        raise InputError("metrics: y or the prediction holds NaN or infinity; finite values only")
    return left, right
