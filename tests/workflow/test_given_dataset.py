"""Campaigns on electrodes that are there already."""

from __future__ import annotations

from typing import Any

import pytest

from mesocast.storage.files import read_json, write_json
from tests import known_laws
from tests.project import Project

pytestmark = pytest.mark.slow

GIVEN: dict[str, Any] = {
    "design": {"dataset": "given/dataset.csv"},
    "surrogates": {"method": "polynomial", "splits": 2, "compare": []},
    "optimum": {"evaluations": 20, "ensemble": 2},
    "verification": {"seeds": 0},
}
SEARCHES = {"optimum", "tradeoffs", "robustness", "verification", "ragone", "report"}
MODELS = {"surrogate", "sensitivity", "comparison"}


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Run a campaign on a dataset of electrodes that follow known laws."""
    project = Project(tmp_path_factory.mktemp("modelled"))
    known_laws.write_electrodes(project.folder / "given")
    project.configure(GIVEN)
    status, text = project.run()
    assert status == 0, text
    assert not project.planned()
    return project


@pytest.mark.parametrize(
    ("changes", "reruns"),
    [
        # Surrogates hold within the bounds, the design is as even as they are wide.
        (
            {"design": {**GIVEN["design"], "am_pct": {"min": 86, "max": 97}}},
            {"design", *MODELS, *SEARCHES},
        ),
        ({"surrogates": {**GIVEN["surrogates"], "splits": 3}}, MODELS | SEARCHES),
        (
            {"optimum": {**GIVEN["optimum"], "constraints": {"cr_pct": {"max": 20}}}},
            SEARCHES,
        ),
        ({"optimum": {**GIVEN["optimum"], "ensemble": 3}}, {"robustness", "report"}),
        # The page shows the config.
        ({"cost_model": {"slurry_s_per_1000_beads": 5.0}}, {"report"}),
    ],
    ids=["bounds", "splits", "constraints", "ensemble", "cost model"],
)
def test_change_that_leaves_a_given_dataset_as_it_is_reruns_what_depends_on_it(
    changes: dict[str, Any], reruns: set[str], modelled: Project
) -> None:
    modelled.configure({**GIVEN, **changes})
    assert {rule for rule, _ in modelled.planned()} == reruns


def test_licences_told_beside_a_given_dataset_are_an_input(modelled: Project) -> None:
    modelled.configure(GIVEN)
    beside = modelled.folder / "given/datapackage.json"
    told = read_json(beside)
    write_json(beside, {**told, "licenses": [{"name": "CC-BY-4.0"}]})
    assert "dataset" in {rule for rule, _ in modelled.planned()}
