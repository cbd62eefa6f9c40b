from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mesocast.characterization.files.tables import particle_columns, profile_columns, write_table
from mesocast.characterization.geometry.bead_surface import active_surface
from mesocast.characterization.voxels import PORE, WALL, VoxelImage
from mesocast.electrode import ACTIVE_MATERIAL, CBD

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.electrode import Electrode


def test_a_table_reads_back(tmp_path: Path) -> None:
    columns = {"id": np.array([1, 20]), "length_um": np.array([0.1, 1234567.0])}
    write_table(tmp_path / "table.csv", columns)
    table = pd.read_csv(tmp_path / "table.csv")
    assert table["id"].tolist() == [1, 20]
    assert table["length_um"].to_numpy() == pytest.approx(columns["length_um"], rel=1e-5)


def test_particles_add_up_to_the_electrode(packing: Electrode) -> None:
    surface = active_surface(packing, 0.07)
    columns = particle_columns(packing, surface)
    np.testing.assert_array_equal(columns["id"], np.arange(1, 13))
    np.testing.assert_allclose(columns["diameter_um"], 3.6)
    np.testing.assert_allclose(
        sum(values for name, values in columns.items() if name.endswith("_pct")), 100
    )
    mean = np.average(columns["active_surface_pct"], weights=columns["area_um2"])
    assert mean == pytest.approx(100 * surface.pore_share)


def test_profiles_follow_the_layers() -> None:
    labels = np.full((4, 6, 10), PORE, dtype=np.uint8)
    labels[:, :, :4] = ACTIVE_MATERIAL
    labels[0, :, 4:] = CBD
    columns = profile_columns(VoxelImage(labels, (0.3, 0.4, 0.5)))
    np.testing.assert_allclose(columns["z_um"], 0.25 + 0.5 * np.arange(10))
    np.testing.assert_allclose(columns["am_fraction"], [1] * 4 + [0] * 6)
    np.testing.assert_allclose(columns["cbd_fraction"], [0] * 4 + [0.25] * 6)
    np.testing.assert_allclose(columns["porosity_bulk"], [0] * 4 + [0.75] * 6)


def test_profiles_leave_out_what_is_ignored() -> None:
    labels = np.full((4, 4, 3), WALL, dtype=np.uint8)
    labels[:2, :, 0] = ACTIVE_MATERIAL
    labels[:2, :, 1] = PORE
    columns = profile_columns(VoxelImage(labels, (0.5, 0.5, 0.5)))
    np.testing.assert_allclose(columns["am_fraction"], [1, 0, np.nan])
    np.testing.assert_allclose(columns["porosity_bulk"], [0, 1, np.nan])
