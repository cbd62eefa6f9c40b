"""How far electrodes of one recipe scatter, in all properties of the objective together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mesocast.surrogates.evidence.noise_ceiling import replicates
from mesocast.surrogates.rows import with_places

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.optimization.objective import Objective
    from mesocast.optimization.problem import Problem

Source = Literal["repeats", "residuals"]

# Values held in memory at once.
_BLOCK = 2_000_000


@dataclass(frozen=True, eq=False)
class Scatter:
    """Errors of electrodes; what belongs to one electrode stays together.

    Parameters
    ----------
    source
        ``repeats``: from recipes that were made from several slurries; ``residuals``: from what the
        surrogates leave over, which holds what they cannot describe as well.
    errors
        Per property of the objective, shape (electrodes,): relative where the property is positive
        everywhere, else in its unit.
    relative
        Which of the two, per property.
    inflation
        What the root mean square of the errors is multiplied by, because means of few were taken.
    freedom
        Degrees of freedom of the variance, at least 1.
    """

    source: Source
    errors: dict[str, NDArray[np.float64]]
    relative: dict[str, bool]
    inflation: float
    freedom: float

    @property
    def electrodes(self) -> int:
        """How many electrodes it is taken from."""
        return len(next(iter(self.errors.values())))

    @classmethod
    def of(cls, table: pd.DataFrame, problem: Problem) -> Scatter:
        """Take it from repeats where the dataset has them, else assume it from the residuals.

        Parameters
        ----------
        table
            Dataset with the recipe, ``slurry_id``, ``status`` and the properties of the objective.
        problem
            Surrogates and objective.
        """
        goals = list(problem.objective.goals)
        rows = table[table["status"] == "ok"].dropna(subset=goals)
        recipes = with_places(rows, problem.words)[list(problem.inputs)].to_numpy(float)
        values = {name: rows[name].to_numpy(float) for name in goals}
        slurries = rows["slurry_id"].to_numpy() if "slurry_id" in rows else np.arange(len(rows))
        found = {name: replicates(recipes, y, slurries) for name, y in values.items()}
        repeated = {name: one for name, one in found.items() if one is not None}
        if repeated:
            whole = replicates(recipes, problem.objective(values), slurries)
            one = next(iter(repeated.values()))
            errors, relative = _errors(
                {name: r.deviation for name, r in repeated.items()},
                {name: r.mean for name, r in repeated.items()},
            )
            return cls(
                "repeats",
                errors,
                relative,
                math.sqrt(one.rows / (one.rows - one.recipes)),
                1.0 if whole is None else max(whole.freedom, 1.0),
            )
        predicted = problem.properties(recipes, goals)
        errors, relative = _errors({n: values[n] - predicted[n] for n in goals}, predicted)
        return cls("residuals", errors, relative, 1.0, max(len(set(slurries)) - 1.0, 1.0))

    def of_objective(
        self, objective: Objective, properties: Mapping[str, NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Standard deviation of the objective of single electrodes, shape (n,).

        Parameters
        ----------
        objective
            Of the properties that have errors here.
        properties
            What electrodes of each recipe have on average, shape (n,) per property.
        """
        count = len(next(iter(properties.values())))
        each = max(_BLOCK // self.electrodes, 1)
        parts = []
        for start in range(0, count, each):
            moved = {}
            for name, error in self.errors.items():
                mean = np.asarray(properties[name])[start : start + each, None]
                moved[name] = mean * (1 + error) if self.relative[name] else mean + error
            parts.append(objective(moved).std(axis=1))
        return self.inflation * np.concatenate(parts)


def _errors(
    deviations: Mapping[str, NDArray[np.float64]], means: Mapping[str, NDArray[np.float64]]
) -> tuple[dict[str, NDArray[np.float64]], dict[str, bool]]:
    """Errors per property, and whether they are relative."""
    relative = {
        name: bool((mean > 0).all() and (mean + deviations[name] > 0).all())
        for name, mean in means.items()
    }
    errors = {
        name: deviations[name] / mean if relative[name] else deviations[name]
        for name, mean in means.items()
    }
    return errors, relative
