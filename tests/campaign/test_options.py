"""What the controller reads from the options of Snakemake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.campaign.controller import SNAKEFILE
from mesocast.campaign.options import asks_only, check, uses_slurm, value_of, with_profile
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

HOME = SNAKEFILE.parent


@pytest.mark.parametrize(
    ("options", "value"),
    [([], None), (["--executor"], ""), (["--executor", "x"], "x"), (["-k", "--executor=x"], "x")],
)
def test_value_of_an_option(options: list[str], value: str | None) -> None:
    assert value_of(options, "--executor") == value


@pytest.mark.parametrize(
    "word", ["-n", "-np", "--dry-run", "--dryrun", "--summary", "--report=a.html"]
)
def test_questions_are_known(word: str) -> None:
    assert asks_only(["--cores", "2", word])


@pytest.mark.parametrize("words", [[], ["--unlock"], ["-k", "electrodes"], ["--rerun-incomplete"]])
def test_work_is_no_question(words: list[str]) -> None:
    assert not asks_only(words)


@pytest.mark.parametrize("word", ["--config", "--config=seed=2", "-C", "--directory", "-d"])
def test_what_would_run_something_else_is_refused(word: str) -> None:
    with pytest.raises(InputError, match=r"^-.*; allowed: "):
        check(["--cores", "2", word, "x"])


@pytest.mark.parametrize("word", ["slurm", "profiles/slurm"])
def test_own_profiles_are_found_from_any_folder(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = ["-k", "--workflow-profile", str(HOME / "profiles/slurm"), "electrodes"]
    assert with_profile(["-k", "--workflow-profile", word, "electrodes"], HOME) == expected
    assert with_profile(["-k", f"--workflow-profile={word}", "electrodes"], HOME) == expected
    assert uses_slurm(expected)


def test_profile_of_the_folder_comes_before_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "profiles/slurm").mkdir(parents=True)
    (tmp_path / "profiles/slurm/config.yaml").write_text("executor: slurm\n")
    monkeypatch.chdir(tmp_path)
    assert with_profile(["--workflow-profile", "slurm"], HOME)[1] == "profiles/slurm"


@pytest.mark.parametrize("name", ["slrum", ""])
def test_unknown_profile_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(InputError, match="one of default, slurm"):
        with_profile(["--workflow-profile", name], HOME)


def test_slurm_is_seen_in_a_profile_of_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two controllers would send the same jobs."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("SNAKEMAKE_PROFILE", raising=False)
    (tmp_path / "snakemake/site").mkdir(parents=True)
    (tmp_path / "snakemake/site/profile.v9+.yaml").write_text("executor: slurm\njobs: 3\n")
    assert uses_slurm(["--profile", "site"])
    assert not uses_slurm([])
    monkeypatch.setenv("SNAKEMAKE_PROFILE", "site")
    assert uses_slurm([])
    assert not uses_slurm(["--executor", "local"])
