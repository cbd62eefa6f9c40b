"""Rows from before what the calender did had columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mesocast.config.campaign import Campaign
from mesocast.dataset.jobs import run_dataset
from mesocast.dataset.package import read_dataset
from mesocast.storage.files import write_json

if TYPE_CHECKING:
    from pathlib import Path

ROW: dict[str, Any] = {"slurry_id": "S001", "round": 0, "seed": 7, "status": "ok", "reason": ""}
ROW |= {"am_pct": 90.0, "sc_pct": 60.0, "cr_pct": 20.0, "porosity_bulk": 0.35}


def test_earlier_rows_have_what_their_calendering_says(tmp_path: Path) -> None:
    """No electrode is measured again; what no record tells stays empty."""
    told = {"gap_um": 40.0, "cr_imposed_pct": 20.0, "cr_retained_pct": 15.0}
    measured: dict[str, dict[str, Any]] = {
        "S001-C01": told,
        "S001-C02": {**told, "passes": 3, "porosity_by_mass": 0.31},
        "S001-C03": {"gap_um": 1.0},
    }
    rows = []
    for name, record in measured.items():
        own = {"gap_um": 42.0, "passes": 1.0} if name == "S001-C03" else {}
        path = tmp_path / "conditions" / name / "properties.json"
        path.parent.mkdir(parents=True)
        write_json(path, {**ROW, **own, "condition_id": name})
        write_json(path.with_name("calendering.json"), {"measured": record})
        rows.append(path)
    run_dataset(Campaign(campaign="x"), tmp_path, rows)
    table = read_dataset(tmp_path).set_index("condition_id")
    assert table["gap_um"].tolist() == [40.0, 40.0, 42.0]  # what a row says itself counts
    assert table["springback_pct"].tolist()[:2] == [pytest.approx(25)] * 2
    assert table["passes"].fillna(-1).tolist() == [-1.0, 3.0, 1.0]
    assert table["porosity_by_mass"].fillna(-1).tolist() == [-1.0, 0.31, -1.0]
    assert table["line_load_N_mm"].isna().all()
