from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from mesocast.characterization.files.tiff import write_tiff
from mesocast.characterization.jobs import characterize_file, run_characterization
from mesocast.characterization.transport.properties import pore_transport
from mesocast.characterization.voxels import voxelize
from mesocast.config.campaign import Campaign
from mesocast.storage.files import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from mesocast.electrode import Electrode

CAMPAIGN = Campaign(campaign="image")
OPTIONS: dict[str, Any] = {
    "voxel_size_um": None,
    "labels": None,
    "thickness_axis": "z",
    "periodic": True,
    "folder": None,
}


def test_our_own_image_gives_the_properties_of_the_electrode(
    packing: Electrode, tmp_path: Path
) -> None:
    image = voxelize(packing, 0.4, 8.0)
    write_tiff(image, tmp_path / "image.tif")
    folder = tmp_path / "measured"
    properties = characterize_file(
        tmp_path / "image.tif", CAMPAIGN, **(OPTIONS | {"folder": folder})
    )
    assert properties["status"] == "ok"
    assert properties["tortuosity_factor"] == pytest.approx(pore_transport(image).tortuosity_factor)
    assert read_json(folder / "properties.json") == properties
    assert {path.name for path in folder.iterdir()} == {
        "properties.json",
        "sections.png",
        "block.png",
        "fields.png",
        "fields.vti",
        "profiles.csv",
        "pore_sizes.csv",
    }


def test_walls_make_the_path_longer_than_periodic_sides(packing: Electrode, tmp_path: Path) -> None:
    write_tiff(voxelize(packing, 0.4, 8.0), tmp_path / "image.tif")
    factor = {
        periodic: characterize_file(
            tmp_path / "image.tif", CAMPAIGN, **(OPTIONS | {"periodic": periodic})
        )["tortuosity_factor"]
        for periodic in (True, False)
    }
    assert factor[False] > 1.01 * factor[True]


def test_pores_that_do_not_span_are_a_status(tmp_path: Path) -> None:
    layers = np.zeros((10, 6, 6), dtype=np.uint8)
    layers[:, 3:] = 255
    layers[4] = 255
    tifffile.imwrite(tmp_path / "image.tif", layers, photometric="minisblack")
    properties = characterize_file(
        tmp_path / "image.tif",
        CAMPAIGN,
        **(
            OPTIONS
            | {"voxel_size_um": (0.2, 0.2, 0.2), "labels": {"pore": 0, "active_material": 255}}
        ),
    )
    assert properties["status"] == "pore_not_percolating"
    assert "reaches 0.80 um" in properties["reason"]
    assert properties["tortuosity_factor"] is None
    assert properties["electronic_conductivity_S_m"] > 0


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
