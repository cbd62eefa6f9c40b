"""The stages as jobs: packs of electrodes, what is written down, what conditions share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.campaign import pack
from mesocast.config.campaign import Campaign
from mesocast.electrode import Electrode
from mesocast.errors import InputError
from mesocast.simulation import jobs as simulation_jobs
from mesocast.simulation import stage_job
from mesocast.simulation.engine.state import END
from mesocast.simulation.stage import StageResult
from mesocast.storage import attempts, once
from mesocast.storage.files import read_json, write_json
from tests.conftest import TINY

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.simulation.restarts import Course


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the two stages: note what is asked, fail for the condition ``S001-C02``."""
    asked: list[str] = []

    def calender(
        campaign: Campaign,
        slurry: Path,
        folder: Path,
        *,
        condition_id: str,
        cr_pct: float,
        further: object,
    ) -> None:
        assert further is None
        if condition_id == "S001-C02" and "repaired" not in asked:
            raise OSError("the disk is full")
        asked.append(condition_id)
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "properties.json", {"condition_id": condition_id, "cr_pct": cr_pct})

    monkeypatch.setattr(pack, "run_calendering", calender)
    monkeypatch.setattr(pack, "run_characterization", lambda campaign, folder: None)
    return asked


RATES = {"S001-C01": 10.0, "S001-C02": 20.0, "S001-C03": 30.0}


def test_one_condition_that_fails_does_not_stop_the_others(done: list[str], tmp_path: Path) -> None:
    rows = tmp_path / "packs/S001-P01.json"
    with pytest.raises(ExceptionGroup, match="1 of 3 conditions failed") as failed:
        pack.run_pack(Campaign.model_validate(TINY), tmp_path, "S001", RATES, rows)
    assert failed.value.exceptions[0].__notes__ == ["S001-C02"]
    assert done == ["S001-C01", "S001-C03"]
    assert not rows.exists()
    done.append("repaired")
    pack.run_pack(Campaign.model_validate(TINY), tmp_path, "S001", RATES, rows)
    assert [row["condition_id"] for row in read_json(rows)] == list(RATES)


def test_broken_input_ends_a_pack_at_once(
    done: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*words: object, **options: object) -> None:
        raise InputError("drying.json: broken")

    monkeypatch.setattr(pack, "run_calendering", broken)
    with pytest.raises(InputError, match="broken"):
        pack.run_pack(Campaign.model_validate(TINY), tmp_path, "S001", RATES, tmp_path / "r.json")


def test_broken_film_is_written_down_as_the_cause(tmp_path: Path) -> None:
    record = {"status": "ok", "reason": "", "recipe": {}, "measured": {}}
    write_json(tmp_path / "slurry.json", record)
    (tmp_path / "slurry.dump.gz").write_bytes(b"no dump")
    with pytest.raises(InputError, match=r"slurry\.dump\.gz"):
        simulation_jobs.run_drying(Campaign.model_validate(TINY), tmp_path)
    (attempt,) = attempts.read(tmp_path / "work", "drying")
    assert attempt["cause"] == "broken_input"


@pytest.mark.slow
def test_job_keeps_what_it_cost_and_leaves_no_restart(tmp_path: Path) -> None:
    campaign = Campaign.model_validate(
        {**TINY, "electrode": {"mass_ug": 0.001, "mass_loading_mg_cm2": 2.5}}
    )
    simulation_jobs.run_slurry(
        campaign, tmp_path, slurry_id="S001", am_pct=92, sc_pct=60, seed=1, round_number=0
    )
    (cost,) = once.costs_of(tmp_path, "slurry")
    assert cost["cpu_s"] > 0
    assert cost["max_rss_MB"] > 20
    work = sorted(path.name.split("-")[0] for path in (tmp_path / "work").iterdir())
    assert work == ["slurry"]  # the kept result; no lease, no restart, no record of failures


def _write_whole(path: Path) -> None:
    path.write_bytes(END)


def test_conditions_of_a_slurry_share_restarts_and_those_of_other_physics_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for the press passes one point at 10 % of its way and measures one number."""
    went_on: dict[str, bool] = {}

    def calender(dried: Electrode, *, cr_pct: float, course: Course, **_: object) -> StageResult:
        went_on[f"{cr_pct:g}"] = course.replaying
        course.share(10.0)
        course.reading(lambda: 1.0)
        course.pass_point(_write_whole, lambda path: None)
        return StageResult(dried, "ok", "", {})

    monkeypatch.setattr(simulation_jobs, "calender", calender)
    film = Electrode(np.full((1, 3), 1.0), np.ones(1), np.ones(1, int), np.ones(1), (9.0, 9.0))
    recipe = {"slurry_id": "S001", "round": 0, "seed": 1, "am_pct": 92.0, "sc_pct": 60.0}
    slurry = tmp_path / "slurries/S001"
    slurry.mkdir(parents=True)
    record = {"status": "ok", "reason": "", "recipe": recipe, "measured": {}}
    write_json(slurry / "drying.json", record)
    film.write_dump(slurry / "dried.dump.gz")
    slower = {**TINY, "calendering": {"plane_speed_m_s": 0.1}}
    for config, cr_pct in ((TINY, 0), (TINY, 20), (TINY, 5), (TINY, 15), (slower, 25)):
        simulation_jobs.run_calendering(
            Campaign.model_validate(config),
            slurry,
            tmp_path / f"conditions/cr{cr_pct}",
            condition_id=f"cr{cr_pct}",
            cr_pct=cr_pct,
        )
    assert went_on == {"0": False, "20": False, "5": False, "15": True, "25": False}


@pytest.mark.parametrize("stage", ["drying", "calendering"])
def test_skipped_place_shows_its_present_recipe_and_reason(stage: str, tmp_path: Path) -> None:
    """Empty films are alike: a new proposal's place must not keep what the former one said."""
    campaign = Campaign.model_validate(TINY)
    found = []
    for sc_pct, reason in ((60, "the budget is spent"), (58, "nothing gains enough")):
        simulation_jobs.run_slurry(
            campaign,
            tmp_path / "R1S01",
            slurry_id="R1S01",
            am_pct=92,
            sc_pct=sc_pct,
            seed=1,
            skipped=reason,
        )
        simulation_jobs.run_drying(campaign, tmp_path / "R1S01")
        simulation_jobs.run_calendering(
            campaign,
            tmp_path / "R1S01",
            tmp_path / "R1-C01",
            condition_id="R1-C01",
            cr_pct=10,
        )
        folder = tmp_path / ("R1S01" if stage == "drying" else "R1-C01")
        record = read_json(folder / f"{stage}.json")
        found.append((record["recipe"]["sc_pct"], record["reason"]))
    assert found == [(60, "the budget is spent"), (58, "nothing gains enough")]


def test_restarts_outlive_another_commit_but_not_other_contents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = stage_job.restart_digest({"stage": "drying"})
    monkeypatch.setattr(stage_job, "VERSION", "0.1.1.dev7+gabcdef")
    assert stage_job.restart_digest({"stage": "drying"}) == before
    monkeypatch.setattr(stage_job, "RESTARTS_SINCE", "0.2.0")
    assert stage_job.restart_digest({"stage": "drying"}) != before
