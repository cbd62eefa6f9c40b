"""An electrode's row: what its record and its film make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mesocast.characterization.jobs import run_characterization
from mesocast.columns import FURTHER
from mesocast.config.campaign import Campaign
from mesocast.electrode import Electrode
from mesocast.storage.files import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path


RECIPE = {"condition_id": "c", "slurry_id": "s", "round": 0, "seed": 1}
RECIPE |= {"am_pct": 90.0, "sc_pct": 58.0, "cr_pct": 22.2}


def test_what_is_asked_for_besides_has_columns_and_the_curve_a_file(
    packing: Electrode, tmp_path: Path
) -> None:
    pytest.importorskip("porespy")
    rows = []
    for asked in ([], ["blocking", "conventions", "four_point", "infiltration"]):
        folder = tmp_path / str(len(asked))
        folder.mkdir()
        packing.write_dump(folder / "electrode.dump.gz")
        write_json(
            folder / "calendering.json",
            {"status": "ok", "reason": "", "measured": {}, "recipe": RECIPE},
        )
        settings = {"voxel_size_um": 0.5, "measurements": asked}
        campaign = Campaign.model_validate({"campaign": "x", "characterization": settings})
        run_characterization(campaign, folder)
        rows.append(read_json(folder / "properties.json"))
    plain, more = rows
    names = [column.name for columns in FURTHER.values() for column in columns]
    assert all(plain[name] is None for name in names)
    assert all(more[name] is not None for name in names)
    assert {k: v for k, v in more.items() if k not in names} == {
        k: v for k, v in plain.items() if k not in names
    }
    assert not (tmp_path / "0" / "infiltration.csv").exists()
    curve = pd.read_csv(tmp_path / "4" / "infiltration.csv")
    assert list(curve) == [
        "capillary_pressure_kPa",
        "saturation_imbibition",
        "saturation_imbibition_with_trapped_gas",
        "saturation_drainage",
    ]
    assert curve["saturation_imbibition_with_trapped_gas"].max() == pytest.approx(
        1 - more["gas_trapped_pct"] / 100, abs=1e-5
    )


def test_without_a_film_the_curve_is_empty(packing: Electrode, tmp_path: Path) -> None:
    """So that the result counts as kept, and is not made again."""
    nothing = Electrode(
        packing.positions_um[:0],
        packing.radii_um[:0],
        packing.species[:0],
        packing.masses_pg[:0],
        packing.lateral_um,
    )
    nothing.write_dump(tmp_path / "electrode.dump.gz")
    write_json(
        tmp_path / "calendering.json",
        {"status": "exploded", "reason": "too fast", "measured": {}, "recipe": RECIPE},
    )
    settings = {"measurements": ["infiltration"]}
    campaign = Campaign.model_validate({"campaign": "x", "characterization": settings})
    run_characterization(campaign, tmp_path)
    assert (tmp_path / "infiltration.csv").read_text() == ""
    assert read_json(tmp_path / "properties.json")["status"] == "exploded"


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
    found = []
    for scale in (50.0, None):
        folder = tmp_path / str(scale)
        folder.mkdir()
        packing.write_dump(folder / "electrode.dump.gz")
        write_json(
            folder / "calendering.json",
            {"status": "ok", "reason": "", "measured": measured, "recipe": RECIPE},
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
