"""A campaign that varies six numbers of the physics: which of its electrodes share what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.project import Project

if TYPE_CHECKING:
    from pathlib import Path

SHARES = "materials.active_material.number_fractions"
SIX = {
    "electrode": {"mass_ug": 0.02},
    "materials": {"active_material": {"diameters_um": [4.0, 8.0], "number_fractions": [0.4, 0.6]}},
    "design": {
        "slurries": 12,
        "conditions": 48,
        "variables": {
            "set_carbon_to_binder": {
                "key": "materials.cbd.carbon_to_binder_mass_ratio",
                "min": 1.0,
                "max": 2.0,
            },
            "set_mass_loading_mg_cm2": {"key": "electrode.mass_loading_mg_cm2", "min": 5, "max": 8},
            "set_small_share": {"key": f"{SHARES}.0", "min": 0.2, "max": 0.6},
        },
        "formulas": {f"{SHARES}.1": "1 - set_small_share"},
    },
    "jobs": {"conditions_per_job": 1},
}


def test_electrodes_share_the_slurries_and_films_that_are_alike(tmp_path: Path) -> None:
    project = Project(tmp_path / "six")
    project.configure(SIX)
    counts = project.counts()
    assert {name: counts[name] for name in ("slurry", "drying", "calendering", "characterize")} == {
        "slurry": 12,
        "drying": 12,
        "calendering": 48,
        "characterize": 48,
    }


@pytest.mark.parametrize("dryings", [1, 2])
def test_films_share_a_slurry_that_only_their_drying_tells_apart(
    tmp_path: Path, dryings: int
) -> None:
    project = Project(tmp_path / "dried")
    variables = {"set_setting_time_us": {"key": "drying.setting_time_us", "min": 10, "max": 40}}
    design = {
        "slurries": 2,
        "conditions": 20,
        "dryings_per_slurry": dryings,
        "variables": variables,
    }
    project.configure({"electrode": {"mass_ug": 0.02}, "design": design})
    jobs = project.planned()
    assert {name for rule, name in jobs if rule == "slurry" and name[0] == "S"} == {"S001", "S002"}
    films = {"S001", "S002"} | ({"S001D02", "S002D02"} if dryings == 2 else set())
    assert {name for rule, name in jobs if rule == "drying" and name[0] == "S"} == films
    assert sum(rule == "calendering" and name[0] == "S" for rule, name in jobs) == 20
