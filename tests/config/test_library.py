"""The library of active materials: what is in it, and how a campaign names one."""

from __future__ import annotations

import json
import re
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mesocast.campaign.checks import load
from mesocast.cli.main import main
from mesocast.config import library
from mesocast.config.campaign import Campaign
from mesocast.config.library import find_material, material_names
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {
    *("NMC111", "NMC622", "NMC811", "LFP", "LMO", "LCO"),
    *("graphite", "graphite_SiOx", "hard_carbon"),
}
OWN: dict[str, Any] = {
    "name": "LNMO",
    "density_g_cm3": 4.4,
    "electronic_conductivity_S_m": 1e-3,
    "size_modes": [{"d10_um": 3, "d50_um": 5, "d90_um": 8}],
}


def _named(material: str, **more: Any) -> Campaign:
    active = {"material": material, **more}
    return load({"campaign": "own", "materials": {"active_material": active}})


def test_library_holds_what_it_is_said_to() -> None:
    assert set(material_names()) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_material_reads_has_sources_and_is_possible(name: str) -> None:
    material = find_material(name)
    assert set(material.sources) == {"density", "sizes", "conductivity"}
    assert all(material.sources.values())
    active = _named(
        name,
    ).materials.active_material
    assert active == material.active_material().model_copy(update={"material": name})
    assert 1 < active.density_g_cm3 < 6
    assert 1 < active.percentile_um(10) < active.percentile_um(50) < active.percentile_um(90) < 20
    assert 1e-6 < active.electronic_conductivity_S_m < 1e3


def test_density_is_that_of_the_lattice() -> None:
    """Mass of the cell over its volume, with masses of the atoms: as the sources say."""
    li, ni, mn, co, o, fe, p = 6.94, 58.693, 54.938, 58.933, 15.999, 55.845, 30.974
    hexagonal = 3**0.5 / 2
    cells = {
        "NMC622": (3 * (li + 0.6 * ni + 0.2 * mn + 0.2 * co + 2 * o), hexagonal * 2.870**2 * 14.22),
        "NMC811": (3 * (li + 0.8 * ni + 0.1 * mn + 0.1 * co + 2 * o), hexagonal * 2.872**2 * 14.20),
        "LCO": (3 * (li + co + 2 * o), hexagonal * 2.816**2 * 14.05),
        "LMO": (8 * (li + 2 * mn + 4 * o), 8.245**3),
        "LFP": (4 * (li + fe + p + 4 * o), 10.33 * 6.01 * 4.69),
        "graphite": (4 * 12.011, hexagonal * 2.461**2 * 6.708),
    }
    for name, (mass, volume) in cells.items():
        density = mass / 0.602214 / volume
        assert find_material(name).density_g_cm3 == pytest.approx(density, abs=0.01), name


def test_nmc111_of_the_library_is_the_default() -> None:
    default = load({"campaign": "own"})
    named = _named("NMC111")
    for stage in ("slurry", "drying", "calendering", "characterization", "viscosity"):
        assert named.physics(stage) == default.physics(stage)


def test_config_wins_over_the_material_it_names() -> None:
    active = _named("LFP", density_g_cm3=3.5, diameters_um=[2.0], number_fractions=[1]).materials
    assert active.active_material.density_g_cm3 == 3.5
    assert active.active_material.diameters_um == (2.0,)
    assert active.active_material.size_modes == ()
    assert active.active_material.electronic_conductivity_S_m == 0.01


def test_resolved_config_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = _named("LFP")
    monkeypatch.setattr(library, "find_material", None)
    assert Campaign.model_validate(json.loads(campaign.model_dump_json())) == campaign


def test_material_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "lnmo.yaml"
    path.write_text(yaml.safe_dump(OWN))
    active = _named(str(path)).materials.active_material
    assert active.name == "LNMO"
    assert active.percentile_um(50) == pytest.approx(5, rel=1e-3)


