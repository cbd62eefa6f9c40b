"""How far the optimum moves when what is a convention is taken otherwise.

Which tortuosity is meant, by which range a property is scaled, and how distances make one number:
none of this is known better by one than by the other, so a recipe that holds under one of them
alone is worth less than one that holds under all.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from mesocast.columns.conventions import CONVENTIONS
from mesocast.columns.variables import Value, Values  # noqa: TC001 - pydantic needs it
from mesocast.errors import InputError
from mesocast.optimization.discrete import minima
from mesocast.optimization.objective import UTILITIES, Objective, Scaling
from mesocast.surrogates.surrogate import fit_surrogate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mesocast.optimization.problem import Problem
    from mesocast.surrogates.surrogate import Surrogate

_LOGGER = logging.getLogger(__name__)
# Shares of the electrodes between which a property is scaled where single ones must not decide.
_MIDDLE_PCT = (5.0, 95.0)


@dataclass(frozen=True)
class Variant:
    """The optimum where one convention is another one.

    Parameters
    ----------
    kind
        ``convention`` (a column in place of another), ``scaling`` or ``utility``.
    label
        What is otherwise, in words.
    replaced, column
        The goal and the column in its place; empty where it is no convention.
    parameters
        The optimum, in percent.
    objective
        Of this variant, at its optimum.
    loss
        Of the reported recipe by this variant: its objective minus the lowest one. Objectives of
        two variants cannot be compared.
    """

    kind: Literal["convention", "scaling", "utility"]
    label: str
    replaced: str
    column: str
    parameters: Values
    objective: float
    loss: float


def find_variants(
    problem: Problem,
    surrogates: Mapping[str, Surrogate],
    table: pd.DataFrame,
    recipe_pct: Mapping[str, Value],
) -> tuple[Variant, ...]:
    """Search the optimum under every other convention that the dataset holds.

    Parameters
    ----------
    problem
        What was sought.
    surrogates
        Of the goals; a column in a goal's place is fitted in the same way.
    table
        The dataset.
    recipe_pct
        The reported recipe.

    Returns
    -------
    tuple
        One per other convention, scaling and utility. A column that cannot be fitted, or for
        which the goal states a target or a range, is left out.
    """
    found = []
    for goal, others in CONVENTIONS.items():
        wanted = problem.objective.goals.get(goal)
        if wanted is None or wanted.target is not None or wanted.span is not None:
            continue
        for column, label in others.items():
            if column not in table or column in problem.objective.goals:
                continue
            if not np.isfinite(table[column].to_numpy(dtype=float)).any():
                continue
            try:
                other = _with_column(problem, surrogates[goal], table, goal, column)
            except InputError as error:
                _LOGGER.warning("the optimum by %s is left out: %s", column, error)
                continue
            found.append(_variant(other, recipe_pct, "convention", label, goal, column))
    for label, objective in _scalings(problem.objective, table).items():
        other = replace(problem, objective=objective)
        found.append(_variant(other, recipe_pct, "scaling", label))
    for utility in UTILITIES:
        if utility != problem.objective.utility:
            other = replace(problem, objective=replace(problem.objective, utility=utility))
            found.append(_variant(other, recipe_pct, "utility", f"{utility} utility"))
    return tuple(found)


def _with_column(
    problem: Problem, surrogate: Surrogate, table: pd.DataFrame, goal: str, column: str
) -> Problem:
    """Put the same question with another column in a goal's place."""
    fitted = fit_surrogate(
        table,
        column,
        seed=surrogate.seed,
        method=surrogate.method,
        settings=surrogate.settings,
        test_share=surrogate.test_share,
        box_pct=problem.bounds_pct,
    )
    values = table.loc[table["status"] == "ok", column].to_numpy(dtype=float)
    old = problem.objective
    goals = {column if name == goal else name: one for name, one in old.goals.items()}
    scaling = {
        column if name == goal else name: (
            Scaling(float(np.nanmin(values)), float(np.nanmax(values))) if name == goal else span
        )
        for name, span in old.scaling.items()
    }
    return replace(
        problem,
        predict={**problem.predict, column: fitted.model},
        objective=replace(old, goals=goals, scaling=scaling),
    )


def _scalings(objective: Objective, table: pd.DataFrame) -> dict[str, Objective]:
    """Give the same objective with other ranges, by what they are."""
    rows = table[table["status"] == "ok"].dropna(subset=list(objective.goals))
    found = {}
    ends = {"scaled by the middle 90 % of the electrodes": _MIDDLE_PCT}
    if any(goal.span is not None for goal in objective.goals.values()):
        ends["scaled by the extremes of the electrodes"] = (0.0, 100.0)
    for label, shares in ends.items():
        spans = {n: np.percentile(rows[n].to_numpy(float), shares) for n in objective.goals}
        try:
            scaling = {
                name: Scaling(float(low), float(high)) for name, (low, high) in spans.items()
            }
        except InputError as error:
            _LOGGER.warning("the optimum %s is left out: %s", label, error)
            continue
        found[label] = replace(objective, scaling=scaling)
    return found


def _variant(
    problem: Problem,
    recipe_pct: Mapping[str, Value],
    kind: Literal["convention", "scaling", "utility"],
    label: str,
    replaced: str = "",
    column: str = "",
) -> Variant:
    best = minima(
        lambda recipes: problem(recipes)[:, None],
        lambda values, _: values[..., 0],
        np.zeros((1, 1)),
        *problem.box,
        problem.discrete,
    ).points[0]
    recipes = np.stack([best, problem.point(recipe_pct)])
    lowest, reported = problem.value(recipes).tolist()
    return Variant(kind, label, replaced, column, problem.named(best), lowest, reported - lowest)
