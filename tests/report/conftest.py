"""Campaigns with results that are made up, and what tests do with them."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from mesocast.columns import TARGETS
from mesocast.optimization.objective import DEFAULT_GOALS
from mesocast.report.results import Results
from tests.report.made_up import make_campaign, run_campaign, verify, without_lammps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mesocast.config.campaign import Campaign


def made_once(
    factory: pytest.TempPathFactory, name: str, campaign: Campaign, *, cells: bool = False
) -> Results:
    """Results of a campaign, made by the first of pytest's processes that asks for them."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    done = folder.with_suffix(".done")
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            run_campaign(campaign, folder, cells=cells)
            done.touch()
    return Results(campaign, folder)


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Make a campaign with failed electrodes, cells, and a verified optimum."""
    return made_once(tmp_path_factory, "results", make_campaign(), cells=True)


@pytest.fixture(scope="session")
def five_goals(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Make a campaign with a goal of its own, which has no letter and is nowhere published."""
    goals: dict[str, dict[str, Any]] = {
        name: {"direction": DEFAULT_GOALS[name].direction} for name in TARGETS
    }
    goals |= {"thickness_um": {"direction": "minimize", "weight": 0.5}}
    campaign = make_campaign(
        optimum={"evaluations": 20, "ensemble": 2, "goals": goals},
        verification={"extremes": True},
    )
    return made_once(tmp_path_factory, "five", campaign)


@pytest.fixture(scope="session")
def own_variables(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Make a campaign that holds a number of the recipe and varies three others."""
    campaign = make_campaign(
        design={
            "slurries": 6,
            "conditions": 36,
            "dryings_per_slurry": 2,
            "sc_pct": {"fixed": 60},
            "variables": {
                "set_mass_loading_mg_cm2": {
                    "key": "electrode.mass_loading_mg_cm2",
                    "min": 5,
                    "max": 9,
                },
                "set_setting_time_us": {"key": "drying.setting_time_us", "min": 10, "max": 40},
                "set_hold_time_us": {"key": "calendering.hold_time_us", "min": 1, "max": 20},
            },
        },
        optimum={"evaluations": 20, "ensemble": 2},
        verification={"extremes": True},
    )
    return made_once(tmp_path_factory, "own", campaign)


@pytest.fixture(scope="session")
def with_choices(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Make a campaign that chooses among materials and holds of the calender."""
    campaign = make_campaign(
        design={
            "slurries": 12,
            "conditions": 48,
            "sc_pct": {"fixed": 60},
            "variables": {
                "set_material": {
                    "key": "materials.active_material.material",
                    "choices": ["LFP", "NMC622", "LCO"],
                },
                "set_hold_time_us": {"key": "calendering.hold_time_us", "levels": [1, 5, 20]},
            },
        },
        optimum={"evaluations": 20, "ensemble": 2},
        verification={"extremes": True},
        cell={"enabled": False},
    )
    return made_once(tmp_path_factory, "choices", campaign)


@pytest.fixture(scope="session")
def unverified(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Make the same campaign with electrodes at the optimum that all failed."""
    folder = tmp_path_factory.mktemp("unverified") / "results"
    shutil.copytree(results.folder, folder)
    with pytest.MonkeyPatch.context() as patch:
        without_lammps(patch)
        verify(results.campaign, folder, fails=True)
    return Results(results.campaign, folder)


def link(results: Path, folder: Path, *, without: Sequence[str] = ()) -> None:
    """Make another results folder of links, without some of the files."""
    for path in results.iterdir():
        if path.name not in without:
            (folder / path.name).symlink_to(path)


def replaced(results: Results, **changes: Any) -> Results:
    """Give the same results with some of them changed."""
    changed = Results(results.campaign, results.folder)
    vars(changed).update(changes)  # where cached properties keep what they have read
    return changed
