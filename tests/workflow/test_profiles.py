"""Profiles name rules and keys that exist, and plan a campaign where there is no SLURM."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROFILES = sorted(path.parent.name for path in ROOT.glob("profiles/*/config.yaml"))
RULES = {
    name
    for path in [ROOT / "Snakefile", *ROOT.glob("workflow/rules/*.smk")]
    for name in re.findall(r"^rule (\w+):", path.read_text(), re.MULTILINE)
}


def _profile(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / f"profiles/{name}/config.yaml").read_text())
    return content


def _keys() -> set[str]:
    """Long options of Snakemake and of the SLURM plugin."""
    from snakemake.cli import get_argument_parser

    parser = get_argument_parser()  # with the options of the plugins that are installed
    return {
        word.removeprefix("--")
        for action in parser._actions
        for word in action.option_strings
        if word.startswith("--")
    }


def _wrong(profile: dict[str, Any]) -> list[str]:
    """Keys, and rules in keys that map rules, which do not exist."""
    wrong = sorted(set(profile) - _keys())
    for key in ("set-resources", "set-threads"):
        wrong += sorted(set(profile.get(key, {})) - RULES)
    return wrong


@pytest.mark.parametrize("name", PROFILES)
def test_profile_names_what_exists(name: str) -> None:
    assert _wrong(_profile(name)) == []


def test_wrong_profile_is_noticed() -> None:
    profile = {"executor": "slurm", "slurm-typo": 1, "set-resources": {"no_rule": {}, "drying": {}}}
    assert _wrong(profile) == ["slurm-typo", "no_rule"]


CLUSTERS = ["generic", "slurm"]


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_key_is_explained(name: str) -> None:
    text = (ROOT / "profiles/README.md").read_text()
    assert [key for key in _profile(name) if f"`{key}`" not in text] == []


@pytest.mark.parametrize("name", CLUSTERS)
def test_what_protects_simulations_stands_in_all_profiles(name: str) -> None:
    for key in ("rerun-incomplete", "rerun-triggers", "keep-going", "max-checksum-file-size"):
        assert _profile(name)[key] == _profile("default")[key]


def _planned(folder: Path, *options: str) -> str:
    """Give what a dry-run of the demo says where there is no SLURM."""
    tools = folder / "bin"  # all that Snakemake calls, and nothing of SLURM
    tools.mkdir()
    for name in ("which", "sh", "bash"):
        (tools / name).symlink_to(shutil.which(name) or "")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "-n"),
            *("--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)),
            *("--workflow-profile", str(ROOT / "profiles/slurm")),
            *("--config", f"campaign={ROOT / 'config/demo.yaml'}", *options),
        ],
        cwd=folder,
        env={"PATH": str(tools), "PYTHONPATH": str(ROOT / "src"), "HOME": os.environ["HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_campaign_is_planned_where_there_is_no_slurm(tmp_path: Path) -> None:
    text = _planned(tmp_path, "--quiet", "rules")
    assert re.search(r"^calendering +32$", text, re.MULTILINE)


@pytest.mark.slow
def test_stage_starts_on_the_ranks_that_a_profile_gives_it(tmp_path: Path) -> None:
    ranks = ("drying:mpi='srun --mpi=pmi2'", "drying:tasks=2")
    text = _planned(tmp_path, "--printshellcmds", "--set-resources", *ranks)
    commands = re.findall(
        r"^Shell command: (.*mesocast (?:slurry|drying|calendering)) ", text, re.MULTILINE
    )
    assert set(commands) == {
        "mesocast slurry",
        "srun --mpi=pmi2 -n 2 mesocast drying",
        "mesocast calendering",
    }
