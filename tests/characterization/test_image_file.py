from __future__ import annotations

import hashlib
import json
import resource
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from mesocast.characterization.files.tiff import write_tiff
from mesocast.characterization.image_file import characterize_file, prepare_folder
from mesocast.characterization.labels import PhaseLabels
from mesocast.characterization.region import Crop
from mesocast.characterization.sample import ImageRequest
from mesocast.characterization.transport.properties import pore_transport
from mesocast.characterization.voxels import voxelize
from mesocast.cli.main import main
from mesocast.config.campaign import Campaign
from mesocast.errors import InputError
from mesocast.storage.files import read_json

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.electrode import Electrode

CAMPAIGN = Campaign(campaign="image")
UM = ImageRequest(voxel_size_um=(1.0, 1.0, 1.0))


def measure(image: NDArray[Any], tmp_path: Path, request: ImageRequest = UM) -> dict[str, Any]:
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, image, photometric="minisblack")
    return characterize_file(path, CAMPAIGN, request)[0]


@pytest.fixture(scope="module")
def layers() -> NDArray[np.uint8]:
    rng = np.random.default_rng(3)
    return rng.choice(np.array([0, 0, 0, 1, 2], dtype=np.uint8), (10, 9, 8))


def test_our_own_image_gives_the_properties_of_the_electrode(
    packing: Electrode, tmp_path: Path
) -> None:
    image = voxelize(packing, 0.4, 8.0)
    write_tiff(image, tmp_path / "image.tif")
    folder, emitted = tmp_path / "measured", []
    (row,) = characterize_file(
        tmp_path / "image.tif",
        CAMPAIGN,
        ImageRequest(periodic=True),
        folder=folder,
        fields=True,
        emit=lambda row: emitted.append((row, folder.exists() and list(folder.iterdir()))),
    )
    assert row["status"] == "ok"
    assert row["tortuosity_factor_voxel"] == pytest.approx(pore_transport(image).tortuosity_factor)
    assert "tortuosity_factor" not in row
    assert read_json(folder / "properties.json") == row
    assert emitted == [(row, [])]
    assert {path.name for path in folder.iterdir()} == {
        "properties.json",
        "sections.png",
        "block.png",
        "fields.png",
        "fields.vti",
        "profiles.csv",
        "pore_sizes.csv",
    }


def test_a_row_says_what_it_was_measured_from(tmp_path: Path, layers: NDArray[np.uint8]) -> None:
    request = replace(UM, crop=Crop.parse(["z=2:8"]), voxel_size_um=(1.0, 1.0, 8.0))
    row = measure(layers, tmp_path, request)
    digest = hashlib.sha256((tmp_path / "image.tif").read_bytes()).hexdigest()
    assert row["source"]["file"] == "image.tif"
    assert row["source"]["sha256"] == digest
    assert row["source"]["pages"] == 10
    assert row["labels"] == {"pore": "0", "active_material": "1", "cbd": "2"}
    assert sum(row["label_voxels"].values()) == 6 * 9 * 8
    assert row["crop"] == {"z": [2, 8]}
    assert (row["sides"], row["thickness_axis"]) == ("walls", "z")
    assert row["voxel_edges_um"] == [1.0, 1.0, 8.0]
    assert row["am_conductivity_S_m"] > 0
    assert row["cbd_conductivity_S_m"] > 0
    assert row["cbd_nanoporosity"] == 0.5
    # The same mean edge, and yet another measurement.
    other = measure(layers, tmp_path, replace(request, voxel_size_um=(2.0, 2.0, 2.0)))
    assert other["voxel_size_um"] == pytest.approx(row["voxel_size_um"])
    assert other["voxel_edges_um"] != row["voxel_edges_um"]
    assert other["tortuosity_factor_voxel"] != row["tortuosity_factor_voxel"]


def test_the_digest_is_of_all_files_that_were_read(
    layers: NDArray[np.uint8], tmp_path: Path
) -> None:
    (tmp_path / "slices").mkdir()
    for number, layer in enumerate(layers):
        tifffile.imwrite(tmp_path / "slices" / f"{number}.tif", layer)
    digests = set()
    for value in (0, 1, 2):
        changed = layers[7].copy()
        changed[0, 0] = value
        tifffile.imwrite(tmp_path / "slices" / "7.tif", changed)
        (row,) = characterize_file(tmp_path / "slices", CAMPAIGN, UM)
        digests.add(row["source"]["sha256"])
    assert len(digests) == 3
    assert row["source"]["pages"] == 10


