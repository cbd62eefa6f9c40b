"""The RO-Crate beside a dataset: complete, closed, and what the data package says."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from rocrate.rocrate import ROCrate

from mesocast.dataset.crate import NAME, write_crate
from mesocast.dataset.package import write_dataset
from mesocast.storage.files import read_json
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAPER = ROOT / "data/paper"


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """Write the dataset of a campaign that is not published."""
    write_dataset(pd.read_parquet(PAPER / "dataset.parquet").head(3), tmp_path, campaign="mine")
    return tmp_path


def _assert_valid(folder: Path) -> dict[str, Any]:
    """Hold a crate against what RO-Crate 1.1 demands; give its entities."""
    graph = read_json(folder / NAME)["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    assert len(entities) == len(graph)
    assert all("@type" in entity for entity in graph)
    assert entities[NAME]["about"] == {"@id": "./"}
    # "The root data entity MUST have": section "Direct properties of the Root Data Entity".
    for name in ("name", "description", "datePublished", "license"):
        assert entities["./"][name]
    files = {name for name, entity in entities.items() if entity["@type"] == "File"}
    assert {part["@id"] for part in entities["./"]["hasPart"]} == files
    for name in files:
        assert (folder / name).stat().st_size == int(entities[name]["contentSize"])
    outside = ("https://w3id.org/ro/crate/", "https://specs.frictionlessdata.io/")
    for reference in _references(graph):
        assert reference in entities or reference.startswith(outside)
    return entities


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    if not isinstance(value, dict):
        return []
    if set(value) == {"@id"}:
        return [value["@id"]]
    return [found for item in value.values() for found in _references(item)]


@pytest.mark.parametrize("which", ["published", "own"])
def test_crate_is_valid_and_another_program_reads_it(which: str, campaign: Path) -> None:
    folder = PAPER if which == "published" else campaign
    entities = _assert_valid(folder)
    read = ROCrate(str(folder))
    assert read.name == read_json(folder / "datapackage.json")["title"]
    assert {entity.id for entity in read.data_entities} == {
        name for name, entity in entities.items() if entity["@type"] == "File"
    }
    assert {entity.id for entity in read.contextual_entities} >= {"#porosity_bulk", "#simulation"}


def test_columns_have_the_units_of_the_data_package() -> None:
    entities = _assert_valid(PAPER)
    fields = read_json(PAPER / "datapackage.json")["resources"][0]["schema"]["fields"]
    measured = [column["@id"] for column in entities["./"]["variableMeasured"]]
    assert measured == [f"#{field['name']}" for field in fields]
    for field in fields:
        assert entities[f"#{field['name']}"].get("unitText", "") == field["unit"]


def test_open_dataset_names_its_licence_and_the_programs_of_its_simulations() -> None:
    entities = _assert_valid(PAPER)
    assert entities["./"]["license"]["@id"] == "https://creativecommons.org/licenses/by/4.0/"
    stages = read_json(PAPER / "datapackage.json")["provenance"]["stages"]
    programs = {
        (entity["name"], entity["version"])
        for entity in entities.values()
        if entity["@type"] == "SoftwareApplication"
    }
    names = {"mesocast": "Mesocast", "lammps": "LAMMPS", "taufactor": "TauFactor"}
    assert programs == {
        (name, version)
        for key, name in names.items()
        for stage in stages.values()
        for version in stage.get(key, [])
    }
    assert {name for name, _ in programs} == {"Mesocast", "LAMMPS", "TauFactor"}
    ended = max(stage.get("last_finished", "") for stage in stages.values())
    assert entities["./"]["datePublished"] == ended[:10]


def test_crate_of_the_open_dataset_is_up_to_date(tmp_path: Path) -> None:
    shutil.copytree(PAPER, tmp_path, dirs_exist_ok=True)
    write_crate(tmp_path)
    assert read_json(tmp_path / NAME) == read_json(PAPER / NAME)


def test_campaign_without_a_licence_says_so(campaign: Path) -> None:
    entities = _assert_valid(campaign)
    assert entities[entities["./"]["license"]["@id"]]["description"].startswith("No licence")
