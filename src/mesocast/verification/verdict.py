"""Which recipe to make, by what was simulated."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Literal

import pandas as pd

from mesocast.recipe import Recipe

if TYPE_CHECKING:
    from mesocast.columns.variables import Values
    from mesocast.optimization.optimum.result import Optimum

Standing = Literal["confirmed", "level", "refuted", "unverified"]


@dataclass(frozen=True)
class Verdict:
    """The recipe to make, and what it rests on.

    Parameters
    ----------
    recipe
        What to make: the predicted optimum, unless an electrode that was simulated is better.
    standing
        Of the prediction: ``confirmed`` (its electrodes are better than the best other one by more
        than their noise), ``level`` (they cannot be told from it), ``refuted`` (they are worse, or
        miss a constraint, by more than their noise), ``unverified`` (none was simulated with a
        result).
    electrode
        Identifier of the simulated electrode whose recipe this is; empty for the predicted optimum.
    predicted, verified
        Objective of the prediction, and of each electrode that was simulated there.
    best_electrode, best_objective, best_made
        The best other recipe that was simulated and meets the constraints: its best electrode, the
        mean objective of its electrodes, and how many these are; empty, infinite and 0 where none
        does.
    electrodes
        How many such others there are.
    missed
        Constraints that the mean at the predicted optimum misses by more than its noise.
    """

    recipe: Recipe
    standing: Standing
    electrode: str
    predicted: float
    verified: tuple[float, ...]
    best_electrode: str
    best_objective: float
    best_made: int
    electrodes: int
    missed: tuple[str, ...] = ()

    @property
    def verified_mean(self) -> float | None:
        """Mean objective of the electrodes at the predicted optimum."""
        return fmean(self.verified) if self.verified else None

    @property
    def noise(self) -> float | None:
        """Standard deviation of the objective between seeds; None with fewer than two."""
        return stdev(self.verified) if len(self.verified) > 1 else None


def give_verdict(optimum: Optimum, simulated: pd.DataFrame, confirmed: pd.DataFrame) -> Verdict:
    """Weigh the prediction against all that was simulated.

    The difference between the mean of n seeds at the optimum and that of m electrodes of another
    recipe has the standard error s sqrt(1/m + 1/n), with the standard deviation s of the seeds;
    within twice that the two cannot be told apart. The optimum is taken if its mean is not worse.
    Where one seed alone has a result, nothing tells the noise, and so nothing apart.

    Parameters
    ----------
    optimum
        The predicted recipe.
    simulated
        Electrodes that are ok and meet the constraints, with their ``objective``, best first; those
        of the very recipe of the optimum count as simulated there.
    confirmed
        Electrodes at the optimum that are ok, with their ``objective``.
    """
    own = made_of(simulated, optimum.recipe.values)
    others = simulated.drop(own.index)
    at_optimum = pd.concat([own, confirmed])
    verified = tuple(float(value) for value in at_optimum["objective"])
    found = Verdict(
        recipe=optimum.recipe,
        standing="unverified",
        electrode="",
        predicted=optimum.objective,
        verified=verified,
        best_electrode="",
        best_objective=math.inf,
        best_made=0,
        electrodes=len(others),
        missed=_missed(optimum, at_optimum),
    )
    mean = found.verified_mean
    if others.empty:
        standing: Standing = "refuted" if found.missed else "confirmed"
        return found if mean is None else replace(found, standing=standing)
    names = list(optimum.recipe.values)
    means = others.groupby(names, dropna=False, sort=False)["objective"].transform("mean")
    best = others.iloc[int(means.argmin())]
    best_recipe = Recipe.of(best.to_dict())
    alike = made_of(others, {name: best[name] for name in names})
    found = replace(
        found,
        best_electrode=str(best["condition_id"]),
        best_objective=float(alike["objective"].mean()),
        best_made=len(alike),
    )
    if mean is None:
        if optimum.objective <= found.best_objective:
            return found
        return _of(found, "unverified", best_recipe)
    if found.missed:
        return _of(found, "refuted", best_recipe)
    noise = math.inf if found.noise is None else found.noise
    margin = 2 * noise * math.sqrt(1 / len(alike) + 1 / len(verified))
    gain = found.best_objective - mean
    standing = "confirmed" if gain > margin else "level" if gain >= -margin else "refuted"
    return _of(found, standing, optimum.recipe if gain >= 0 else best_recipe)


def made_of(table: pd.DataFrame, recipe: Values) -> pd.DataFrame:
    """Electrodes of a table that were made of the values of a recipe."""
    is_own = pd.Series(True, index=table.index)
    for name, value in recipe.items():
        if name in table:
            is_own &= table[name] == value
    return table[is_own]


def _missed(optimum: Optimum, made: pd.DataFrame) -> tuple[str, ...]:
    """Constraints that the mean of electrodes misses by more than twice its standard error."""
    missed = []
    for name, limits in optimum.constraints.items():
        values = made[name].dropna() if name in made else pd.Series(dtype=float)
        if len(values) < 2:
            continue
        low = -math.inf if limits.minimum is None else limits.minimum
        high = math.inf if limits.maximum is None else limits.maximum
        margin = 2 * float(values.std()) / math.sqrt(len(values))
        if not low - margin <= values.mean() <= high + margin:
            missed.append(name)
    return tuple(missed)


def _of(found: Verdict, standing: Standing, recipe: Recipe) -> Verdict:
    own = recipe != found.recipe
    return replace(
        found,
        standing=standing,
        recipe=recipe,
        electrode=found.best_electrode if own else "",
    )
