"""What a method that makes surrogates gets and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

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


@runtime_checkable
class InPage(Protocol):
    """A model that a page can evaluate."""

    def javascript(self) -> str:
        """Give the text of a JavaScript function of the inputs, in their order."""


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
        Slurry recipe of each row, shape (rows,); ``None`` when unknown. Conditions of one slurry
        share its structure, and films of one recipe its inputs, so they are no independent test
        of each other.
    seed
        For whatever the method draws at random.
    microstructure
        For what a cell does: columns of the same electrodes that decide it, each of shape (rows,).
        Empty for what is itself a column of the microstructure.
    words
        Of inputs that are choices, by column: ``x`` has their places, from 0.
    """

    property_name: str
    inputs: tuple[str, ...]
    unit: str
    box: tuple[tuple[float, float], ...]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    slurries: NDArray[np.object_] | None
    seed: int
    microstructure: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
    label
        Name of the method for people; empty: that by which it is known.
    takes_words
        Whether it takes the places of choices for what they are; else it gets numbers 0 and 1
        (`mesocast.surrogates.methods.indicated`).
    """

    fit: Callable[[TrainingData, Mapping[str, Any]], tuple[Model, dict[str, Any]]]
    read: Callable[[dict[str, Any]], Model]
    label: str = ""
    takes_words: bool = False
