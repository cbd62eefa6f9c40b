"""The open dataset, and the campaign that fits and optimizes it without a simulation."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from frictionless import Package, validate

from mesocast.campaign.checks import load
from mesocast.columns import TARGETS
from mesocast.config.campaign import Campaign
from mesocast.dataset.beads import BEADS, Beads
from mesocast.design.plan import make_plan
from mesocast.simulation.composition import porosity_by_mass
from mesocast.storage.files import read_json
from mesocast.storage.layout import STAGES
from mesocast.storage.rows import read_file
from tests.conftest import ROOT
from tests.project import Project

if TYPE_CHECKING:
    from pathlib import Path

DATA = ROOT / "data/paper"


def test_dataset_is_of_the_paper_campaign_at_full_size() -> None:
    provenance = read_json(DATA / "datapackage.json")["provenance"]
    campaign = Campaign.model_validate(provenance["campaign"])
    paper = load(ROOT / "config/paper.yaml")
    assert (campaign.seed, campaign.design) == (paper.seed, paper.design)
    assert campaign.electrode == paper.electrode
    plan = {c.condition_id: c.cr_pct for c in make_plan(campaign).conditions}
    table = read_file(DATA / "dataset.parquet").set_index("condition_id")
    made = {name: plan[name] for name in table.index}
    assert table["cr_pct"].to_dict() == pytest.approx(made)
    assert provenance["electrodes"] == {"simulated": len(table), "of_the_design": len(plan)}
    good = table[table["status"] == "ok"]
    assert len(good) > 0.95 * len(table)
    assert good[[*TARGETS]].notna().all(axis=None)
    assert (table.loc[table["status"] != "ok", "reason"].str.len() > 0).all()
    # Solids are there once: volume fractions and porosity add up.
    total = good["porosity_bulk"] + good["am_fraction"] + good["cbd_fraction"]
    assert total.to_numpy() == pytest.approx(1, abs=2e-3)


def test_dried_films_of_the_dataset_get_denser_with_active_material() -> None:
    """As measured films do; version 1 had it upside down."""
    beads = Beads(DATA / BEADS)
    table = read_file(DATA / "dataset.parquet").query("status == 'ok'")
    films = table.drop_duplicates("slurry_id")
    materials = load(ROOT / "config/paper.yaml").materials
    porosity = []
    for name in films["slurry_id"]:
        film = beads.read(name, "dried")
        porosity.append(porosity_by_mass(materials, film, film.thickness_um))
    terms = np.column_stack([np.ones(len(films)), films["am_pct"], films["sc_pct"]])
    (_, of_am, of_sc), *_ = np.linalg.lstsq(terms, np.array(porosity), rcond=None)
    assert of_am < 0
    assert of_sc < 0


def test_dataset_holds_the_beads_of_every_electrode_as_dried_and_as_pressed() -> None:
    table = read_file(DATA / "dataset.parquet").query("status == 'ok'")
    beads = Beads(DATA / BEADS)
    assert all((name, "pressed") in beads for name in table["condition_id"])
    assert all((name, "dried") in beads for name in table["slurry_id"])


def test_data_package_is_valid_and_says_what_it_was_made_from() -> None:
    # The beads are a million rows and more, one like the other.
    assert validate(str(DATA / "datapackage.json"), limit_rows=1000).valid
    package = read_json(DATA / "datapackage.json")
    assert Package(str(DATA / "datapackage.json")).licenses
    there = package["provenance"]["electrodes"]
    is_whole = there["simulated"] == there["of_the_design"]
    assert package["version"] == ("2.0.0" if is_whole else f"2.0.0-draft.{there['simulated']}")
    assert package["contributors"]
    for resource in package["resources"]:
        content = (DATA / resource["path"]).read_bytes()
        assert resource["sha256"] == hashlib.sha256(content).hexdigest()
    assert [one["version"] for one in package["earlier_versions"]] == ["1.0.0"]
    made = package["provenance"]
    assert made["hardware"]
    paper = load(ROOT / "config/paper.yaml")
    for stage in STAGES:
        assert made["stages"][stage]["physics"] == [paper.physics(stage)]
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
