"""What is sought on a line: the recipe that is best on average over what is not known of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mesocast.optimization.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mesocast.surrogates.measured.correction import Corrected


@dataclass(frozen=True)
class OnTheLine(Problem):
    """A problem whose objective is the mean over the corrected surrogates' discrepancies.

    Where a property is little known, the objective's mean is worse than its value at the mean, so
    a recipe that electrodes speak for wins over one that may be as good. The mean is taken by the
    spherical-radial rule of degree 3 (Arasaratnam and Haykin, IEEE Trans. Autom. Control 54 (2009)
    1254): two points per property, exact for the published quadratic objective.

    Parameters
    ----------
    models
        Corrected surrogates, by property.
    """

    models: Mapping[str, Corrected] = field(default_factory=dict)

    @classmethod
    def of(cls, problem: Problem, models: Mapping[str, Corrected]) -> OnTheLine:
        """Put the question of a problem to corrected surrogates."""
        fields = {**vars(problem), "predict": {**problem.predict, **models}}
        return cls(**fields, models=models)

    def value(self, recipes_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean of the objective, shape (n,), whether the constraints are met or not."""
        goals = list(self.objective.goals)
        steps = math.sqrt(len(goals)) * np.eye(len(goals))
        points = np.concatenate([steps, -steps])
        drawn = {
            name: self.models[name].apart(recipes_pct, points[:, number])
            for number, name in enumerate(goals)
        }
        return np.asarray(self.objective(drawn).mean(axis=0))
