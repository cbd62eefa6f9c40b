"""The script that simulates the corners of the box of recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from corner_recipes import KEY, Place, is_bad, make, places, summary, with_row
from mesocast.campaign.checks import load

if TYPE_CHECKING:
    from pathlib import Path

# Few large particles: a second or two.
SMALL = {
    "campaign": "small",
    "electrode": {"mass_ug": 0.003, "mass_loading_mg_cm2": 2.5},
    "materials": {
        "active_material": {"diameters_um": [3.0, 4.5], "number_fractions": [0.6, 0.4]},
        "cbd": {"dry_diameter_um": 1.8},
    },
    "cell": {"enabled": False},
}


def test_corners_and_middles_of_the_edges() -> None:
    found = places(load({"campaign": "box"}))
    assert len(set(found)) == 20
    assert sum(p.place == "corner" for p in found) == 8
    corners = {(p.am_pct, p.sc_pct, p.cr_pct) for p in found if p.place == "corner"}
    assert {(86, 45, 0), (97, 71, 40)} <= corners
    edges = {(p.am_pct, p.sc_pct, p.cr_pct) for p in found if p.place == "edge"}
    assert {(91.5, 45, 40), (97, 58, 0), (86, 71, 20)} <= edges
    assert len({p.slurry_id for p in found}) == 8
    # Of one slurry the deepest first: it finds no restart of another and tells the whole cost.
    rates = [p.cr_pct for p in found if p.slurry_id == "86-45"]
    assert rates == [40, 20, 0]


def test_a_recipe_is_simulated_once_and_told(tmp_path: Path) -> None:
    campaign = load(SMALL)
    row = make(campaign, tmp_path, Place("edge", 94, 60, 20))
    assert row["status"] == "ok"
    assert row["beads_lost"] == 0
    assert row["beads_detached"] == 0
    assert row["cr_imposed_pct"] == pytest.approx(20, abs=0.1)
    assert row["cr_retained_pct"] < row["cr_imposed_pct"]
    springback = 100 * (1 - row["cr_retained_pct"] / row["cr_imposed_pct"])
    assert row["springback_pct"] == pytest.approx(springback, abs=0.1)
    assert 0.2 < row["porosity_bulk"] < row["porosity_total"] < 0.6
    again = make(campaign, tmp_path, Place("edge", 94, 60, 20))
    assert again == row  # kept, with what it cost when it was made
    films = pd.DataFrame([row])
    assert not is_bad(films).any()
    assert "1 films, 1 ok, 0 beads lost" in summary(films)


def _row(**changes: Any) -> dict[str, Any]:
    of_key = {"am_pct": 86.0, "sc_pct": 45.0, "cr_pct": 40.0, "mass_ug": 0.1, "physics": "v3"}
    measured = {"beads_lost": 0, "beads_detached": 0, "cr_imposed_pct": 40.0, "springback_pct": 20}
    measured["cr_retained_pct"] = 32.0
    return {**of_key, **measured, "status": "ok", "cpu_min": 5} | changes


def test_a_film_stands_once_and_what_is_lost_is_seen() -> None:
    rows = with_row(pd.DataFrame(columns=list(KEY)), _row())
    rows = with_row(rows, _row(cr_retained_pct=41.0, springback_pct=-2.5))
    assert len(rows) == 1
    rows = with_row(rows, _row(mass_ug=0.02))
    lost = _row(am_pct=97.0, status="particles_lost", beads_lost=None, beads_detached=None)
    rows = with_row(rows, lost)
    assert is_bad(rows).tolist() == [row == "particles_lost" for row in rows["status"]]
    text = summary(rows)
    assert "3 films, 2 ok" in text
    assert "1 of 2 pressed films retain more than was imposed" in text
