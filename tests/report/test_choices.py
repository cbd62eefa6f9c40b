"""The page of a campaign that chooses among materials and among levels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.optimization.inverse import Wanted
from mesocast.optimization.jobs import run_inverse
from mesocast.optimization.optimum.result import Optimum
from mesocast.report.blocks import Tiles, WhatIf
from mesocast.report.page import render
from mesocast.report.sections import answer, whatif
from mesocast.storage.files import read_json
from mesocast.surrogates.jobs import predict_recipe, predict_table

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.report.results import Results

WORDS = ("LFP", "NMC622", "LCO")
NUMBERS = ("am_pct", "cr_pct", "set_hold_time_us")


def test_dataset_holds_the_words(with_choices: Results) -> None:
    assert set(with_choices.dataset["set_material"]) == set(WORDS)
    fields = read_json(with_choices.layout.data_package)["resources"][0]["schema"]["fields"]
    told = {field["name"]: (field["type"], field["unit"]) for field in fields}
    assert told["set_material"] == ("string", "")
    assert told["set_hold_time_us"] == ("number", "us")


def test_optimum_names_a_choice_and_a_level(with_choices: Results) -> None:
    optimum = with_choices.optimum
    assert optimum.parameters["set_material"] in WORDS
    assert optimum.parameters["set_hold_time_us"] in (1, 5, 20)
    assert optimum.choices == {"set_material": WORDS}
    assert tuple(optimum.bounds_pct) == NUMBERS
    assert optimum.method == "exhaustive_search"
    assert Optimum.read(with_choices.layout.optimum) == optimum
    tradeoffs = with_choices.tradeoffs
    found = [one.parameters for one in tradeoffs.front]
    found += [one.parameters for one in tradeoffs.by_weights]
    assert {one["set_material"] for one in found} <= set(WORDS)
    assert {one["set_hold_time_us"] for one in found} <= {1, 5, 20}
    for indices in with_choices.sensitivities.values():
        assert tuple(indices.inputs) == ("am_pct", "cr_pct", "set_material", "set_hold_time_us")


def test_every_section_of_the_page_is_written(with_choices: Results) -> None:
    html = render(with_choices)
    assert '<select id="choose-set_material">' in html
    tiles = next(b for b in answer.build(with_choices).blocks if isinstance(b, Tiles))
    chosen = {tile.label: tile.value for tile in tiles.tiles}
    assert chosen["Material"] == with_choices.verdict.recipe.further["set_material"]


def test_sliders_are_of_numbers_and_a_list_of_choices(with_choices: Results) -> None:
    block = whatif.build(with_choices).blocks[1]
    assert isinstance(block, WhatIf)
    assert tuple(field.name for field in block.parameters) == NUMBERS
    (choice,) = block.choices
    assert choice.words[choice.start] == with_choices.verdict.recipe.further["set_material"]
    content = json.loads(block.script.split("const whatIf = ")[1].split(";\n")[0])
    assert content["inputs"] == ["am_pct", "cr_pct", "set_material", "set_hold_time_us"]
    assert {one["words"][0] for one in content["electrodes"]} == {0, 1, 2}


def test_prediction_and_inverse_question_take_words(with_choices: Results, tmp_path: Path) -> None:
    campaign, folder = with_choices.campaign, with_choices.folder
    recipe = {name: with_choices.optimum.parameters[name] for name in campaign.box_pct}
    predicted = predict_recipe(campaign, folder, recipe)
    value = predicted["density_g_cm3"].iloc[0]
    assert value == pytest.approx(with_choices.optimum.predicted["density_g_cm3"])
    with pytest.raises(InputError, match="set_material = LMO: is no choice; allowed: LFP, NMC622"):
        predict_recipe(campaign, folder, {**recipe, "set_material": "LMO"})
    with pytest.raises(InputError, match="set_material = 1"):
        predict_recipe(campaign, folder, {**recipe, "set_material": 1.0})
    path = tmp_path / "recipes.csv"
    pd.DataFrame([{**recipe, "set_material": word} for word in WORDS]).to_csv(path, index=False)
    assert predict_table(campaign, folder, path)["set_material"].tolist() == list(WORDS)
    found = run_inverse(campaign, folder, {"density_g_cm3": Wanted(float(value), float(value))})
    assert found["closest"]["parameters"]["set_material"] in WORDS
    assert found["closest"]["parameters"]["set_hold_time_us"] in (1, 5, 20)
