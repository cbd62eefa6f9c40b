"""Cells of what is measured: ``characterize --cell`` on a condition, a packing and an image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import bpx
import numpy as np
import pandas as pd
import pytest

from mesocast.cell.measured import cell_of_measured, row_of_image
from mesocast.characterization.voxels import voxelize
from mesocast.cli.main import main
from mesocast.columns import CELL_COLUMNS
from mesocast.config.campaign import Campaign
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import PhysicsFailure
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import CELL_OUTPUTS

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.cell.chemistry import Chemistry

SIZE_UM = 8.0


@pytest.fixture(scope="module")
def packing() -> Electrode:
    """Spheres dropped at random, whose networks percolate."""
    generator = np.random.default_rng(7)
    radii = np.array([1.8] * 12 + [0.6] * 220)
    positions = generator.random((len(radii), 3)) * SIZE_UM
    positions[:, 2] = np.clip(positions[:, 2], radii, SIZE_UM - radii)
    return Electrode(
        positions_um=positions,
        radii_um=radii,
        species=np.array([ACTIVE_MATERIAL] * 12 + [CBD] * 220),
        masses_pg=4.0 * 4 / 3 * np.pi * radii**3,
        lateral_um=(SIZE_UM, SIZE_UM),
    )


def test_a_condition_gets_its_cell(
    packing: Electrode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "results/conditions/S001-C01"
    folder.mkdir(parents=True)
    packing.write_dump(folder / "electrode.dump.gz")
    recipe = {"condition_id": "S001-C01", "slurry_id": "S001", "round": 0, "seed": 1}
    recipe |= {"am_pct": 90.0, "sc_pct": 58.0, "cr_pct": 20.0}
    write_json(
        folder / "calendering.json",
        {"status": "ok", "reason": "", "measured": {}, "recipe": recipe},
    )
    config = tmp_path / "c.yaml"
    config.write_text("campaign: c\ncharacterization: {voxel_size_um: 0.4}\n")
    words = ["characterize", "--config", str(config), "--folder", str(folder)]
    assert main(words) == 0
    assert not (folder / CELL_OUTPUTS[0]).exists()

    assert main([*words, "--cell"]) == 0
    columns = read_json(folder / CELL_OUTPUTS[0])["columns"]
    assert columns["cell_status"] == "ok"
    assert columns["cell_loading_mg_cm2"] == 20
    assert bpx.parse_bpx_file(folder / CELL_OUTPUTS[2]).header.title == "c S001-C01"
    # The same that the subcommand makes, which finds it there.
    before = (folder / CELL_OUTPUTS[0]).stat().st_ino
    results = str(tmp_path / "results")
    words = ["cell", "--config", str(config), "--results", results, str(folder / "properties.json")]
    assert main(words) == 0
    assert (folder / CELL_OUTPUTS[0]).stat().st_ino == before
    capsys.readouterr()


def test_an_image_gets_columns_and_files(
    packing: Electrode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = voxelize(packing, 0.4, SIZE_UM).labels
    np.save(tmp_path / "i.npy", labels.transpose(2, 1, 0))
    folder = tmp_path / "measured"
    words = ["characterize", str(tmp_path / "i.npy"), "--voxel-size-um", "0.4", "--periodic"]
    assert main([*words, "--cell", "--folder", str(folder)]) == 0
    row = json.loads(capsys.readouterr().out)

    assert row["cell_status"] == "ok"
    assert row["energy_stack_C5_Wh_L"] > 0
    assert read_json(folder / "properties.json") == row
    assert read_json(folder / CELL_OUTPUTS[0])["electrode"]["active_fraction"] == pytest.approx(
        row["am_fraction"]
    )
    assert set(pd.read_csv(folder / CELL_OUTPUTS[1])["cell"]) == {"half", "full"}
    assert bpx.parse_bpx_file(folder / CELL_OUTPUTS[2]).header.title == "i.npy along z"


def test_without_the_option_there_is_no_cell(
    packing: Electrode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "i.npy", voxelize(packing, 0.8, SIZE_UM).labels.transpose(2, 1, 0))
    assert main(["characterize", str(tmp_path / "i.npy"), "--voxel-size-um", "0.8"]) == 0
    assert not set(json.loads(capsys.readouterr().out)) & set(CELL_COLUMNS)


def test_an_image_has_the_density_of_its_phases() -> None:
    materials = Campaign(campaign="x").materials
    row = {
        "am_fraction": 0.5,
        "cbd_fraction": 0.2,
        "tortuosity_factor_permeable_cbd_voxel": 3.0,
        "active_surface_marching_cubes_pct": 60.0,
    }
    found = row_of_image(row, materials)
    solid = materials.cbd.solid_density_g_cm3
    assert found["density_g_cm3"] == pytest.approx(0.5 * 4.65 + 0.2 * 0.5 * solid)
    assert found["tortuosity_factor_permeable_cbd"] == 3.0
    assert found["active_surface_pct"] == 60.0
    own = {
        "density_g_cm3": 2.0,
        "tortuosity_factor_permeable_cbd": 2.0,
        "active_surface_pct": 50.0,
    }
    assert row_of_image(row | own, materials) == row | own


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"am_fraction": 0.0}, "active_fraction = 0"),
        ({"electronic_conductivity_S_m": None}, "no electronic_conductivity_S_m"),
        ({"status": "no_pores", "reason": "no voxel is pore"}, "no voxel is pore"),
    ],
)
def test_what_is_no_electrode_is_a_reason(
    chemistry: Chemistry, change: dict[str, object], words: str
) -> None:
    row: dict[str, object] = {
        "am_fraction": 0.5,
        "cbd_fraction": 0.2,
        "porosity_total": 0.4,
        "thickness_um": 50.0,
        "tortuosity_factor_permeable_cbd_voxel": 3.0,
        "active_surface_marching_cubes_pct": 60.0,
        "electronic_conductivity_S_m": 0.05,
    }
    found = cell_of_measured(row | change, Campaign(campaign="x"), chemistry)
    assert isinstance(found, PhysicsFailure)
    assert words in found.reason


def test_a_dataset_has_a_subcommand_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["characterize", "--dataset", str(tmp_path), "--folder", str(tmp_path / "n"), "--cell"]
    assert main(words) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert "allowed: mesocast cell" in told[0]
