"""The page of a campaign that varies more than the three numbers of a recipe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mesocast.errors import InputError
from mesocast.optimization.inverse import Wanted
from mesocast.optimization.jobs import run_inverse
from mesocast.report.blocks import Table, WhatIf
from mesocast.report.page import render
from mesocast.report.sections import answer, data, flat, measured, robustness, whatif
from mesocast.storage.files import read_json
from mesocast.surrogates.jobs import predict_recipe

if TYPE_CHECKING:
    from mesocast.report.results import Results

FREE = (
    "am_pct",
    "cr_pct",
    "set_mass_loading_mg_cm2",
    "set_setting_time_us",
    "set_hold_time_us",
)


def test_dataset_tells_what_was_set_in_which_unit(own_variables: Results) -> None:
    table = own_variables.dataset
    first = list(table.columns).index("cr_pct") + 1
    assert tuple(table.columns[first : first + 3]) == FREE[2:]
    fields = read_json(own_variables.layout.data_package)["resources"][0]["schema"]["fields"]
    units = {field["name"]: field["unit"] for field in fields}
    assert [units[name] for name in FREE[2:]] == ["mg/cm2", "us", "us"]
    # Films of one slurry differ in their drying alone.
    mixed = table.groupby(table["slurry_id"].str.slice(0, 4))
    assert (mixed["set_mass_loading_mg_cm2"].nunique() == 1).all()
    assert (mixed["set_setting_time_us"].nunique() == 2).all()


def test_equations_optimum_and_robustness_go_by_names(own_variables: Results) -> None:
    optimum, found = own_variables.optimum, own_variables.robustness
    for surrogate in own_variables.surrogates.values():
        assert surrogate.inputs == FREE
    assert tuple(optimum.bounds_pct) == FREE
    assert optimum.parameters["sc_pct"] == 60
    assert set(optimum.parameters) == {*FREE, "sc_pct"}
    assert optimum.recipe.further.keys() == set(FREE[2:])
    assert optimum.resolution_pct["set_mass_loading_mg_cm2"] == pytest.approx(0.01)
    assert found.tolerance_pct["set_mass_loading_mg_cm2"] == pytest.approx(0.04)
    for indices in own_variables.sensitivities.values():
        assert tuple(indices.inputs) == FREE


def test_every_section_of_the_page_is_written(own_variables: Results) -> None:
    html = render(own_variables)
    for words in (
        "Mass loading (mg/cm²)",
        "dried 2 times, at other values of setting time",
        "The electrodes of a film differ in compression rate, hold time",
        "the ranges of the others",
    ):
        assert words in html


def test_tables_have_each_parameter_with_its_unit(own_variables: Results) -> None:
    tiles = {tile.label: tile for tile in answer.build(own_variables).blocks[1].tiles}  # type: ignore[union-attr]
    assert tiles["Mass loading"].value.endswith("mg/cm²")
    assert tiles["Active material"].value.endswith("%")
    blocks = [*flat.build(own_variables), *robustness.build(own_variables).blocks]
    tables = {block.title: block for block in blocks if isinstance(block, Table)}
    rows = [row[0] for row in tables["Recipes that cannot be told from the optimum"].rows]
    assert rows[2] == "Mass loading (mg/cm²)"
    steps = tables["What one point more changes at the optimum"].header
    assert steps[1:4] == (
        "Active material, +1 point",
        "Compression rate, +1 point",
        "Mass loading, +1 mg/cm²",
    )
    listed = [b for b in data.build(own_variables).blocks if isinstance(b, Table)]
    assert "Mass loading (mg/cm²)" in listed[-1].header


def test_sliders_have_each_variable_and_write_its_value(own_variables: Results) -> None:
    block = whatif.build(own_variables).blocks[1]
    assert isinstance(block, WhatIf)
    assert tuple(field.name for field in block.parameters) == FREE
    assert [field.unit for field in block.parameters] == [" %", " %", " mg/cm²", " us", " us"]
    content = json.loads(block.script.split("const whatIf = ")[1].split(";\n")[0])
    assert content["fixed"] == {"sc_pct": 60}
    assert len(content["electrodes"][0]["x"]) == len(FREE)


def test_prediction_and_inverse_question_take_the_variables(own_variables: Results) -> None:
    campaign, folder = own_variables.campaign, own_variables.folder
    recipe = {name: own_variables.optimum.parameters[name] for name in FREE}
    predicted = predict_recipe(campaign, folder, recipe)
    assert predicted["density_g_cm3"].iloc[0] == pytest.approx(
        own_variables.optimum.predicted["density_g_cm3"]
    )
    with pytest.raises(InputError, match="'set_hold_time_us' is missing"):
        predict_recipe(campaign, folder, {n: v for n, v in recipe.items() if n != FREE[-1]})
    value = float(predicted["density_g_cm3"].iloc[0])
    found = run_inverse(campaign, folder, {"density_g_cm3": Wanted(value, value)})
    assert list(found["closest"]["parameters"]) == list(FREE)


def test_what_was_measured_is_told_by_variable(own_variables: Results) -> None:
    """Told, compared and corrected over all inputs; the recipe names all of them."""
    good = own_variables.simulated[:6]
    told = good[list(FREE)].assign(tortuosity_factor=good["tortuosity_factor"] + 1)
    results = type(own_variables)(own_variables.campaign, own_variables.folder)
    found = results.compare(told)
    assert found.inputs == FREE
    assert found.bias["difference"].tolist() == [pytest.approx(1)]
    assert found.corrected.recipe.further.keys() == set(FREE[2:])
    vars(results)["measured"] = found
    section = measured.build(results)
    assert section is not None
    table = next(block for block in section.blocks if isinstance(block, Table))
    assert "Change with mass loading" in table.header
    assert {len(row) for row in table.rows} == {len(table.header)}
