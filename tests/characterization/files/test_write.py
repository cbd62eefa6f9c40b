from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mesocast.characterization.files.write import (
    ELECTRODE_FILES,
    write_electrode_files,
    write_placeholders,
)
from mesocast.characterization.image import Phases
from mesocast.characterization.measure import characterize
from mesocast.storage.layout import CHARACTERIZATION

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.electrode import Electrode


def test_the_stage_promises_what_is_written() -> None:
    assert set(CHARACTERIZATION.outputs) == {"properties.json", *ELECTRODE_FILES}


def test_all_files_of_an_electrode(packing: Electrode, tmp_path: Path) -> None:
    result = characterize(
        packing, Phases(0.01, 5.0, 0.5), voxel_size_um=0.4, coverage_tolerance_um=0.07
    )
    write_electrode_files(packing, result, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(ELECTRODE_FILES)
    profile = pd.read_csv(tmp_path / "profiles.csv")
    assert profile["porosity_bulk"].mean() == pytest.approx(result.porosity_bulk, rel=1e-4)
    sizes = pd.read_csv(tmp_path / "pore_sizes.csv")
    assert (sizes["diameter_um"] * sizes["volume_share"]).sum() == pytest.approx(
        result.mean_pore_diameter_um, rel=1e-4
    )
    assert len(pd.read_csv(tmp_path / "particles.csv")) == 12


def test_placeholders_stand_for_an_electrode_that_is_not_there(tmp_path: Path) -> None:
    write_placeholders("the film blew up", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(ELECTRODE_FILES)
