"""The recipe that a search reports, and its file ``optimum.json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from mesocast.errors import InputError
from mesocast.files import replacing
from mesocast.optimization.objective import Objective  # noqa: TC001 - pydantic needs it

if TYPE_CHECKING:
    from pathlib import Path


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
class Optimum:
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
    exact
        The best visited recipe before rounding.
    resolution_pct
        Step to which ``parameters`` are rounded.
    rounding_loss
        Objective at ``parameters`` minus objective at ``exact``.
    truth
        The global minimum by exhaustive search.
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
    exact: ScoredRecipe
    resolution_pct: float
    rounding_loss: float
    truth: ScoredRecipe
    objective_range: float
    regret: float
    relative_regret: float
    trace: tuple[Evaluation, ...]
    partial_dependence: tuple[PartialDependence, ...]

    def write(self, path: Path) -> None:
        """Write ``optimum.json``; it appears complete or not at all."""
        with replacing(path) as temporary:
            temporary.write_bytes(_ADAPTER.dump_json(self, indent=1) + b"\n")

    @classmethod
    def read(cls, path: Path) -> Optimum:
        """Read what `write` wrote.

        Raises
        ------
        InputError
            The file is missing or is not an optimum.
        """
        try:
            return _ADAPTER.validate_json(path.read_bytes())
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "file"
            raise InputError(f"{path}: {where}: {first['msg']}") from error


_ADAPTER = TypeAdapter(Optimum)
