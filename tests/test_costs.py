"""The estimate of what a campaign costs."""

from __future__ import annotations

import pytest

from mesocast.config import Campaign
from mesocast.costs import cpu_hours, describe
from tests.conftest import TINY


def test_costs_scale_with_conditions_and_time_step() -> None:
    base = cpu_hours(Campaign.model_validate(TINY))
    more = cpu_hours(Campaign.model_validate({**TINY, "design": {"slurries": 3, "conditions": 26}}))
    assert more["slurry"] == base["slurry"]
    assert more["calendering"] == pytest.approx(2 * base["calendering"])  # 28 to 14 electrodes
    finer = cpu_hours(
        Campaign.model_validate({**TINY, "drying": {"motion": {"time_step_ns": 1.25}}})
    )
    assert finer["drying"] == pytest.approx(2 * base["drying"])


def test_description_adds_up() -> None:
    campaign = Campaign.model_validate(TINY)
    assert f"{sum(cpu_hours(campaign).values()):.3g} CPU-hours" in describe(campaign)
