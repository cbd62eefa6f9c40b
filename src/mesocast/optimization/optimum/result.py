"""The recipe that a search reports, and its file ``optimum.json``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mesocast.columns import with_unit
from mesocast.columns.variables import Values  # noqa: TC001 - pydantic needs it
from mesocast.optimization.objective import Objective  # noqa: TC001 - pydantic needs it
from mesocast.optimization.optimum.flat import Flat  # noqa: TC001 - pydantic needs it
from mesocast.recipe import Recipe
from mesocast.storage.record import Record

if TYPE_CHECKING:
    from mesocast.optimization.problem import Limits


@dataclass(frozen=True)
class ScoredRecipe:
    """A recipe, in percent, and the objective there."""

    parameters: Values
    objective: float


@dataclass(frozen=True)
class Evaluation(ScoredRecipe):
    """A recipe that the search visited.

    Parameters
    ----------
    violation
        By how much the constraints on properties are missed there, in units of the properties'
        ranges (`mesocast.optimization.problem.Problem.violation`); 0 where all are met.
    acquisition
        The acquisition function that proposed it, or ``"initial"``.
    probabilities
        With what probability each acquisition function would have been chosen; empty at the start.
    """

    violation: float
    acquisition: str
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Search:
    """What the published rule, GP-Hedge, found by itself, held against the truth.

    Parameters
    ----------
    best
        Its best visited recipe: of those that meet the constraints, and where none does the one
        that comes nearest to them.
    violation
        By how much that recipe misses the constraints on properties; 0 where it meets them.
    regret
        Objective there minus objective at the truth, at least 0 but for rounding. None where one
        of the two misses the constraints: then the objectives say nothing of each other.
    relative_regret
        ``regret`` as a share of the objective's range.
    """

    best: ScoredRecipe
    violation: float
    regret: float | None
    relative_regret: float | None


@dataclass(frozen=True)
class PartialDependence:
    """Mean of the objective over the other parameters.

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
        The best recipe, rounded to what a machine can set, in percent.
    predicted
        Every property that has a surrogate, at ``parameters``, in the unit of the data set.
    objective
        Value at ``parameters``.
    method
        How it was found: ``"gp_hedge"``, the published rule, or ``"exhaustive_search"``, where
        there are constraints on properties, levels or choices, of which that rule knows nothing, or
        more than three design variables.
    settings
        Constants of the published rule, with ``evaluations`` and ``seed``.
    objective_definition
        What was minimized.
    bounds_pct
        Lower and upper bound of each parameter.
    constraints
        Further limits on parameters and properties.
    exact
        The same recipe before rounding.
    resolution_pct
        Step to which each of ``parameters`` is rounded.
    rounding_loss
        Objective at ``parameters`` minus objective at ``exact``.
    truth
        The global minimum by exhaustive search; where no recipe meets the constraints, the one
        that comes nearest to them.
    objective_range
        Highest minus lowest objective within the bounds.
    search
        What the published rule found, whatever ``method`` is.
    trace
        All recipes that it visited, in their order.
    partial_dependence
        Of the objective, for each pair of parameters.
    flat
        The recipes that cannot be told from this one; None where that was not asked for.
    choices
        Words among which was chosen, by column. ``bounds_pct``, ``partial_dependence``, ``trace``
        and ``flat`` are of the numbers, at the choices of ``parameters``.
    is_rounding_to_blame
        Whether ``exact`` meets all constraints and ``parameters`` does not.
    """

    parameters: Values
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
    search: Search
    trace: tuple[Evaluation, ...]
    partial_dependence: tuple[PartialDependence, ...]
    flat: Flat | None = None
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    is_rounding_to_blame: bool = False

    @property
    def numbers(self) -> dict[str, float]:
        """``parameters`` without choices."""
        return {n: value for n, value in self.parameters.items() if not isinstance(value, str)}

    @property
    def recipe(self) -> Recipe:
        """The recipe to make: ``parameters``."""
        return Recipe.of(self.parameters)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{with_unit(name)}</td><td>{value:.4g}</td></tr>"
            for name, value in self.predicted.items()
        )
        return (
            f"<p>{self.recipe.label}: objective {self.objective:.3f}</p>"
            f"<table><tr><th>property</th><th>predicted</th></tr>{rows}</table>"
        )
