from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import tifffile

from mesocast.characterization.comparison import (
    COMPARED,
    make_alike,
    measure_structure,
    paint_like,
    structure_columns,
)
from mesocast.characterization.comparison_job import compare_files
from mesocast.characterization.files.tiff import write_tiff
from mesocast.characterization.geometry.pore_size import pore_sizes
from mesocast.characterization.labels import PhaseLabels
from mesocast.characterization.sample import ImageRequest
from mesocast.characterization.voxels import PORE, VoxelImage, voxelize
from mesocast.config.campaign import Campaign
from mesocast.electrode import CBD
from mesocast.errors import InputError
from mesocast.storage.files import read_json
from mesocast.storage.layout import CALENDERING

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.electrode import Electrode

CAMPAIGN = Campaign(campaign="image")


@pytest.fixture
def condition(packing: Electrode, tmp_path: Path) -> Path:
    """Folder of a simulated electrode, whose own image has another voxel size."""
    folder = tmp_path / "condition"
    folder.mkdir()
    packing.write_dump(folder / CALENDERING.film)
    write_tiff(voxelize(packing, 0.8, packing.thickness_um), folder / "microstructure.tif")
    return folder


@pytest.fixture
def tomogram(packing: Electrode, tmp_path: Path) -> Path:
    """A tomogram of the simulated electrode, as another program would label it."""
    image = voxelize(packing, 0.4, packing.thickness_um)
    grey = np.array([10, 200, 90], dtype=np.uint8)[image.labels.transpose(2, 1, 0)]
    hx, hy, hz = image.voxel_size_um
    path = tmp_path / "tomogram.tif"
    metadata = {"axes": "ZYX", "unit": "nm", "spacing": 1000 * hz}
    resolution = (1e-3 / hx, 1e-3 / hy)
    tifffile.imwrite(path, grey, imagej=True, resolution=resolution, metadata=metadata)
    return path


THREE = ImageRequest(labels=PhaseLabels.parse(["pore=10", "active_material=200", "cbd=90"]))


def test_a_tomogram_of_the_simulated_electrode_is_the_same(
    tomogram: Path, condition: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "compared"
    answer = compare_files(tomogram, condition, CAMPAIGN, THREE, folder=folder)
    assert answer["remarks"] == []
    assert answer["table"].keys() == COMPARED.keys()
    for name, line in answer["table"].items():
        assert line["simulated"] == pytest.approx(line["tomogram"], rel=1e-3), name
        assert line["tomogram"] is not None, name
    assert answer["simulated"]["sides"] == answer["tomogram"]["sides"] == "walls"
    assert read_json(folder / "comparison.json") == answer
    curves = pd.read_csv(folder / "two_point.csv")
    porosity = answer["table"]["porosity_bulk"]["tomogram"]
    assert curves["tomogram_pore_through"][0] == pytest.approx(porosity, rel=1e-5)
    assert curves["simulated_pore_in_plane"][0] == pytest.approx(porosity, rel=1e-5)
    chords = pd.read_csv(folder / "chords.csv")
    assert chords["simulated_pore_through_count"].sum() > 100
    assert (folder / "comparison.png").stat().st_size > 10_000


def test_an_image_on_other_voxels_is_remarked(tomogram: Path, condition: Path) -> None:
    answer = compare_files(tomogram, condition / "microstructure.tif", CAMPAIGN, THREE)
    assert "voxels differ: 0.4 x 0.4 x 0.4" in answer["remarks"][0]
    ratio = answer["table"]["tortuosity_factor_voxel"]["ratio"]
    assert ratio is None or ratio > 1.05


def test_cbd_that_a_tomogram_does_not_show_counts_as_pore(
    packing: Electrode, tomogram: Path, condition: Path
) -> None:
    two = replace(THREE, labels=PhaseLabels.parse(["pore=10,90", "active_material=200"]))
    answer = compare_files(tomogram, condition, CAMPAIGN, two)
    assert "counts as pore" in answer["remarks"][0]
    line = answer["table"]["porosity_bulk"]
    assert line["simulated"] == pytest.approx(line["tomogram"], rel=1e-3)
    image = voxelize(packing, 0.4, 8.0)
    alike, _ = make_alike(image, image, has_cbd=False)
    assert alike.fraction(PORE) == pytest.approx(image.fraction(PORE) + image.fraction(CBD))


def test_painted_voxels_have_the_edges_of_the_image(packing: Electrode) -> None:
    image = paint_like(packing, (0.4, 0.5, 0.25), periodic=False)
    assert image.voxel_size_um == pytest.approx((0.4, 0.5, 0.25), rel=0.03)
    assert not image.periodic
    with pytest.raises(InputError, match="at least 2 along each axis"):
        paint_like(packing, (6.0, 6.0, 6.0), periodic=False)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder, "holds neither calendering"),
        (lambda folder: folder / "none.tif", "cannot be read"),
    ],
)
def test_what_is_no_simulated_electrode(
    make: object, message: str, tomogram: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match=message.replace("calendering", "")):
        compare_files(tomogram, make(empty), CAMPAIGN, THREE)  # type: ignore[operator]
    page = tmp_path / "page.npy"
    np.save(page, np.full((9, 9), 10, dtype=np.uint8))
    with pytest.raises(InputError, match=r"page\.npy: is a single image"):
        compare_files(page, empty, CAMPAIGN, replace(THREE, voxel_size_um=(1.0, 1.0, 1.0)))
    axes = replace(THREE, thickness_axes=("x", "z"))
    with pytest.raises(InputError, match="of a comparison, allowed is one axis"):
        compare_files(tomogram, empty, CAMPAIGN, axes)


def test_lengths_of_layers_are_known() -> None:
    """Layers of 4 voxels of pore and 2 of active material, each 0.5 um thick."""
    labels = np.zeros((6, 6, 60), dtype=np.uint8)
    labels[:, :, np.arange(60) % 6 >= 4] = 1
    image = VoxelImage(labels, (0.5, 0.5, 0.5), periodic=False)
    columns = structure_columns(measure_structure(image), pore_sizes(image))
    assert columns["mean_chord_pore_through_um"] == 2.0
    assert columns["mean_chord_active_material_through_um"] == 1.0
    assert columns["mean_chord_pore_in_plane_um"] is None  # every line runs from side to side
    assert columns["correlation_length_pore_in_plane_um"] is None
    # From 4/6 at no distance to 3/6 one voxel away: S2 falls by 1/6 a voxel.
    share = 4 / 6
    over_e = share**2 + (share - share**2) / math.e
    assert columns["correlation_length_pore_through_um"] == pytest.approx(
        0.5 * (share - over_e) * 6,
        rel=0.1,  # the ends have a pore voxel more
    )
    # From the middle two of four voxels to the centres of the solid ones.
    assert columns["pore_diameter_d90_um"] == pytest.approx(2.0)
