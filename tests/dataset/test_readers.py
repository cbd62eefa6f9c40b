"""The files that other tools open, opened by what those tools read them with.

ParaView's reader is in ``characterization/test_vtk.py``, that of the data package in
``test_dataset.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.files.tiff import write_tiff
from mesocast.characterization.transport.properties import pore_transport
from mesocast.characterization.voxels import VoxelImage
from mesocast.dataset.package import write_dataset
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.storage.files import write_json
from mesocast.storage.rows import gather
from tests.known_laws import row

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def film() -> Electrode:
    """Two particles of different size and three CBD beads."""
    return Electrode(
        positions_um=np.array(
            [[2, 2, 3], [6, 7, 2], [1, 7, 1], [7, 1, 5], [4, 4, 6.25]], dtype=float
        ),
        radii_um=np.array([2.5, 1.5, 0.65, 0.65, 0.65]),
        species=np.array([ACTIVE_MATERIAL, ACTIVE_MATERIAL, CBD, CBD, CBD]),
        masses_pg=np.array([300.0, 65.0, 1.4, 1.4, 1.4]),
        lateral_um=(8.0, 9.0),
    )


def test_ovito_sees_spheres_with_their_species_and_radius(film: Electrode, tmp_path: Path) -> None:
    # It needs libraries of the system that not every machine has.
    ovito = pytest.importorskip("ovito.io", exc_type=ImportError)
    film.write_dump(tmp_path / "electrode.dump.gz")
    read = ovito.import_file(str(tmp_path / "electrode.dump.gz")).compute()
    particles = read.particles
    np.testing.assert_allclose(particles["Position"][...], film.positions_um, rtol=1e-6)
    np.testing.assert_allclose(particles["Radius"][...], film.radii_um, rtol=1e-6)
    np.testing.assert_allclose(particles["Mass"][...], film.masses_pg, rtol=1e-6)
    np.testing.assert_array_equal(particles["Particle Type"][...], film.species)
    assert tuple(read.cell.pbc) == (True, True, False)
    np.testing.assert_allclose(np.diag(read.cell[:, :3])[:2], film.lateral_um)


@pytest.fixture
def image() -> VoxelImage:
    """Cubes of active material and CBD at random between pores, 0.25 um voxels."""
    coarse = np.random.default_rng(3).choice(3, size=(6, 8, 10), p=(0.7, 0.2, 0.1))
    labels = coarse.astype(np.uint8).repeat(4, 0).repeat(4, 1).repeat(4, 2)
    return VoxelImage(labels, (0.25, 0.25, 0.25))


def test_tiff_opens_in_an_image_library_of_its_own(image: VoxelImage, tmp_path: Path) -> None:
    """Avizo and GeoDict take 8-bit multi-page TIFF; Pillow has its own reader of it."""
    from PIL import Image, ImageSequence

    write_tiff(image, tmp_path / "microstructure.tif")
    with Image.open(tmp_path / "microstructure.tif") as file:
        assert file.mode == "L"
        layers = [np.array(layer) for layer in ImageSequence.Iterator(file)]
    # Layers along z, rows along y.
    np.testing.assert_array_equal(np.stack(layers).transpose(2, 1, 0), image.labels)


def test_taufactor_finds_the_same_tortuosity_in_the_tiff(image: VoxelImage, tmp_path: Path) -> None:
    import taufactor
    import tifffile

    write_tiff(image, tmp_path / "microstructure.tif")
    layers = tifffile.imread(tmp_path / "microstructure.tif")  # as its documentation reads images
    solver = taufactor.PeriodicSolver(layers == 0, device="cpu")
    theirs = float(np.asarray(solver.solve(verbose=False)).squeeze())
    assert theirs > 1.1
    assert pore_transport(image).tortuosity_factor == pytest.approx(theirs, rel=0.01)


def test_parquet_and_csv_open_without_pandas(tmp_path: Path) -> None:
    """Polars has readers of its own; those of R are of the same formats."""
    import polars as pl

    files = []
    for number, cr_pct in enumerate((0.0, 12.5, 100 / 3), start=1):
        files.append(tmp_path / f"{number}.json")
        write_json(files[-1], row(f"S001-C{number:02}", "S001", 5, (90.0, 60.0, cr_pct)))
    table = gather(files)
    write_dataset(table, tmp_path, campaign="readers")
    for read in (
        pl.read_parquet(tmp_path / "dataset.parquet"),
        pl.read_csv(tmp_path / "dataset.csv"),
    ):
        assert read.columns == list(table.columns)
        assert read["condition_id"].to_list() == table["condition_id"].tolist()
        for name in ("density_g_cm3", "electronic_conductivity_S_m", "cr_pct"):
            np.testing.assert_array_equal(read[name].to_numpy(), table[name].to_numpy())
