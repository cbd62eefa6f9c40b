"""An electrode's row: what its record and its film make of it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mesocast.characterization.calendered import calendering_columns
from mesocast.characterization.jobs import run_characterization
from mesocast.columns import FURTHER
from mesocast.config.campaign import Campaign
from mesocast.electrode import Electrode
from mesocast.simulation.composition import solid_density_g_cm3
from mesocast.simulation.convergence import Observation
from mesocast.storage.files import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path


RECIPE = {"condition_id": "c", "slurry_id": "s", "round": 0, "seed": 1}
RECIPE |= {"am_pct": 90.0, "sc_pct": 58.0, "cr_pct": 22.2}


def test_what_is_asked_for_besides_has_columns_and_the_curve_a_file(
    packing: Electrode, tmp_path: Path
) -> None:
    pytest.importorskip("porespy")
    # Its lowest beads only touch the collector, which conducts nothing.
    sunk = replace(packing, positions_um=packing.positions_um - np.array([0, 0, 0.2]))
    rows = []
    for asked in ([], ["blocking", "contacts", "conventions", "four_point", "infiltration"]):
        folder = tmp_path / str(len(asked))
        folder.mkdir()
        sunk.write_dump(folder / "electrode.dump.gz")
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
    assert [name for name in names if more[name] is None] == []
    assert {k: v for k, v in more.items() if k not in names} == {
        k: v for k, v in plain.items() if k not in names
    }
    assert not (tmp_path / "0" / "infiltration.csv").exists()
    curve = pd.read_csv(tmp_path / "5" / "infiltration.csv")
    assert list(curve) == [
        "capillary_pressure_kPa",
        "saturation_imbibition",
        "saturation_imbibition_with_trapped_gas",
        "saturation_drainage",
    ]
    assert curve["saturation_imbibition_with_trapped_gas"].max() == pytest.approx(
        1 - more["gas_trapped_pct"] / 100, abs=1e-5
    )


def test_any_method_of_transport_measures_what_is_asked_for_besides(
    packing: Electrode, tmp_path: Path
) -> None:
    packing.write_dump(tmp_path / "electrode.dump.gz")
    record = {"status": "ok", "reason": "", "measured": {}, "recipe": RECIPE}
    write_json(tmp_path / "calendering.json", record)
    settings = {
        "voxel_size_um": 0.5,
        "measurements": ["blocking"],
        "transport_method": "multigrid",
    }
    campaign = Campaign.model_validate({"campaign": "x", "characterization": settings})
    run_characterization(campaign, tmp_path)
    found = read_json(tmp_path / "properties.json")
    assert found["tortuosity_factor_blocking"] > 1


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


def _history(*phases: tuple[str, list[float], float]) -> str:
    """A history whose pressure is that of the last number per um that the plane came down."""
    lines = [",".join(field.name for field in fields(Observation))]
    for phase, planes_um, stiffness in phases:
        top_um = planes_um[0]
        lines += [f"{phase},0,{at},{stiffness * (top_um - at)!r},9,0,0" for at in planes_um]
    return "\n".join(lines) + "\n"


def test_row_says_all_that_the_line_did(packing: Electrode, tmp_path: Path) -> None:
    """The line load is of the last pass and has the scale of today's config."""
    measured = {
        "thickness_before_um": 9.0,
        "thickness_um": 8.0,
        "gap_um": 7.0,
        "cr_imposed_pct": 100 * 2 / 9,
        "cr_retained_pct": 100 / 9,
        "passes": 2,
        "pressure_model_kPa": 800.0,
        "inertial_number": 1e-3,
        # Of the scale with which it was pressed.
        "line_load_N_mm": 1234.0,
    }
    down = [9.0 - 0.02 * step for step in range(101)]
    history = _history(
        ("rest", [9.0], 0.0), ("press", down, 50.0), ("spring back", [8.0], 0.0), ("press", down, 1)
    )
    # Heavier than their solids these beads would have no porosity by mass.
    packing = replace(packing, masses_pg=packing.masses_pg / 4)
    rows = []
    for scale, roll_mm in ((33.0, 500.0), (66.0, 500.0), (33.0, None)):
        folder = tmp_path / f"{scale}-{roll_mm}"
        folder.mkdir()
        packing.write_dump(folder / "electrode.dump.gz")
        (folder / "calendering.csv").write_text(history)
        write_json(
            folder / "calendering.json",
            {"status": "ok", "reason": "", "measured": measured, "recipe": RECIPE},
        )
        campaign = Campaign.model_validate(
            {
                "campaign": "x",
                "calendering": {"pressure_scale": scale, "roll_diameter_mm": roll_mm},
                "characterization": {"voxel_size_um": 0.5},
            }
        )
        run_characterization(campaign, folder)
        rows.append(read_json(folder / "properties.json"))
    first, doubled, without = rows
    assert (first["gap_um"], first["passes"]) == (7.0, 2.0)
    assert first["springback_pct"] == pytest.approx(50)
    solid = solid_density_g_cm3(campaign.materials, packing)
    density = packing.mass_pg / packing.area_um2 / 8.0
    assert first["porosity_by_mass"] == pytest.approx(1 - density / solid)
    # 33 kPa per um over the depth d = 2 - x^2 / D, from 0 to the nip's end: 2/3 of the product.
    nip_um = (1e3 * 500 * 2.0) ** 0.5
    assert first["line_load_N_mm"] == pytest.approx(1e-6 * 33 * 2.0 * nip_um * 2 / 3, rel=1e-3)
    assert doubled["line_load_N_mm"] == pytest.approx(2 * first["line_load_N_mm"])
    assert without["line_load_N_mm"] is None


def test_film_that_was_not_pressed_has_no_springback_and_no_load(
    packing: Electrode, tmp_path: Path
) -> None:
    measured = {"thickness_before_um": 9.0, "thickness_um": 9.0, "gap_um": 9.0, "passes": 0}
    measured |= {"cr_imposed_pct": 0.0, "cr_retained_pct": 0.0, "pressure_model_kPa": 0.0}
    packing.write_dump(tmp_path / "electrode.dump.gz")
    (tmp_path / "calendering.csv").write_text(_history(("rest", [9.0, 9.0], 0.0)))
    campaign = Campaign.model_validate({"campaign": "x", "calendering": {"roll_diameter_mm": 500}})
    found = calendering_columns(campaign, measured, packing, tmp_path)
    assert (found["gap_um"], found["passes"], found["line_load_N_mm"]) == (9.0, 0, 0.0)
    assert found["springback_pct"] is None
    failed = calendering_columns(campaign, {}, packing, tmp_path)
    assert all(value is None for value in failed.values())
