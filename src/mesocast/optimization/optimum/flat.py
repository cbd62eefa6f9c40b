"""Flat or sharp: the recipes that cannot be told from the optimum within the noise of seeds."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from mesocast.optimization.asked import meeting
from mesocast.optimization.minima import FEW, combined, even_sample
from mesocast.optimization.optimum.noise import Scatter, Source
from mesocast.optimization.optimum.partial_dependence import SAMPLED_POINTS, mean_over
from mesocast.optimization.problem import at_choices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.columns.variables import Value
    from mesocast.optimization.problem import Problem

    Alike = Callable[[NDArray[np.float64]], NDArray[np.bool_]]
    # Share of the box, recipes inside, and maps.
    Found = tuple[float, NDArray[np.float64], tuple["FlatMap", ...]]

# Points of the lattice along each parameter that is free.
_POINTS = 31
# A slope is taken over this share of the range on each side.
_REACH = 0.01
# With more parameters, an even sample stands for the lattice: of the box, and at each point of the
# maps' grids, which are coarser, of the other parameters.
_SAMPLES = 32768
_OTHERS = 64


@dataclass(frozen=True)
class Noise:
    """How far electrodes of one recipe scatter.

    Parameters
    ----------
    source
        ``repeats`` where the dataset holds recipes made from several slurries, else ``residuals``
        of the surrogates, which are an upper bound.
    electrodes, freedom
        From how many it is taken, and its degrees of freedom.
    standard_deviation
        Of the objective of single electrodes at the optimum.
    """

    source: Source
    electrodes: int
    freedom: float
    standard_deviation: float


@dataclass(frozen=True)
class FlatMap:
    """Where in two parameters the recipes lie.

    Parameters
    ----------
    first, second
        Names of two parameters.
    first_pct, second_pct
        Their grids, in percent.
    share
        ``share[i][j]``: for which share of the range of the others ``first_pct[i]`` and
        ``second_pct[j]`` cannot be told from the optimum.
    """

    first: str
    second: str
    first_pct: tuple[float, ...]
    second_pct: tuple[float, ...]
    share: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Flat:
    """What cannot be told from the optimum.

    Parameters
    ----------
    seeds
        Electrodes per recipe that are compared.
    noise
        Of single electrodes.
    margin
        By how much the objective may be higher where the noise is that of the optimum.
    share
        Of the volume of the box, by the surrogates.
    extent_pct
        Lowest and highest value of each parameter among these recipes.
    maps
        Where they lie, for each pair of parameters.
    slopes
        At the optimum: per property, and for ``objective``, the change when a parameter rises by
        one point of percent.
    alike
        Electrodes of the dataset whose simulated objective is so near the best simulated one that
        as many seeds of each could not tell them apart; the best is the first.
    """

    seeds: int
    noise: Noise
    margin: float
    share: float
    extent_pct: dict[str, tuple[float, float]]
    maps: tuple[FlatMap, ...]
    slopes: dict[str, dict[str, float]]
    alike: tuple[str, ...]


def find_flat(
    problem: Problem, table: pd.DataFrame, recipe_pct: Mapping[str, Value], *, seeds: int = 3
) -> Flat:
    """Find the recipes that so many seeds of each cannot tell from the optimum.

    Two means of n electrodes with standard deviations s and s' differ by chance by less than
    ``t sqrt((s**2 + s'**2) / n)`` in 95 of 100 cases, with Student's t for the degrees of freedom
    of the noise. A recipe whose objective is not higher by more, and which meets the constraints,
    is one of them. The noise is carried from the properties into the objective at each recipe,
    since the same scatter of a property means little where it is near its best.

    Parameters
    ----------
    problem
        What was sought.
    table
        Dataset, for the noise and for the simulated electrodes.
    recipe_pct
        The optimum, whose choices are held.
    seeds
        Electrodes per recipe.
    """
    scatter = Scatter.of(table, problem)
    problem = at_choices(problem, recipe_pct)
    factor = float(student.ppf(0.975, scatter.freedom))
    point = problem.point(recipe_pct)[None]
    own = float(scatter.of_objective(problem.objective, _goals(problem, point))[0])
    lowest = float(problem.value(point)[0])

    def is_alike(recipes: NDArray[np.float64]) -> NDArray[np.bool_]:
        noise = scatter.of_objective(problem.objective, _goals(problem, recipes))
        margins = factor * np.sqrt((noise**2 + own**2) / seeds)
        is_low = problem.value(recipes) - lowest <= margins
        return np.asarray(is_low & (problem.violation(recipes) == 0))

    share, points, maps = (_on_lattice if len(problem.inputs) <= FEW else _in_sample)(
        problem, is_alike
    )
    # The optimum is one of them, wherever it lies between the points that were looked at.
    points = np.concatenate([points, point])
    return Flat(
        seeds=seeds,
        noise=Noise(scatter.source, scatter.electrodes, scatter.freedom, own),
        margin=factor * own * math.sqrt(2 / seeds),
        share=share,
        extent_pct={
            name: (float(values.min()), float(values.max()))
            for name, values in zip(problem.inputs, points.T, strict=True)
        },
        maps=maps,
        slopes=_slopes(problem, point[0]),
        alike=_alike(problem, table, scatter, factor / math.sqrt(seeds)),
    )


def _on_lattice(problem: Problem, is_alike: Alike) -> Found:
    """Look at an even lattice, and integrate by the trapezoidal rule."""
    axes = [
        np.linspace(low, high, _POINTS if low < high else 1)
        for low, high in zip(*problem.box, strict=True)
    ]
    shape = tuple(len(axis) for axis in axes)
    grid = combined(axes)
    found = is_alike(grid)
    inside = found.reshape(shape).astype(float)
    weights = [_trapezoid(size) for size in shape]
    letters = "ijk"[: len(axes)]
    share = np.einsum(f"{letters},{','.join(letters)}->", inside, *weights)
    maps = []
    for pair in itertools.combinations(range(len(axes)), 2):
        over_others = inside
        for other in sorted(set(range(len(axes))) - set(pair), reverse=True):
            over_others = np.tensordot(over_others, weights[other], axes=(other, 0))
        maps.append(_map(problem.inputs, pair, [axes[i] for i in pair], over_others))
    return float(share), grid[found], tuple(maps)


def _in_sample(problem: Problem, is_alike: Alike) -> Found:
    """Look at an even sample: a lattice in many parameters has more points than can be looked at.

    Each map has one of its own, whose other parameters are sampled at each point of its grid.
    """
    lower, upper = problem.box
    sample = even_sample(lower, upper, _SAMPLES)
    found = is_alike(sample)
    others = even_sample(lower, upper, _OTHERS, seed=1)
    maps = []
    for pair in itertools.combinations(range(len(lower)), 2):
        axes = [np.linspace(lower[i], upper[i], SAMPLED_POINTS) for i in pair]
        maps.append(_map(problem.inputs, pair, axes, mean_over(is_alike, others, pair, axes)))
    return float(found.mean()), sample[found], tuple(maps)


def _goals(problem: Problem, recipes: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    return problem.properties(recipes, problem.objective.goals)


def _trapezoid(points: int) -> NDArray[np.float64]:
    """Share of the range that each point of an even grid stands for."""
    weights: NDArray[np.float64] = np.ones(points)
    if points > 1:
        weights[[0, -1]] = 0.5
    return np.asarray(weights / weights.sum())


def _map(
    inputs: tuple[str, ...],
    pair: tuple[int, int],
    axes: Sequence[NDArray[np.float64]],
    share: NDArray[np.float64],
) -> FlatMap:
    first, second = (tuple(axis.tolist()) for axis in axes)
    return FlatMap(
        inputs[pair[0]], inputs[pair[1]], first, second, tuple(map(tuple, share.tolist()))
    )


def _slopes(problem: Problem, point: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Change of everything per point of percent of each parameter, within the bounds."""
    found: dict[str, dict[str, float]] = {name: {} for name in ("objective", *problem.predict)}
    for axis, name in enumerate(problem.inputs):
        low, high = problem.bounds_pct[name]
        ends = np.tile(point, (2, 1))
        ends[:, axis] = np.clip(point[axis] + _REACH * (high - low) * np.array([-1, 1]), low, high)
        width = ends[1, axis] - ends[0, axis]
        predicted = problem.properties(ends)
        values = {"objective": problem.objective(predicted), **predicted}
        for key, (below, above) in values.items():
            found[key][name] = float((above - below) / width)
    return found


def _alike(
    problem: Problem, table: pd.DataFrame, scatter: Scatter, factor: float
) -> tuple[str, ...]:
    """Electrodes that cannot be told from the best simulated one, the best first."""
    good = meeting(table[table["status"] == "ok"], problem.constraints)
    rows = good.dropna(subset=list(problem.objective.goals))
    if rows.empty:
        return ()
    values = {name: rows[name].to_numpy(float) for name in problem.objective.goals}
    objective = problem.objective(values)
    noise = scatter.of_objective(problem.objective, values)
    best = int(objective.argmin())
    margins = factor * np.sqrt(noise**2 + noise[best] ** 2)
    margins[best] = 0.0
    order = np.argsort(objective, kind="stable")
    chosen = order[(objective - objective[best] <= margins)[order]]
    return tuple(rows["condition_id"].astype(str).to_numpy()[chosen].tolist())
