"""The methods that make a surrogate, by name."""

from __future__ import annotations

import math
from dataclasses import replace
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from mesocast.columns import CELL_COLUMNS, unit_of
from mesocast.errors import InputError
from mesocast.surrogates.equations.equation import Equation, divided_box, divisors_of
from mesocast.surrogates.methods.gaussian_process import GaussianProcess
from mesocast.surrogates.methods.indicated import fit_indicated, read_indicated
from mesocast.surrogates.methods.polynomial import fit_quadratic
from mesocast.surrogates.methods.through_microstructure import (
    ThroughMicrostructure,
    fit_through_microstructure,
)
from mesocast.surrogates.names import METHODS_GROUP
from mesocast.surrogates.sisso.units import base_units
from mesocast.surrogates.training import Method, Model, TrainingData

if TYPE_CHECKING:
    from collections.abc import Mapping


def method_name(method: str) -> str:
    """Name of a method for people; its own where it has no other."""
    return (METHODS[method].label if method in METHODS else "") or method


def _fit_sisso(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    from mesocast.surrogates.selection import folds_of
    from mesocast.surrogates.sisso.estimator import SISSO

    # What follows from the data is no setting.
    allowed = [name for name in SISSO().get_params() if name not in ("box", "units")]
    for name in settings:
        if name not in allowed:
            raise InputError(f"sisso: unknown setting {name!r}; allowed: {', '.join(allowed)}")
    box = divided_box(data.box, data.inputs)
    units = [base_units(unit_of(name)) for name in data.inputs]
    try:
        defaults = {"log_target": "auto", "cv": folds_of(data), "random_state": data.seed}
        estimator = SISSO(
            **{**defaults, **settings, "box": box, "units": units if any(units) else None}
        )
        estimator.fit(data.x / divisors_of(data.inputs), data.y)
    except InputError as error:
        raise InputError(f"sisso of {data.property_name}: {error}") from error
    equation = replace(
        estimator.equation_,
        property_name=data.property_name,
        inputs=data.inputs,
        unit=data.unit,
        box=data.box,
        divisor=100.0,
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


def _fit_through_microstructure(
    data: TrainingData, settings: Mapping[str, Any]
) -> tuple[Model, dict[str, Any]]:
    if data.property_name not in CELL_COLUMNS:
        return _fit_sisso(data, settings)
    return fit_through_microstructure(data, lambda part: _fit_sisso(part, settings))


def _read_through_microstructure(content: dict[str, Any]) -> Model:
    kind = ThroughMicrostructure if "parts" in content else Equation
    return kind.from_dict(content)


def _fit_operon(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    from mesocast.surrogates.methods.operon import fit_operon

    return fit_operon(data, settings)


def _fit_pysr(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    from mesocast.surrogates.methods.pysr import fit_pysr

    return fit_pysr(data, settings)


def _refuse(method: str, settings: Mapping[str, Any]) -> None:
    if settings:
        raise InputError(f"{method}: unknown setting {next(iter(settings))!r}; it has none")


#: All methods by name. A notebook may add one; a package does so by an entry point.
METHODS: dict[str, Method] = {
    "sisso": Method(_fit_sisso, Equation.from_dict, "SISSO"),
    "polynomial": Method(_fit_polynomial, Equation.from_dict, "quadratic polynomial"),
    "gaussian_process": Method(
        _fit_gaussian_process, GaussianProcess.from_dict, "Gaussian process", takes_words=True
    ),
    "operon": Method(_fit_operon, Equation.from_dict, "Operon"),
    "pysr": Method(_fit_pysr, Equation.from_dict, "PySR"),
    "through_microstructure": Method(
        _fit_through_microstructure,
        _read_through_microstructure,
        "SISSO, cells through the microstructure",
    ),
}
for _point in entry_points(group=METHODS_GROUP):
    METHODS.setdefault(_point.name, _point.load())


def fit_model(
    method: str, data: TrainingData, settings: Mapping[str, Any]
) -> tuple[Model, dict[str, Any]]:
    """Fit a model by a method, and give what that says about its fit.

    Raises
    ------
    InputError
        The method cannot take the settings or the rows.
    """
    own = METHODS[method]
    if data.words and not own.takes_words:
        return fit_indicated(data, lambda rows: own.fit(rows, settings))
    return own.fit(data, settings)


def read_model(method: str, content: dict[str, Any]) -> Model:
    """Read the model of a method from what it was written as.

    Raises
    ------
    InputError
        It is none.
    """
    own = METHODS[method]
    return read_indicated(content, own.read) if "choices" in content else own.read(content)
