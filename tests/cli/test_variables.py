"""Options that give values of a campaign's own design variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mesocast.campaign import pack
from mesocast.cli.main import main
from mesocast.simulation import jobs
from mesocast.storage.files import write_json
from tests.conftest import TINY, VARIABLES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    content = {
        **TINY,
        "electrode": {"mass_ug": 0.02},
        "design": {"slurries": 2, "conditions": 8, "variables": VARIABLES},
    }
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Note what the stages are asked for."""
    found: list[dict[str, Any]] = []

    def note(*_: Any, **options: Any) -> None:
        found.append(options)

    for name in ("run_slurry", "run_drying", "run_calendering"):
        monkeypatch.setattr(jobs, name, note)
    monkeypatch.setattr(pack, "run_calendering", note)
    monkeypatch.setattr(pack, "run_characterization", lambda campaign, folder: None)
    monkeypatch.setattr(pack, "read_json", lambda path: {})
    return found


def _words(config: Path, command: str, *words: str) -> list[str]:
    folder = str(config.parent / "S001")
    return [command, "--config", str(config), "--folder", folder, *words]


SLURRY = ("--slurry-id", "S001", "--am-pct", "92", "--sc-pct", "60", "--seed", "1")
LOADING, SETTING, HOLD = (
    ("--set", f"set_{name}={value}")
    for name, value in (("mass_loading_mg_cm2", 6), ("setting_time_us", 20), ("hold_time_us", 2))
)


def test_each_stage_takes_its_own_values(config: Path, asked: list[dict[str, Any]]) -> None:
    assert main(_words(config, "slurry", *SLURRY, *LOADING, *SETTING)) == 0
    film = ("--slurry-folder", str(config.parent / "S001"))
    assert main(_words(config, "drying", *film, "--slurry-id", "S001D02", *SETTING)) == 0
    words = (*film, "--condition-id", "S001-C01", "--cr-pct", "20", *HOLD)
    assert main(_words(config, "calendering", *words)) == 0
    assert [one["further"] for one in asked] == [
        {"set_mass_loading_mg_cm2": 6.0, "set_setting_time_us": 20.0},
        {"set_setting_time_us": 20.0},
        {"set_hold_time_us": 2.0},
    ]


def test_optimum_gives_each_stage_its_values(config: Path, asked: list[dict[str, Any]]) -> None:
    recipe = config.parent / "optimum.json"
    parameters = {"am_pct": 92, "sc_pct": 60, "cr_pct": 20} | dict.fromkeys(VARIABLES, 7.0)
    write_json(recipe, {"parameters": parameters})
    words = ("--slurry-id", "V01", "--recipe", str(recipe), "--seed", "1")
    assert main(_words(config, "slurry", *words)) == 0
    assert asked[0]["further"] == {"set_mass_loading_mg_cm2": 7.0, "set_setting_time_us": 7.0}


def test_pack_takes_them_behind_the_compression(config: Path, asked: list[dict[str, Any]]) -> None:
    words = ["pack", "--config", str(config), "--results", str(config.parent / "results")]
    words += ["--slurry-id", "S001", "--rows", str(config.parent / "rows.json")]
    assert main([*words, "S001-C01=10,set_hold_time_us=3", "S001-C02=20,set_hold_time_us=4"]) == 0
    assert [(one["cr_pct"], one["further"]) for one in asked] == [
        (10, {"set_hold_time_us": 3}),
        (20, {"set_hold_time_us": 4}),
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("set_hold_time_us=abc", "S001-C02: set_hold_time_us"),
        ("set_nope_um=3", "S001-C02: set_nope_um: is no variable of the config; allowed: set_"),
        ("", "S001-C02: set_hold_time_us: is missing; allowed: set_hold_time_us=VALUE"),
    ],
)
def test_pack_refuses_values_in_one_line(
    values: str,
    message: str,
    config: Path,
    asked: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["pack", "--config", str(config), "--results", str(config.parent / "results")]
    words += ["--slurry-id", "S001", "--rows", str(config.parent / "rows.json")]
    wrong = f"S001-C02=20{',' if values else ''}{values}"
    assert main([*words, "S001-C01=10,set_hold_time_us=3", wrong]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert message in error
    assert not asked


def test_viscosity_is_that_of_the_slurrys_own_values(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = yaml.safe_load(config.read_text())
    content["design"]["variables"] = {
        "set_bead_um": {"key": "materials.cbd.dry_diameter_um", "min": 1.5, "max": 2}
    }
    config.write_text(yaml.safe_dump(content))
    found: list[float] = []
    monkeypatch.setattr(
        jobs,
        "run_viscosity",
        lambda campaign, *_, **__: found.append(campaign.materials.cbd.dry_diameter_um),
    )
    words = ("--am-pct", "92", "--sc-pct", "60")
    assert main(_words(config, "viscosity", *words, "--set", "set_bead_um=1.7")) == 0
    assert main(_words(config, "viscosity", *words)) == 2
    assert found == [1.7]


def test_stages_take_the_words_of_choices(
    config: Path, asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    content = yaml.safe_load(config.read_text())
    content.pop("materials")
    material = {"key": "materials.active_material.material", "choices": ["NMC622", "LFP"]}
    content["design"] = {"slurries": 4, "conditions": 8, "variables": {"set_material": material}}
    config.write_text(yaml.safe_dump(content))
    assert main(_words(config, "slurry", *SLURRY, "--set", "set_material=LFP")) == 0
    assert asked[0]["further"] == {"set_material": "LFP"}
    for word in ("LCO", "5"):
        assert main(_words(config, "slurry", *SLURRY, "--set", f"set_material={word}")) == 2
        assert "allowed: NMC622, LFP" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*SLURRY, *SETTING), "--set set_mass_loading_mg_cm2: is missing"),
        ((*SLURRY, *LOADING, *SETTING, "--set", "set_x=1"), "set_x: is no variable of the config"),
    ],
)
def test_refused_in_one_line(
    config: Path, words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(_words(config, "slurry", *words)) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
