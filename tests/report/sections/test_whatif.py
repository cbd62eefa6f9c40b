"""What the section of sliders holds, without a browser."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from mesocast.columns import column
from mesocast.report.blocks import Text, WhatIf
from mesocast.report.sections import whatif
from mesocast.surrogates.equations.equation import Equation
from tests.report.conftest import replaced
from tests.report.made_up import make_campaign

if TYPE_CHECKING:
    from mesocast.report.results import Results


def test_it_starts_at_the_verdict_within_the_searched_bounds(results: Results) -> None:
    block = whatif.build(results).blocks[1]
    assert isinstance(block, WhatIf)
    for field in block.parameters:
        assert field.value == getattr(results.verdict.recipe, field.name)
        assert (field.low, field.high) == tuple(results.optimum.bounds_pct[field.name])
    goals = results.optimum.objective_definition.goals
    weights = {field.name: field.value for field in block.properties}
    assert {name: weights[name] for name in goals} == {n: g.weight for n, g in goals.items()}


def test_it_holds_the_equations_intervals_and_possible_values(results: Results) -> None:
    block = whatif.build(results).blocks[1]
    assert isinstance(block, WhatIf)
    found = re.match(r"const whatIf = (\{.*\});\n", block.script)
    assert found
    content = json.loads(found[1])
    for told in content["properties"]:
        name = told["name"]
        interval = results.validations[name].interval
        assert told["interval"] == [interval.low, interval.high]
        assert (told["minimum"], told["maximum"]) == (column(name).minimum, column(name).maximum)
        model = results.surrogates[name].model
        assert isinstance(model, Equation)
        assert f'"{name}": {model.javascript()}' in block.script
    rows = results.everything[results.everything["status"] == "ok"]
    assert {e["id"] for e in content["electrodes"]} == set(rows["condition_id"])


def test_a_method_without_equations_says_so(results: Results) -> None:
    class Process:
        pass

    processes = {
        name: type("Fit", (), {"model": Process()})() for name in results.campaign.modelled
    }
    other = replaced(results, campaign=make_campaign("gaussian_process"), surrogates=processes)
    (block,) = whatif.build(other).blocks
    assert isinstance(block, Text)
    assert "gaussian_process gives nothing that a page" in block.text
