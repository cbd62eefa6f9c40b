"""The scalar that balances the properties of an electrode."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import CELL_COLUMNS, TARGETS, Direction, better_of
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

# Below this share of its magnitude, the spread of a property is rounding and not information.
_CONSTANT = 1e-9


@dataclass(frozen=True)
class Goal:
    """What is wanted of one property.

    Parameters
    ----------
    direction
        ``"minimize"`` or ``"maximize"``.
    weight
        Relative weight, at least 0.
    """

    direction: Direction
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.direction not in ("minimize", "maximize"):
            raise InputError(
                f"objective: direction is {self.direction!r}; allowed are 'minimize' and 'maximize'"
            )
        if not (math.isfinite(self.weight) and self.weight >= 0):
            raise InputError(f"objective: weight is {self.weight!r}; it must be a number >= 0")


# The properties of every campaign, each in its own direction and with equal weights.
DEFAULT_GOALS: Mapping[str, Goal] = {
    name: Goal(better) for name in TARGETS if (better := better_of(name)) is not None
}


@dataclass(frozen=True)
class Scaling:
    """The range of one property in the data set, in the unit of the property."""

    minimum: float
    maximum: float

    def __post_init__(self) -> None:
        span = self.maximum - self.minimum
        if not (
            math.isfinite(span) and span > _CONSTANT * max(abs(self.minimum), abs(self.maximum))
        ):
            raise InputError(
                f"objective: a property ranges from {self.minimum!r} to {self.maximum!r}; "
                "the maximum must be above the minimum to scale it"
            )


@dataclass(frozen=True)
class Objective:
    r"""Weighted sum of squared distances from the best scaled value of each property.

    .. math:: C = \frac{\sum_i w_i t_i}{\sum_i w_i}, \qquad
              t_i = y_i^2 \text{ (minimized)}, \quad t_i = (1 - y_i)^2 \text{ (maximized)}

    with :math:`y_i` scaled to [0, 1] by the minimum and maximum of the data set; for four equal
    weights this is the published 1/4 sum (Duquesnoy et al. 2023, equation 3).

    A surrogate may leave the range of the data. By default the scaled value is then *not* clipped:
    the objective stays smooth, and a prediction better than every simulated electrode counts as a
    distance from the best one, so the optimum is drawn to what the data support.

    Parameters
    ----------
    goals
        Direction and weight per property; at least one weight is above 0.
    scaling
        Range per property; the same keys as ``goals``.
    clip
        Clip scaled values to [0, 1]: beyond the best simulated value nothing is gained or lost.

    Raises
    ------
    InputError
        No goals, all weights 0, or goals and scaling name different properties.
    """

    goals: dict[str, Goal]
    scaling: dict[str, Scaling]
    clip: bool = False

    def __post_init__(self) -> None:
        if not sum(goal.weight for goal in self.goals.values()) > 0:
            raise InputError("objective: at least one property must have a weight above 0")
        if self.goals.keys() != self.scaling.keys():
            raise InputError(
                f"objective: goals are given for {', '.join(self.goals)} "
                f"but ranges for {', '.join(self.scaling)}"
            )

    @classmethod
    def from_table(
        cls, table: pd.DataFrame, goals: Mapping[str, Goal] = DEFAULT_GOALS, *, clip: bool = False
    ) -> Objective:
        """Take the ranges from the rows of a data set whose ``status`` is ``ok``.

        Parameters
        ----------
        table
            Data set with a column ``status`` and one column per property.
        goals, clip
            See `Objective`.

        Raises
        ------
        InputError
            A column is missing, no row is ``ok``, a value is not a finite number, or a property
            is constant.
        """
        missing = [name for name in ("status", *goals) if name not in table.columns]
        if missing:
            raise InputError(f"data set: column {missing[0]!r} is missing; the objective needs it")
        rows = table[table["status"] == "ok"]
        # An electrode that is ok may have no cell, or none at a rate.
        rows = rows.dropna(subset=[name for name in goals if name in CELL_COLUMNS])
        if rows.empty:
            raise InputError("data set: no row has status 'ok'; the objective needs at least two")
        scaling = {}
        for name in goals:
            try:
                values = rows[name].to_numpy(dtype=float)
            except (TypeError, ValueError) as error:
                raise InputError(
                    f"data set: column {name!r} must hold numbers ({error})"
                ) from error
            if not np.isfinite(values).all():
                raise InputError(
                    f"data set: column {name!r} has a row with status 'ok' but no finite value"
                )
            try:
                scaling[name] = Scaling(float(values.min()), float(values.max()))
            except InputError as error:
                raise InputError(
                    f"data set: column {name!r} is constant ({values[0]:g} in all rows with "
                    "status 'ok'); a property of the objective must vary"
                ) from error
        return cls(dict(goals), scaling, clip)

    def scaled(self, name: str, values: ArrayLike) -> NDArray[np.float64]:
        """Scale values of one property: 0 is the minimum of the data set, 1 its maximum.

        Parameters
        ----------
        name
            A property of the objective.
        values
            Values in the unit of the property, any shape.
        """
        span = self.scaling[name]
        y = (np.asarray(values, dtype=float) - span.minimum) / (span.maximum - span.minimum)
        return np.clip(y, 0.0, 1.0) if self.clip else y

    def distance(self, name: str, values: ArrayLike) -> NDArray[np.float64]:
        """Distance of one property's values from its best in the data set: 0 best, 1 worst."""
        y = self.scaled(name, values)
        return y if self.goals[name].direction == "minimize" else 1 - y

    def __call__(self, properties: Mapping[str, ArrayLike]) -> NDArray[np.float64]:
        """Value of the objective for each row.

        Parameters
        ----------
        properties
            Per property of the objective an array of shape (n,), in the unit of the data set;
            further properties are ignored.

        Returns
        -------
        NDArray
            Shape (n,); 0 is best.

        Raises
        ------
        InputError
            A property is missing.
        """
        missing = [name for name in self.goals if name not in properties]
        if missing:
            raise InputError(f"objective: property {missing[0]!r} is missing")
        total: NDArray[np.float64] = np.zeros(())
        for name, goal in self.goals.items():
            total = total + goal.weight * self.distance(name, properties[name]) ** 2
        return total / sum(goal.weight for goal in self.goals.values())
