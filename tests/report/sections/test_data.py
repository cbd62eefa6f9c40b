"""The section of the data: what stands at the axes of small panels."""

from __future__ import annotations

from mesocast.columns import PARAMETERS, TARGETS
from mesocast.report.sections.data import letters_of

NARROW_PX, LETTER_PX = 300, 4.2  # panels of a window of 390 px, at the smallest type


def test_many_panels_have_letters_that_fit_and_tell_them_apart() -> None:
    own = (
        "set_carbon_to_binder",
        "set_cbd_to_binder",
        "set_mass_loading_mg_cm2",
        "set_small_share",
    )
    names = (*PARAMETERS, *own, "porosity_bulk", *TARGETS)
    letters = letters_of(names)
    assert [letters[name] for name in own] == ["CTB", "CTB′", "ML", "SS"]
    assert len(set(letters.values())) == len(names)
    assert all(len(text) * LETTER_PX < NARROW_PX / len(names) for text in letters.values())


def test_symbols_stay_where_they_fit() -> None:
    names = (*PARAMETERS, "porosity_bulk", *TARGETS)
    assert list(letters_of(names).values()) == ["AM", "SC", "CR", "ε", "τ", "σ", "A", "ρ"]
    assert letters_of((*names, "thickness_um"))["thickness_um"] == "T"
    assert (
        letters_of(("am_pct", "set_mass_loading_mg_cm2"))["set_mass_loading_mg_cm2"]
        == "Mass loading"
    )
