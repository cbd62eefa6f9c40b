"""Methods that know numbers only, where recipes have choices: each word is a number, 0 or 1.

A choice among k words makes k - 1 inputs, ``is_LFP`` and so on: 1 where the recipe has that word.
The first word is what is left where all are 0. So one equation holds for all choices, and what they
have in common is learned from all electrodes together: one equation per choice would divide the few
slurries among them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.box import check_rows
from mesocast.surrogates.box import is_inside as in_box
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.training import InPage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from mesocast.surrogates.training import Model, TrainingData

    Words = Mapping[str, tuple[str, ...]]


def indicators(inputs: Sequence[str], words: Words) -> tuple[tuple[str, int, int], ...]:
    """Inputs of a model that knows numbers only: name, place of the input, place of the word.

    The last is -1 for what is a number itself.

    Examples
    --------
    >>> indicators(["cr_pct", "set_material"], {"set_material": ("LFP", "LCO", "NMC622")})
    (('cr_pct', 0, -1), ('is_LCO', 1, 1), ('is_NMC622', 1, 2))
    """
    found: list[tuple[str, int, int]] = []
    for place, name in enumerate(inputs):
        if name not in words:
            found.append((name, place, -1))
            continue
        for number, word in enumerate(words[name]):
            plain = "is_" + re.sub(r"\W", "_", word)
            taken = plain in {one for one, _, _ in found}
            if number:
                found.append((f"{plain}_{name}" if taken else plain, place, number))
    return tuple(found)


@dataclass(frozen=True)
class Indicated:
    """A model over numbers and indicators, as a function of recipes with choices.

    Parameters
    ----------
    inner
        The model.
    inputs, box
        Of the recipes, as for :class:`mesocast.surrogates.equations.equation.Equation`; a choice is
        told by the place of its word.
    words
        Of each choice, by its column.
    """

    inner: Model
    inputs: tuple[str, ...]
    box: tuple[tuple[float, float], ...]
    words: Words

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Predict recipes of shape (n, inputs), in the units of the columns.

        Raises
        ------
        InputError
            ``x`` has another shape.
        """
        return self.inner(expanded(self._checked(x), self.inputs, self.words))

    def is_inside(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Say for each row of ``x``, shape (n, inputs), whether it lies in the box."""
        return in_box(self._checked(x), self.box)

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers, strings and lists; JSON keeps every digit of the floats."""
        return {
            "inputs": list(self.inputs),
            "box": [list(bounds) for bounds in self.box],
            "choices": {name: list(own) for name, own in self.words.items()},
            "model": self.inner.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any], read: Callable[[dict[str, Any]], Model]) -> Self:
        """Read what :meth:`to_dict` gave; ``read`` reads the model within.

        Raises
        ------
        InputError
            A key is missing, or a value has the wrong type.
        """
        try:
            return cls(
                read(data["model"]),
                tuple(map(str, data["inputs"])),
                tuple((float(low), float(high)) for low, high in data["box"]),
                {str(name): tuple(map(str, own)) for name, own in data["choices"].items()},
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"choices: {type(error).__name__} {error} in the file") from error

    def _checked(self, x: ArrayLike) -> NDArray[np.float64]:
        return check_rows(x, self.inputs, "surrogate with choices")


class IndicatedInPage(Indicated):
    """One of these that a page can evaluate."""

    def javascript(self) -> str:
        """Give the text of a JavaScript function of :attr:`inputs`; choices by their places."""
        given = [
            self.inputs[place] if number < 0 else f"{self.inputs[place]} === {number} ? 1 : 0"
            for _, place, number in indicators(self.inputs, self.words)
        ]
        inner = cast("InPage", self.inner).javascript()
        return f"({', '.join(self.inputs)}) => ({inner})({', '.join(given)})"


def expanded(x: NDArray[np.float64], inputs: Sequence[str], words: Words) -> NDArray[np.float64]:
    """Recipes, shape (n, inputs), as numbers and indicators, shape (n, indicators)."""
    columns = [
        x[:, place] if number < 0 else (np.rint(x[:, place]) == number).astype(float)
        for _, place, number in indicators(inputs, words)
    ]
    return np.stack(columns, axis=1)


def fit_indicated(
    data: TrainingData,
    fit: Callable[[TrainingData], tuple[Model, dict[str, Any]]],
) -> tuple[Model, dict[str, Any]]:
    """Fit a method that knows numbers only to rows with choices.

    Returns
    -------
    tuple
        The model, and what the method says about its fit.
    """
    told = indicators(data.inputs, data.words)
    own = replace(
        data,
        inputs=tuple(name for name, _, _ in told),
        box=tuple(data.box[place] if number < 0 else (0.0, 1.0) for _, place, number in told),
        x=expanded(data.x, data.inputs, data.words),
        words={},
    )
    inner, facts = fit(own)
    kind = IndicatedInPage if isinstance(inner, InPage) else Indicated
    return kind(inner, data.inputs, data.box, dict(data.words)), facts


def read_indicated(data: dict[str, Any], read: Callable[[dict[str, Any]], Model]) -> Model:
    """Read a model with choices; errors as for `Indicated.from_dict`."""
    found = Indicated.from_dict(data, read)
    if not isinstance(found.inner, InPage):
        return found
    return IndicatedInPage(found.inner, found.inputs, found.box, found.words)


def equation_of(model: object) -> Equation | None:
    """Equation of a model, also where it has indicators; None where it is none."""
    inner = model.inner if isinstance(model, Indicated) else model
    return inner if isinstance(inner, Equation) else None
