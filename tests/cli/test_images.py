"""Images on the command line: options, several answers, and two images side by side."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from mesocast.characterization.files.stack import ALL_SERIES, Choices
from mesocast.characterization.labels import PhaseLabels
from mesocast.characterization.region import Crop
from mesocast.characterization.sample import ImageRequest
from mesocast.cli.images import add_image_arguments, image_request
from mesocast.cli.main import main
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def request(*words: str) -> ImageRequest:
    parser = argparse.ArgumentParser()
    add_image_arguments(parser)
    return image_request(parser.parse_args(["image.tif", *words]))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ImageRequest()),
        (["--voxel-size-um", "2"], ImageRequest(voxel_size_um=(2.0, 2.0, 2.0))),
        (["--voxel-size-um", "1", "2", "3"], ImageRequest(voxel_size_um=(1.0, 2.0, 3.0))),
        (
            ["--labels", "pore=0", "active_material=1,2", "active_material=5"],
            ImageRequest(labels=PhaseLabels({"pore": (0,), "active_material": (1, 2, 5)})),
        ),
        (["--thickness-axis", "all"], ImageRequest(thickness_axes=("x", "y", "z"))),
        (["--thickness-axis", "y", "x", "y"], ImageRequest(thickness_axes=("y", "x"))),
        (["--periodic", "--rebin", "3"], ImageRequest(periodic=True, rebin=3)),
        (["--crop", "x=1:5", "z=:7"], ImageRequest(crop=Crop({"x": (1, 5), "z": (None, 7)}))),
        (["--series", "0"], ImageRequest(choices=Choices(series=0))),
        (["--series", "all"], ImageRequest(choices=Choices(series=ALL_SERIES))),
        (
            ["--channel", "1", "--frame", "2", "--layers-axis", "T", "--stored-values"],
            ImageRequest(choices=Choices(None, 1, 2, "T", stored_values=True)),
        ),
        (
            ["--raw-shape", "8", "9", "10", "--raw-type", "uint8", "--raw-offset", "5"],
            ImageRequest(choices=Choices(raw_shape=(8, 9, 10), raw_type="uint8", raw_offset=5)),
        ),
        (["--dataset", "exchange/data"], ImageRequest(choices=Choices(dataset="exchange/data"))),
    ],
)
def test_options_say_how_an_image_is_read(words: list[str], expected: ImageRequest) -> None:
    assert request(*words) == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--series", "first"], "--series first; allowed: a number from 0, or all"),
        (["--voxel-size-um", "1", "2"], "one edge, or three"),
        (["--crop", "x"], "crop x; allowed"),
    ],
)
def test_wrong_options_are_named(words: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        request(*words)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    layers = np.random.default_rng(3).choice(np.array([0, 0, 0, 1, 2], dtype=np.uint8), (8, 8, 8))
    metadata = {"axes": "ZYX", "unit": "um", "spacing": 1.0}
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, layers, imagej=True, resolution=(1.0, 1.0), metadata=metadata)
    return path


def test_several_axes_are_a_list(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["characterize", str(image), "--thickness-axis", "x", "z"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["thickness_axis"] for row in rows] == ["x", "z"]


def test_a_remark_is_on_standard_error_and_in_the_answer(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["characterize", str(image), "--voxel-size-um", "0.5"]) == 0
    said = capsys.readouterr()
    (remark,) = json.loads(said.out)["remarks"]
    assert f"remark: {remark}" in said.err
    assert "the file says" in remark


def test_a_folder_that_is_a_file_is_wrong_input(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["characterize", str(image), "--folder", str(image)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "image.tif: cannot be written to" in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_two_images_side_by_side(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(image), str(image)]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["tomogram", "simulated", "ratio"]
    table = {line.split()[0]: line.split()[1:] for line in lines}
    assert table["tortuosity_factor_voxel"][-1] == "1"
    assert table["electronic_conductivity_S_m"][0] == "S/m"
    assert {"mean_chord_pore_through_um", "correlation_length_pore_in_plane_um"} <= table.keys()
    assert {"pore_diameter_d50_um", "porosity_bulk"} <= table.keys()


def test_a_comparison_with_what_is_not_there(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(image), str(image.parent)]) == 2
    assert "holds neither" in capsys.readouterr().err
