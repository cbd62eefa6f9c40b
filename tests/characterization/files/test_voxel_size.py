"""Who says the size of a voxel, in which unit: files written as people's programs write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from mesocast.characterization.files.stack import Choices, Edges
from mesocast.characterization.files.tiff_stack import read_tiff_stack
from mesocast.characterization.files.voxel_size import resolve_edges, unit_um
from mesocast.errors import InputError

IMAGE = np.zeros((4, 5, 6), dtype=np.uint8)
WANTED_UM = (0.5, 0.4, 1.5)


def edges_of(path: Path, given: tuple[float, float, float] | None = None) -> tuple[float, ...]:
    stack = read_tiff_stack(path, Choices())
    return resolve_edges(path, stack.edges, given, layers=len(stack.voxels))[0]


@pytest.mark.parametrize(
    ("unit", "um"),
    [
        *((name, 1.0) for name in ("um", "µm", "μm", "\\u00B5m", "micron", "microns")),
        *((name, 1.0) for name in ("micrometer", "micrometers", "micrometre", "Micrometers")),
        ("pm", 1e-6),
        ("angstrom", 1e-4),
        ("nm", 1e-3),
        ("nanometers", 1e-3),
        ("mm", 1e3),
        ("millimetre", 1e3),
        ("cm", 1e4),
        ("m", 1e6),
        ("meters", 1e6),
        ("inch", 25400.0),
    ],
)
@pytest.mark.parametrize("program", ["imagej", "ome"])
def test_units(unit: str, um: float, program: str, tmp_path: Path) -> None:
    x, y, z = (edge / um for edge in WANTED_UM)
    path = tmp_path / "a.tif"
    if program == "imagej":
        escaped = "".join(one if one.isascii() else f"\\u{ord(one):04X}" for one in unit)
        metadata = {"axes": "ZYX", "spacing": z, "unit": escaped}
        tifffile.imwrite(path, IMAGE, imagej=True, resolution=(1 / x, 1 / y), metadata=metadata)
    else:
        sizes = {f"PhysicalSize{axis}": size for axis, size in zip("XYZ", (x, y, z), strict=True)}
        units = {f"PhysicalSize{axis}Unit": unit for axis in "XYZ"}
        metadata = {"axes": "ZYX", **sizes, **units}
        tifffile.imwrite(path, IMAGE, ome=True, photometric="minisblack", metadata=metadata)
    assert edges_of(path) == pytest.approx(WANTED_UM, rel=1e-5)


def test_a_unit_of_its_own_for_each_axis(tmp_path: Path) -> None:
    """ImageJ since 1.52 writes yunit and zunit where they differ; OME always may."""
    tifffile.imwrite(
        tmp_path / "ij.tif",
        IMAGE,
        imagej=True,
        resolution=(2.0, 0.0025),
        metadata={"axes": "ZYX", "unit": "um", "yunit": "nm", "zunit": "mm", "spacing": 0.0015},
    )
    tifffile.imwrite(
        tmp_path / "ome.tif",
        IMAGE,
        ome=True,
        photometric="minisblack",
        metadata={
            "axes": "ZYX",
            "PhysicalSizeX": 0.5,
            "PhysicalSizeY": 400,
            "PhysicalSizeYUnit": "nm",
            "PhysicalSizeZ": 0.0015,
            "PhysicalSizeZUnit": "mm",
        },
    )
    for name in ("ij.tif", "ome.tif"):
        assert edges_of(tmp_path / name) == pytest.approx(WANTED_UM, rel=1e-5)


@pytest.mark.parametrize(("unit", "per_unit"), [("CENTIMETER", 1e4), ("INCH", 25400.0)])
def test_resolution_tags_know_no_distance_between_pages(
    unit: str, per_unit: float, tmp_path: Path
) -> None:
    options: dict[str, Any] = {
        "resolution": (per_unit / 0.5, per_unit / 0.4),
        "resolutionunit": unit,
        "photometric": "minisblack",
    }
    tifffile.imwrite(tmp_path / "a.tif", IMAGE, **options)
    with pytest.raises(InputError, match=r"missing along z \(x 0.5 um, y 0.4 um is known\)"):
        edges_of(tmp_path / "a.tif")
    tifffile.imwrite(tmp_path / "slice.tif", IMAGE[0], **options)
    assert edges_of(tmp_path / "slice.tif") == pytest.approx((0.5, 0.4, 0.5), rel=1e-5)


@pytest.mark.parametrize(
    ("unit", "size"), [("mm", 0.5), ("inch", 0.5), ("m", 0.5), ("pm", 0.5), ("cm", 0.02)]
)
def test_a_unit_that_is_off_is_no_voxel_size(unit: str, size: float, tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif",
        IMAGE,
        imagej=True,
        resolution=(1 / size, 1 / size),
        metadata={"axes": "ZYX", "unit": unit, "spacing": size},
    )
    with pytest.raises(InputError, match=rf"is that of no electrode's image.*unit {unit}"):
        edges_of(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((250.0, 250.0, 250.0), "250 um: looks like nm, write 0.25"),
        ((0.5, 0.5, 1500.0), "1500 um: looks like nm, write 1.5"),
        ((5e-8, 5e-8, 5e-8), "5e-08 um: looks like m, write 0.05"),
    ],
)
def test_a_given_size_in_another_unit_is_named(
    given: tuple[float, float, float], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        resolve_edges("a.tif", Edges(), given, layers=3)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, "resolution tags"),
        ({"resolution": (72.0, 72.0), "resolutionunit": "INCH"}, "72, 72 per inch, which is no"),
        ({"resolution": (300.0, 300.0), "resolutionunit": "INCH"}, "which is no size of a voxel"),
        ({"resolution": (2.0, 2.0), "resolutionunit": "NONE"}, "2, 2 per unknown unit"),
        ({"imagej": True, "metadata": {"axes": "ZYX"}}, "ImageJ: unit None"),
        (
            {"imagej": True, "resolution": (2.0, 2.0), "metadata": {"axes": "ZYX", "unit": "um"}},
            r"along z \(x 0.5 um.*spacing None",
        ),
        (
            {
                "imagej": True,
                "resolution": (2.0, 2.0),
                "metadata": {"axes": "ZYX", "unit": "um", "spacing": -1.5},
            },
            "spacing -1.5",
        ),
        (
            {"imagej": True, "metadata": {"axes": "ZYX", "unit": "pixel", "spacing": 1.0}},
            "unit pixel",
        ),
        (
            {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}},
            "OME-XML 0.5 µm, 0.5 µm, none",
        ),
    ],
)
def test_what_cannot_be_read_is_said_of_what_stands_there(
    options: dict[str, Any], found: str, tmp_path: Path
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", IMAGE, **({"photometric": "minisblack"} | options))
    with pytest.raises(InputError, match=rf"a\.tif: voxel size is missing.*{found}"):
        edges_of(tmp_path / "a.tif")
    assert edges_of(tmp_path / "a.tif", (1.0, 2.0, 3.0)) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("given", "remark"),
    [
        ((0.5, 0.5, 1.5), None),
        ((0.502, 0.5, 1.5), None),
        ((0.5, 0.5, 0.5), "z 1.5, not 0.5"),
        ((1.0, 0.5, 3.0), "x 0.5, not 1; z 1.5, not 3"),
    ],
)
def test_a_given_size_that_disagrees_is_remarked(
    given: tuple[float, float, float], remark: str | None
) -> None:
    said = Edges((0.5, None, 1.5), "OME-XML")
    edges, remarks = resolve_edges(Path("a.tif"), said, given, layers=4)
    assert edges == given
    assert len(remarks) == (remark is not None)
    assert remark is None or remark in remarks[0]


@pytest.mark.parametrize("given", [(0.1, -0.1, 0.1), (0.0, 0.1, 0.1), (0.1, 0.1, float("nan"))])
def test_a_given_size_must_be_a_length(given: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match="must be positive lengths"):
        resolve_edges(Path("a.tif"), Edges(), given, layers=4)


@pytest.mark.parametrize("unit", ["pixel", "", None, "furlong", "reference frame"])
def test_what_is_no_unit_of_length(unit: str | None) -> None:
    assert unit_um(unit) is None
