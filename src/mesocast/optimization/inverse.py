"""From wanted properties to the recipes that reach them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns import in_order, possible
from mesocast.columns.variables import Discrete, words_of
from mesocast.errors import InputError
from mesocast.optimization.discrete import even_sample, global_minimum
from mesocast.optimization.minima import FEW, combined
from mesocast.optimization.problem import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.columns.variables import Values
    from mesocast.surrogates.predict import Interval, Predictor


# Points of an even sample, where there are too many design variables for a grid.
_SAMPLES = 65536


@dataclass(frozen=True)
class Wanted:
    """What is wanted of one property: a range, or a value (``low == high``); may be one-sided."""

    low: float
    high: float

    @classmethod
    def parse(cls, text: str) -> Wanted:
        """Read ``2.5`` (a value), ``2.2:2.6`` (a range), ``2.2:`` or ``:2.6``.

        Raises
        ------
        InputError
            It is none of these, or the bounds are reversed.
        """
        parts = text.split(":")
        try:
            low = float(parts[0] or "-inf")
            high = low if len(parts) == 1 else float(parts[1] or "inf")
        except ValueError:
            low = high = math.nan
        is_open = math.isinf(low) and (math.isinf(high) or len(parts) == 1)
        if len(parts) > 2 or is_open or not low <= high:
            raise InputError(
                f"target {text!r}; allowed: a number, or LOW:HIGH with LOW below HIGH, "
                "of which one may be left out"
            )
        return cls(low, high)


@dataclass(frozen=True)
class Recipe:
    """A recipe with what it gives.

    Parameters
    ----------
    parameters
        In the unit of their columns; of choices the words.
    predicted
        Per property, in its unit.
    interval
        Per property the bounds, ``low`` and ``high``, that hold 95 % of new electrodes.
    distance
        Root mean square, over the wanted properties, of what is missing to the wanted range (or
        value), each in units of the property's range in the dataset. 0: all are met exactly.
    is_inside
        Whether it lies near the electrodes that the surrogates were fitted to.
    """

    parameters: Values
    predicted: dict[str, float]
    interval: dict[str, dict[str, float]]
    distance: float
    is_inside: bool


@dataclass(frozen=True)
class Inversion:
    """The answer.

    Parameters
    ----------
    wanted
        The question.
    is_reached
        Whether a recipe reaches all of them.
    share_of_box
        Share of the box, in recipes, that reaches all.
    closest
        The recipe with the smallest distance.
    recipes
        Some of those that reach all, spread over the set, the closest first; empty when none does.
    """

    wanted: dict[str, Wanted]
    is_reached: bool
    share_of_box: float
    closest: Recipe
    recipes: list[Recipe]

    def to_dict(self) -> dict[str, Any]:
        """Give types of JSON; an open bound becomes None."""
        content = asdict(self)
        for bounds in content["wanted"].values():
            for side, value in bounds.items():
                bounds[side] = value if math.isfinite(value) else None
        return content


def invert(
    models: Mapping[str, Predictor],
    intervals: Mapping[str, Interval],
    spans: Mapping[str, float],
    box_pct: Mapping[str, tuple[float, float]],
    wanted: Mapping[str, Wanted],
    *,
    missed: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
    count: int = 20,
    points_per_axis: int = 41,
) -> Inversion:
    """Search the whole box on a grid, and polish the closest recipe.

    Of more than three design variables an even sample stands for the grid.

    A range is reached when the prediction lies in it. A value is reached when it lies in the 95 %
    interval around the prediction: nobody can tell such an electrode from the wanted one.

    Parameters
    ----------
    models, intervals
        As for :func:`mesocast.surrogates.predict.predict`.
    spans
        Per property its range in the dataset.
    box_pct
        Bounds per input, in the unit of its column.
    wanted
        Per property, at least one.
    missed
        By how much recipes, shape (n, inputs), miss what is allowed of them: 0 for those that may
        be an answer.
    count
        Recipes to list at most.
    points_per_axis
        Of the grid.

    Raises
    ------
    InputError
        Nothing is wanted, or something of a property without a surrogate.
    """
    unknown = [name for name in wanted if name not in models]
    if unknown or not wanted:
        found = f"found {unknown[0]!r}" if unknown else "none is given"
        raise InputError(f"target: {found}; allowed: {', '.join(models)}")
    box_pct = {name: box_pct[name] for name in in_order(box_pct)}
    low, high = np.array(list(box_pct.values())).T
    words = words_of(box_pct)
    discrete = {axis: b for axis, b in enumerate(box_pct.values()) if isinstance(b, Discrete)}

    def square(x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Squared distance."""
        missing = [
            (np.clip(values, wanted[name].low, wanted[name].high) - values) / spans[name]
            for name, values in ((name, models[name](x)) for name in wanted)
        ]
        found = np.asarray(np.mean(np.square(missing), axis=0))
        if missed is None:
            return found
        violation = missed(x)
        return np.where(violation > 0, FORBIDDEN * (1 + violation), found)

    def is_reached(x: NDArray[np.float64]) -> NDArray[np.bool_]:
        reached = np.ones(len(x), dtype=bool)
        for name, target in wanted.items():
            prediction = models[name](x)
            is_value = target.low == target.high
            ends = (prediction, prediction)
            lowest, highest = intervals[name].around(prediction, name) if is_value else ends
            reached &= (highest >= target.low) & (lowest <= target.high)
        if missed is not None:
            reached &= missed(x) == 0
        return reached & is_inside(x)

    def is_inside(x: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(np.all([model.is_inside(x) for model in models.values()], axis=0))

    def recipe(row: NDArray[np.float64]) -> Recipe:
        x = row[None, :]
        predicted = {name: model(x) for name, model in models.items()}
        bounds = {
            name: intervals[name].around(value, name, models[name].growth(x))
            for name, value in predicted.items()
        }
        return Recipe(
            parameters={
                name: words[name][round(value)] if name in words else value
                for name, value in zip(box_pct, row.tolist(), strict=True)
            },
            predicted={
                name: float(np.clip(value[0], *possible(name))) for name, value in predicted.items()
            },
            interval={
                name: {"low": float(low[0]), "high": float(high[0])}
                for name, (low, high) in bounds.items()
            },
            distance=float(np.sqrt(square(x)[0])),
            is_inside=bool(is_inside(x)[0]),
        )

    closest = np.array(
        global_minimum(
            square, low.tolist(), high.tolist(), discrete, points_per_axis=points_per_axis
        ).point
    )
    if len(box_pct) > FEW:
        grid = even_sample(low.tolist(), high.tolist(), discrete, _SAMPLES)
    else:
        grid = combined(
            [
                np.array(bounds.allowed)
                if isinstance(bounds, Discrete)
                else np.linspace(*bounds, points_per_axis)
                for bounds in box_pct.values()
            ]
        )
    reached = is_reached(grid)
    is_closest_reached = bool(is_reached(closest[None, :])[0])
    candidates = grid[reached]
    if is_closest_reached:
        candidates = np.vstack([closest, candidates])
    chosen = _spread((candidates - low) / (high - low), count)
    return Inversion(
        wanted=dict(wanted),
        is_reached=len(candidates) > 0,
        share_of_box=float(reached.mean()),
        closest=recipe(closest),
        recipes=[recipe(candidates[i]) for i in chosen],
    )


def _spread(points: NDArray[np.float64], count: int) -> Sequence[int]:
    """Choose points far from each other, the first one first (farthest-point sampling)."""
    chosen: list[int] = []
    distance = np.full(len(points), np.inf)
    while len(chosen) < min(count, len(points)) and distance.max() > 0:
        # Of equally far points the first: the order of the grid decides.
        number = int(distance.argmax())
        chosen.append(number)
        distance = np.minimum(distance, np.linalg.norm(points - points[number], axis=1))
    return chosen
