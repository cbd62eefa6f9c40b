"""A finished campaign with all that the subcommands ask for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from mesocast.characterization.files.tiff import write_tiff
from mesocast.characterization.voxels import VoxelImage
from mesocast.storage.files import write_json
from tests.calibration.line import CALIBRATION, make_films
from tests.report.conftest import results as finished
from tests.report.made_up import make_campaign

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.report.results import Results

__all__ = ["finished"]  # the fixture: a finished campaign


@pytest.fixture(scope="module")
def campaign(finished: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the results of a finished campaign with all that the subcommands ask for."""
    folder = tmp_path_factory.mktemp("finished") / "made up"
    shutil.copytree(finished.folder, folder)
    content = make_campaign(calibration=CALIBRATION).model_dump(mode="json")
    write_json(folder / "campaign.json", content)
    folder.with_suffix(".yaml").write_text(yaml.safe_dump(content))
    content["rounds"]["count"] = 1
    folder.with_suffix(".rounds.yaml").write_text(yaml.safe_dump(content))
    (folder / "recipes.csv").write_text("am_pct,sc_pct,cr_pct\n92,60,20\n")
    (folder / "told.csv").write_text(
        "name,am_pct,sc_pct,cr_pct,tortuosity_factor\nX,92,60,20,2.5\n"
    )
    labels = np.random.default_rng(1).integers(0, 3, (12, 12, 12)).astype(np.uint8)
    write_tiff(VoxelImage(labels, (0.5, 0.5, 0.5)), folder / "tomogram.tif")
    point = dict.fromkeys(("viscosity_Pa_s", "viscosity_error_Pa_s", "shear_stress_Pa"), 1.0)
    recipe = {"am_pct": 92.0, "sc_pct": 60.0, "seed": 1}
    points = [{"shear_rate_1_s": 1e5, **point}]
    write_json(
        folder / "viscosity.json",
        {"status": "ok", "reason": "", "recipe": recipe, "points": points},
    )
    make_films(content, folder)
    return folder


@pytest.fixture
def results(campaign: Path, tmp_path: Path) -> Path:
    """Give a copy of the results, under a path with spaces."""
    folder = tmp_path / "my results" / campaign.name
    shutil.copytree(campaign, folder)
    for suffix in (".yaml", ".rounds.yaml"):
        shutil.copy(campaign.with_suffix(suffix), folder.with_suffix(suffix))
    return folder
