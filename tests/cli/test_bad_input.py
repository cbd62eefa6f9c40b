"""Whatever a person does, every subcommand ends with one line and its exit status."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest
import yaml

from mesocast.cli import main as command_line
from mesocast.cli.command import Command
from mesocast.cli.ending import DISK_REFUSES, INPUT_IS_WRONG, INTERRUPTED, START_AGAIN
from mesocast.errors import InputError, Stopped
from tests.cli.calls import (
    MAY_MISS,
    READS,
    SHORTENED,
    WORDS,
    WRONG,
    call,
    commands,
    config_of,
    moved,
    one_line,
    replaced,
    words_of,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path


def test_the_tables_hold_every_subcommand() -> None:
    assert set(WORDS) == set(commands())
    assert set(READS) <= set(WORDS)


# --- what a person gives ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "wrong"),
    [
        (name, file, wrong)
        for name, files in READS.items()
        for file in files
        for wrong in SHORTENED.get(name, WRONG)
        if wrong != "missing" or (name, file) not in MAY_MISS
    ],
)
def test_a_file_that_is_none_is_named(
    name: str, file: str, wrong: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with replaced(campaign / file, wrong):
        assert call(words_of(name, campaign)) == INPUT_IS_WRONG
    line = one_line(capsys)
    assert str(campaign / file) in line
    assert "Errno" not in line


@pytest.mark.parametrize("name", [name for name, words in WORDS.items() if "CONFIG" in words])
@pytest.mark.parametrize("wrong", ["missing", "a folder", "not closed", "something else"])
def test_a_config_that_is_none_is_named(
    name: str, wrong: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = config_of(name, campaign)
    with replaced(config, wrong):
        assert call(words_of(name, campaign)) == INPUT_IS_WRONG
    assert str(config) in one_line(capsys)


@pytest.mark.parametrize("name", [name for name in WORDS if name not in ("check", "materials")])
def test_a_file_where_a_folder_is_wanted_is_named(
    name: str, campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = moved(name, campaign, tmp_path)
    (tmp_path / "x").write_text("")
    assert call(words) == INPUT_IS_WRONG
    assert str(tmp_path / "x") in one_line(capsys)


@pytest.mark.parametrize(
    "name",
    [n for n in WORDS if n not in ("check", "materials", "design", "slurry", "viscosity")],
)
def test_results_that_are_not_there_are_named(
    name: str, campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(moved(name, campaign, tmp_path)) == INPUT_IS_WRONG
    line = one_line(capsys)
    assert str(tmp_path / "x") in line
    assert "Errno" not in line


def test_of_a_campaign_under_way_it_is_said_how_to_go_on(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "optimum.json").unlink()
    assert call(words_of("robustness", results)) == INPUT_IS_WRONG
    line = one_line(capsys)
    assert line.startswith(f"{results}/optimum.json: is not there yet")
    assert "mesocast run" in line


@pytest.mark.parametrize("name", [name for name, words in WORDS.items() if "--results" in words])
def test_results_of_another_campaign_are_refused(
    name: str, campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = config_of(name, campaign).read_text()
    other = tmp_path / "other.yaml"
    other.write_text(text.replace("campaign: made-up", "campaign: other"))
    words = words_of(name, campaign)
    words[words.index("--config") + 1] = str(other)
    assert call(words) == INPUT_IS_WRONG
    assert "holds the campaign made-up, the config is of other" in one_line(capsys)


@pytest.mark.parametrize("name", ["slurry", "viscosity"])
@pytest.mark.parametrize("seed", ["-5", "1.5", "many", str(2**31)])
def test_a_seed_that_is_none_is_refused(
    name: str, seed: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for word in words_of(name, campaign) if word not in ("--seed", "1")]
    assert call([*words, f"--seed={seed}"]) == INPUT_IS_WRONG
    assert f"--seed: {seed}; allowed: a whole number" in one_line(capsys)


@pytest.mark.parametrize("number", ["0", "-1", "two", "2"])
def test_a_round_that_is_none_is_refused(
    number: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = words_of("propose", campaign)[:-2]
    assert call([*words, f"--round={number}"]) == INPUT_IS_WRONG
    assert number in one_line(capsys)
    assert not (campaign / "rounds" / number).exists()


@pytest.mark.parametrize("name", ["predict", "invert"])
@pytest.mark.parametrize("output", ["a folder", "table.xls", "a file/table.csv"])
def test_an_answer_that_cannot_be_written_there_is_refused(
    name: str, output: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "a folder").mkdir()
    (results / "a file").write_text("")
    assert call([*words_of(name, results), "--output", f"{results}/{output}"]) == INPUT_IS_WRONG
    assert output.split("/", maxsplit=1)[0] in one_line(capsys)
    assert not list(results.glob(".*.partial"))


@pytest.mark.parametrize(
    ("recipes", "expected"),
    [
        (
            "am_pct,sc_pct,cr_pct\n150,60,20\n",
            "row 1: am_pct = 150: allowed: at least 1 and at most 100 wt %",
        ),
        ("am_pct,sc_pct,cr_pct\n90,58,10\n90,58,10,5\n", "line 3 has 4 cells, the header 3"),
        ("am_pct,sc_pct,cr_pct\n90,58,10,5\n", "line 2 has 4 cells, the header 3"),
        ("am_pct,sc_pct,cr_pct,density_g_cm3\n90,58,10,2\n", "'density_g_cm3' has the name of a"),
    ],
)
def test_recipes_that_would_be_misread_are_refused(
    recipes: str, expected: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "recipes.csv").write_text(recipes)
    assert call(words_of("predict", results)) == INPUT_IS_WRONG
    line = one_line(capsys)
    assert "recipes.csv" in line
    assert expected in line or "Expected 3 fields" in line


def test_a_film_thinner_than_its_particles_is_refused_before_any_job(
    tiny_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = yaml.safe_load(tiny_config.read_text())
    content["electrode"] = {"mass_ug": 0.002, "mass_loading_mg_cm2": 0.3}
    tiny_config.write_text(yaml.safe_dump(content))
    assert call(["check", "--config", str(tiny_config)]) == INPUT_IS_WRONG
    line = one_line(capsys)
    assert line.startswith(f"{tiny_config}: electrode.mass_loading_mg_cm2 = 0.3")
    assert "um thick; allowed: at least 4.5 um" in line


def test_costs_of_a_campaign_that_simulated_nothing_are_refused(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in results.rglob("cost.json"):
        path.unlink()
    assert call(words_of("costs", results)) == INPUT_IS_WRONG
    assert "holds no finished simulation" in one_line(capsys)


def test_a_path_with_spaces_works(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("check", "status", "design", "comparison", "predict", "flow-curves", "report"):
        assert call(words_of(name, results)) == 0, (name, capsys.readouterr().err)


# --- what happens to a person ----------------------------------------------------------------


def _raising(error: BaseException) -> Callable[[argparse.Namespace], None]:
    def run(arguments: argparse.Namespace) -> None:
        raise error

    return run


ENDINGS: list[tuple[BaseException, int, str]] = [
    (InputError("x = 1; allowed: 2"), INPUT_IS_WRONG, "x = 1; allowed: 2"),
    (Stopped("received SIGUSR1"), START_AGAIN, "received SIGUSR1"),
    (KeyboardInterrupt(), INTERRUPTED, "interrupted"),
    (OSError(errno.ENOSPC, "No space", "a/b"), DISK_REFUSES, "a/b: no space left on device"),
    (OSError(errno.EDQUOT, "Quota", "a/b"), DISK_REFUSES, "a/b: disk quota exceeded"),
    (OSError(errno.EROFS, "Read-only", "a/b"), DISK_REFUSES, "a/b: read-only file system"),
    (PermissionError(errno.EACCES, "Denied", "a/b"), DISK_REFUSES, "a/b: permission denied"),
    (IsADirectoryError(errno.EISDIR, "Is", "a"), INPUT_IS_WRONG, "a: is a folder; allowed: a file"),
    (
        NotADirectoryError(errno.ENOTDIR, "Not", f"{__file__}/x"),
        INPUT_IS_WRONG,
        f"{__file__}: is a file; allowed: a folder",
    ),
]


@pytest.mark.parametrize(("error", "status", "expected"), ENDINGS)
@pytest.mark.parametrize("name", WORDS)
def test_every_subcommand_ends_alike(
    name: str,
    error: BaseException,
    status: int,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _replace(monkeypatch, name, _raising(error))
    assert call(words_of(name, tmp_path / "x")) == status
    assert expected in one_line(capsys)


@pytest.mark.parametrize(
    "error",
    [KeyError("points"), FileNotFoundError(errno.ENOENT, "No such file", "a"), RuntimeError("x")],
)
@pytest.mark.parametrize("name", WORDS)
def test_a_fault_of_the_program_keeps_its_traceback(
    name: str, error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _replace(monkeypatch, name, _raising(error))
    with pytest.raises(type(error)):
        call(words_of(name, tmp_path / "x"))


def _replace(
    monkeypatch: pytest.MonkeyPatch, name: str, run: Callable[[argparse.Namespace], None]
) -> None:
    found = commands()[name]

    class Room:
        COMMANDS = (Command(name, found.help, run, found.add_options, found.config),)

    monkeypatch.setattr(command_line, "ROOMS", (Room,))
