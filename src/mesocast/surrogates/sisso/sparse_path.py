"""SISSO itself: screening and sparsifying in turn, one descriptor more each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import EstimatorInputError
from mesocast.surrogates.sisso.sparse_models import best_models
from mesocast.surrogates.sisso.subspace import Subspace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.surrogates.sisso.features import Recipe
    from mesocast.surrogates.sisso.screening import Screening

# When the residual is this share of the target (squared), the fit is exact to rounding.
_EXACT = 1e-24


@dataclass(frozen=True)
class SparseFit:
    """Least squares on the best descriptors of one number.

    Parameters
    ----------
    recipes
        How the descriptors are made from the inner features.
    coefficients, intercept
        Of the descriptors as they are.
    condition_number
        Of the standardized descriptors; large when they say nearly the same.
    prediction
        At all rows of the data, those outside of the fit included, shape (rows,).
    is_exact
        Whether nothing is left to explain but rounding.
    """

    recipes: tuple[Recipe, ...]
    coefficients: NDArray[np.float64]
    intercept: float
    condition_number: float
    prediction: NDArray[np.float64]
    is_exact: bool


def find_path(
    screening: Screening,
    target: NDArray[np.float64],
    dimension: int,
    *,
    subspace_size: int,
    n_residual: int,
) -> list[SparseFit]:
    """Fit with 1 to ``dimension`` descriptors; stop where a fit is exact or nothing can be added.

    Parameters
    ----------
    screening
        Over the rows of the fit.
    target
        At all rows of the data, shape (rows,).
    dimension
        Largest number of descriptors; fewer for few rows, since n descriptors need n + 2.
    subspace_size, n_residual
        As for :class:`mesocast.surrogates.sisso.estimator.SISSO`.

    Raises
    ------
    EstimatorInputError
        No feature varies over the rows of the fit.
    """
    y = target[screening.rows]
    residuals = (y - y.mean())[None, :]
    subspace = Subspace.empty(len(target), len(y))
    path: list[SparseFit] = []
    for size in range(1, min(dimension, len(y) - 2) + 1):
        subspace = screening.screen(residuals, subspace_size, subspace)
        models = best_models(subspace.columns, y, size, n_residual, subspace.complexity)
        if not models:
            break
        chosen = list(models[0].subset)
        recipes = tuple(subspace.recipes[number] for number in chosen)
        is_exact = models[0].residual_share < _EXACT
        path.append(
            _least_squares(recipes, subspace.values[chosen], screening.rows, y, is_exact=is_exact)
        )
        if is_exact:
            break
        residuals = np.stack([model.residual for model in models])
    if not path:
        raise EstimatorInputError("no feature varies over the rows of X")
    return path


def _least_squares(
    recipes: tuple[Recipe, ...],
    values: NDArray[np.float64],
    rows: NDArray[np.intp],
    y: NDArray[np.float64],
    *,
    is_exact: bool,
) -> SparseFit:
    """Fit ``y`` to descriptors whose values at all rows are given, shape (descriptors, rows)."""
    used = values[:, rows].T
    means, scales = used.mean(axis=0), used.std(axis=0)
    solution, _, _, singular = np.linalg.lstsq((used - means) / scales, y - y.mean())
    coefficients = solution / scales
    intercept = float(y.mean() - coefficients @ means)
    prediction = intercept + coefficients @ values
    return SparseFit(
        recipes, coefficients, intercept, float(singular[0] / singular[-1]), prediction, is_exact
    )
