"""The config: what is accepted, what is refused and how, and what identifies the physics."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pydantic import ValidationError

from mesocast.campaign.checks import load
from mesocast.config.campaign import PHYSICS_VERSIONS, Campaign
from mesocast.errors import InputError
from tests.conftest import ROOT, TINY

if TYPE_CHECKING:
    from pathlib import Path

# Changes to the tiny campaign, and words that the one line must hold: key, value, what is allowed.
BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown key": ({"desing": {}}, ["desing", "unknown key", "design"]),
    "unknown key inside": (
        {"electrode": {"mass": 1}},
        ["electrode.mass", "unknown key", "mass_ug"],
    ),
    "unknown key deep inside": (
        {"drying": {"motion": {"dt": 1}}},
        ["drying.motion.dt", "time_step_ns"],
    ),
    "wrong type": ({"seed": "one"}, ["seed", "'one'", "integer"]),
    "list for a section": ({"design": [1]}, ["design", "[1]"]),
    "bounds reversed": (
        {"design": {"am_pct": {"min": 96, "max": 86}}},
        ["design.am_pct", "min = 96", "max = 86", "min below max"],
    ),
    "bounds equal": ({"design": {"sc_pct": {"min": 50, "max": 50}}}, ["design.sc_pct", "50"]),
    "active material 0": (
        {"design": {"am_pct": {"min": 0, "max": 96}}},
        ["design.am_pct.min = 0", "at least 1 and below 100 %"],
    ),
    "active material 100": (
        {"design": {"am_pct": {"min": 90, "max": 100}}},
        ["design.am_pct.max = 100", "below 100"],
    ),
    "compression 60": (
        {"design": {"cr_pct": {"min": 0, "max": 60}}},
        ["design.cr_pct.max = 60", "below 60"],
    ),
    "fractions do not add up": (
        {
            "materials": {
                "active_material": {"diameters_um": [3, 4], "number_fractions": [0.5, 0.4]}
            }
        },
        ["number_fractions", "0.9", "1"],
    ),
    "fractions and sizes differ": (
        {"materials": {"active_material": {"diameters_um": [3], "number_fractions": [0.5, 0.5]}}},
        ["number_fractions", "2", "1"],
    ),
    "unknown method to compare": (
        {"surrogates": {"compare": ["sisso", "magic"]}},
        ["surrogates.compare.1", "'magic'", "operon"],
    ),
    "one split": ({"surrogates": {"splits": 1}}, ["surrogates.splits", "1", "2"]),
    "zero slurries": (
        {"design": {"slurries": 0, "conditions": 10}},
        ["design.slurries", "0", "greater than or equal to 1"],
    ),
    "more slurries than conditions": (
        {"design": {"slurries": 12, "conditions": 10}},
        ["slurries = 12", "conditions = 10"],
    ),
    "mass zero": ({"electrode": {"mass_ug": 0}}, ["electrode.mass_ug = 0", "at least 1e-07"]),
    "mass negative": ({"electrode": {"mass_ug": -1}}, ["electrode.mass_ug", "-1"]),
    "mass not a number": ({"electrode": {"mass_ug": float("nan")}}, ["electrode.mass_ug", "nan"]),
    "mass too small": ({"electrode": {"mass_ug": 1e-6}}, ["electrode.mass_ug", "too small"]),
    "film narrower than a particle": (
        {"electrode": {"mass_ug": 0.002, "mass_loading_mg_cm2": 200}},
        ["um wide", "1.2"],
    ),
    "voxel zero": (
        {"characterization": {"voxel_size_um": 0}},
        ["characterization.voxel_size_um = 0", "at least 0.005"],
    ),
    "voxel above half a CBD bead": (
        {"characterization": {"voxel_size_um": 0.95}},
        ["voxel_size_um = 0.95", "1.8", "0.9"],
    ),
    "unknown measurement": (
        {"characterization": {"measurements": ["colour"]}},
        ["characterization.measurements.0", "colour", "blocking", "infiltration"],
    ),
    "electrolyte that does not wet": (
        {"characterization": {"infiltration": {"contact_angle_deg": 95}}},
        ["characterization.infiltration.contact_angle_deg", "95", "90"],
    ),
    "limit of what is not measured": (
        {"optimum": {"constraints": {"gas_trapped_pct": {"max": 10}}}},
        ["characterization.measurements = []", "gas_trapped_pct", "infiltration"],
    ),
    "campaign is a path": ({"campaign": "../x"}, ["campaign", "../x"]),
    "one verification seed": ({"verification": {"seeds": 1}}, ["verification.seeds", "1", "2"]),
    "no such dataset": ({"design": {"dataset": "nowhere.csv"}}, ["nowhere.csv", "No such file"]),
    "dataset of another kind": ({"design": {"dataset": "table.xlsx"}}, ["table.xlsx", ".csv"]),
    "rounds on a dataset": (
        {"design": {"dataset": "nowhere.csv"}, "rounds": {"count": 1}},
        ["rounds.count = 1", "design.dataset", "0"],
    ),
    "dataset and recipes": (
        {
            "design": {
                "dataset": "nowhere.csv",
                "recipes": [{"am_pct": 90, "sc_pct": 60, "cr_pct": [0]}],
            }
        },
        ["design", "dataset", "recipes"],
    ),
    "extremes without seeds": (
        {"verification": {"seeds": 0, "extremes": True}},
        ["verification", "extremes", "seeds"],
    ),
    "unknown property": (
        {"optimum": {"goals": {"density_g_cm3": {"weight": 2}}}},
        ["optimum.goals.density_g_cm3", "neither", "one of the two"],
    ),
    "goal with direction and target": (
        {"optimum": {"goals": {"density_g_cm3": {"direction": "minimize", "target": 2}}}},
        ["optimum.goals.density_g_cm3", "both", "one of the two"],
    ),
    "goal with an impossible target": (
        {"optimum": {"goals": {"porosity_bulk": {"target": 30}}}},
        ["goals.porosity_bulk.target", "30"],
    ),
    "goal of an unknown column": (
        {"optimum": {"goals": {"price": {"direction": "minimize"}}}},
        ["optimum.goals", "price"],
    ),
    "weights all zero": (
        {"optimum": {"goals": {"density_g_cm3": {"direction": "maximize", "weight": 0}}}},
        ["weights", "0"],
    ),
}


def _changed(changes: dict[str, Any]) -> dict[str, Any]:
    config = copy.deepcopy(TINY)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(config.get(key), dict):
            config[key] = {**config[key], **value}
        else:
            config[key] = value
    return config


@pytest.mark.parametrize("case", BAD)
def test_bad_config_gives_one_line_that_names_key_value_and_what_is_allowed(
    case: str, tmp_path: Path
) -> None:
    changes, words = BAD[case]
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump(_changed(changes)))
    with pytest.raises(InputError) as caught:
        load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n- b\n", ["a list", "keys and values"]),
        ("", ["nothing", "keys and values"]),
        ("word", ["a single value", "keys and values"]),
        ("a: [1, 2\nb: 3\n", ["broken YAML", "line 2"]),
        ("campaign: a\nseed: 1\nseed: 2\n", ["key seed stands twice", "line 3"]),
        ("campaign: a\ndesign: {slurries: 3, slurries: 4}\n", ["key slurries stands twice"]),
        ("campaign: a\ndesign: {am_pct: 90}\n", ["design.am_pct = 90", "section with min, max"]),
        ("campaign: a b\n", ["campaign = 'a b'", "letters, digits, _ and -"]),
    ],
)
def test_text_that_is_no_config_gives_one_line(text: str, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    for word in [str(path), *words]:
        assert word in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: no such file"):
        load(tmp_path / "none.yaml")


def test_shipped_campaigns_are_what_the_readme_promises() -> None:
    demo, paper = load(ROOT / "config/demo.yaml"), load(ROOT / "config/paper.yaml")
    assert demo.design.slurries >= 6
    assert demo.design.conditions >= 24
    assert demo.electrode.mass_ug < paper.electrode.mass_ug == 0.1
    assert (paper.design.am_pct.min, paper.design.am_pct.max) == (86, 97)
    assert (paper.design.sc_pct.min, paper.design.sc_pct.max) == (45, 71)
    assert (paper.design.cr_pct.min, paper.design.cr_pct.max) == (0, 40)
    assert paper.design.conditions == 174


@pytest.mark.parametrize(
    ("changes", "stages"),
    [
        ({"seed": 4}, set()),
        ({"design": {"conditions": 20}}, set()),
        ({"optimum": {"evaluations": 50}}, set()),
        ({"surrogates": {"rung": 1}}, set()),
        ({"cost_model": {"slurry_s_per_1000_beads": 1}}, set()),
        ({"characterization": {"voxel_size_um": 0.3}}, {"characterization"}),
        ({"characterization": {"measurements": ["blocking"]}}, {"characterization"}),
        ({"characterization": {"infiltration": {"viscosity_mPa_s": 9}}}, set()),
        (
            {"characterization": {"measurements": ["four_point"], "infiltration": {}}},
            {"characterization"},
        ),
        ({"calendering": {"hold_time_us": 1}}, {"calendering"}),
        # It changes what a pressure is called, and no film.
        ({"calendering": {"pressure_scale": 7}}, {"characterization"}),
        ({"drying": {"pressure_kPa": 90}}, {"drying"}),
        ({"force_fields": {"consolidating": {"hertz": {"friction": 0.2}}}}, {"drying"}),
        ({"force_fields": {"dried": {"hertz": {"friction": 0.2}}}}, {"drying", "calendering"}),
        ({"slurry": {"convergence": {"longest_us": 61}}}, {"slurry"}),
        ({"electrode": {"mass_ug": 0.003}}, {"slurry"}),
        (
            {"materials": {**TINY["materials"], "solvent": {"name": "water"}}},
            set(),
        ),
        (
            {"materials": {**TINY["materials"], "solvent": {"density_g_cm3": 1.1}}},
            set(PHYSICS_VERSIONS),
        ),
    ],
)
def test_physics_identity_follows_what_a_stage_depends_on_and_nothing_else(
    changes: dict[str, Any], stages: set[str]
) -> None:
    before = Campaign.model_validate(TINY)
    after = Campaign.model_validate(_changed(changes))
    assert {s for s in PHYSICS_VERSIONS if before.physics(s) != after.physics(s)} == stages


def test_a_raised_physics_version_changes_the_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = Campaign.model_validate(TINY)
    before = campaign.physics("slurry")
    monkeypatch.setitem(PHYSICS_VERSIONS, "slurry", PHYSICS_VERSIONS["slurry"] + 1)
    assert campaign.physics("slurry") != before


def test_a_section_that_changes_one_key_keeps_its_other_defaults() -> None:
    campaign = Campaign.model_validate(
        {
            "campaign": "x",
            "slurry": {"convergence": {"longest_us": 7}},
            "force_fields": {"dried": {"hertz": {"friction": 0.4}}},
            "optimum": {"goals": {"density_g_cm3": {"direction": "maximize"}}},
        }
    )
    default = Campaign(campaign="x")
    assert campaign.slurry.convergence.longest_us == 7
    assert campaign.slurry.convergence.window_us == default.slurry.convergence.window_us
    assert campaign.force_fields.dried.hertz.friction == 0.4
    assert campaign.force_fields.dried.cbd == default.force_fields.dried.cbd
    assert list(campaign.optimum.goals) == ["density_g_cm3"]


@pytest.mark.parametrize(
    ("optimum", "message"),
    [
        ({"constraints": {"price": {"min": 1}}}, "constraints.price: unknown; allowed: am_pct"),
        ({"constraints": {"sc_pct": {}}}, "neither min nor max"),
        ({"constraints": {"sc_pct": {"min": 3, "max": 2}}}, "min at most max"),
        ({"application": "cheap"}, "balanced"),
    ],
)
def test_wrong_optimum_is_refused(optimum: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Campaign.model_validate({"campaign": "x", "optimum": optimum})


def test_schemas_and_reference_are_up_to_date() -> None:
    import write_config_reference

    for name, text in write_config_reference.schemas().items():
        assert (ROOT / "workflow/schemas" / name).read_text() == text
    assert (ROOT / "config/README.md").read_text() == write_config_reference.reference()


@pytest.mark.parametrize("change", [{"method": "pysr"}, {"compare": ["sisso", "pysr"]}])
def test_missing_pysr_is_told_when_the_config_asks_for_it(
    change: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "pysr" else find(name, *rest),
    )
    path = tmp_path / "c.yaml"
    path.write_text(yaml.safe_dump({"campaign": "c", "surrogates": change}))
    with pytest.raises(InputError, match="surrogates: pysr: the Python package is not") as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_demo_with_rounds_simulates_the_electrodes_of_the_demo() -> None:
    demo, rounds = (load(ROOT / f"config/{name}.yaml") for name in ("demo", "demo-rounds"))
    assert demo.rounds.count == 0
    assert rounds.rounds.count == 2
    for stage in PHYSICS_VERSIONS:
        assert rounds.physics(stage) == demo.physics(stage)


def test_an_electrolyte_counts_where_it_enters() -> None:
    base = {"measurements": ["infiltration"]}
    thick = {**base, "infiltration": {"viscosity_mPa_s": 9}}
    one, other = (
        Campaign.model_validate(_changed({"characterization": settings}))
        for settings in (base, thick)
    )
    assert one.physics("characterization") != other.physics("characterization")
    assert one.physics("calendering") == other.physics("calendering")


def test_missing_porespy_is_told_when_the_config_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        "mesocast.campaign.checks.find_spec",
        lambda name, *rest: None if name == "porespy" else find(name, *rest),
    )
    path = tmp_path / "c.yaml"
    path.write_text("campaign: c\ncharacterization: {measurements: [four_point]}\n")
    load(path)
    path.write_text("campaign: c\ncharacterization: {measurements: [infiltration]}\n")
    with pytest.raises(InputError, match=r"c\.yaml: characterization\.measurements = infiltration"):
        load(path)
