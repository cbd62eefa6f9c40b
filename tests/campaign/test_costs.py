"""The cost model: estimates, requests, and its fit to what was measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mesocast.campaign.costs import Costs, describe, fit, request
from mesocast.config.campaign import Campaign
from mesocast.storage import attempts
from mesocast.storage.layout import STAGES
from tests.conftest import TINY

if TYPE_CHECKING:
    from pathlib import Path


def _costs(**changes: object) -> Costs:
    return Costs(Campaign.model_validate({**TINY, **changes}))


def test_costs_scale_with_conditions_and_time_step() -> None:
    base = _costs().cpu_hours()
    more = _costs(design={"slurries": 3, "conditions": 26}).cpu_hours()
    assert more["slurry"] == pytest.approx(base["slurry"], rel=0.05)
    assert more["calendering"] == pytest.approx(2 * base["calendering"], rel=0.05)  # 28 to 14
    finer = _costs(drying={"motion": {"time_step_ns": 2.5}}).cpu_hours()
    assert finer["drying"] == pytest.approx(2 * base["drying"])


def test_recipe_decides_the_cost_of_a_job() -> None:
    costs = _costs()
    poor = min(costs.plan.slurries, key=lambda s: s.am_pct)  # much binder: many beads
    rich = max(costs.plan.slurries, key=lambda s: s.am_pct)
    for stage in ("slurry", "drying", "calendering"):
        assert costs.cpu_s(stage, poor.slurry_id) > costs.cpu_s(stage, rich.slurry_id)
        assert costs.memory_MB(stage, poor.slurry_id) > costs.memory_MB(stage, rich.slurry_id)
    assert costs.cpu_s("drying", "V01") == costs.cpu_s("drying", poor.slurry_id)


def test_extremes_cost_as_much_as_the_optimum_each() -> None:
    base, more = _costs().cpu_hours(), _costs(verification={"extremes": True}).cpu_hours()
    design = TINY["design"]["slurries"]
    poorest = _costs().cpu_s("slurry", "V01") / 3600
    assert more["slurry"] - base["slurry"] == pytest.approx(8 * poorest)
    assert base["slurry"] < (design + 2) * poorest + 1e-9
    text = describe(Campaign.model_validate({**TINY, "verification": {"extremes": True}}))
    assert "2 electrodes at the optimum and at each of 4 extremes" in text


def test_description_adds_up() -> None:
    campaign = Campaign.model_validate(TINY)
    total = sum(Costs(campaign).cpu_hours().values())
    assert f"{total:.3g} CPU-hours" in describe(campaign)


@pytest.mark.parametrize(
    ("error", "memory", "time"),
    [(MemoryError(), 2, 1), (TimeoutError(), 1, 1), (None, 2, 2)],
)
def test_next_attempt_gets_what_the_last_one_lacked(
    error: BaseException | None, memory: int, time: int, tmp_path: Path
) -> None:
    costs = _costs()

    def ask(attempt: int) -> tuple[int, int]:
        asked = request(costs, ["drying"], "S001", attempt=attempt, works=[tmp_path])
        return asked.memory_MB, asked.minutes

    first = ask(1)
    attempts.add(tmp_path, "drying", {}, error)
    for attempt in (1, 2):  # 1: of a controller that was started again
        asked = ask(attempt)
        assert asked[0] == pytest.approx(memory * first[0], rel=0.01)
        assert asked[1] == time * first[1]
    for _ in range(20):
        attempts.add(tmp_path, "drying", {}, error)
    assert ask(1)[0] <= 16 * first[0]
    assert ask(1)[1] <= 5 * first[1]


def test_attempt_that_left_no_record_gets_more_of_both(tmp_path: Path) -> None:
    costs = _costs()
    first = request(costs, ["drying"], "S001", attempt=1, works=[tmp_path])
    third = request(costs, ["drying"], "S001", attempt=3, works=[tmp_path])
    assert third.memory_MB > 3 * first.memory_MB
    assert third.minutes == 3 * first.minutes


def test_fit_finds_the_figures_that_jobs_follow(tmp_path: Path) -> None:
    campaign = Campaign.model_validate(TINY)
    costs = Costs(campaign)
    for stage, slurry_id, folder in costs.jobs(tmp_path):
        kept = folder / "work" / f"{stage}-0123"
        kept.mkdir(parents=True)
        size = costs.size(slurry_id)
        rss = 300 + 70 * size.million_voxels if "char" in stage else 80 + 9 * size.thousand_beads
        cost = {"cpu_s": 2 * costs.cpu_s(stage, slurry_id), "max_rss_MB": rss}
        (kept / "cost.json").write_text(json.dumps(cost))
        # Results of other settings cost otherwise; they count neither here nor there.
        other = folder / "work" / f"{stage}-4567"
        other.mkdir()
        (other / "cost.json").write_text(json.dumps({"cpu_s": 1e6, "max_rss_MB": 1e6}))
        (other / STAGES[stage].record).write_text("{}")
        record = {"provenance": {"physics": campaign.physics(stage)}}
        for place in (kept, folder):
            (place / STAGES[stage].record).write_text(json.dumps(record))
    found = fit(campaign, tmp_path)
    model = campaign.cost_model
    assert found["drying_s_per_1000_beads"] == pytest.approx(2 * model.drying_s_per_1000_beads)
    expected = 2 * costs.cpu_s("characterization", "S001")
    voxels = costs.size("S001").million_voxels
    assert expected == pytest.approx(
        found["characterization_s"] + found["characterization_s_per_million_voxels"] * voxels,
        rel=0.05,
    )
    assert found["simulation_MB"] == pytest.approx(80, rel=0.02)
    assert found["simulation_MB_per_1000_beads"] == pytest.approx(9, rel=0.02)


def test_more_passes_cost_more() -> None:
    def hours(**calendering: Any) -> float:
        recipes = [{"am_pct": 90, "sc_pct": 58, "cr_pct": [20]}]
        content = {**TINY, "design": {"recipes": recipes}, "calendering": calendering}
        return Costs(Campaign.model_validate(content)).cpu_hours()["calendering"]

    assert hours(passes=3) == pytest.approx(2 * hours())
    assert hours(to={"porosity": 0.3}) == pytest.approx(2 * hours())
    assert hours(to={"gap_um": 10}) == pytest.approx(hours())
