"""What is sought, where, and under which conditions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import PARAMETERS, in_order, is_variable
from mesocast.columns.variables import Discrete, words_of
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from mesocast.columns.variables import Value, Values
    from mesocast.optimization.objective import Objective

    Surrogate = Callable[[NDArray[np.float64]], NDArray[np.float64]]


# A recipe that breaks a condition counts as worse than every recipe that breaks none.
FORBIDDEN = 1e3
# A bound that is met to rounding is met, in units of the property's range.
_MET = 1e-9


@dataclass(frozen=True)
class Limits:
    """Allowed values of one parameter or property, in its unit; an open side is infinite."""

    minimum: float = -math.inf
    maximum: float = math.inf

    def within(self, low: float, high: float) -> tuple[float, float]:
        """Bounds narrowed by the limits; where they have nothing in common, the nearest bound."""
        return min(max(low, self.minimum), high), max(min(high, self.maximum), low)


@dataclass(frozen=True)
class Problem:
    """An objective on surrogates, within bounds and constraints.

    Parameters
    ----------
    predict
        Per property a function of recipes, shape (n, inputs) with the columns `inputs`, that
        returns the property, shape (n,), in the unit of the data set.
    objective
        What to minimize.
    bounds_pct
        Lower and upper bound of each design variable, in the unit of its column, within which the
        surrogates hold.
    constraints
        Limits on any of the design variables and of the properties in ``predict``.
    spans
        Range in the data set of each constrained property: the unit in which it is missed.
    fixed
        Design variables that have one value, which recipes are told with.

    Raises
    ------
    InputError
        Bounds are missing or reversed, or a property has no surrogate or no span.
    """

    predict: Mapping[str, Surrogate]
    objective: Objective
    bounds_pct: Mapping[str, tuple[float, float]]
    constraints: Mapping[str, Limits] = field(default_factory=dict)
    spans: Mapping[str, float] = field(default_factory=dict)
    fixed: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_bounds(self.bounds_pct, self.fixed)
        for name in (*self.objective.goals, *self.limited):
            if name not in self.predict:
                raise InputError(f"optimizer: {name!r} is needed, which has no surrogate")
        for name in self.limited:
            if not self.spans.get(name, 0) > 0:
                raise InputError(f"optimizer: the range of {name!r} in the data set is missing")

    @property
    def inputs(self) -> tuple[str, ...]:
        """Design variables that are free: the columns of recipes."""
        return in_order(self.bounds_pct)

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """Words of the choices among the free design variables."""
        return words_of(self.bounds_pct)

    @property
    def discrete(self) -> dict[int, Discrete]:
        """What is allowed along the inputs that are levels or choices, by their numbers.

        Of levels those that the constraints on parameters leave; where they leave none, the
        nearest one.
        """
        found = {}
        for axis, (name, low, high) in enumerate(zip(self.inputs, *self.box, strict=True)):
            bounds = self.bounds_pct[name]
            if isinstance(bounds, Discrete):
                left = [one for one in bounds.allowed if low <= one <= high]
                found[axis] = Discrete(left or [float(bounds.nearest(low))], bounds.words)
        return found

    def point(self, recipe: Mapping[str, Value]) -> NDArray[np.float64]:
        """Recipe as an array of the free design variables, shape (inputs,); choices by place."""
        words = self.words
        return np.array(
            [
                words[name].index(str(recipe[name])) if name in words else float(recipe[name])
                for name in self.inputs
            ],
            dtype=float,
        )

    def named(self, point: NDArray[np.float64] | tuple[float, ...]) -> Values:
        """Recipe by the names of its design variables, with those that are fixed."""
        words = self.words
        free: dict[str, Value] = {
            name: words[name][round(float(value))] if name in words else float(value)
            for name, value in zip(self.inputs, point, strict=True)
        }
        return {name: (free | dict(self.fixed))[name] for name in in_order([*free, *self.fixed])}

    @property
    def limited(self) -> dict[str, Limits]:
        """Constraints on properties."""
        own = {*self.bounds_pct, *self.fixed, *PARAMETERS}
        return {name: c for name, c in self.constraints.items() if name not in own}

    @property
    def box(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Lower and upper corner of where recipes are sought.

        The bounds, narrowed by the constraints on parameters.
        """
        lower, upper = [], []
        for name in self.inputs:
            low, high = self.constraints.get(name, Limits()).within(*self.bounds_pct[name])
            lower.append(low)
            upper.append(high)
        return tuple(lower), tuple(upper)

    @property
    def narrowed_pct(self) -> dict[str, tuple[float, float]]:
        """`bounds_pct` within the constraints on parameters, where these leave more than one."""
        found = dict(self.bounds_pct)
        for axis, (name, low, high) in enumerate(zip(self.inputs, *self.box, strict=True)):
            if axis in self.discrete:
                left = self.discrete[axis]
                found[name] = left if len(left.allowed) > 1 else found[name]
            elif low < high:
                found[name] = (low, high)
        return found

    def properties(
        self, recipes_pct: NDArray[np.float64], names: Iterable[str] | None = None
    ) -> dict[str, NDArray[np.float64]]:
        """Predict properties, each of shape (n,); ``None``: all of them.

        Raises
        ------
        InputError
            A prediction is not finite.
        """
        predicted = {}
        for name in self.predict if names is None else names:
            values = np.asarray(self.predict[name](recipes_pct), dtype=float)
            wrong = ~np.isfinite(values)
            if wrong.any():
                first = int(wrong.argmax())
                raise InputError(
                    f"surrogate of {name!r} is {values[first]} at "
                    f"{self.named(recipes_pct[first])}; it must be finite within the bounds"
                )
            predicted[name] = values
        return predicted

    def value(self, recipes_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        """Objective, shape (n,), whether the constraints are met or not."""
        return self.objective(self.properties(recipes_pct, self.objective.goals))

    def violation(self, recipes_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say by how much the constraints on properties are missed, shape (n,).

        Root of the summed squares, each in units of the property's range in the data set; 0 where
        all are met. Constraints on parameters are in `box`.
        """
        total = np.zeros(len(recipes_pct))
        limited = self.limited
        for name, values in self.properties(recipes_pct, limited).items():
            limits = limited[name]
            missing = values - np.clip(values, limits.minimum, limits.maximum)
            total += (missing / self.spans[name]) ** 2
        root = np.sqrt(total)
        return np.where(root < _MET, 0.0, root)

    def __call__(self, recipes_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        """Objective, shape (n,); where a constraint is missed, above 1000 and rising with it.

        So the minimum is the best recipe that meets the constraints, and where none does the one
        that comes nearest to them.
        """
        value = self.value(recipes_pct)
        if not self.limited:
            return value
        violation = self.violation(recipes_pct)
        return np.where(violation > 0, FORBIDDEN * (1 + violation), value)

    def distances(self, recipes_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance of each goal's property from its best simulated value, shape (n, goals).

        In units of the range in the data set, so 1 is the worst simulated value; forbidden recipes
        are above 1000, as for the objective.
        """
        goals = self.objective.goals
        predicted = self.properties(recipes_pct, goals)
        columns = [self.objective.distance(name, predicted[name]) for name in goals]
        values = np.stack(columns, axis=-1)
        if not self.limited:
            return values
        violation = self.violation(recipes_pct)[:, None]
        return np.where(violation > 0, FORBIDDEN * (1 + violation), values)

    def missed(self, recipe_pct: Mapping[str, Value]) -> dict[str, float]:
        """Constraints that a recipe misses, with the value of their property or parameter."""
        point = self.point(recipe_pct)[None]
        predicted = {
            name: float(values[0]) for name, values in self.properties(point, self.limited).items()
        }
        found = {}
        for name, limits in self.constraints.items():
            value = predicted[name] if name in predicted else float(recipe_pct[name])
            slack = _MET * self.spans.get(name, 1.0)
            if not limits.minimum - slack <= value <= limits.maximum + slack:
                found[name] = value
        return found


def at_choices(problem: Problem, recipe: Mapping[str, Value]) -> Problem:
    """Put the same question with the choices held at those of a recipe: over numbers alone."""
    words = problem.words
    if not words:
        return problem
    point = problem.point(recipe)
    numbers = [axis for axis, name in enumerate(problem.inputs) if name not in words]

    def over_numbers(predict: Surrogate) -> Surrogate:
        def predicted(recipes_pct: NDArray[np.float64]) -> NDArray[np.float64]:
            whole = np.tile(point, (len(recipes_pct), 1))
            whole[:, numbers] = recipes_pct
            return predict(whole)

        return predicted

    return replace(
        problem,
        predict={name: over_numbers(one) for name, one in problem.predict.items()},
        bounds_pct={n: ends for n, ends in problem.bounds_pct.items() if n not in words},
        fixed={**problem.fixed, **{name: recipe[name] for name in words}},
    )


def _check_bounds(
    bounds_pct: Mapping[str, tuple[float, float]], fixed: Mapping[str, Value]
) -> None:
    told = {*bounds_pct, *fixed}
    # With variables of its own, a question may leave a recipe's three numbers alone.
    needed = {n for n in told if is_variable(n)} or set(PARAMETERS)
    if not needed <= told <= {*needed, *PARAMETERS} or not bounds_pct:
        raise InputError(
            f"bounds: given for {', '.join(bounds_pct) or 'nothing'}; "
            f"they are needed for {', '.join(PARAMETERS)}"
        )
    for name in bounds_pct:
        low, high = bounds_pct[name]
        if name in PARAMETERS and not 0 <= low < high <= 100:
            raise InputError(f"bounds: {name} is [{low}, {high}]; needed is 0 <= low < high <= 100")
        if not -math.inf < low < high < math.inf:
            raise InputError(f"bounds: {name} is [{low}, {high}]; needed is low < high")
