"""From surrogates to the recipe that is best by stated goals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mesocast.errors import InputError
from mesocast.optimization.applications import applications
from mesocast.optimization.objective import Goal, Objective
from mesocast.optimization.optimum.find import RESOLUTION_PCT, find_optimum
from mesocast.optimization.problem import Limits, Problem
from mesocast.surrogates.predict import is_near_data
from mesocast.surrogates.rows import Rows
from mesocast.surrogates.surrogate import Surrogate, fit_like

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mesocast.columns import Direction
    from mesocast.optimization.objective import Utility
    from mesocast.optimization.optimum.result import Optimum

    Range = tuple[float | None, float | None]


def optimize(
    models: Mapping[str, Surrogate],
    table: pd.DataFrame,
    *,
    goals: str | Mapping[str, Goal | Direction] = "balanced",
    constraints: Mapping[str, Range] | None = None,
    bounds_pct: Mapping[str, tuple[float, float]] | None = None,
    evaluations: int = 300,
    seed: int = 1,
    resolution_pct: Mapping[str, float] = RESOLUTION_PCT,
    utility: Utility = "quadratic",
) -> Optimum:
    """Find the recipe that is best by the surrogates.

    A recipe that lies away from the electrodes of their fits is warned of.

    Parameters
    ----------
    models
        Surrogates, as `fit` gives them. A goal or a constrained property that has none gets one by
        the method of the others.
    table
        Dataset that gives the ranges by which properties are scaled.
    goals
        Name of an application (``balanced``, ``fast_charge``, ``high_energy``), or per property a
        `Goal`, or just its direction (``"minimize"``, ``"maximize"``).
    constraints
        Lowest and highest value of parameters and properties; ``None`` leaves a side open.
    bounds_pct
        Bounds of the parameters, in percent; ``None``: those of the models, or of the rows.
    evaluations, seed
        Of the Bayesian optimizer.
    resolution_pct
        Smallest step of each parameter that a machine can set.
    utility
        How the properties make one number (`mesocast.optimization.objective.Objective`).

    Raises
    ------
    InputError
        An application or a property is unknown, or a property is constant.

    Examples
    --------
    >>> import mesocast as mc
    >>> best = mc.optimize(  # doctest: +SKIP
    ...     models, results.dataset, goals={"density_g_cm3": "maximize"},
    ...     constraints={"porosity_bulk": (0.25, None)},
    ... )
    >>> best.recipe  # doctest: +SKIP
    Recipe(am_pct=95.9, sc_pct=70.2, cr_pct=24.1)
    """
    if not models:
        raise InputError("models: there are none; allowed: what mesocast.fit gives")
    wanted, limits = _goals(goals), constraints or {}
    bounds_pct = bounds_pct or getattr(models, "bounds_pct", None)
    if bounds_pct is None:
        rows = Rows.from_table(table, next(iter(models)))
        bounds_pct = dict(zip(rows.inputs, rows.box(None), strict=True))
    surrogates = dict(models)
    for name in (*wanted, *limits):
        if name not in surrogates and name not in bounds_pct:
            surrogates[name] = fit_like(next(iter(models.values())), table, name, bounds_pct)
    problem = Problem(
        predict={name: surrogate.model for name, surrogate in surrogates.items()},
        objective=Objective.from_table(table, wanted, utility=utility),
        bounds_pct=dict(bounds_pct),
        constraints={
            name: Limits(-math.inf if low is None else low, math.inf if high is None else high)
            for name, (low, high) in limits.items()
        },
        spans={name: surrogate.span for name, surrogate in surrogates.items()},
    )
    best = find_optimum(problem, evaluations=evaluations, seed=seed, resolution_pct=resolution_pct)
    is_near_data(surrogates, best.parameters)
    return best


def _goals(goals: str | Mapping[str, Goal | Direction]) -> dict[str, Goal]:
    if isinstance(goals, str):
        known = applications()
        if goals not in known:
            raise InputError(f"goals = {goals}: unknown; allowed: {', '.join(known)}")
        return dict(known[goals].goals)
    return {
        name: goal if isinstance(goal, Goal) else Goal(goal, 1.0) for name, goal in goals.items()
    }
