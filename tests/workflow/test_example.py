"""The open dataset, and the campaign that fits and optimizes it without a simulation."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from frictionless import Package, validate

from mesocast.campaign.checks import load
from mesocast.columns import TARGETS
from mesocast.config.campaign import Campaign
from mesocast.design.plan import make_plan
from mesocast.storage.files import read_json
from mesocast.storage.rows import read_file
from tests.conftest import ROOT
from tests.project import Project

if TYPE_CHECKING:
    from pathlib import Path

DATA = ROOT / "data/paper"


def test_dataset_is_of_the_design_that_its_package_tells_at_full_size() -> None:
    provenance = read_json(DATA / "datapackage.json")["provenance"]
    campaign = Campaign.model_validate(provenance["campaign"])
    assert campaign.electrode.mass_ug == load(ROOT / "config/paper.yaml").electrode.mass_ug
    plan = {c.condition_id: c.cr_pct for c in make_plan(campaign).conditions}
    table = read_file(DATA / "dataset.parquet").set_index("condition_id")
    assert table["cr_pct"].to_dict() == pytest.approx(plan)
    assert provenance["electrodes"] == {"simulated": len(plan), "of_the_design": len(plan)}
    good = table[table["status"] == "ok"]
    assert len(good) > 0.95 * len(table)
    assert good[[*TARGETS]].notna().all(axis=None)
    assert (table.loc[table["status"] != "ok", "reason"].str.len() > 0).all()
    # Solids are there once: volume fractions and porosity add up.
    total = good["porosity_bulk"] + good["am_fraction"] + good["cbd_fraction"]
    assert total.to_numpy() == pytest.approx(1, abs=2e-3)


def test_data_package_is_valid_and_says_what_it_was_made_from() -> None:
    assert validate(str(DATA / "datapackage.json")).valid
    assert Package(str(DATA / "datapackage.json")).licenses
    made = read_json(DATA / "datapackage.json")["provenance"]
    assert made["hardware"]
    # Design and physics are those of version 1 of the dataset, as README and how-to say; with one
    # of today's, compare with those of config/paper.yaml again.
    for stage in ("slurry", "drying", "calendering"):
        (physics,) = made["stages"][stage]["physics"]
        assert physics.startswith("v2-")
        assert made["stages"][stage]["cpu_hours"] > 0


@pytest.mark.slow
def test_example_ends_with_a_report_and_simulates_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)
    for name in ("config", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    status, text = project.run(config="config/example.yaml")
    assert status == 0, text
    results = tmp_path / "results/example"
    assert not (results / "slurries").exists()
    assert len(read_file(results / "dataset.parquet")) == len(read_file(DATA / "dataset.parquet"))
    # Every electrode that is one was put into cells, and the page shows them.
    table = read_file(results / "dataset.parquet")
    made = read_file(DATA / "dataset.parquet").query("status == 'ok'")["condition_id"]
    assert set(table.loc[table["cell_status"] == "ok", "condition_id"]) == set(made)
    assert table.loc[table["cell_status"] == "ok", "energy_stack_5C_Wh_L"].notna().all()
    page = (results / "report.html").read_text()
    assert '<section id="cell"' in page
    assert f"{len(made)} electrodes" in page[page.index('<section id="cell"') :]
    for name, value in read_json(results / "optimum.json")["parameters"].items():
        assert f"{value:g} %" in page, name