def test_walls_make_the_path_longer_than_periodic_sides(packing: Electrode, tmp_path: Path) -> None:
    write_tiff(voxelize(packing, 0.4, 8.0), tmp_path / "image.tif")
    factor = {
        periodic: characterize_file(
            tmp_path / "image.tif", CAMPAIGN, ImageRequest(periodic=periodic)
        )[0]["tortuosity_factor_voxel"]
        for periodic in (True, False)
    }
    assert factor[False] > 1.01 * factor[True]


def test_all_axes_in_one_call_are_those_of_three(layers: NDArray[np.uint8], tmp_path: Path) -> None:
    path, folder = tmp_path / "image.tif", tmp_path / "measured"
    tifffile.imwrite(path, layers, photometric="minisblack")
    request = replace(UM, thickness_axes=("x", "y", "z"))
    rows = characterize_file(path, CAMPAIGN, request, folder=folder)
    assert [row["thickness_axis"] for row in rows] == ["x", "y", "z"]
    for row in rows:
        axis = row["thickness_axis"]
        assert row == measure(layers, tmp_path, replace(UM, thickness_axes=(axis,)))
        assert read_json(folder / axis / "properties.json") == row
    assert len({row["tortuosity_factor_voxel"] for row in rows}) == 3


BLOCKS = {
    "no_pores": np.resize(np.array([1, 2], dtype=np.uint8), (6, 5, 4)),
    "no_cbd": np.resize(np.array([0, 1], dtype=np.uint8), (6, 5, 4)),
    "no_active_material": np.resize(np.array([0, 2, 2], dtype=np.uint8), (6, 5, 4)),
}


@pytest.mark.parametrize("status", BLOCKS)
def test_a_block_that_lacks_a_phase_is_a_row_with_a_status(status: str, tmp_path: Path) -> None:
    row = measure(BLOCKS[status], tmp_path)
    assert row["status"] == status
    assert f"no voxel is {status.removeprefix('no_').rstrip('s')}" in row["reason"]
    assert "voxels: " in row["reason"]
    assert row["porosity_bulk"] == pytest.approx((BLOCKS[status] == 0).mean())


@pytest.mark.parametrize(
    ("value", "first", "tortuosity"), [(0, "no_active_material", 1.0), (1, "no_pores", None)]
)
def test_a_block_of_one_phase(
    value: int, first: str, tortuosity: float | None, tmp_path: Path
) -> None:
    row = measure(np.full((4, 4, 4), value, dtype=np.uint8), tmp_path)
    assert row["status"] == first
    assert row["tortuosity_factor_voxel"] == pytest.approx(tortuosity)


def test_a_loop_over_blocks_goes_on(tmp_path: Path) -> None:
    """As for a representative volume: some blocks have all phases, one only pores."""
    image = np.random.default_rng(0).choice(np.array([0, 0, 1], dtype=np.uint8), (8, 8, 8))
    image[:4, :4, :4] = 0
    labels = PhaseLabels.parse(["pore=0", "active_material=1"])
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, image, photometric="minisblack")
    statuses = [
        characterize_file(
            path,
            CAMPAIGN,
            replace(
                UM, labels=labels, crop=Crop.parse([f"x={x}:{x + 4}", f"z={z}:{z + 4}", "y=:4"])
            ),
        )[0]["status"]
        for z in (0, 4)
        for x in (0, 4)
    ]
    assert statuses[0] == "no_active_material"
    assert len(statuses) == 4


def test_pores_that_do_not_span_are_a_status(tmp_path: Path) -> None:
    layers = np.zeros((10, 6, 6), dtype=np.uint8)
    layers[:, 3:] = 255
    layers[4] = 255
    row = measure(
        layers,
        tmp_path,
        ImageRequest((0.2, 0.2, 0.2), PhaseLabels.parse(["pore=0", "active_material=255"])),
    )
    assert row["status"] == "pore_not_percolating"
    assert "reaches 0.80 um" in row["reason"]
    assert row["tortuosity_factor_voxel"] is None
    assert row["electronic_conductivity_S_m"] > 0


