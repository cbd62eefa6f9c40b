"""Recipes of campaigns that vary more, or less, than the three numbers, as tables tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from mesocast.config.campaign import Campaign
from mesocast.dataset.design_columns import DesignColumns
from mesocast.errors import InputError
from mesocast.surrogates.measured.table import MeasuredTable, measured_table

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES: dict[str, Any] = {
    "set_mass_loading_mg_cm2": {"key": "electrode.mass_loading_mg_cm2", "min": 4, "max": 8},
    "set_small_share": {
        "key": "materials.active_material.number_fractions.0",
        "min": 0.2,
        "max": 0.6,
    },
}
ROW = {"am_pct": 92, "sc_pct": 60, "cr_pct": 20, "porosity_total": 0.3}
OWN = {"set_small_share": 0.4, "set_mass_loading_mg_cm2": 6.0}


def _design(**content: Any) -> DesignColumns:
    calendering = content.pop("calendering", {})
    return DesignColumns.of(
        Campaign.model_validate(
            {
                "campaign": "own",
                "design": {"variables": VARIABLES, **content},
                "materials": {
                    "active_material": {"diameters_um": [4, 8], "number_fractions": [0.4, 0.6]}
                },
                "calendering": calendering,
            }
        )
    )


def _read(row: Mapping[str, Any], design: DesignColumns) -> MeasuredTable:
    return measured_table(pd.DataFrame([row]), "t", design)


def test_variables_are_told_by_name_in_any_order() -> None:
    found = _read({**OWN, **ROW}, _design())
    assert found.inputs == ("am_pct", "sc_pct", "cr_pct", *VARIABLES)
    assert found.recipes_pct.tolist() == [[92, 60, 20, 6, 0.4]]
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"set_mass_loading_mg_cm2": None}, "t: row 1: set_mass_loading_mg_cm2 is missing"),
        (
            {"set_mass_loading_mg_cm2": 0.006},
            "t: row 1: set_mass_loading_mg_cm2 = 0.006; looks like g/cm2, write 6; allowed: at",
        ),
        ({"set_small_share": 40}, "t: row 1: set_small_share = 40; looks like per cent, write 0.4"),
        ({"set_small_share": "much"}, "t: row 1: set_small_share = 'much'; allowed: a number"),
    ],
)
def test_what_is_wrong_with_a_variable_is_said_in_one_line(
    change: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        _read({**OWN, **ROW, **change}, _design())
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_a_column_that_is_missing_is_named_with_all_of_them() -> None:
    with pytest.raises(InputError) as caught:
        _read({**ROW, "set_small_share": 0.4}, _design())
    assert str(caught.value) == (
        "t: column set_mass_loading_mg_cm2 is missing; allowed: recipes in am_pct, sc_pct, cr_pct, "
        "set_mass_loading_mg_cm2 and set_small_share"
    )


def test_another_unit_is_remarked_where_the_value_is_possible() -> None:
    """60 g/m2 are 6 mg/cm2, and 60 mg/cm2 could be coated, but the design ends at 8."""
    found = _read({**ROW, **OWN, "set_mass_loading_mg_cm2": 60}, _design())
    assert found.remarks == ("row 1: set_mass_loading_mg_cm2 = 60: looks like g/m2, write 6.",)
    assert _read({**ROW, **OWN, "set_mass_loading_mg_cm2": 9}, _design()).remarks == ()


def test_what_the_design_holds_need_not_be_told_and_other_electrodes_are_left_out() -> None:
    design = _design(am_pct={"fixed": 92}, variables={})
    row = {"sc_pct": 60, "cr_pct": 20, "porosity_total": 0.3}
    both = pd.DataFrame([row, {**row, "am_pct": 94}])
    found = measured_table(both, "t", design)
    assert found.inputs == ("sc_pct", "cr_pct")
    assert found.recipes_pct.tolist() == [[60, 20]]
    assert found.remarks == ("1 electrodes are left out: the design holds am_pct at 92.",)
    with pytest.raises(InputError, match="t: holds no electrode with am_pct = 92; allowed"):
        measured_table(both[1:], "t", design)


def test_a_choice_is_told_by_its_word() -> None:
    material = {"key": "materials.active_material.material", "choices": ["NMC111", "LFP"]}
    content = {"campaign": "own", "design": {"variables": {"set_material": material}}}
    design = DesignColumns.of(Campaign.model_validate(content))
    found = _read({**ROW, "set_material": "LFP"}, design)
    assert found.recipes_pct.tolist() == [[92, 60, 20, 1]]
    assert design.told("set_material", 1.0) == "LFP"
    assert design.is_same("set_material", "LFP", "LFP")
    assert not design.is_same("set_material", "LFP", "NMC111")
    with pytest.raises(InputError, match="row 1: set_material = NMC811; allowed: NMC111, LFP"):
        _read({**ROW, "set_material": "NMC811"}, design)
    with pytest.raises(InputError, match="row 1: set_material is missing"):
        _read({**ROW, "set_material": None}, design)


def test_films_that_are_pressed_to_a_variable_have_no_rate() -> None:
    """Its column says how far; the table's own rates and gaps are not looked at."""
    gap = {"set_gap_um": {"key": "calendering.to.gap_um", "min": 20, "max": 60}}
    design = _design(variables=gap, cr_pct={"fixed": 0}, calendering={"to": {"gap_um": 40}})
    found = _read({**ROW, "set_gap_um": 35, "gap_um": 35}, design)
    assert found.inputs == ("am_pct", "sc_pct", "set_gap_um")
    assert found.recipes_pct.tolist() == [[92, 60, 35]]
