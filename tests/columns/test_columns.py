"""The columns of the dataset: what is told of them."""

from __future__ import annotations

import pytest

from mesocast.columns import (
    LINE,
    MEASURED,
    TARGETS,
    Properties,
    better_of,
    kind_of,
    name_of,
    prefix_of,
    symbol_of,
    unit_of,
)
from mesocast.config.campaign import Campaign


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("condition_id", "string"),
        ("round", "integer"),
        ("am_pct", "number"),
        ("porosity_bulk", "number"),
        ("cr_imposed_pct", "number"),
        ("transport_method", "string"),
    ],
)
def test_type_is_that_of_the_values(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_targets_say_which_way_they_are_better() -> None:
    assert {name: better_of(name) for name in TARGETS} == {
        "tortuosity_factor": "minimize",
        "electronic_conductivity_S_m": "maximize",
        "active_surface_pct": "maximize",
        "density_g_cm3": "maximize",
    }
    assert better_of("thickness_um") is None


def test_column_that_says_nothing_goes_by_its_name() -> None:
    assert (name_of("density_g_cm3"), symbol_of("density_g_cm3")) == ("Density", "ρ")
    assert symbol_of("thickness_um") == name_of("thickness_um") == "Thickness"
    assert symbol_of("overlap_pct") == name_of("overlap_pct") == "overlap_pct"
    assert (unit_of("no_column"), name_of("no_column")) == ("", "no_column")


def test_no_two_columns_share_the_identifiers_of_a_verification() -> None:
    prefixes = [prefix_of(name) for name in MEASURED]
    assert [prefix_of(name) for name in TARGETS] == ["VT", "VC", "VS", "VD"]
    assert len({*prefixes, "V"}) == len(MEASURED) + 1
    # What follows is a number, and before it a verification is told from a design.
    assert all(prefix.isalpha() and prefix.startswith("V") for prefix in prefixes)


def test_goal_of_ones_own_is_modelled_once() -> None:
    optimum = {
        "goals": {"thickness_um": {"direction": "minimize"}},
        "constraints": {name: {"max": 60.0} for name in ("thickness_um", "overlap_pct", "cr_pct")},
    }
    campaign = Campaign.model_validate({"campaign": "x", "optimum": optimum})
    assert campaign.targets == (*TARGETS, "thickness_um")
    assert campaign.modelled == (*TARGETS, "thickness_um", "overlap_pct")


def test_every_measured_column_is_a_number() -> None:
    assert set(TARGETS) < set(MEASURED)
    assert not {"am_pct", "round", "transport_method"} & set(MEASURED)
    assert set(MEASURED) < set(Properties.model_fields)


def test_columns_of_the_line_stand_behind_all_others() -> None:
    """So that what reads an earlier dataset's columns by their places reads on."""
    names = [column.name for column in LINE]
    assert list(Properties.model_fields)[-len(names) :] == names
    assert {unit_of(name) for name in names} == {"um", "", "%", "N/mm"}


def test_line_loads_are_no_goal_without_rolls() -> None:
    """Said before anything is simulated, not when the optimum finds none."""
    goals = {"goals": {"line_load_N_mm": {"direction": "minimize"}}}
    with pytest.raises(ValueError, match="roll_diameter_mm or pressure_scale is missing"):
        Campaign.model_validate({"campaign": "x", "optimum": goals})
    rolls = {"roll_diameter_mm": 500}
    found = Campaign.model_validate({"campaign": "x", "optimum": goals, "calendering": rolls})
    assert found.targets[-1] == "line_load_N_mm"
