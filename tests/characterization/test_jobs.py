"""An electrode's row: what its record and its film make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.characterization.jobs import run_characterization
from mesocast.config.campaign import Campaign
from mesocast.storage.files import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.electrode import Electrode


def test_pressure_has_the_scale_of_the_config_and_is_empty_without(
    packing: Electrode, tmp_path: Path
) -> None:
    measured = {
        "thickness_before_um": 9.0,
        "gap_um": 7.0,
        "cr_imposed_pct": 22.2,
        "cr_retained_pct": 11.1,
        "pressure_model_kPa": 800.0,
        "inertial_number": 1e-3,
    }
    recipe = {"condition_id": "c", "slurry_id": "s", "round": 0, "seed": 1}
    recipe |= {"am_pct": 90.0, "sc_pct": 58.0, "cr_pct": 22.2}
    found = []
    for scale in (50.0, None):
        folder = tmp_path / str(scale)
        folder.mkdir()
        packing.write_dump(folder / "electrode.dump.gz")
        write_json(
            folder / "calendering.json",
            {"status": "ok", "reason": "", "measured": measured, "recipe": recipe},
        )
        campaign = Campaign.model_validate(
            {
                "campaign": "x",
                "calendering": {"pressure_scale": scale},
                "characterization": {"voxel_size_um": 0.5},
            }
        )
        run_characterization(campaign, folder)
        found.append(read_json(folder / "properties.json"))
    assert [row["pressure_model_kPa"] for row in found] == [800.0, 800.0]
    assert [row["pressure_max_MPa"] for row in found] == [pytest.approx(40.0), None]
