"""Which recipe to make, by what was simulated."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
import pytest

from mesocast.optimization.optimum.result import ConstraintState
from mesocast.recipe import Recipe
from mesocast.verification.verdict import Verdict, give_verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.optimization.optimum.result import Optimum

OWN = {"am_pct": 94.0, "sc_pct": 60.0, "cr_pct": 20.0}
OPTIMUM = Recipe.of(OWN)


def _verdict(
    verified: list[float],
    others: list[float],
    predicted: float = 0.2,
    *,
    own: Sequence[float] = (),
    constraints: Mapping[str, ConstraintState] | None = None,
    porosities: Sequence[float] = (),
) -> Verdict:
    rows: list[dict[str, Any]] = [
        {
            "condition_id": f"S{n:03d}",
            "am_pct": 89.0 + n,
            "sc_pct": 60.0,
            "cr_pct": 10.0,
            "objective": objective,
        }
        for n, objective in enumerate(others, start=1)
    ]
    rows += [{"condition_id": "S900", **OWN, "objective": value} for value in own]
    rows.sort(key=lambda row: row["objective"])
    columns = ["condition_id", "am_pct", "sc_pct", "cr_pct", "objective"]
    optimum = SimpleNamespace(recipe=OPTIMUM, objective=predicted, constraints=constraints or {})
    return give_verdict(
        cast("Optimum", optimum),
        pd.DataFrame(rows, columns=columns),
        pd.DataFrame({"objective": verified, "porosity_bulk": porosities or None}),
    )


@pytest.mark.parametrize(
    ("verified", "standing", "is_made"),
    [
        ([0.20, 0.21], "confirmed", True),
        ([0.28, 0.31], "level", True),
        ([0.30, 0.33], "level", False),
        ([0.50, 0.51], "refuted", False),
        ([0.20], "level", True),  # one seed tells no noise
        ([0.31], "level", False),
        ([], "unverified", True),
    ],
)
def test_a_prediction_stands_by_its_seeds(
    verified: list[float], standing: str, *, is_made: bool
) -> None:
    found = _verdict(verified, [0.3, 0.4])
    assert found.standing == standing
    assert (found.recipe == OPTIMUM) == is_made
    assert found.electrode == ("" if is_made else "S001")
    assert (found.best_electrode, found.electrodes) == ("S001", 2)


@pytest.mark.parametrize(("verified", "standing"), [([0.5, 0.6], "confirmed"), ([], "unverified")])
def test_where_no_other_electrode_is_allowed_the_optimum_is_made(
    verified: list[float], standing: str
) -> None:
    found = _verdict(verified, [])
    assert (found.standing, found.recipe, found.electrode) == (standing, OPTIMUM, "")
    assert found.electrodes == 0


@pytest.mark.parametrize(
    ("porosities", "missed", "standing"),
    [
        ([0.20, 0.21], ("porosity_bulk",), "refuted"),
        ([0.24, 0.255], (), "confirmed"),  # within the noise of the mean
        ([0.27, 0.28], (), "confirmed"),
    ],
)
def test_electrodes_that_miss_a_constraint_refute_the_prediction(
    porosities: list[float], missed: tuple[str, ...], standing: str
) -> None:
    constraints = {"porosity_bulk": ConstraintState(0.25, None, is_met=True)}
    asked = partial(_verdict, [0.20, 0.21], constraints=constraints, porosities=porosities)
    found = asked([0.3, 0.4])
    assert (found.standing, found.missed) == (standing, missed)
    assert found.electrode == ("S001" if missed else "")
    alone = asked([])
    assert (alone.standing, alone.recipe) == (standing, OPTIMUM)


def test_electrodes_of_the_optimums_own_recipe_count_as_simulated_there() -> None:
    found = _verdict([0.30, 0.31], [0.3, 0.4], own=[0.2])
    assert found.verified == (0.2, 0.30, 0.31)
    assert (found.best_electrode, found.electrodes) == ("S001", 2)
    assert _verdict([], [0.3], own=[0.2]).standing != "unverified"


def test_a_recipe_that_was_made_several_times_counts_by_its_mean() -> None:
    rows = [
        {"condition_id": f"S{n}", "am_pct": am, "sc_pct": 60.0, "cr_pct": 10.0, "objective": value}
        for n, (am, value) in enumerate([(90.0, 0.1), (91.0, 0.2), (91.0, 0.22), (90.0, 0.5)])
    ]
    optimum = SimpleNamespace(recipe=OPTIMUM, objective=0.25, constraints={})
    nothing = pd.DataFrame({"objective": []})
    found = give_verdict(cast("Optimum", optimum), pd.DataFrame(rows), nothing)
    assert (found.best_electrode, found.best_made) == ("S1", 2)
    assert found.best_objective == pytest.approx(0.21)
    assert found.recipe.am_pct == 91.0
