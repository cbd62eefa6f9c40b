"""Design variables beyond a recipe's three numbers: names, columns and recipes."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest

from mesocast.columns import check_row, column, kind_of, name_of, possible, unit_of, with_unit
from mesocast.columns.variables import Discrete, is_value, value_of, words_of
from mesocast.errors import InputError
from mesocast.recipe import Recipe
from mesocast.storage.rows import gather, table_of

if TYPE_CHECKING:
    from pathlib import Path

LOADING = "set_mass_loading_mg_cm2"
ROW = {
    "condition_id": "S001-C01",
    "slurry_id": "S001",
    "round": 0,
    "seed": 1,
    "status": "ok",
    "reason": "",
    "am_pct": 94.0,
    "sc_pct": 60.0,
    "cr_pct": 20.0,
}


def test_column_of_a_variable_tells_unit_and_name() -> None:
    assert (unit_of(LOADING), name_of(LOADING)) == ("mg/cm2", "Mass loading")
    assert (kind_of(LOADING), with_unit(LOADING)) == ("number", "Mass loading (mg/cm²)")
    assert column(LOADING).unit == "mg/cm2"
    assert possible(LOADING) == (-float("inf"), float("inf"))
    assert unit_of("set_small_share") == ""


def test_row_takes_a_variable_and_no_other_column() -> None:
    row = check_row({**ROW, LOADING: 12.5}, "row").model_dump()
    assert row[LOADING] == 12.5
    assert LOADING in table_of([row])
    with pytest.raises(InputError, match="row: loading: no such column"):
        check_row({**ROW, "loading": 12.5}, "row")
    with pytest.raises(InputError, match=rf"row: {LOADING} = 'a b'; allowed: a number, or the"):
        check_row({**ROW, LOADING: "a b"}, "row")


def test_table_without_variables_has_the_columns_it_always_had() -> None:
    table = table_of([check_row(ROW, "row").model_dump()])
    assert not [name for name in table if str(name).startswith("set_")]


def test_recipe_carries_variables() -> None:
    recipe = Recipe.of({"am_pct": 94, "sc_pct": 62, "cr_pct": 20, LOADING: 12, "porosity": 0.3})
    assert recipe.values == {"am_pct": 94, "sc_pct": 62, "cr_pct": 20, LOADING: 12}
    assert recipe != Recipe(94, 62, 20)
    assert Recipe.of({"am_pct": 94, "sc_pct": 62, "cr_pct": 20}) == Recipe(94, 62, 20)
    with pytest.raises(InputError, match=r"am_pct is missing"):
        Recipe.of({"sc_pct": 62})
    with pytest.raises(InputError, match=r"loading: is no design variable"):
        Recipe(94, 62, 20, {"loading": 12.0})


def test_row_and_recipe_carry_the_word_of_a_choice(tmp_path: Path) -> None:
    row = check_row({**ROW, "set_material": "LFP", LOADING: "12.5"}, "row").model_dump()
    assert (row["set_material"], row[LOADING]) == ("LFP", 12.5)
    table = table_of([row])
    assert table["set_material"].tolist() == ["LFP"]
    failed = {**ROW, "status": "failed", "set_material": "LFP"}
    lines = (",".join(map(str, part)) for part in (failed, failed.values()))
    (tmp_path / "table.csv").write_text("\n".join(lines))
    assert gather([tmp_path / "table.csv"])["set_material"].tolist() == ["LFP"]
    recipe = Recipe.of({"am_pct": 94, "sc_pct": 62, "cr_pct": 20, "set_material": "LFP"})
    assert recipe.label == "AM 94 %, SC 62 %, CR 20 %, Material LFP"
    with pytest.raises(InputError, match="allowed: a finite number, or a word"):
        Recipe(94, 62, 20, {"set_x": "a b"})


def test_discrete_bounds_are_bounds_and_survive_a_copy() -> None:
    levels = Discrete([5.0, 1.0, 2.0])
    assert levels == (1.0, 5.0)
    assert levels.nearest([[0.0, 1.4], [1.6, 9.0]]).tolist() == [[1.0, 1.0], [2.0, 5.0]]
    for made in (copy.deepcopy(levels), pickle.loads(pickle.dumps(levels))):
        assert (made, made.allowed, made.words) == ((1.0, 5.0), (1.0, 2.0, 5.0), ())
    assert words_of({"set_a": levels, "set_b": Discrete.of_words("xy")}) == {"set_b": ("x", "y")}
    assert [is_value(value_of(text)) for text in ("1e3", "LFP", "inf", "a b")] == [
        True,
        True,
        False,
        False,
    ]
