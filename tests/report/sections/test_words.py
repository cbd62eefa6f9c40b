"""Sentences that are not those of the default campaign."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from mesocast.report.blocks import Table, Text
from mesocast.report.ragone import BEST, RECOMMENDED, shown_electrodes
from mesocast.report.sections import cell, design, flat, standing, tradeoffs
from mesocast.report.sections.weighing import weighed_and_set
from tests.report.conftest import replaced
from tests.report.made_up import make_campaign

if TYPE_CHECKING:
    from mesocast.report.results import Results


def _text(blocks: list[Any]) -> str:
    return " ".join(block.text for block in blocks if isinstance(block, Text))


def test_no_electrode_within_the_constraints_is_none_as_good(results: Results) -> None:
    found = results.optimum.flat
    assert found is not None
    optimum = replace(results.optimum, flat=replace(found, alike=()))
    blocks = flat.build(replaced(results, optimum=optimum))
    assert "none meets the constraints" in _text(blocks)
    (table,) = (b for b in blocks if isinstance(b, Table) and b.header[0].startswith("Parameter"))
    assert {row[-1] for row in table.rows} == {"–"}


def test_constraints_on_parameters_narrow_what_was_searched(results: Results) -> None:
    low, high = results.optimum.bounds_pct["cr_pct"]
    campaign = make_campaign(optimum={"constraints": {"cr_pct": {"max": high - 5}}})
    assert replaced(results, campaign=campaign).searched_pct["cr_pct"] == (low, high - 5)


def test_the_cell_of_the_answer_is_the_recommended_one(results: Results) -> None:
    confirmed = replaced(results, confirmed=results.confirmed.assign(objective=[-9.0, -9.01]))
    assert confirmed.verdict.electrode == ""
    assert RECOMMENDED in shown_electrodes(confirmed)["V01-C01"]
    refuted = replaced(results, confirmed=results.confirmed.assign(objective=[9.0, 9.01]))
    name = refuted.verdict.electrode
    assert name == refuted.simulated.iloc[0]["condition_id"]
    shown = shown_electrodes(refuted)
    assert [one for one, roles in shown.items() if RECOMMENDED in roles] == [name]
    optimum = replace(results.optimum, objective=-9.0)
    alone = replaced(results, optimum=optimum, confirmed=results.confirmed.head(0))
    assert alone.verdict.standing == "unverified"
    assert BEST in next(iter(shown_electrodes(alone).values()))


def test_a_cell_without_a_number_has_no_place() -> None:
    assert cell._limits({"full_cell": [], "half_cell": []}, "A") == [
        "No discharge of the full cell of A has a result."
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "a Sobol sequence"),
        ({"sampling": "latin_hypercube"}, "a Latin hypercube"),
        ({"sc_pct": {"fixed": 60}}, "gives active material of the slurries"),
        (
            {
                "recipes": [
                    {"am_pct": am, "sc_pct": 60, "cr_pct": [20, 30]} for am in (90, 91, 92, 93, 94)
                ],
                "seeds_per_recipe": 2,
            },
            "the 5 recipes that the config lists, 2 random starts each",
        ),
    ],
)
def test_the_design_is_told_as_it_was_made(
    results: Results, changes: dict[str, Any], said: str
) -> None:
    campaign = make_campaign(design=changes)
    assert said in design._sampled(replaced(results, campaign=campaign))


@pytest.mark.parametrize(("share", "said"), [(0.6, "decides nothing"), (0.001, "choose among")])
def test_a_small_front_is_left_to_the_weights(results: Results, share: float, said: str) -> None:
    found = replace(results.tradeoffs, non_dominated_share=share)
    assert said in _text(list(tradeoffs.build(replaced(results, tradeoffs=found)).blocks))


def test_gap_is_that_of_the_plane(results: Results) -> None:
    pressed = replaced(
        results,
        simulated=results.simulated.assign(gap_um=31.4),
        confirmed=results.confirmed.assign(objective=9.0),
    )
    cells = {row[0]: row[1] for row in weighed_and_set(pressed).rows}
    assert cells["Gap at the plane's lowest point"] == "31.4 µm"
    assert cells["Thickness under the plane"] != "31.4 µm"


def test_one_failure_of_many_is_not_the_end() -> None:
    table = pd.DataFrame({"status": ["cannot_pack"]})
    assert standing._sentence(60, table) == (
        "No recipe yet: of 60 electrodes 1 are measured (0 ok, 1 cannot_pack)."
    )
    assert standing._sentence(1, table).startswith("No recipe can be given")
