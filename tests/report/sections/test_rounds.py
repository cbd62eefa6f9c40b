from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mesocast.design.rounds import Proposal, ProposedCondition, ProposedSlurry
from mesocast.report.blocks import Table, Text
from mesocast.report.numbers import number
from mesocast.report.sections import data, failures, rounds
from tests.report.conftest import replaced

if TYPE_CHECKING:
    from mesocast.report.results import Results


def _with_round(results: Results, *, improves: bool) -> Results:
    """Add a round of two places: one electrode of a new slurry, and one place left empty."""
    by_objective = results.simulated.drop(columns="objective")
    copied = by_objective.iloc[[0 if improves else -1]]
    new = copied.assign(condition_id="R1-C01", slurry_id="R1S01", round=1)
    skipped = new.assign(condition_id="R1-C02", status="skipped", reason="nothing gains enough")
    skipped["density_g_cm3"] = np.nan
    table = results.dataset
    if improves:
        table = table[table["condition_id"] != copied["condition_id"].iloc[0]]
    place = ProposedCondition("R1S01", 90, 60, 10)
    proposal = Proposal(
        round=1,
        expected_gain=0.125,
        cost=11,
        slurries={"R1S01": ProposedSlurry(90, 60)},
        conditions={"R1-C01": place, "R1-C02": replace(place, skipped="nothing gains enough")},
    )
    return replaced(
        results,
        dataset=pd.concat([table, new, skipped], ignore_index=True),
        proposals={1: proposal},
    )


def test_campaign_without_rounds_says_nothing_of_them(results: Results) -> None:
    assert rounds.build(results) == []


def test_round_shows_what_it_cost_and_whether_it_paid(results: Results) -> None:
    for improves in (True, False):
        changed = _with_round(results, improves=improves)
        text, table = rounds.build(changed)
        assert isinstance(text, Text)
        assert isinstance(table, Table)
        design, added = (dict(zip(table.header, row, strict=True)) for row in table.rows)
        assert (design["Origin"], added["Origin"]) == ("design", "round 1")
        assert added["New slurries"] == added["Electrodes"] == "1"
        assert (added["Cost"], added["Expected gain (%)"]) == ("11.0", "12.5")
        best = number(float(changed.simulated["objective"].iloc[0]), 3)
        assert added["Best objective so far"] == best
        assert best in text.text
        assert ("did not improve" in text.text) is not improves
        assert (added["Best electrode so far"] == "R1-C01") is improves


def test_electrodes_are_listed_with_their_round(results: Results) -> None:
    changed = _with_round(results, improves=True)
    tables = [b for b in data.build(changed).blocks if isinstance(b, Table)]
    table = next(t for t in tables if t.title == "Properties of every electrode")
    origins = {row[0]: row[1] for row in table.rows}
    assert origins["R1-C01"] == origins["R1-C02"] == "round 1"
    assert origins["S001-C01"] == "design"
    assert origins["V01-C01"] == "verification"


def test_place_left_empty_is_no_failure(results: Results) -> None:
    changed = _with_round(results, improves=True)
    assert "R1-C02" not in set(changed.failed["condition_id"])
    blocks = failures.build(changed).blocks
    assert Text("Round 1: 1 place not used: nothing gains enough.") in blocks
