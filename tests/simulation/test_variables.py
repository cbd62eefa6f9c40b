"""Stages of electrodes whose campaign varies more than the three numbers of a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.electrode import Electrode
from mesocast.simulation import jobs
from mesocast.simulation.stage import StageResult
from mesocast.storage.files import read_json
from tests.conftest import TINY, VARIABLES

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.config.campaign import Campaign


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Stand in for the stages, and note what they are asked for."""
    found: dict[str, list[Any]] = {"loading": [], "setting": [], "hold": []}
    film = Electrode(np.full((1, 3), 1.0), np.ones(1), np.ones(1, int), np.ones(1), (9.0, 9.0))

    def mix(composition: Any, *_: Any) -> StageResult:
        found["loading"].append(round(composition.dry_mass_pg / composition.lateral_um**2 / 10, 6))
        return StageResult(film, "ok", "", {})

    def dry(slurry: Any, composition: Any, fields: Any, settings: Any, course: Any) -> StageResult:
        found["setting"].append(settings.setting_time_us)
        return StageResult(film, "ok", "", {})

    def calender(dried: Any, *, settings: Any, **_: Any) -> StageResult:
        found["hold"].append(settings.hold_time_us)
        return StageResult(film, "ok", "", {})

    monkeypatch.setattr(jobs, "mix_slurry", mix)
    monkeypatch.setattr(jobs, "dry", dry)
    monkeypatch.setattr(jobs, "calender", calender)
    return found


@pytest.fixture
def campaign() -> Campaign:
    return load(
        {
            **TINY,
            "electrode": {"mass_ug": 0.02},
            "design": {"slurries": 2, "conditions": 8, "variables": VARIABLES},
        }
    )


def _slurry(campaign: Campaign, folder: Path, loading: float, setting: float) -> None:
    further = {"set_mass_loading_mg_cm2": loading, "set_setting_time_us": setting}
    jobs.run_slurry(
        campaign, folder, slurry_id=folder.name, am_pct=92, sc_pct=60, seed=1, further=further
    )


def test_each_stage_has_its_values_and_tells_them(
    campaign: Campaign, asked: dict[str, list[Any]], tmp_path: Path
) -> None:
    slurry, film, condition = tmp_path / "S001", tmp_path / "S001D02", tmp_path / "S001D02-C01"
    _slurry(campaign, slurry, 6.0, 20.0)
    jobs.run_drying(campaign, slurry)
    jobs.run_drying(
        campaign,
        film,
        slurry_folder=slurry,
        slurry_id="S001D02",
        further={"set_setting_time_us": 30.0},
    )
    jobs.run_calendering(
        campaign,
        film,
        condition,
        condition_id="S001D02-C01",
        cr_pct=10.0,
        further={"set_hold_time_us": 2.0},
    )
    assert asked == {"loading": [6.0], "setting": [20.0, 30.0], "hold": [2.0]}
    recipe = read_json(condition / "calendering.json")["recipe"]
    assert recipe == {
        "slurry_id": "S001D02",
        "round": 0,
        "seed": 1,
        "am_pct": 92,
        "sc_pct": 60,
        "set_mass_loading_mg_cm2": 6.0,
        "set_setting_time_us": 30.0,
        "condition_id": "S001D02-C01",
        "cr_pct": 10.0,
        "set_hold_time_us": 2.0,
    }


def test_nothing_is_simulated_twice_and_another_value_is(
    campaign: Campaign, asked: dict[str, list[Any]], tmp_path: Path
) -> None:
    for loading in (6.0, 6.0, 7.0):
        _slurry(campaign, tmp_path / "S001", loading, 20.0)
    assert asked["loading"] == [6.0, 7.0]
    # The slurry of a campaign without variables that has the same loading is another file, but the
    # same physics.
    record = read_json(tmp_path / "S001/slurry.json")
    plain = load({**TINY, "electrode": {"mass_ug": 0.02, "mass_loading_mg_cm2": 7.0}})
    assert record["identity"]["physics"] == plain.physics("slurry")
