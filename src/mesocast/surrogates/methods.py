"""The methods that make a surrogate, behind one interface.

A further method is one more entry of :data:`METHODS`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from mesocast.errors import InputError
from mesocast.surrogates.equation import Equation
from mesocast.surrogates.gaussian_process import GaussianProcess
from mesocast.surrogates.polynomial import fit_quadratic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class Model(Protocol):
    """What a method returns: a function of recipes that can be written to a file."""

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Predict the property at recipes of shape (n, inputs), in the units of the columns."""

    def is_inside(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Say for each recipe, shape (n, inputs), whether it lies in the box of the fit."""

    def to_dict(self) -> dict[str, Any]:
        """Give what the method's ``read`` needs, in types of JSON."""


@dataclass(frozen=True)
class TrainingData:
    """The rows that a method may see.

    Parameters
    ----------
    property_name, inputs, unit
        Columns of the dataset, and the unit of the property.
    box
        Bounds of the inputs, in the unit of their columns (percent).
    x, y
        Shapes (rows, inputs) and (rows,), in the units of the columns.
    slurries
        Slurry of each row, shape (rows,); ``None`` when unknown. Conditions of one slurry share
        its structure, so they are no independent test of each other.
    seed
        For whatever the method draws at random.
    """

    property_name: str
    inputs: tuple[str, ...]
    unit: str
    box: tuple[tuple[float, float], ...]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    slurries: NDArray[np.object_] | None
    seed: int


@dataclass(frozen=True)
class Method:
    """One way to make a surrogate.

    Parameters
    ----------
    fit
        Takes the rows and the settings; returns the model and facts about the fit for the report
        (in types of JSON). Raises InputError for settings or rows that it cannot take.
    read
        Makes the model again from its ``to_dict``.
    """

    fit: Callable[[TrainingData, Mapping[str, Any]], tuple[Model, dict[str, Any]]]
    read: Callable[[dict[str, Any]], Model]


def _fit_sisso(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    from sklearn.model_selection import GroupKFold

    from mesocast.surrogates.sisso import SISSO

    divisor = 100.0
    folds: Any = 5
    if data.slurries is not None and len(set(data.slurries)) > 1:
        splitter = GroupKFold(min(folds, len(set(data.slurries))))
        folds = list(splitter.split(data.x, data.y, data.slurries))
    defaults = {"log_target": "auto", "cv": folds, "random_state": data.seed}
    box = tuple((low / divisor, high / divisor) for low, high in data.box)
    try:
        estimator = SISSO(**{**defaults, **settings, "box": box})
        estimator.fit(data.x / divisor, data.y)
    except (TypeError, ValueError) as error:
        raise InputError(f"sisso of {data.property_name}: {error}") from error
    equation = replace(
        estimator.equation_,
        property_name=data.property_name,
        inputs=data.inputs,
        unit=data.unit,
        box=data.box,
        divisor=divisor,
    )
    facts = {
        "dimension": estimator.dimension_,
        "condition_number": estimator.condition_number_,
        "cross_validated_mean_squared_error": {
            transform: [m if math.isfinite(m) else None for m in errors.mean(axis=1).tolist()]
            for transform, errors in estimator.cv_errors_.items()
        },
    }
    return equation, facts


def _fit_polynomial(
    data: TrainingData, settings: Mapping[str, Any]
) -> tuple[Equation, dict[str, Any]]:
    _refuse("polynomial", settings)
    equation = fit_quadratic(data.property_name, data.inputs, data.box, data.x, data.y)
    return replace(equation, unit=data.unit), {}


def _fit_gaussian_process(
    data: TrainingData, settings: Mapping[str, Any]
) -> tuple[GaussianProcess, dict[str, Any]]:
    from mesocast.surrogates.gaussian_process import fit_gaussian_process

    _refuse("gaussian_process", settings)
    return fit_gaussian_process(data)


def _fit_operon(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    from mesocast.surrogates.operon import fit_operon

    return fit_operon(data, settings)


def _fit_pysr(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    from mesocast.surrogates.pysr import fit_pysr

    return fit_pysr(data, settings)


def _refuse(method: str, settings: Mapping[str, Any]) -> None:
    if settings:
        raise InputError(f"{method}: unknown setting {next(iter(settings))!r}; it has none")


METHODS = {
    "sisso": Method(_fit_sisso, Equation.from_dict),
    "polynomial": Method(_fit_polynomial, Equation.from_dict),
    "gaussian_process": Method(_fit_gaussian_process, GaussianProcess.from_dict),
    "operon": Method(_fit_operon, Equation.from_dict),
    "pysr": Method(_fit_pysr, Equation.from_dict),
}
