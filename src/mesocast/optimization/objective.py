"""The scalar that balances the properties of an electrode."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mesocast.columns import CELL_COLUMNS, LINE, TARGETS, better_of
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

#: What is wanted of a property; ``target``: a value, or any in a range.
Aim = Literal["minimize", "maximize", "target"]
#: How the distances of the properties from their best make one number.
Utility = Literal["quadratic", "desirability"]
UTILITIES: tuple[Utility, ...] = ("quadratic", "desirability")

# Below this share of its magnitude, the spread of a property is rounding and not information.
_CONSTANT = 1e-9
# What an electrode that is ok may be without.
_MAY_LACK = (*CELL_COLUMNS, *(column.name for column in LINE))


@dataclass(frozen=True)
class Goal:
    """What is wanted of one property.

    Parameters
    ----------
    direction
        ``"minimize"``, ``"maximize"`` or ``"target"``.
    weight
        Relative weight, at least 0.
    target
        Lowest and highest of the values that are equally good, in the unit of the property; only
        and always with the direction ``"target"``.
    span
        Range by which the property is scaled, in its unit; None: that of the data set.
    """

    direction: Aim
    weight: float = 1.0
    target: tuple[float, float] | None = None
    span: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.direction not in ("minimize", "maximize", "target"):
            raise InputError(
                f"objective: direction is {self.direction!r}; allowed are 'minimize', 'maximize' "
                "and 'target'"
            )
        if (self.direction == "target") != (self.target is not None):
            raise InputError("objective: a target is needed with the direction 'target' alone")
        if self.target is not None and not -math.inf < self.target[0] <= self.target[1] < math.inf:
            raise InputError(f"objective: target is {self.target}; allowed: finite, low <= high")
        if not (math.isfinite(self.weight) and self.weight >= 0):
            raise InputError(f"objective: weight is {self.weight!r}; it must be a number >= 0")

    @property
    def wanted(self) -> str:
        """The aim in words: minimize, maximize, or what to meet."""
        if self.target is None:
            return self.direction
        low, high = self.target
        return f"meet {low:g}" if low == high else f"meet {low:g} to {high:g}"


# The properties of every campaign, each in its own direction and with equal weights.
DEFAULT_GOALS: Mapping[str, Goal] = {
    name: Goal(better) for name in TARGETS if (better := better_of(name)) is not None
}


@dataclass(frozen=True)
class Scaling:
    """The range of one property by which it is scaled, in the unit of the property."""

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
    r"""One number of the distances of each property from its best scaled value.

    .. math:: C = \frac{\sum_i w_i d_i^2}{\sum_i w_i}, \qquad
              d_i = y_i \text{ (minimized)}, \quad d_i = 1 - y_i \text{ (maximized)}

    with :math:`y_i` scaled to [0, 1] by the minimum and maximum of the data set, or by a stated
    range; for four equal weights this is the published 1/4 sum (Duquesnoy et al. 2023, equation 3).
    The distance from a target is that from the nearest value that is wanted, over the range.

    The other utility is 1 minus the geometric mean of desirabilities (Derringer and Suich, J. Qual.
    Technol. 12 (1980) 214, with linear ones), in which nothing can make up for a property that is
    entirely bad:

    .. math:: C = 1 - \prod_i \left(1 - \min(\max(d_i, 0), 1)\right)^{w_i / \sum_j w_j}

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
    utility
        ``"quadratic"``, the published one, or ``"desirability"``, which is always clipped.

    Raises
    ------
    InputError
        No goals, all weights 0, or goals and scaling name different properties.
    """

    goals: dict[str, Goal]
    scaling: dict[str, Scaling]
    clip: bool = False
    utility: Utility = "quadratic"

    def __post_init__(self) -> None:
        if self.utility not in UTILITIES:
            raise InputError(
                f"objective: utility is {self.utility!r}; allowed: {', '.join(UTILITIES)}"
            )
        if not sum(goal.weight for goal in self.goals.values()) > 0:
            raise InputError("objective: at least one property must have a weight above 0")
        if self.goals.keys() != self.scaling.keys():
            raise InputError(
                f"objective: goals are given for {', '.join(self.goals)} "
                f"but ranges for {', '.join(self.scaling)}"
            )

    @classmethod
    def from_table(
        cls,
        table: pd.DataFrame,
        goals: Mapping[str, Goal] = DEFAULT_GOALS,
        *,
        clip: bool = False,
        utility: Utility = "quadratic",
    ) -> Objective:
        """Take the ranges from the rows of a data set whose ``status`` is ``ok``.

        A goal that states its own range keeps it.

        Parameters
        ----------
        table
            Data set with a column ``status`` and one column per property.
        goals, clip, utility
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
        # An electrode that is ok may have no cell, or none at a rate, or was not pressed.
        rows = rows.dropna(subset=[name for name in goals if name in _MAY_LACK])
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
            span = goals[name].span or (float(values.min()), float(values.max()))
            try:
                scaling[name] = Scaling(*span)
            except InputError as error:
                raise InputError(
                    f"data set: column {name!r} is constant ({values[0]:g} in all rows with "
                    "status 'ok'); a property of the objective must vary"
                ) from error
        return cls(dict(goals), scaling, clip, utility)

    def scaled(self, name: str, values: ArrayLike) -> NDArray[np.float64]:
        """Scale values of one property: 0 is the minimum of its range, 1 its maximum.

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
        """Distance of one property's values from its best, over its range: 0 best, 1 worst."""
        goal = self.goals[name]
        if goal.target is None:
            y = self.scaled(name, values)
            return y if goal.direction == "minimize" else 1 - y
        span = self.scaling[name]
        y = np.asarray(values, dtype=float)
        distance = np.abs(y - np.clip(y, *goal.target)) / (span.maximum - span.minimum)
        return np.minimum(distance, 1.0) if self.clip else distance

    def combined(
        self, distances: NDArray[np.float64], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Put distances together by the utility, along the last axis.

        Parameters
        ----------
        distances, weights
            One per goal, shapes (..., goals) that broadcast; no set of weights is all 0.
        """
        total = weights.sum(axis=-1)
        if self.utility == "quadratic":
            return np.asarray((weights * distances**2).sum(axis=-1) / total)
        shares = weights / total[..., None]
        desirability = 1 - np.clip(distances, 0.0, 1.0)
        return np.asarray(1 - np.prod(desirability**shares, axis=-1))

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
        distances = [self.distance(name, properties[name]) for name in self.goals]
        weights = np.array([goal.weight for goal in self.goals.values()])
        return self.combined(np.stack(np.broadcast_arrays(*distances), axis=-1), weights)
