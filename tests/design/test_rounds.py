"""Which files hold the rows of a campaign, packed or not, through its rounds."""

from __future__ import annotations

from pathlib import Path

from mesocast.config.campaign import Campaign
from mesocast.design.plan import make_plan
from mesocast.design.rounds import row_files
from tests.conftest import TINY

RESULTS = Path("results/tiny")


def _names(conditions_per_job: int, before: int | None = None) -> list[str]:
    content = {
        **TINY,
        "design": {"slurries": 2, "conditions": 5},
        "rounds": {"count": 2, "conditions": 2},
        "jobs": {"conditions_per_job": conditions_per_job},
    }
    campaign = Campaign.model_validate(content)
    files = row_files(campaign, make_plan(campaign), RESULTS, before=before)
    return [str(path.relative_to(RESULTS)) for path in files]


def test_each_electrode_has_its_own_row_file() -> None:
    design = ("S001-C01", "S002-C01", "S001-C02", "S002-C02", "S001-C03")
    rounds = ("R1-C01", "R1-C02", "R2-C01", "R2-C02")
    assert _names(1) == [f"conditions/{name}/properties.json" for name in (*design, *rounds)]


def test_packed_electrodes_share_one_and_later_rounds_are_left_out() -> None:
    assert _names(2, before=2) == [
        "packs/S001-P01.json",
        "packs/S002-P01.json",
        "packs/S001-P02.json",
        "conditions/R1-C01/properties.json",
        "conditions/R1-C02/properties.json",
    ]
