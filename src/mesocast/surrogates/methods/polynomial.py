"""Quadratic least squares: the floor that any other equation has to beat."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.equations.equation import Equation, divisors_of
from mesocast.surrogates.equations.expressions import evaluate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.surrogates.equations.expressions import Expression


def coefficient_count(inputs: int) -> int:
    """Coefficients of a polynomial of second degree in this many inputs."""
    return (inputs + 1) * (inputs + 2) // 2


def fit_quadratic(
    property_name: str,
    inputs: tuple[str, ...],
    box: tuple[tuple[float, float], ...],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    divisor: float = 100.0,
) -> Equation:
    """Fit all inputs, their squares and their products.

    Few slurries can leave the quadratic undetermined; of all equal fits the one with the smallest
    standardized coefficients is taken.

    Parameters
    ----------
    property_name, inputs, box, divisor
        As for :class:`mesocast.surrogates.equations.equation.Equation`.
    x
        Shape (rows, inputs), in the unit of ``box``.
    y
        Shape (rows,).

    Raises
    ------
    InputError
        There are fewer rows than coefficients.
    """
    numbers = range(len(inputs))
    needed = coefficient_count(len(inputs))
    descriptors: tuple[Expression, ...] = (
        *numbers,
        *(("square", i) for i in numbers),
        *(("*", i, j) for i, j in combinations(numbers, 2)),
    )
    if len(x) < needed:
        raise InputError(
            f"polynomial of {property_name}: found {len(x)} rows; "
            f"at least {needed} are needed, one per coefficient"
        )
    scaled = list((x / divisors_of(inputs, divisor)).T)
    columns = np.stack([evaluate(descriptor, scaled) for descriptor in descriptors], axis=1)
    means, scales = columns.mean(axis=0), columns.std(axis=0)
    scales = np.where(scales > 0, scales, 1.0)  # as of the product of two words of one choice
    # The cut-off drops directions that only rounding holds apart.
    solution = np.linalg.lstsq((columns - means) / scales, y - y.mean(), rcond=1e-10)[0]
    coefficients = solution / scales
    return Equation(
        property_name=property_name,
        inputs=inputs,
        box=box,
        descriptors=descriptors,
        coefficients=tuple(coefficients.tolist()),
        intercept=float(y.mean() - coefficients @ means),
        divisor=divisor,
    )
