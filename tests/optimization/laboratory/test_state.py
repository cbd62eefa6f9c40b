"""The laboratory's file: asked, told, told again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mesocast.columns import PARAMETERS
from mesocast.columns.variables import Discrete
from mesocast.dataset.design_columns import DesignColumns
from mesocast.errors import InputError
from mesocast.optimization.laboratory.ask import Asked
from mesocast.optimization.laboratory.state import Laboratory, Told
from mesocast.storage.rows import records_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def laboratory() -> Laboratory:
    asked = [Asked(1, (92.0, 60.0, 20.0)), Asked(1, (92.0, 60.0, 30.0))]
    return Laboratory().with_asked(asked)[0]


def _told(name: str = "A01-1", **values: float) -> pd.DataFrame:
    return pd.DataFrame([{"name": name, **values}])


def test_what_is_asked_is_pending_until_it_is_told(laboratory: Laboratory) -> None:
    assert laboratory.table["name"].tolist() == ["A01-1", "A01-2"]
    assert laboratory.table["slurry"].tolist() == ["A01-S1", "A01-S1"]
    assert laboratory.measured() is None
    after, told = laboratory.tell(_told(porosity_total=0.3, porosity_total_std=0.01), "t")
    assert told.new == ("A01-1",)
    assert after.unmeasured_pct.tolist() == [[92, 60, 30]]
    measured = after.measured()
    assert measured is not None
    assert measured.names == ("A01-1",)
    assert measured.recipes_pct.tolist() == [[92, 60, 20]]
    assert measured.deviations["porosity_total"].tolist() == [0.01]


def test_the_file_holds_all_and_telling_twice_changes_nothing(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    path = tmp_path / "laboratory.csv"
    once, _ = laboratory.tell(_told(porosity_total=1 / 3), "t")
    once.write(path)
    text = path.read_text()
    again, told = Laboratory.read(path).tell(_told(porosity_total=1 / 3), "t")
    assert told.same == ("A01-1",)
    assert not told.new + told.changed
    again.write(path)
    assert path.read_text() == text


def test_an_electrode_of_ones_own_is_known_by_recipe_and_values(laboratory: Laboratory) -> None:
    own = pd.DataFrame([{"am_pct": 90, "sc_pct": 55, "cr_pct": 5, "porosity_total": 0.4}])
    once, told = laboratory.tell(own, "t")
    assert told.new == ("M001",)
    assert once.tell(own, "t")[1].same == ("M001",)
    repeat = own.assign(porosity_total=0.41)
    assert once.tell(repeat, "t")[1].new == ("M002",)
    unnamed = pd.DataFrame([{"am_pct": 92, "sc_pct": 60, "cr_pct": 30, "porosity_total": 0.3}])
    assert laboratory.tell(unnamed, "t")[1].new == ("A01-2",)


def test_a_further_property_joins_and_another_value_is_refused(laboratory: Laboratory) -> None:
    once, _ = laboratory.tell(_told(porosity_total=0.3), "t")
    both, told = once.tell(_told(porosity_total=0.3, density_g_cm3=2.4), "t")
    assert told.new == ("A01-1",)
    measured = both.measured()
    assert measured is not None
    assert set(measured.properties) == {"porosity_total", "density_g_cm3"}
    with pytest.raises(InputError, match=r"t: A01-1: porosity_total = 0\.31, told before as 0\.3"):
        both.tell(_told(porosity_total=0.31), "t")
    replaced, told = both.tell(_told(porosity_total=0.31), "t", replace=True)
    assert told.changed == ("A01-1",)
    assert replaced.rows["A01-1"]["porosity_total"] == 0.31
    assert replaced.rows["A01-1"]["density_g_cm3"] == 2.4


def test_a_failed_electrode_is_not_pending_and_not_measured(laboratory: Laboratory) -> None:
    lost = pd.DataFrame([{"name": "A01-2", "status": "failed"}])
    failed, told = laboratory.tell(lost, "t")
    assert told.new == ("A01-2",)
    assert failed.table["status"].tolist() == ["pending", "failed"]
    assert failed.measured() is None
    assert len(failed.unmeasured_pct) == 2  # it is not asked for again


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (pd.DataFrame(), "holds no electrode"),
        (pd.DataFrame([{"name": "Z9", "porosity_total": 0.3}]), "am_pct is missing"),
        (
            pd.DataFrame([{"name": "Z9", "status": "failed"}]),
            "row 1: Z9 failed; allowed: a name",
        ),
        (pd.DataFrame([{"name": "A01-1", "porosity_total": 41}]), "porosity_total = 41"),
        (pd.DataFrame([{"name": "A01-1", "status": "lost"}]), "row 1: status = lost; allowed"),
        (pd.DataFrame([{"name": "A01-1"}]), "holds no measured property"),
    ],
)
def test_a_wrong_table_is_refused(
    told: pd.DataFrame, expected: str, laboratory: Laboratory
) -> None:
    with pytest.raises(InputError, match=f"^t: .*{expected}"):
        laboratory.tell(told, "t")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("A,S,1,lost,92,60,20", "row 1: status = lost; allowed: pending"),
        ("A,S,1,pending,92,,20", "row 1: sc_pct is missing"),
        ("A,S,one,pending,92,60,20", "row 1: ask = 'one'; allowed: a number"),
        (",S,1,pending,92,60,20", "row 1: name = None"),
    ],
)
def test_a_broken_file_is_named(row: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "laboratory.csv"
    path.write_text(f"name,slurry,ask,status,am_pct,sc_pct,cr_pct\n{row}\n")
    with pytest.raises(InputError, match=rf"laboratory\.csv: {expected}"):
        Laboratory.read(path)


def test_the_file_itself_can_be_filled_in_and_told(laboratory: Laboratory) -> None:
    filled = laboratory.table.assign(porosity_total=[0.3, np.nan])
    after, told = Laboratory(records_of(filled)).tell(filled, "t")
    assert told.new == ("A01-1",)
    assert after.table["status"].tolist() == ["measured", "pending"]
    assert after.tell(after.table, "t")[1] == Told((), (), ("A01-1",))


def test_as_it_was_pressed_counts_and_not_as_it_was_asked(laboratory: Laboratory) -> None:
    pressed = _told(gap_um=81.0, thickness_before_um=100.0, porosity_total=0.3)
    after, _ = laboratory.tell(pressed, "t")
    measured = after.measured()
    assert measured is not None
    assert measured.recipes_pct[0] == pytest.approx([92, 60, 19])
    assert after.tell(pressed, "t")[1].same == ("A01-1",)
    with pytest.raises(InputError, match=r"A01-1: cr_pct = 25, told before as 19"):
        after.tell(_told(cr_pct=25.0, porosity_total=0.3), "t")


def test_an_unnamed_electrode_that_was_pressed_to_a_gap_is_known_again() -> None:
    own = pd.DataFrame(
        [
            {"am_pct": 90, "sc_pct": 55, "gap_um": gap, "thickness_before_um": 90, **values}
            for gap, values in ((80, {"density_g_cm3": 2.1}), (80, {"density_g_cm3": 2.2}))
        ]
    )
    once, told = Laboratory().tell(own, "t")
    assert told.new == ("M001", "M002")
    assert once.tell(own, "t")[1].same == ("M001", "M002")


def test_another_value_has_another_deviation(laboratory: Laboratory) -> None:
    once, _ = laboratory.tell(_told(porosity_total=0.3, porosity_total_std=0.01), "t")
    after, _ = once.tell(_told(porosity_total=0.32), "t", replace=True)
    measured = after.measured()
    assert measured is not None
    assert np.isnan(measured.deviations["porosity_total"][0])


def test_what_was_measured_does_not_fail_without_being_asked(laboratory: Laboratory) -> None:
    once, _ = laboratory.tell(_told(porosity_total=0.3), "t")
    lost = pd.DataFrame([{"name": "A01-1", "status": "failed"}])
    with pytest.raises(InputError, match="A01-1 failed, told before as measured"):
        once.tell(lost, "t")
    after, _ = once.tell(lost, "t", replace=True)
    assert after.measured() is None


def test_choices_stand_in_the_file_by_their_words() -> None:
    words = Discrete.of_words(["NMC111", "LFP"])
    design = DesignColumns((*PARAMETERS, "set_material"), bounds={"set_material": words})
    recipe = {"am_pct": 92, "sc_pct": 60, "cr_pct": 20, "porosity_total": 0.3}
    asked = Laboratory(design=design).with_asked([Asked(1, (92.0, 60.0, 20.0, 1.0))])[0]
    assert asked.table["set_material"].tolist() == ["LFP"]
    assert asked.unmeasured_pct.tolist() == [[92, 60, 20, 1]]
    own = pd.DataFrame([{**recipe, "set_material": "LFP"}])
    told, kinds = asked.tell(own, "t")
    assert kinds.new == ("A01-1",)
    with pytest.raises(InputError, match=r"porosity_total = 0\.4, told before as 0\.3; allowed"):
        told.tell(pd.DataFrame([{"name": "A01-1", "porosity_total": 0.4}]), "t")
    other, kinds = told.tell(own.assign(set_material="NMC111"), "t")
    assert kinds.new == ("M001",)
    assert other.table["set_material"].tolist() == ["LFP", "NMC111"]


def test_columns_of_the_ask_are_known_in_any_case(laboratory: Laboratory) -> None:
    table = pd.DataFrame(
        {
            "Name": ["A01-1", "A01-2"],
            "Status": ["measured", "failed"],
            "Density_g_cm3": [2.4, 1.9],
        }
    )
    after, told = laboratory.tell(table, "t")
    assert set(told.new) == {"A01-1", "A01-2"}
    assert after.table.set_index("name")["status"].to_dict() == {
        "A01-1": "measured",
        "A01-2": "failed",
    }
    assert not told.remarks


def test_an_ask_takes_no_name_that_a_laboratory_has_given() -> None:
    own = pd.DataFrame(
        [{"name": "A01-1", "am_pct": 90, "sc_pct": 55, "cr_pct": 5, "porosity_total": 0.4}]
    )
    told, _ = Laboratory().tell(own, "t")
    both, asked = told.with_asked([Asked(1, (92.0, 60.0, 20.0))])
    assert asked["name"].tolist() == ["A02-1"]
    assert both.table.set_index("name").loc["A01-1", "porosity_total"] == 0.4
