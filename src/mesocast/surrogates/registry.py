"""The methods that make a surrogate, by name."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mesocast.errors import InputError
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.methods.gaussian_process import GaussianProcess
from mesocast.surrogates.methods.polynomial import fit_quadratic
from mesocast.surrogates.training import Method, TrainingData

if TYPE_CHECKING:
    from collections.abc import Mapping


_NAMES = {
    "sisso": "SISSO",
    "polynomial": "quadratic polynomial",
    "gaussian_process": "Gaussian process",
    "operon": "Operon",
    "pysr": "PySR",
}


def method_name(method: str) -> str:
    """Name of a method for people; its own where it has no other."""
    return _NAMES.get(method, method)


def _fit_sisso(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    from sklearn.model_selection import GroupKFold

    from mesocast.surrogates.sisso.estimator import SISSO

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
    from mesocast.surrogates.methods.gaussian_process import fit_gaussian_process

    _refuse("gaussian_process", settings)
    return fit_gaussian_process(data)


def _fit_operon(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    from mesocast.surrogates.methods.operon import fit_operon

    return fit_operon(data, settings)


def _fit_pysr(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    from mesocast.surrogates.methods.pysr import fit_pysr

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
