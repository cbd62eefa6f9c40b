"""Campaigns that earlier commits finished are continued, not simulated again.

tests/data/earlier/README.md says how they were made.
"""

from __future__ import annotations

import re
import shutil
import tarfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from mesocast.campaign.checks import load
from mesocast.characterization import jobs as characterization_jobs
from mesocast.config.campaign import PHYSICS_VERSIONS
from mesocast.design.rounds import Proposal
from mesocast.optimization import jobs as optimization_jobs
from mesocast.simulation import jobs as simulation_jobs
from mesocast.storage.files import read_json
from mesocast.storage.layout import SIMULATED, STAGES, Layout, StageName
from tests.conftest import ROOT
from tests.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = ROOT / "tests/data/earlier"
ARCHIVES = sorted(DATA.glob("*.tar.xz"))
_RULES = {"characterize": "characterization"}


def _unpack(archive: Path, folder: Path) -> dict[StageName, str]:
    """Unpack a campaign and give the physics of each stage, as Snakemake has recorded it."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    found = set()
    for path in (folder / ".snakemake/metadata").iterdir():
        command = read_json(path)["shellcmd"] or ""
        found |= set(re.findall(r"mesocast (\w+) .*?--physics (\S+)", command))
    physics = {_RULES.get(command, command): version for command, version in found}
    assert len(physics) == len(found) == len(STAGES)
    return {stage: physics[stage] for stage in STAGES}


def _versions(physics: dict[StageName, str]) -> dict[StageName, int]:
    return {stage: int(text.partition("-")[0][1:]) for stage, text in physics.items()}


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_versions_are_those_that_the_table_tells(archive: Path, tmp_path: Path) -> None:
    versions = _versions(_unpack(archive, tmp_path))
    rows = [line.strip("| ").split(" | ") for line in (DATA / "README.md").read_text().splitlines()]
    (row,) = [row for row in rows if row[0] == f"`{archive.name}`"]
    assert [int(cell) for cell in row[2:]] == list(versions.values())


class _Asked(Exception):  # noqa: N818 - no error: a simulation would begin
    pass


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each simulation, measurement and proposal that would begin, in place of it."""
    found: list[str] = []

    def instead(name: str) -> Callable[..., None]:
        def stop(*_: object, **__: object) -> None:
            found.append(name)
            raise _Asked

        return stop

    monkeypatch.setattr(simulation_jobs, "mix_slurry", instead("slurry"))
    monkeypatch.setattr(simulation_jobs, "dry", instead("drying"))
    monkeypatch.setattr(simulation_jobs, "calender", instead("calendering"))
    monkeypatch.setattr(characterization_jobs, "_characterize", instead("characterization"))
    monkeypatch.setattr(optimization_jobs, "propose", instead("proposal"))
    return found


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_every_kept_result_is_found_by_the_job_that_needs_it(
    archive: Path, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where physics versions are as they were, by whatever job Snakemake runs again.

    A stage whose settings are others now (a new coefficient) has another version too.
    """
    physics = _unpack(archive, tmp_path)
    layout = Layout(tmp_path / "results/tiny")
    campaign = load(read_json(layout.campaign))
    now = dict(PHYSICS_VERSIONS)
    for stage, version in _versions(physics).items():
        monkeypatch.setitem(PHYSICS_VERSIONS, stage, version)
    changed = {stage for stage in STAGES if campaign.physics(stage) != physics[stage]}
    assert changed <= {stage for stage in STAGES if now[stage] > PHYSICS_VERSIONS[stage]}
    proposal = Proposal.read(layout.proposal(1))

    for folder in sorted(layout.job("slurry", "").iterdir()):
        recipe = read_json(folder / "slurry.json")["recipe"]
        place = proposal.slurries.get(folder.name)
        with suppress(_Asked):
            simulation_jobs.run_slurry(
                campaign,
                folder,
                slurry_id=folder.name,
                am_pct=recipe["am_pct"],
                sc_pct=recipe["sc_pct"],
                seed=recipe["seed"],
                round_number=recipe["round"],
                skipped=place.skipped if place else "",
            )
        with suppress(_Asked):
            simulation_jobs.run_drying(campaign, folder)
    for folder in sorted(layout.job("calendering", "").iterdir()):
        recipe = read_json(folder / "calendering.json")["recipe"]
        electrode = proposal.conditions.get(folder.name)
        with suppress(_Asked):
            simulation_jobs.run_calendering(
                campaign,
                layout.slurry(recipe["slurry_id"]),
                folder,
                condition_id=folder.name,
                cr_pct=recipe["cr_pct"],
                round_number=proposal.round if electrode else None,
                skipped=electrode.skipped if electrode else "",
            )
        with suppress(_Asked):
            characterization_jobs.run_characterization(campaign, folder)
    rows = sorted(layout.results.glob("conditions/S*/properties.json"))
    with suppress(_Asked):
        optimization_jobs.run_proposal(campaign, layout.results, 1, rows)

    assert set(asked) == changed | ({"proposal"} if changed else set())


@pytest.mark.slow
@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_whole_campaign_goes_on_without_a_simulation(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "continued"
    versions = _versions(_unpack(archive, folder))
    if any(PHYSICS_VERSIONS[stage] != versions[stage] for stage in SIMULATED):
        pytest.skip("physics have changed since, so films are simulated again")
    project = Project(folder)
    shutil.copy(DATA / "tiny.yaml", project.folder)
    layout = Layout(project.results)
    before = project.simulated()
    assert len(before) == 7 + 7 + 17
    recipe = read_json(layout.optimum)["parameters"]
    status, text = project.run()
    assert status == 0, text
    assert layout.report.exists()
    # Places that a round leaves empty may be written down anew; nothing is simulated of them.
    added = {
        job
        for job in map(_job, project.simulated().keys() - before)
        if not _is_skipped(layout, *job)
    }
    moved = read_json(layout.optimum)["parameters"] != recipe
    assert all(moved and name.startswith("V") for _, name in added), added


def _job(kept: str) -> tuple[StageName, str]:
    """Stage, and slurry or electrode, of a result as `Project.simulated` names it."""
    name, _, folder = kept.partition("/")
    return next(stage for stage in SIMULATED if folder.startswith(f"{stage}-")), name


def _is_skipped(layout: Layout, stage: StageName, name: str) -> bool:
    return bool(read_json(layout.job(stage, name) / STAGES[stage].record)["status"] == "skipped")
