"""Which recipe to make, by what was simulated."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
import pytest

from mesocast.recipe import Recipe
from mesocast.verification.verdict import Verdict, give_verdict

if TYPE_CHECKING:
    from mesocast.optimization.optimum.result import Optimum

OPTIMUM = Recipe(am_pct=94, sc_pct=60, cr_pct=20)


def _verdict(verified: list[float], others: list[float], predicted: float = 0.2) -> Verdict:
    rows: list[dict[str, Any]] = [
        {
            "condition_id": f"S{n:03d}",
            "am_pct": 90.0,
            "sc_pct": 60.0,
            "cr_pct": 10.0,
            "objective": objective,
        }
        for n, objective in enumerate(others, start=1)
    ]
    columns = ["condition_id", "am_pct", "sc_pct", "cr_pct", "objective"]
    optimum = SimpleNamespace(recipe=OPTIMUM, objective=predicted)
    return give_verdict(
        cast("Optimum", optimum),
        pd.DataFrame(rows, columns=columns),
        pd.DataFrame({"objective": verified}),
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