@pytest.mark.parametrize("as_path", [True, False])
def test_package_beside_adds_a_material(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_path: bool
) -> None:
    path = tmp_path / "lnmo.yaml"
    path.write_text(yaml.safe_dump(OWN))

    class Point(EntryPoint):
        def load(self) -> Any:
            return path if as_path else OWN

    point = Point("LNMO", "lnmo:MATERIAL", library.MATERIALS_GROUP)
    monkeypatch.setattr(library, "entry_points", lambda group: [point])
    assert "LNMO" in material_names()
    assert _named("LNMO").materials.active_material.density_g_cm3 == 4.4


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no density": ({"density_g_cm3": None}, "density_g_cm3 = None"),
    "kg/m3": ({"density_g_cm3": 4400}, "density_g_cm3"),
    "sizes twice": ({"diameters_um": [3], "number_fractions": [1]}, "gives them twice"),
    "no sizes": ({"size_modes": []}, "gives no sizes"),
    "unknown key": ({"colour": "black"}, "colour: unknown key"),
    "unknown source": ({"sources": {"mass": "me"}}, "sources.mass: unknown key"),
}


@pytest.mark.parametrize(("change", "told"), WRONG.values(), ids=WRONG)
def test_material_that_is_none_is_refused_in_one_line(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    path = tmp_path / "lnmo.yaml"
    path.write_text(yaml.safe_dump({**OWN, **change}))
    with pytest.raises(InputError, match=told) as refused:
        _named(str(path))
    assert "\n" not in str(refused.value)
    assert "lnmo.yaml" in str(refused.value)


def test_unknown_material_is_refused_with_what_there_is() -> None:
    with pytest.raises(InputError, match=r"material = 'NCM': unknown material; allowed: .*LFP"):
        _named("NCM")
    with pytest.raises(InputError, match=r"nowhere\.yaml: no such file"):
        _named("nowhere.yaml")


def test_command_lists_the_materials(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["materials"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(NAMES)
    assert lines[0].startswith("material,description,density_g_cm3,d10_um,d50_um")
    output = tmp_path / "materials.json"
    assert main(["materials", "--output", str(output)]) == 0
    told = {row["material"]: row for row in json.loads(output.read_text())}
    assert told["LFP"]["density_g_cm3"] == 3.6
    assert told["LFP"]["d50_um"] == 2.5
    assert "doi:10.1149/1.1837571" in told["LFP"]["density_source"]


def test_check_says_how_far_a_film_is_from_its_blend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "blend.yaml"
    kinds = [{"material": "graphite"}, {"material": "hard_carbon", "mass_share": 0.3}]
    content = {
        "campaign": "blend",
        "cell": {"enabled": False},
        "materials": {"active_material": {"kinds": kinds}},
    }
    path.write_text(yaml.safe_dump(content))
    assert main(["check", "--config", str(path)]) == 0
    told = capsys.readouterr().out
    assert "70 % graphite + 30 % hard carbon: 10 size classes of 3.17 to 13.4 um" in told
    points = re.search(r"share of the mass by ([\d.]+) points", told)
    assert points is not None
    assert 0 < float(points[1]) < 5


def test_check_says_what_a_material_costs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lfp.yaml"
    content = {
        "campaign": "lfp",
        "materials": {"active_material": {"material": "LFP"}},
        "electrode": {"mass_ug": 0.02},
    }
    path.write_text(yaml.safe_dump(content))
    assert main(["check", "--config", str(path)]) == 0
    told = capsys.readouterr().out
    assert "LFP: 4 size classes of 1.48 to 4.38 um; whole particles are off" in told
    assert "CPU-hours" in told
    assert "drying.motion.time_step_ns 2.3 instead of 5" in told
    # A cell's electrochemistry comes from another file.
    assert "cells of LFP have the electrochemistry of NMC111" in told


def test_check_is_silent_on_cells_where_nothing_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plain.yaml"
    lfp = {"materials": {"active_material": {"material": "LFP"}}, "electrode": {"mass_ug": 0.02}}
    for change in ({}, {**lfp, "cell": {"enabled": False}}):
        path.write_text(yaml.safe_dump({"campaign": "plain", **change}))
        assert main(["check", "--config", str(path)]) == 0
        assert "electrochemistry" not in capsys.readouterr().out
