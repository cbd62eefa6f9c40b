"""Of a workflow's profile and a person's own, what stands in the person's counts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mesocast.campaign.controller import SNAKEFILE
from mesocast.campaign.profiles import executor_of, setting_of, with_own_settings, with_profile
from mesocast.errors import InputError

HOME = SNAKEFILE.parent


@pytest.mark.parametrize("word", ["slurm", "profiles/slurm"])
def test_own_profiles_are_found_from_any_folder(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = ["-k", "--workflow-profile", str(HOME / "profiles/slurm"), "electrodes"]
    assert with_profile(["-k", "--workflow-profile", word, "electrodes"], HOME) == expected
    assert with_profile(["-k", f"--workflow-profile={word}", "electrodes"], HOME) == expected
    assert executor_of(expected) == "slurm"


def test_profile_of_the_folder_comes_before_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "profiles/slurm").mkdir(parents=True)
    (tmp_path / "profiles/slurm/config.yaml").write_text("executor: slurm\n")
    monkeypatch.chdir(tmp_path)
    assert with_profile(["--workflow-profile", "slurm"], HOME)[1] == "profiles/slurm"


@pytest.mark.parametrize("name", ["slrum", ""])
def test_unknown_profile_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(InputError, match="one of default, generic, slurm"):
        with_profile(["--workflow-profile", name], HOME)


def test_slurm_is_seen_in_a_profile_of_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two controllers would send the same jobs."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("SNAKEMAKE_PROFILE", raising=False)
    (tmp_path / "snakemake/site").mkdir(parents=True)
    (tmp_path / "snakemake/site/profile.v9+.yaml").write_text("executor: slurm\njobs: 3\n")
    assert executor_of(["--profile", "site"]) == "slurm"
    assert executor_of([]) == "local"
    monkeypatch.setenv("SNAKEMAKE_PROFILE", "site")
    assert executor_of([]) == "slurm"
    assert executor_of(["--executor", "local"]) == "local"


def _parsed(options: list[str]) -> Any:
    """What Snakemake makes of options, with all that their profiles say."""
    from snakemake.cli import parse_args

    words = with_own_settings(with_profile(options, HOME), HOME)
    return parse_args(["--snakefile", str(SNAKEFILE), *words])[1]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's profile, in a folder of profiles that Snakemake does not look into."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SNAKEMAKE_PROFILE", raising=False)
    (tmp_path / "site").mkdir()
    return tmp_path / "site/config.yaml"


OWN = {"jobs": 7, "retries": 1, "latency-wait": 9}


@pytest.mark.parametrize(
    "options",
    [
        ["--workflow-profile", "slurm", "--profile", "site", "electrodes"],
        ["--profile=site", "--workflow-profile=slurm", "electrodes"],
        ["--profile", "site/config.yaml", "electrodes", "--workflow-profile", "slurm"],
        ["electrodes", "--profile", "site"],  # beside the workflow's default
    ],
)
def test_own_profile_counts_more(site: Path, options: list[str]) -> None:
    site.write_text(yaml.safe_dump(OWN))
    parsed = _parsed(options)
    assert {key: getattr(parsed, key.replace("-", "_")) for key in OWN} == OWN
    assert parsed.rerun_incomplete, "what stands in the workflow's profile alone must stay"
    assert list(parsed.targets) == ["electrodes"]


def test_own_profile_of_the_environment_counts_more(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write_text("retries: 1\n")
    monkeypatch.setenv("SNAKEMAKE_PROFILE", "site")
    assert _parsed(["--workflow-profile", "slurm"]).retries == 1
    assert _parsed(["--workflow-profile", "slurm", "--profile", "none"]).retries == 4


def test_option_counts_more_than_any_profile(site: Path) -> None:
    site.write_text(yaml.safe_dump({**OWN, "default-resources": {"slurm_account": "lab"}}))
    both = ["--workflow-profile", "slurm", "--profile", "site"]
    assert _parsed([*both, "--retries", "2"]).retries == 2
    told = _requests([*both, "--default-resources", "slurm_account=x"])
    assert told["slurm_account"] == "x"
    assert "runtime" not in told


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"slurm_account": "lab"}, {"slurm_account": "lab", "mem_mb": "2000", "runtime": "60"}),
        (["mem_mb=8000", "runtime=30"], {"mem_mb": "8000", "runtime": "30"}),
        # Digits, yet a name: without its quotes it would be asked for as 815.
        ({"slurm_account": "0815", "runtime": 30}, {"slurm_account": "0815", "mem_mb": "2000"}),
    ],
)
def test_requests_are_joined_by_name(site: Path, own: object, expected: dict[str, str]) -> None:
    site.write_text(yaml.safe_dump({"default-resources": own}))
    assert expected.items() <= _requests(["--workflow-profile=slurm", "--profile=site"]).items()


def _requests(options: list[str]) -> dict[str, str]:
    """What a job asks for by default, as a dry-run tells."""
    Path("Snakefile").write_text('rule electrodes:\n    shell: "true"\n')
    words = with_own_settings(with_profile(options, HOME), HOME)
    done = subprocess.run(
        [*(sys.executable, "-m", "snakemake", "-n"), *words],
        check=False,
        capture_output=True,
        text=True,
    )
    told = re.search(r"^ +resources: (.*)$", done.stdout + done.stderr, re.MULTILINE)
    assert told, done.stderr
    return dict(entry.split("=", 1) for entry in told[1].split(", "))


def test_last_of_several_own_profiles_counts_most(site: Path) -> None:
    site.write_text("executor: slurm\njobs: 7\n")
    (site.parent / "more.yaml").write_text("executor: local\n")
    chosen = with_own_settings(
        ["--profile", "site", "--profile=site/more.yaml", "--workflow-profile", "w"], HOME
    )
    assert (executor_of(chosen), setting_of(chosen, "jobs")) == ("local", "7")
