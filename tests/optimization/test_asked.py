"""What the config asks for, beside what every proposal knew."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from mesocast.campaign.checks import load
from mesocast.optimization.asked import asked_besides, meeting, proposal_identity
from mesocast.optimization.problem import Limits


def test_proposals_of_earlier_versions_stay_what_they_are() -> None:
    assert asked_besides(load({"campaign": "one"})) == {}


def test_what_is_held_and_allowed_and_a_cell_make_another_proposal() -> None:
    def asked(rate: str = "5C", level: int = 8, held: float = 92, **cell: float) -> str:
        content = {
            "campaign": "one",
            "design": {
                "slurries": 12,
                "conditions": 48,
                "am_pct": {"fixed": held},
                "variables": {
                    "set_hold_time_us": {
                        "key": "calendering.hold_time_us",
                        "levels": [4, level, 20],
                    }
                },
            },
            "optimum": {"application": "fast_charge", "fast_rate": rate},
            "cell": cell,
        }
        return str(proposal_identity(load(content), 1))

    found = [
        asked(),
        asked(rate="1C"),
        asked(level=12),
        asked(held=95),
        asked(loading_mg_cm2=35.0),
    ]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ({}, ["a", "b", "c"]),
        ({"porosity_bulk": Limits(minimum=0.3)}, ["b", "c"]),
        ({"porosity_bulk": Limits(0.3), "cr_pct": Limits(maximum=15)}, ["c"]),
        ({"a.key.of.the.config": Limits(0, math.inf)}, ["a", "b", "c"]),
    ],
)
def test_rows_that_meet_limits(limits: dict[str, Limits], left: list[str]) -> None:
    table = pd.DataFrame(
        {"name": ["a", "b", "c"], "porosity_bulk": [0.2, 0.3, 0.4], "cr_pct": [30, 20, 10]}
    )
    assert meeting(table, limits)["name"].tolist() == left
