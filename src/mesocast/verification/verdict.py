"""Which recipe to make, by what was simulated."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Literal

from mesocast.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

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
        than their noise), ``level`` (they cannot be told from it), ``refuted`` (they are worse by
        more than their noise), ``unverified`` (none was simulated with a result).
    electrode
        Identifier of the simulated electrode whose recipe this is; empty for the predicted optimum.
    predicted, verified
        Objective of the prediction, and of each electrode that was simulated there.
    best_electrode, best_objective
        The best other electrode that was simulated and meets the constraints, and its objective;
        empty and infinite where none does.
    electrodes
        How many such others there are.
    """

    recipe: Recipe
    standing: Standing
    electrode: str
    predicted: float
    verified: tuple[float, ...]
    best_electrode: str
    best_objective: float
    electrodes: int

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

    The difference between the mean at the optimum and a single other electrode has the standard
    error s sqrt(1 + 1/n), with the standard deviation s of n seeds; within twice that the two
    cannot be told apart. The recipe that was made several times is taken if its mean is not worse.
    Where one seed alone has a result, nothing tells the noise, and so nothing apart.

    Parameters
    ----------
    optimum
        The predicted recipe.
    simulated
        Electrodes that are ok and meet the constraints, with their ``objective``, best first.
    confirmed
        Electrodes at the optimum that are ok, with their ``objective``.
    """
    verified = tuple(float(value) for value in confirmed["objective"])
    found = Verdict(
        recipe=optimum.recipe,
        standing="unverified",
        electrode="",
        predicted=optimum.objective,
        verified=verified,
        best_electrode="",
        best_objective=math.inf,
        electrodes=len(simulated),
    )
    mean = found.verified_mean
    if simulated.empty:
        return found if mean is None else replace(found, standing="confirmed")
    best = simulated.iloc[0]
    found = replace(
        found,
        best_electrode=str(best["condition_id"]),
        best_objective=float(best["objective"]),
    )
    best_recipe = Recipe.of(best.to_dict())
    if mean is None:
        if optimum.objective <= found.best_objective:
            return found
        return _of(found, "unverified", best_recipe)
    noise = math.inf if found.noise is None else found.noise
    margin = 2 * noise * math.sqrt(1 + 1 / len(verified))
    gain = found.best_objective - mean
    standing: Standing = "confirmed" if gain > margin else "level" if gain >= -margin else "refuted"
    return _of(found, standing, optimum.recipe if gain >= 0 else best_recipe)


def _of(found: Verdict, standing: Standing, recipe: Recipe) -> Verdict:
    own = recipe != found.recipe
    return replace(
        found,
        standing=standing,
        recipe=recipe,
        electrode=found.best_electrode if own else "",
    )