def test_an_insulator_fills_volume_and_conducts_nothing(
    layers: NDArray[np.uint8], tmp_path: Path
) -> None:
    """A block of it beside the electrode: as a wall that nothing passes, in a larger volume."""
    alone = measure(layers, tmp_path)
    beside = np.concatenate([layers, np.full((10, 9, 8), 3, dtype=np.uint8)], axis=2)
    words = ["pore=0", "active_material=1", "cbd=2"]
    other = measure(beside, tmp_path, replace(UM, labels=PhaseLabels.parse([*words, "other=3"])))
    assert other["status"] == "ok"
    assert other["other_fraction"] == 0.5
    assert other["porosity_bulk"] == pytest.approx(alone["porosity_bulk"] / 2)
    for name in ("tortuosity_factor_voxel", "pore_percolating_voxel_pct"):
        assert other[name] == pytest.approx(alone[name], rel=1e-3)
    name = "electronic_conductivity_S_m"
    assert other[name] == pytest.approx(alone[name] / 2, rel=1e-3)


@pytest.mark.parametrize("place", ["beside", "below", "around"])
def test_what_is_ignored_is_no_part_of_the_sample(
    place: str, layers: NDArray[np.uint8], tmp_path: Path
) -> None:
    alone = measure(layers, tmp_path)
    outside = np.full((10, 9, 8), 9, dtype=np.uint8)
    more = {
        "beside": np.concatenate([layers, outside], axis=2),
        "below": np.concatenate([outside[:3], layers, outside[:1]], axis=0),
        "around": np.pad(layers, ((2, 1), (3, 2), (1, 4)), constant_values=9),
    }[place]
    words = ["pore=0", "active_material=1", "cbd=2", "ignore=9"]
    row = measure(more, tmp_path, replace(UM, labels=PhaseLabels.parse(words)))
    assert "only ignored voxels" in row["remarks"][0]
    told = {"remarks", "source", "labels", "label_voxels"}
    assert {k: v for k, v in row.items() if k not in told} == {
        k: v for k, v in alone.items() if k not in told
    }


def test_a_corner_that_is_ignored_changes_no_share(tmp_path: Path) -> None:
    image = np.zeros((6, 8, 8), dtype=np.uint8)
    image[:, :4] = 1
    image[:, :2, :4] = image[:, 6:, :4] = 9
    words = ["pore=0", "active_material=1", "ignore=9"]
    row = measure(image, tmp_path, replace(UM, labels=PhaseLabels.parse(words)))
    assert row["porosity_bulk"] == row["am_fraction"] == 0.5
    assert row["tortuosity_factor_voxel"] == pytest.approx(1.0)
    half = CAMPAIGN.materials.active_material.electronic_conductivity_S_m / 2
    assert row["electronic_conductivity_S_m"] == pytest.approx(half)
    # A plane of 6 x 8 voxels, of which a quarter faces nothing.
    assert row["specific_active_surface_voxel_faces_1_um"] == pytest.approx(8 * 6 / (6 * 48))
    assert row["active_surface_marching_cubes_pct"] == pytest.approx(100)


def test_all_ignored_is_refused(tmp_path: Path) -> None:
    labels = PhaseLabels.parse(["pore=1", "ignore=0"])
    with pytest.raises(InputError, match="all voxels are ignored"):
        measure(np.zeros((4, 4, 4), dtype=np.uint8), tmp_path, replace(UM, labels=labels))


def test_rebinning_gives_the_image_of_fewer_voxels(
    layers: NDArray[np.uint8], tmp_path: Path
) -> None:
    fine = layers.repeat(2, 0).repeat(2, 1).repeat(2, 2)
    coarse = measure(layers, tmp_path, replace(UM, voxel_size_um=(2.0, 2.0, 2.0)))
    row = measure(fine, tmp_path, replace(UM, rebin=2))
    told = {"source", "label_voxels", "rebin"}
    assert {k: v for k, v in row.items() if k not in told} == {
        k: v for k, v in coarse.items() if k not in told
    }


