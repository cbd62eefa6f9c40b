"""Between which coefficients films can be made at all."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# Length scales in the unit cube: a failure tells of its neighbourhood, not of the whole box.
_LENGTH_SCALES = (0.1, 2.0)
_LEAST_PROBABILITY = 1e-6


def is_made(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether at least half of what was wanted of each point could be simulated, shape (points,).

    Parameters
    ----------
    values
        Shape (outputs, points, seeds); NaN where a film failed.
    """
    return np.asarray(np.isfinite(values).mean(axis=(0, 2)) >= 0.5)


def fit_feasibility(
    x: NDArray[np.float64], made: NDArray[np.bool_]
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]] | None:
    """Fit the probability that films can be made, by scikit-learn's Gaussian process classifier.

    What was measured was made, so coefficients with which nothing can be made are as improbable.

    Parameters
    ----------
    x
        Simulated points in the unit cube, shape (n, inputs).
    made
        Whether their films were made, shape (n,).

    Returns
    -------
    callable or None
        Logarithm of the probability at points, shape (points,); None where all points, or none,
        were made: then nothing is known of where they fail.
    """
    if made.all() or not made.any():
        return None
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessClassifier
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel

    kernel = ConstantKernel(10.0, (1.0, 100.0)) * RBF(0.5, _LENGTH_SCALES)
    with warnings.catch_warnings():
        # A length scale at its bound is what the bound is for.
        warnings.filterwarnings("ignore", category=ConvergenceWarning)
        process = GaussianProcessClassifier(kernel).fit(x, made)

    def log_probability(points: NDArray[np.float64]) -> NDArray[np.float64]:
        probability = process.predict_proba(points)[:, 1]
        return np.asarray(np.log(np.maximum(probability, _LEAST_PROBABILITY)))

    return log_probability
