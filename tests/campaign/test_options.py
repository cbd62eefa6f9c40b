"""What the controller reads from the options of Snakemake."""

from __future__ import annotations

import pytest

from mesocast.campaign.options import asks_only, check, value_of
from mesocast.errors import InputError


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
