"""Dumps of other programs give the electrode that wrote them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.characterization.files.spheres import is_dump, read_packing
from mesocast.characterization.labels import PhaseLabels
from mesocast.characterization.sphere_file import characterize_packing
from mesocast.config.campaign import Campaign
from mesocast.electrode import ACTIVE_MATERIAL, Electrode
from mesocast.errors import InputError
from mesocast.storage.files import read_json

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

COLUMNS = ("id", "type", "x", "y", "z", "radius", "mass")


def dump(
    path: Path,
    electrode: Electrode,
    *,
    columns: tuple[str, ...] = COLUMNS,
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0),
    scale: float = 1.0,
    flags: str = "pp pp ff",
    units: str | None = None,
    types: tuple[int, int] = (1, 2),
    steps: int = 1,
) -> None:
    """Write as LAMMPS does; `scale` is the unit of length in um."""
    place = (electrode.positions_um + np.array(origin)) / scale
    box = np.array([*electrode.lateral_um, electrode.highest_um + 1]) / scale
    low = np.array(origin) / scale
    values: dict[str, NDArray[Any]] = {
        "id": np.arange(len(place))[::-1] + 1,
        "type": np.where(electrode.species == ACTIVE_MATERIAL, *types),
        "element": np.where(electrode.species == ACTIVE_MATERIAL, "Ni", "C"),
        "radius": electrode.radii_um / scale,
        "diameter": 2 * electrode.radii_um / scale,
        "mass": electrode.masses_pg,
        "c_stress[1]": np.zeros(len(place)),
        "density": np.full(len(place), 4.0),
    }
    for n, axis in enumerate("xyz"):
        values |= {
            axis: place[:, n],
            f"{axis}u": place[:, n] + (box[n] if n < 2 else 0),
            f"{axis}s": (place[:, n] - low[n]) / box[n],
        }
    lines = ["ITEM: UNITS", units] if units else []
    for step in range(steps):
        lines += ["ITEM: TIMESTEP", str(step), "ITEM: NUMBER OF ATOMS", str(len(place))]
        lines += [f"ITEM: BOX BOUNDS {flags}"]
        lines += [f"{a!r} {b!r}" for a, b in zip(low.tolist(), (low + box).tolist(), strict=True)]
        lines += ["ITEM: ATOMS " + " ".join(columns)]
        late = 1 if step == steps - 1 else 2  # earlier steps hold larger beads
        for row in range(len(place)):
            words = [values[name][row] for name in columns]
            words[columns.index("type")] = int(words[columns.index("type")])
            if "radius" in columns:
                words[columns.index("radius")] *= late
            lines.append(" ".join(str(word) for word in words))
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("a.dump", {}, {}),
        ("a.dump.gz", {"units": "micro"}, {}),
        ("a.dump", {"columns": ("z", "mass", "radius", "id", "y", "type", "x")}, {}),
        ("a.lammpstrj", {"columns": ("id", "element", "type", "xu", "yu", "zu", "diameter")}, {}),
        ("a.dump", {"columns": ("id", "type", "xs", "ys", "zs", "radius", "c_stress[1]")}, {}),
        ("a.dump", {"origin": (-10.0, -4.0, 0.0)}, {}),
        ("a.dump", {"origin": (3.0, 100.0, -50.0)}, {}),
        ("a.liggghts", {"scale": 1e6}, {"length_unit": "m"}),
        ("a.liggghts", {"scale": 1e6, "units": "si", "columns": COLUMNS[:-1]}, {}),
        ("a.dump", {"scale": 1e4, "units": "cgs", "columns": COLUMNS[:-1]}, {}),
        ("a.dump", {"steps": 3}, {}),
        (
            "a.dump",
            {"types": (7, 3)},
            {"labels": PhaseLabels.parse(["active_material=7", "cbd=3,4"])},
        ),
    ],
)
def test_any_columns_origin_and_unit(
    name: str, written: dict[str, Any], read: dict[str, Any], packing: Electrode, tmp_path: Path
) -> None:
    dump(tmp_path / name, packing, **written)
    assert is_dump(tmp_path / name)
    found = read_packing(tmp_path / name, **read)
    electrode = found.electrode
    assert electrode.lateral_um == pytest.approx(packing.lateral_um)
    expected = packing.positions_um.copy()
    expected[:, :2] %= packing.lateral_um
    expected[:, 2] -= (expected[:, 2] - packing.radii_um).min()
    np.testing.assert_allclose(electrode.positions_um, expected, atol=1e-6)
    np.testing.assert_allclose(electrode.radii_um, packing.radii_um)
    np.testing.assert_array_equal(electrode.species, packing.species)
    assert found.has_mass == ("mass" in written.get("columns", COLUMNS))
    assert found.read["steps_in_file"] == written.get("steps", 1)


def test_masses_have_the_units_of_the_file(packing: Electrode, tmp_path: Path) -> None:
    for units, scale, pg in (("micro", 1.0, 1.0), ("si", 1e6, 1e15), ("cgs", 1e4, 1e12)):
        dump(tmp_path / "a.dump", packing, units=units, scale=scale)
        found = read_packing(tmp_path / "a.dump").electrode
        np.testing.assert_allclose(found.masses_pg, pg * packing.masses_pg)


@pytest.mark.parametrize(
    ("unit", "scale", "pg"), [("m", 1e6, 1e15), ("cm", 1e4, 1e12), ("mm", 1e3, None)]
)
def test_masses_follow_the_unit_of_length_where_the_file_tells_none(
    unit: str, scale: float, pg: float | None, packing: Electrode, tmp_path: Path
) -> None:
    """LIGGGHTS tells none."""
    dump(tmp_path / "a.dump", packing, scale=scale)
    found = read_packing(tmp_path / "a.dump", length_unit=unit)
    assert found.has_mass == (pg is not None)
    np.testing.assert_allclose(found.electrode.masses_pg, (pg or 0) * packing.masses_pg)


def test_what_is_ignored_is_no_bead_of_the_electrode(packing: Electrode, tmp_path: Path) -> None:
    dump(tmp_path / "a.dump", packing)
    labels = PhaseLabels.parse(["active_material=1", "ignore=2"])
    found = read_packing(tmp_path / "a.dump", labels)
    assert set(found.electrode.species) == {ACTIVE_MATERIAL}
    assert found.read["beads"] < found.read["beads_in_file"] == len(packing.radii_um)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_the_thickness_may_lie_along_any_axis(
    axis: str, packing: Electrode, tmp_path: Path
) -> None:
    order = {"x": [2, 0, 1], "y": [0, 2, 1]}[axis]
    turned = Electrode(
        packing.positions_um[:, order],
        packing.radii_um,
        packing.species,
        packing.masses_pg,
        packing.lateral_um,
    )
    dump(tmp_path / "a.dump", turned)
    found = read_packing(tmp_path / "a.dump", thickness_axis=axis)
    heights = found.electrode.positions_um[:, 2] - found.electrode.radii_um
    assert heights.min() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(
        np.ptp(heights), np.ptp(packing.positions_um[:, 2] - packing.radii_um)
    )


def cut(lines: list[str]) -> list[str]:
    return lines[:-3]


@pytest.mark.parametrize(
    ("written", "change", "read", "message"),
    [
        ({"columns": COLUMNS[:5]}, None, {}, "columns id type x y z; needed are"),
        ({"columns": ("id", "type", "x", "y", "radius")}, None, {}, "no column z, zu, zs or zsu"),
        ({}, cut, {}, "holds 229 of 232 beads; truncated"),
        ({"scale": 1e6}, None, {}, "radii are .* taken in um; .*--length-unit"),
        ({}, None, {"length_unit": "ell"}, "--length-unit ell; allowed|--length-unit ell: allowed"),
        ({"types": (1, 3)}, None, {}, r"types of no phase: 3 \(220 beads\)"),
        ({"flags": "xy xz yz pp pp ff"}, None, {}, "its box is tilted"),
        ({}, lambda lines: [*lines[:-1], lines[-1][:9]], {}, "a bead has not 7 columns"),
        ({}, lambda lines: [*lines[:-1], lines[-1].replace("2 ", "two ", 1)], {}, "cannot be read"),
        (
            {},
            None,
            {"labels": PhaseLabels.parse(["pore=1", "cbd=2"])},
            "phase pore: of spheres, allowed are",
        ),
        ({}, None, {"thickness_axis": "t"}, "thickness axis t"),
    ],
)
def test_what_is_no_packing_is_refused(
    written: dict[str, Any],
    change: Any,
    read: dict[str, Any],
    message: str,
    packing: Electrode,
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.dump"
    dump(path, packing, **written)
    if change is not None:
        path.write_text("\n".join(change(path.read_text().splitlines())))
    with pytest.raises(InputError, match=message):
        read_packing(path, **read)


def test_a_foreign_packing_is_measured_as_our_own(packing: Electrode, tmp_path: Path) -> None:
    campaign = Campaign.model_validate(
        {"campaign": "spheres", "characterization": {"voxel_size_um": 0.4}}
    )
    rows = {}
    for name, options in (
        ("own.dump", {}),
        ("foreign.dump", {"columns": ("y", "z", "x", "diameter", "type"), "flags": "ff pp ff"}),
    ):
        dump(tmp_path / name, packing, origin=(-5.0, 2.0, 7.0), **options)  # type: ignore[arg-type]
        rows[name] = characterize_packing(tmp_path / name, campaign, folder=tmp_path / "m")
    own, foreign = rows["own.dump"], rows["foreign.dump"]
    assert read_json(tmp_path / "m" / "properties.json") == foreign
    assert own["status"] == foreign["status"] == "ok"
    assert foreign["tortuosity_factor"] == pytest.approx(own["tortuosity_factor"], rel=1e-6)
    assert own["density_g_cm3"] > 0
    assert foreign["density_g_cm3"] is None
    assert "not periodic along x" in foreign["remarks"][0]
    assert "no masses" in foreign["remarks"][1]
    assert {one.name for one in (tmp_path / "m").iterdir()} >= {"microstructure.tif", "block.png"}


def test_an_image_is_no_dump(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"II*\0")
    for path in (tmp_path / "a.tif", tmp_path, tmp_path / "none"):
        assert not is_dump(path)
