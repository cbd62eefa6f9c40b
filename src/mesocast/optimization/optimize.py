"""From surrogates to the recipe to make next."""

from __future__ import annotations

import itertools
import logging
import math
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError
from mesocast.optimization import hedge
from mesocast.optimization.acquisition import ACQUISITIONS
from mesocast.optimization.optimum import Evaluation, Optimum, PartialDependence, ScoredRecipe
from mesocast.optimization.partial_dependence import partial_dependence
from mesocast.optimization.truth import global_minimum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.optimization.hedge import HedgeSettings
    from mesocast.optimization.objective import Objective

    Surrogate = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_LOG = logging.getLogger(__name__)

PARAMETERS = ("am_pct", "sc_pct", "cr_pct")

# With a larger regret, as a share of the objective's range, the search has missed the optimum.
_LARGE_REGRET = 1e-4


def find_optimum(
    predict: Mapping[str, Surrogate],
    objective: Objective,
    bounds_pct: Mapping[str, tuple[float, float]],
    *,
    evaluations: int = 300,
    seed: int = 0,
    settings: HedgeSettings | None = None,
    resolution_pct: float = 0.1,
    trace_path: Path | None = None,
) -> Optimum:
    """Minimize the objective on the surrogates by GP-Hedge, and hold the result against the truth.

    Parameters
    ----------
    predict
        Per property a function of recipes in percent, shape (n, 3) with columns ``PARAMETERS``,
        that returns the property, shape (n,), in the unit of the data set.
    objective
        What to minimize.
    bounds_pct
        Lower and upper bound of each of ``PARAMETERS``.
    evaluations, seed, settings, trace_path
        See `mesocast.optimization.hedge.minimize`.
    resolution_pct
        Smallest step of a parameter that a machine can set.

    Raises
    ------
    InputError
        Bounds are missing or reversed, a property of the objective has no surrogate or a surrogate
        is not finite somewhere within the bounds, or no settable value lies within the bounds.
    """
    lower, upper = _check_bounds(bounds_pct)
    missing = [name for name in objective.goals if name not in predict]
    if missing:
        raise InputError(f"optimizer: the objective needs {missing[0]!r}, which has no surrogate")
    if not (math.isfinite(resolution_pct) and resolution_pct > 0):
        raise InputError(f"optimizer: resolution_pct is {resolution_pct!r}; it must be above 0")

    def function(recipes_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        return objective(_properties(predict, objective.goals, recipes_pct))

    settings = settings or hedge.HedgeSettings()
    # First the grid: it is quick and meets a surrogate that is not finite before the search does.
    truth = global_minimum(function, lower, upper)
    visits = hedge.minimize(
        function,
        lower,
        upper,
        evaluations=evaluations,
        seed=seed,
        settings=settings,
        trace_path=trace_path,
    )
    best = min(visits, key=lambda visit: visit.value)
    rounded = _round_within(best.point, lower, upper, resolution_pct)
    at_rounded = np.array([rounded])
    value = float(function(at_rounded)[0])
    regret = best.value - truth.value
    relative_regret = regret / truth.span if truth.span > 0 else 0.0
    if relative_regret > _LARGE_REGRET:
        _LOG.warning(
            "GP-Hedge missed the optimum by %.1e of the objective's range", relative_regret
        )
    return Optimum(
        parameters=_named(rounded),
        predicted={
            name: float(values[0])
            for name, values in _properties(predict, predict, at_rounded).items()
        },
        objective=value,
        method="gp_hedge",
        settings={"evaluations": evaluations, "seed": seed, **vars(settings)},
        objective_definition=objective,
        bounds_pct={name: (bounds_pct[name][0], bounds_pct[name][1]) for name in PARAMETERS},
        exact=ScoredRecipe(_named(best.point), best.value),
        resolution_pct=resolution_pct,
        rounding_loss=value - best.value,
        truth=ScoredRecipe(_named(truth.point), truth.value),
        objective_range=truth.span,
        regret=regret,
        relative_regret=relative_regret,
        trace=tuple(
            Evaluation(
                _named(visit.point),
                visit.value,
                visit.acquisition,
                dict(zip(ACQUISITIONS, visit.probabilities, strict=False)),
            )
            for visit in visits
        ),
        partial_dependence=_partial_dependence(function, lower, upper),
    )


def _check_bounds(
    bounds_pct: Mapping[str, tuple[float, float]],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if set(bounds_pct) != set(PARAMETERS):
        raise InputError(
            f"bounds: given for {', '.join(bounds_pct) or 'nothing'}; "
            f"they are needed for {', '.join(PARAMETERS)}"
        )
    for name in PARAMETERS:
        low, high = bounds_pct[name]
        if not 0 <= low < high <= 100:
            raise InputError(f"bounds: {name} is [{low}, {high}]; needed is 0 <= low < high <= 100")
    return tuple(bounds_pct[name][0] for name in PARAMETERS), tuple(
        bounds_pct[name][1] for name in PARAMETERS
    )


def _properties(
    predict: Mapping[str, Surrogate], names: Mapping[str, object], recipes_pct: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Predict the named properties; they must be finite."""
    properties = {}
    for name in names:
        values = np.asarray(predict[name](recipes_pct), dtype=float)
        wrong = ~np.isfinite(values)
        if wrong.any():
            first = int(wrong.argmax())
            raise InputError(
                f"surrogate of {name!r} is {values[first]} at {_named(recipes_pct[first])}; "
                "it must be finite within the bounds"
            )
        properties[name] = values
    return properties


def _round_within(
    point: tuple[float, ...], lower: tuple[float, ...], upper: tuple[float, ...], step: float
) -> tuple[float, ...]:
    """Nearest multiples of the step within the bounds."""
    rounded = []
    for name, value, low, high in zip(PARAMETERS, point, lower, upper, strict=True):
        # A bound that is a multiple of the step must count as one despite its binary rounding.
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if first > last:
            raise InputError(f"optimizer: no multiple of {step} % lies in {name} [{low}, {high}]")
        rounded.append(round(min(max(round(value / step), first), last) * step, 10))
    return tuple(rounded)


def _partial_dependence(
    function: Surrogate, lower: tuple[float, ...], upper: tuple[float, ...]
) -> tuple[PartialDependence, ...]:
    panels = []
    for pair in itertools.combinations(range(len(PARAMETERS)), 2):
        first, second, values = partial_dependence(function, lower, upper, pair)
        panels.append(
            PartialDependence(
                PARAMETERS[pair[0]],
                PARAMETERS[pair[1]],
                tuple(first.tolist()),
                tuple(second.tolist()),
                tuple(map(tuple, values.tolist())),
            )
        )
    return tuple(panels)


def _named(point: NDArray[np.float64] | tuple[float, ...]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(PARAMETERS, point, strict=True)}