def test_a_single_image_is_a_film_of_which_every_layer_is_the_same(tmp_path: Path) -> None:
    # In a plane two networks can only lie side by side.
    rng = np.random.default_rng(8)
    pores = rng.choice(np.array([0, 0, 0, 0, 1, 2], dtype=np.uint8), (24, 10))
    solid = rng.choice(np.array([1, 1, 2, 2, 0], dtype=np.uint8), (24, 10))
    page = np.hstack([pores, solid])
    row = measure(page, tmp_path)
    deep = measure(np.repeat(page[None], 5, 0), tmp_path, replace(UM, thickness_axes=("y",)))
    assert row["thickness_axis"] == "y"
    assert row["voxels"] == [20, 1, 24]
    for name in (
        "tortuosity_factor_voxel",
        "tortuosity_factor_permeable_cbd_voxel",
        "electronic_conductivity_S_m",
        "porosity_bulk",
        "pore_percolating_voxel_pct",
        "active_surface_voxel_faces_pct",
        "specific_active_surface_voxel_faces_1_um",
        "mean_pore_diameter_um",
    ):
        assert row[name] == pytest.approx(deep[name], rel=1e-3), name
    with pytest.raises(InputError, match="one voxel along the thickness axis z"):
        measure(page, tmp_path, replace(UM, thickness_axes=("z",)))


def test_a_disagreement_of_file_and_option_is_in_the_row(
    layers: NDArray[np.uint8], tmp_path: Path
) -> None:
    path = tmp_path / "image.tif"
    metadata = {"axes": "ZYX", "unit": "um", "spacing": 1.5}
    tifffile.imwrite(path, layers, imagej=True, resolution=(2.0, 2.0), metadata=metadata)
    request = ImageRequest(voxel_size_um=(0.5, 0.5, 0.5))
    (row,) = characterize_file(path, CAMPAIGN, request)
    assert row["thickness_um"] == 5.0
    assert "the file says z 1.5, not 0.5 um" in row["remarks"][0]


def test_a_folder_that_cannot_be_written_is_found_before_the_measurement(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: cannot be written to"):
        prepare_folder(tmp_path / "file", 0)
    with pytest.raises(InputError, match="MB of room; its files may need 1000000000005 MB"):
        prepare_folder(tmp_path / "new", 10**18)
    prepare_folder(tmp_path / "new", 0)
    assert list((tmp_path / "new").iterdir()) == []


@pytest.fixture(scope="module")
def _compiled(layers: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compile all loops, whose files on disk a quota would hit as well."""
    folder = tmp_path_factory.mktemp("compiled")
    np.save(folder / "image.npy", layers)
    characterize_file(folder / "image.npy", CAMPAIGN, UM, folder=folder / "out", fields=True)


@pytest.mark.usefixtures("_compiled")
@pytest.mark.parametrize("limit", [100, 3_000, 60_000, 200_000])
def test_a_quota_leaves_no_file_under_its_name_and_loses_no_answer(
    limit: int, layers: NDArray[np.uint8], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every file is larger than the first limit, ``fields.vti`` than the last."""
    path, folder = tmp_path / "image.npy", tmp_path / "measured"
    np.save(path, layers.repeat(3, 0).repeat(3, 1).repeat(3, 2))
    words = ["characterize", str(path), "--voxel-size-um", "1", "--fields", "--folder", str(folder)]
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, kept[1]))
    try:
        with pytest.raises(SystemExit) as ended:
            main(words)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert json.loads(said.out)["status"] == "ok"
    assert "cannot be written (File too large); the properties are printed above" in said.err
    written = {one.name: one for one in folder.iterdir()}
    assert "fields.vti" not in written
    assert ("properties.json" in written) == (limit > 100)
    assert not [name for name in written if name.endswith(".partial")]
    for name in written.keys() & {"properties.json"}:
        assert read_json(written[name])["status"] == "ok"


@pytest.mark.parametrize("side", [8, 16])
def test_a_flat_wall_has_its_area_over_the_volume_that_is_meshed(side: int, tmp_path: Path) -> None:
    """Half active material, half pores: the mesh of a block spans the centres of its voxels."""
    image = np.zeros((side, side, side), dtype=np.uint8)
    image[:, : side // 2] = 1
    row = measure(image, tmp_path)
    # One wall across a block of side - 1 voxels of 1 um.
    found = row["specific_active_surface_marching_cubes_1_um"]
    assert found == pytest.approx(1 / (side - 1), rel=1e-6)
