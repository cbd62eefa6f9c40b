"""How sure the optimum is: other surrogates, a line that does not hit it exactly, coarse steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm, qmc

from mesocast.columns.variables import Values  # noqa: TC001 - pydantic needs it
from mesocast.optimization.discrete import minima
from mesocast.optimization.minima import FEW, combined
from mesocast.optimization.optimum.rounding import settable
from mesocast.optimization.problem import at_choices
from mesocast.optimization.robustness.ensemble import OptimumSpread, spread_of_optimum
from mesocast.optimization.robustness.variants import (
    Variant,  # noqa: TC001 - pydantic needs it
)
from mesocast.storage.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.optimization.optimum.result import Optimum
    from mesocast.optimization.problem import Problem, Surrogate

_SAMPLES = 4096
# Of a tolerance in more than three inputs, where a mean is searched.
_NODES = 128


@dataclass(frozen=True)
class UnderTolerance:
    """A recipe that is met only within a tolerance.

    Parameters
    ----------
    parameters
        What is aimed at, in percent.
    objective
        Where it is met exactly.
    objective_mean, objective_percentile95
        Of the electrodes that come out.
    properties_percentiles95
        Per property the 2.5 and 97.5 % percentile of what comes out, in its unit.
    feasible_share
        Share of what comes out that meets the constraints on properties.
    """

    parameters: Values
    objective: float
    objective_mean: float
    objective_percentile95: float
    properties_percentiles95: dict[str, tuple[float, float]]
    feasible_share: float


@dataclass(frozen=True)
class Rounding:
    """What it costs to set the recipe in coarse steps."""

    step_pct: float
    parameters: Values
    loss: float


@dataclass(frozen=True)
class Robustness(Record):
    """How sure the optimum is; the file ``robustness.json``.

    Parameters
    ----------
    over_slurries
        The optimum over surrogates of as many slurries, drawn with replacement
        (`mesocast.surrogates.evidence.refit.refit_on_slurries`).
    over_seeds
        The same over surrogates of data with other residuals, mostly more than the noise between
        seeds (`mesocast.surrogates.evidence.refit.refit_on_other_seeds`).
    tolerance_pct
        Standard deviation of each parameter.
    nominal
        The reported recipe.
    robust
        The recipe that meets the constraints on properties best under the tolerance, and of all
        that meet them the one whose mean objective is lowest.
    roundings
        Loss of objective against the exact optimum, per step.
    variants
        The optimum under other conventions, scalings and utilities.
    """

    over_slurries: OptimumSpread
    over_seeds: OptimumSpread
    tolerance_pct: dict[str, float]
    nominal: UnderTolerance
    robust: UnderTolerance
    roundings: tuple[Rounding, ...]
    variants: tuple[Variant, ...] = ()


def judge_robustness(
    problem: Problem,
    optimum: Optimum,
    tolerance_pct: Mapping[str, float],
    *,
    over_slurries: Sequence[Mapping[str, Surrogate]],
    over_seeds: Sequence[Mapping[str, Surrogate]],
    variants: tuple[Variant, ...] = (),
    steps_pct: Sequence[float] = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
) -> Robustness:
    """Hold the optimum against other surrogates, a tolerance and coarse steps.

    The errors of a line are taken to be normal and independent; where they leave the bounds of the
    surrogates, the property at the bound is taken.

    Parameters
    ----------
    problem
        What was sought.
    optimum
        What was found.
    tolerance_pct
        Standard deviation of each parameter, in percent (points, not relative).
    over_slurries, over_seeds
        Sets of surrogates, each with all properties, at least one set.
    variants
        The optimum under other conventions, as found elsewhere.
    steps_pct
        Steps of all parameters for which the loss is given; those coarser than the box are left
        out.
    """
    # What a line meets inexactly are numbers; a choice stays what it is.
    held = at_choices(problem, optimum.parameters)
    deviations = held.point(tolerance_pct)
    nodes, weights = _gauss_hermite(deviations)

    def mean_objective(recipes: NDArray[np.float64]) -> NDArray[np.float64]:
        around = _within(held, recipes[:, None] + nodes)
        values = held(around.reshape(-1, len(deviations))).reshape(around.shape[:2])
        return np.asarray(values @ weights)[:, None]

    best = minima(
        mean_objective,
        lambda values, _: values[..., 0],
        np.zeros((1, 1)),
        *held.box,
        held.discrete,
        lattice_points=8000,
    ).points[0]
    point = held.point(optimum.exact.parameters)
    lowest = float(held.value(point[None])[0])
    smallest = min(
        (
            high - low
            for axis, (low, high) in enumerate(zip(*held.box, strict=True))
            if low < high and axis not in held.discrete
        ),
        default=0.0,
    )
    roundings = []
    for step in (step for step in steps_pct if step <= smallest):
        recipe = settable(held, point, dict.fromkeys(held.inputs, step))
        loss = float(held.value(recipe[None])[0]) - lowest
        roundings.append(Rounding(step, held.named(recipe), loss))
    reported = optimum.parameters
    return Robustness(
        over_slurries=spread_of_optimum(problem, over_slurries, reported),
        over_seeds=spread_of_optimum(problem, over_seeds, reported),
        tolerance_pct=dict(tolerance_pct),
        nominal=_under_tolerance(held, held.point(reported), deviations),
        robust=_under_tolerance(held, best, deviations),
        roundings=tuple(roundings),
        variants=variants,
    )


def _within(problem: Problem, recipes: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = zip(*(problem.bounds_pct[name] for name in problem.inputs), strict=True)
    return np.clip(recipes, low, high)


def _gauss_hermite(
    deviations: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes, shape (nodes, inputs), and weights, shape (nodes,).

    Of three inputs the 27 that are exact for polynomials of degree 5; their product grows too fast
    with more inputs, so there it is an even sample whose odd moments vanish.
    """
    if len(deviations) > FEW:
        half = norm.ppf(qmc.Sobol(len(deviations), rng=0).random(_NODES // 2)) * deviations
        return np.concatenate([half, -half]), np.full(_NODES, 1 / _NODES)
    abscissae, weights = np.polynomial.hermite_e.hermegauss(3)
    size = len(deviations)
    products = combined([weights] * size).prod(axis=1)
    return combined([abscissae] * size) * deviations, products / products.sum()


def _under_tolerance(
    problem: Problem, recipe: NDArray[np.float64], deviations: NDArray[np.float64]
) -> UnderTolerance:
    errors = norm.ppf(qmc.Sobol(len(deviations), rng=0).random(_SAMPLES)) * deviations
    sample = _within(problem, recipe + errors)
    values = problem.value(sample)
    return UnderTolerance(
        parameters=problem.named(recipe),
        objective=float(problem.value(recipe[None])[0]),
        objective_mean=float(values.mean()),
        objective_percentile95=float(np.percentile(values, 95)),
        properties_percentiles95={
            name: (float(low), float(high))
            for name, column in problem.properties(sample).items()
            for low, high in [np.percentile(column, [2.5, 97.5])]
        },
        feasible_share=float((problem.violation(sample) == 0).mean()),
    )
