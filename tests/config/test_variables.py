"""Design variables of a campaign's own: what is accepted and refused, and what they change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.columns.variables import words_of
from mesocast.config.campaign import Campaign
from mesocast.config.formulas import calculate, calculate_rows, names_in
from mesocast.config.keys import possible_at
from mesocast.errors import InputError
from tests.conftest import TINY

FRACTIONS = "materials.active_material.number_fractions"
SHARE = {"key": f"{FRACTIONS}.0", "min": 0.2, "max": 0.6}
LOADING = {"key": "electrode.mass_loading_mg_cm2", "min": 5, "max": 9}


def with_variables(variables: dict[str, Any], **design: Any) -> Campaign:
    return load(
        {
            **TINY,
            "electrode": {"mass_ug": 0.02},
            "materials": {
                "active_material": {"diameters_um": [4.0, 8.0], "number_fractions": [0.4, 0.6]}
            },
            "design": {"slurries": 4, "conditions": 16, "variables": variables, **design},
        }
    )


def test_stage_of_a_variable_follows_from_what_it_changes() -> None:
    campaign = with_variables(
        {
            "set_mass_loading_mg_cm2": LOADING,
            "set_setting_time_us": {"key": "drying.setting_time_us", "min": 10, "max": 40},
            "set_hold_time_us": {"key": "calendering.hold_time_us", "levels": [1, 5, 20]},
            "set_voxel_size_um": {"key": "characterization.voxel_size_um", "min": 0.3, "max": 0.4},
        }
    )
    assert {name: campaign.stage_of(name) for name in campaign.box_pct} == {
        "am_pct": "slurry",
        "sc_pct": "slurry",
        "cr_pct": "calendering",
        "set_mass_loading_mg_cm2": "slurry",
        "set_setting_time_us": "drying",
        "set_hold_time_us": "calendering",
        "set_voxel_size_um": "characterization",
    }


def test_config_of_an_electrode_has_its_values_and_what_follows_from_them() -> None:
    campaign = with_variables(
        {"set_small_share": SHARE, "set_mass_loading_mg_cm2": LOADING},
        formulas={f"{FRACTIONS}.1": "1 - set_small_share"},
    )
    own = campaign.at({"am_pct": 94.0, "set_small_share": 0.25, "set_mass_loading_mg_cm2": 6.5})
    assert own.materials.active_material.number_fractions == (0.25, 0.75)
    assert own.electrode.mass_loading_mg_cm2 == 6.5
    # A film with these values is the same whether they were set or written.
    plain = load(
        {
            **TINY,
            "electrode": {"mass_ug": 0.02, "mass_loading_mg_cm2": 6.5},
            "materials": {
                "active_material": {"diameters_um": [4.0, 8.0], "number_fractions": [0.25, 0.75]}
            },
        }
    )
    for stage in ("slurry", "drying", "calendering", "characterization"):
        assert own.physics(stage) == plain.physics(stage)


def test_campaign_without_variables_of_its_own_is_its_own_config() -> None:
    campaign = load(TINY)
    assert campaign.at({"am_pct": 94.0}) is campaign
    assert "variables" not in campaign.physics("slurry")
    assert campaign.fixed == {}


MATERIAL = {"key": "materials.active_material.material", "choices": ["NMC622", "LFP"]}
LAW = {"key": "materials.cbd.conductivity_law", "choices": ["as_given", "percolation"]}


def with_choices(variables: dict[str, Any], **content: Any) -> Campaign:
    plain = {key: value for key, value in TINY.items() if key != "materials"}
    return load(
        {
            **plain,
            "electrode": {"mass_ug": 0.02},
            "design": {"slurries": 8, "conditions": 24, "variables": variables},
            **content,
        }
    )


def test_choice_sets_a_word_and_all_that_follows_from_it() -> None:
    ratio = {"carbon_to_binder_mass_ratio": 2.0}  # at the published one both laws are the same
    variables = {"set_material": MATERIAL, "set_law": LAW}
    campaign = with_choices(variables, materials={"cbd": ratio})
    assert words_of(campaign.box_pct) == {
        "set_material": ("NMC622", "LFP"),
        "set_law": ("as_given", "percolation"),
    }
    assert campaign.stage_of("set_material") == "slurry"
    # Conductivities are measured only, so the same films are measured by both laws.
    assert campaign.stage_of("set_law") == "characterization"
    own = campaign.at({"set_material": "LFP", "set_law": "as_given"})
    plain = with_choices(
        {},
        materials={
            "active_material": {"material": "LFP"},
            "cbd": {**ratio, "conductivity_law": "as_given"},
        },
    )
    assert own.materials == plain.materials
    for stage in ("slurry", "drying", "calendering", "characterization"):
        assert own.physics(stage) == plain.physics(stage)


@pytest.mark.parametrize(
    ("variable", "content", "message"),
    [
        ({**MATERIAL, "choices": ["LFP", "NMC999"]}, {}, "'NMC999': unknown material; allowed: "),
        ({**MATERIAL, "choices": ["LFP"]}, {}, "should have at least 2 items"),
        ({**MATERIAL, "choices": ["LFP", "LFP"]}, {}, "allowed: each word once"),
        ({**MATERIAL, "choices": ["LFP", "nan"]}, {}, "nan is a number; allowed: words, or levels"),
        ({**MATERIAL, "choices": ["LFP", "a b"]}, {}, "letters, digits, _ and - and . / +"),
        ({**MATERIAL, "levels": [1, 2]}, {}, "allowed: choices alone"),
        ({**LAW, "choices": ["as_given", "none"]}, {}, "none is unknown; allowed: as_given, perc"),
        (
            {**LAW, "key": "materials.cbd.nanoporosity"},
            {},
            "takes no choice; allowed: materials.active_material.material, or a key with words",
        ),
        ({**LAW, "key": "materials.cbd.law"}, {}, "unknown key law"),
        ({**MATERIAL, "choices": None, "levels": [1, 2]}, {}, "holds no number"),
        (
            MATERIAL,
            {"materials": {"active_material": {"density_g_cm3": 4.0}}},
            "materials.active_material gives what the materials of design.variables.set_x give",
        ),
        (
            {**MATERIAL, "choices": ["LFP", "LCO", "NMC111", "NMC622", "NMC811"]},
            {},
            "slurries of 8; allowed: at least 2 of each choice",
        ),
        (
            MATERIAL,
            {"optimum": {"constraints": {"set_x": {"min": 0}}}},
            "optimum.constraints.set_x: is a choice, which has no limits",
        ),
    ],
)
def test_choice_is_refused_in_one_line(
    variable: dict[str, Any], content: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        with_choices({"set_x": variable}, **content)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_chosen_material_gives_is_set_by_nothing_else() -> None:
    density = {"key": "materials.active_material.density_g_cm3", "min": 4.0, "max": 5.0}
    with pytest.raises(InputError, match="which the materials of set_material give"):
        with_choices({"set_material": MATERIAL, "set_density_g_cm3": density})


def test_words_of_recipes_are_choices_and_numbers_numbers() -> None:
    recipe = {"am_pct": 94, "sc_pct": 60, "cr_pct": [10]}
    for value, message in (("LCO", "LCO; allowed: NMC622, LFP"), (1.0, "1.0; allowed: NMC622")):
        design = {
            "variables": {"set_material": MATERIAL},
            "recipes": [{**recipe, "set": {"set_material": value}}],
        }
        with pytest.raises(InputError, match=message):
            with_choices({}, design=design)
    design = {
        "variables": {"set_mass_loading_mg_cm2": LOADING},
        "recipes": [{**recipe, "set": {"set_mass_loading_mg_cm2": "LFP"}}],
    }
    with pytest.raises(InputError, match="LFP; allowed: a number"):
        with_choices({}, design=design)


def test_another_key_under_the_same_name_is_another_physics() -> None:
    first = with_variables({"set_time_us": {"key": "drying.setting_time_us", "min": 5, "max": 40}})
    other = with_variables(
        {"set_time_us": {"key": "calendering.hold_time_us", "min": 5, "max": 40}}
    )
    assert first.physics("drying") != other.physics("drying")


def test_number_of_a_recipe_may_be_fixed() -> None:
    campaign = with_variables({"set_mass_loading_mg_cm2": LOADING}, am_pct={"fixed": 93.0})
    assert campaign.fixed == {"am_pct": 93.0}
    assert list(campaign.box_pct) == ["sc_pct", "cr_pct", "set_mass_loading_mg_cm2"]


@pytest.mark.parametrize(
    ("variables", "design", "message"),
    [
        ({"loading": LOADING}, {}, "design.variables.loading"),
        ({"set_x": LOADING}, {}, "unit of electrode.mass_loading_mg_cm2 is not in the name"),
        ({"set_x": {"key": "drying.pressure"}}, {}, "min, max: not both are given"),
        ({"set_x": {**SHARE, "key": "drying.presure"}}, {}, "unknown key presure"),
        ({"set_x": {**SHARE, "key": "cost_model.slurry_s"}}, {}, "allowed: keys of electrode"),
        ({"set_x": {**SHARE, "key": "materials.cbd"}}, {}, "holds no number"),
        ({"set_x": {**SHARE, "key": f"{FRACTIONS}.7"}}, {}, "unknown key 7; allowed here: 0, 1"),
        ({"set_x": {**SHARE, "min": 0.7}}, {}, "allowed: min below max"),
        ({"set_x": {**SHARE, "levels": [0.3, 0.4]}}, {}, "both are given"),
        ({"set_a": SHARE, "set_b": SHARE}, {}, "is set by set_a, too"),
        (
            {"set_x": {"key": "drying.shrink_increments", "min": 5, "max": 9}},
            {},
            "is a whole number; allowed: levels",
        ),
        ({"set_x": SHARE}, {"formulas": {f"{FRACTIONS}.1": "1 - set_y"}}, "set_y is unknown"),
        ({"set_x": SHARE}, {"formulas": {f"{FRACTIONS}.1": "open('x')"}}, "is not allowed"),
        ({"set_x": SHARE}, {"formulas": {f"{FRACTIONS}.0": "1 - set_x"}}, "set_x sets that key"),
        ({"set_x": SHARE}, {}, "number_fractions add up to"),
        (
            {f"set_{letter}": SHARE for letter in "abcdefgh"},
            {},
            "variables: 8 are given; allowed: up to 7",
        ),
        (
            {"set_mass_loading_mg_cm2": LOADING},
            {"recipes": [{"am_pct": 94, "sc_pct": 60, "cr_pct": [10]}]},
            "recipes.0.set = nothing; allowed: a value of each of variables",
        ),
    ],
)
def test_refused_in_one_line(
    variables: dict[str, Any], design: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        with_variables(variables, **design)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_constraint_must_be_on_a_variable_of_the_design() -> None:
    with pytest.raises(InputError, match="set_other_um: is no variable of the design"):
        load({**TINY, "optimum": {"constraints": {"set_other_um": {"min": 1}}}})


def test_formula_calculates_and_executes_nothing() -> None:
    assert calculate("2 * (set_a - 1) ** 2 / -am_pct", {"set_a": 4.0, "am_pct": 9.0}) == -2
    assert names_in("1 / (set_a - 1) + set_b") == ("set_a", "set_b")
    found = calculate_rows("1 - set_a", {"set_a": np.array([0.25, 0.5])})
    assert found.tolist() == [0.75, 0.5]
    with pytest.raises(InputError, match="division by zero"):
        calculate("1 / set_a", {"set_a": 0.0})
    with pytest.raises(InputError, match=r"cannot be read"):
        names_in("1 -")


def test_bounds_of_a_key() -> None:
    campaign = type(load(TINY))
    low, high = possible_at(campaign, f"{FRACTIONS}.0")
    assert 0 < low < 1e-5
    assert high == 1
    assert possible_at(campaign, "electrode.mass_loading_mg_cm2") == (0.1, 200)


def test_bounds_of_a_key_in_a_section_that_may_be_left_out() -> None:
    assert possible_at(Campaign, "calendering.to.gap_um") == (1, 500)
    low, high = possible_at(Campaign, "force_fields.dried.active_material_hertz.friction")
    assert (low, high) == (0, 1e6)
