"""What a cell does, by way of the microstructure that the recipe makes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns import unit_of
from mesocast.errors import InputError
from mesocast.surrogates.box import check_rows, is_inside
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.methods.gaussian_process import GaussianProcess, fit_gaussian_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from mesocast.surrogates.training import TrainingData

# The input that a cell takes itself, beside the microstructure.
_COMPOSITION = "am_pct"


@dataclass(frozen=True)
class ThroughMicrostructure:
    """A Gaussian process over what equations say of the microstructure.

    Parameters
    ----------
    parts
        Equation of each column of the microstructure, over recipes.
    outcome
        What the cell does, over the composition (where it is an input) and the columns that
        ``parts`` give, in their order.
    inputs, box
        Of the recipes, as for :class:`mesocast.surrogates.equations.equation.Equation`.
    """

    parts: Mapping[str, Equation]
    outcome: GaussianProcess
    inputs: tuple[str, ...]
    box: tuple[tuple[float, float], ...]

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Predict recipes of shape (n, inputs), in the units of the columns.

        Raises
        ------
        InputError
            ``x`` has another shape.
        """
        rows = self._checked(x)
        return self.outcome(_features(rows, self.inputs, self.parts))

    def is_inside(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Say for each row of ``x``, shape (n, inputs), whether it lies in the box."""
        return is_inside(self._checked(x), self.box)

    def javascript(self) -> str:
        """Give the text of a JavaScript function of :attr:`inputs`, in their order."""
        arguments = ", ".join(self.inputs)
        given = [_COMPOSITION] if _COMPOSITION in self.inputs else []
        parts = [f"({part.javascript()})({arguments})" for part in self.parts.values()]
        return f"({arguments}) => ({self.outcome.javascript()})({', '.join([*given, *parts])})"

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers, strings and lists; JSON keeps every digit of the floats."""
        return {
            "inputs": list(self.inputs),
            "box": [list(bounds) for bounds in self.box],
            "parts": {name: part.to_dict() for name, part in self.parts.items()},
            "outcome": self.outcome.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ThroughMicrostructure:
        """Read what :meth:`to_dict` gave.

        Raises
        ------
        InputError
            A key is missing, or a value has the wrong type.
        """
        try:
            return cls(
                parts={name: Equation.from_dict(part) for name, part in data["parts"].items()},
                outcome=GaussianProcess.from_dict(data["outcome"]),
                inputs=tuple(map(str, data["inputs"])),
                box=tuple((float(low), float(high)) for low, high in data["box"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"through the microstructure: {type(error).__name__} {error} in the file"
            ) from error

    def _checked(self, x: ArrayLike) -> NDArray[np.float64]:
        return check_rows(x, self.inputs, self.outcome.property_name)


def fit_through_microstructure(
    data: TrainingData, fit_part: Callable[[TrainingData], tuple[Equation, dict[str, Any]]]
) -> tuple[ThroughMicrostructure, dict[str, Any]]:
    """Fit an equation per column of the microstructure, and the outcome over what they say.

    The process learns from what the equations predict, not from what was simulated: so it makes up
    for what they have wrong on average, and counts what they leave open as noise. On the open
    dataset it errs less than surrogates of the columns, and less than PyBaMM after the equations
    (docs/cell.md).

    Parameters
    ----------
    data
        The rows; ``microstructure`` has one column or more.
    fit_part
        Fits one column.

    Returns
    -------
    tuple
        The model, and the facts about each part and the process.

    Raises
    ------
    InputError
        The rows have no column of the microstructure, or one cannot be fitted.
    """
    if not data.microstructure:
        raise InputError(
            f"through_microstructure of {data.property_name}: the dataset has no column that a "
            "cell takes; allowed: surrogates.method = gaussian_process"
        )
    parts, facts = {}, {}
    for name, values in data.microstructure.items():
        if np.ptp(values) == 0:
            continue  # what is the same in all electrodes tells them not apart
        own = replace(data, property_name=name, unit=unit_of(name), y=values, microstructure={})
        parts[name], facts[name] = fit_part(own)
    features = _features(data.x, data.inputs, parts)
    names = (*((_COMPOSITION,) if _COMPOSITION in data.inputs else ()), *parts)
    lows, highs = features.min(axis=0), features.max(axis=0)
    outcome, found = fit_gaussian_process(
        replace(
            data,
            inputs=names,
            x=features,
            # An equation may be constant.
            box=tuple(
                zip(lows.tolist(), np.where(highs > lows, highs, lows + 1).tolist(), strict=True)
            ),
            microstructure={},
        )
    )
    return ThroughMicrostructure(parts, outcome, data.inputs, data.box), {"parts": facts, **found}


def _features(
    x: NDArray[np.float64], inputs: tuple[str, ...], parts: Mapping[str, Equation]
) -> NDArray[np.float64]:
    """What the process takes of recipes, shape (n, features)."""
    given = [x[:, inputs.index(_COMPOSITION)]] if _COMPOSITION in inputs else []
    return np.column_stack([*given, *(part(x) for part in parts.values())])
