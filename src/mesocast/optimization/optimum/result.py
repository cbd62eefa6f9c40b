"""The recipe that a search reports, and its file ``optimum.json``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesocast.columns import with_unit
from mesocast.optimization.objective import Objective  # noqa: TC001 - pydantic needs it
from mesocast.recipe import Recipe
from mesocast.storage.record import Record

if TYPE_CHECKING:
    from mesocast.optimization.problem import Limits


@dataclass(frozen=True)
class ScoredRecipe:
    """A recipe, in percent, and the objective there."""

    parameters: dict[str, float]
    objective: float


@dataclass(frozen=True)
class Evaluation(ScoredRecipe):
    """A recipe that the search visited.

    Parameters
    ----------
    acquisition
        The acquisition function that proposed it, or ``"initial"``.
    probabilities
        With what probability each acquisition function would have been chosen; empty at the start.
    """

    acquisition: str
    probabilities: dict[str, float]


@dataclass(frozen=True)
class PartialDependence:
    """Mean of the objective over the third parameter.

    Parameters
    ----------
    first, second
        Names of two parameters.
    first_pct, second_pct
        Their grids, in percent.
    objective
        ``objective[i][j]`` belongs to ``first_pct[i]`` and ``second_pct[j]``.
    """

    first: str
    second: str
    first_pct: tuple[float, ...]
    second_pct: tuple[float, ...]
    objective: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class ConstraintState:
    """A constraint, and whether the reported recipe meets it; an open side is None."""

    minimum: float | None
    maximum: float | None
    is_met: bool

    @classmethod
    def of(cls, limits: Limits, is_met: bool) -> ConstraintState:
        """Write infinite limits as None, which JSON knows."""
        low, high = (
            value if math.isfinite(value) else None for value in (limits.minimum, limits.maximum)
        )
        return cls(low, high, is_met)


@dataclass(frozen=True)
class Optimum(Record):
    """The recipe that the search reports, and what is known of it.

    Parameters
    ----------
    parameters
        The best visited recipe, rounded to what a machine can set, in percent.
    predicted
        Every property that has a surrogate, at ``parameters``, in the unit of the data set.
    objective
        Value at ``parameters``.
    method
        Name of the search rule.
    settings
        Its constants, with ``evaluations`` and ``seed``.
    objective_definition
        What was minimized.
    bounds_pct
        Lower and upper bound of each parameter.
    constraints
        Further limits on parameters and properties.
    exact
        The best visited recipe before rounding.
    resolution_pct
        Step to which each of ``parameters`` is rounded.
    rounding_loss
        Objective at ``parameters`` minus objective at ``exact``.
    truth
        The global minimum by exhaustive search; where no recipe meets the constraints, the one
        that comes nearest to them.
    objective_range
        Highest minus lowest objective within the bounds.
    regret
        Objective at ``exact`` minus objective at ``truth``.
    relative_regret
        ``regret`` as a share of ``objective_range``.
    trace
        All visited recipes in their order.
    partial_dependence
        Of the objective, for each pair of parameters.
    """

    parameters: dict[str, float]
    predicted: dict[str, float]
    objective: float
    method: str
    settings: dict[str, int | float]
    objective_definition: Objective
    bounds_pct: dict[str, tuple[float, float]]
    constraints: dict[str, ConstraintState]
    exact: ScoredRecipe
    resolution_pct: dict[str, float]
    rounding_loss: float
    truth: ScoredRecipe
    objective_range: float
    regret: float
    relative_regret: float
    trace: tuple[Evaluation, ...]
    partial_dependence: tuple[PartialDependence, ...]

    @property
    def recipe(self) -> Recipe:
        """The recipe to make: ``parameters``."""
        return Recipe(**self.parameters)

    def _repr_html_(self) -> str:
        recipe = self.recipe
        rows = "".join(
            f"<tr><td>{with_unit(name)}</td><td>{value:.4g}</td></tr>"
            for name, value in self.predicted.items()
        )
        return (
            f"<p>AM {recipe.am_pct:g} %, SC {recipe.sc_pct:g} %, CR {recipe.cr_pct:g} %: "
            f"objective {self.objective:.3f}</p>"
            f"<table><tr><th>property</th><th>predicted</th></tr>{rows}</table>"
        )
