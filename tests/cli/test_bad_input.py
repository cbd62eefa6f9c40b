"""Whatever a person does, every subcommand ends with one line and its exit status."""

from __future__ import annotations

import contextlib
import csv
import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from mesocast.characterization.files.tiff import write_tiff
from mesocast.characterization.voxels import VoxelImage
from mesocast.cli import main as command_line
from mesocast.cli.command import Command
from mesocast.cli.ending import DISK_REFUSES, INPUT_IS_WRONG, INTERRUPTED, START_AGAIN
from mesocast.cli.main import ROOMS, main
from mesocast.errors import InputError, Stopped
from mesocast.storage.files import read_json, write_json
from tests.report.conftest import make_campaign
from tests.report.conftest import results as finished

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from mesocast.report.results import Results

__all__ = ["finished"]  # the fixture: a finished campaign

CONFIG = ("--config", "CONFIG")
RESULTS = (*CONFIG, "--results", "RESULTS")
SLURRY, CONDITION = "RESULTS/slurries/S001", "RESULTS/conditions/S001-C01"
VALUES = ("--am-pct", "92", "--sc-pct", "60")
# How each subcommand is called; those of the simulation only where something stops them.
WORDS: dict[str, tuple[str, ...]] = {
    "check": CONFIG,
    "status": ("RESULTS",),
    "costs": (*CONFIG, "RESULTS"),
    "design": RESULTS,
    "slurry": (*CONFIG, "--folder", SLURRY, "--slurry-id", "S001", "--seed", "1", *VALUES),
    "drying": (*CONFIG, "--folder", SLURRY),
    "calendering": (
        *(*CONFIG, "--slurry-folder", SLURRY, "--folder", CONDITION),
        *("--condition-id", "S001-C01", "--cr-pct", "20"),
    ),
    "pack": (*RESULTS, "--slurry-id", "S001", "--rows", "RESULTS/p.json", "S001-C01=20"),
    "viscosity": (*CONFIG, "--folder", SLURRY, *VALUES),
    "characterize": (*CONFIG, "--folder", CONDITION),
    "compare": (*CONFIG, "RESULTS/tomogram.tif", CONDITION),
    "dataset": (*RESULTS, f"{CONDITION}/properties.json"),
    "surrogate": (*RESULTS, "--property", "density_g_cm3"),
    "sensitivity": RESULTS,
    "comparison": RESULTS,
    "predict": (*RESULTS, "--recipes", "RESULTS/recipes.csv"),
    "propose": (*RESULTS, "--round", "1"),
    "invert": (*RESULTS, "--target", "density_g_cm3=2.5"),
    "optimum": RESULTS,
    "extremes": RESULTS,
    "tradeoffs": RESULTS,
    "robustness": RESULTS,
    "verification": (*RESULTS, "RESULTS/conditions/V01-C01/properties.json"),
    "validate": (*RESULTS, "--folder", "RESULTS/validation"),
    "flow-curves": (*CONFIG, "--folder", "RESULTS/viscosity", "RESULTS/viscosity.json"),
    "report": RESULTS,
}
SURROGATE = "surrogates/polynomial/density_g_cm3.json"
VALIDATION = "surrogates/polynomial/density_g_cm3.validation.json"
ROW = "conditions/S001-C01/properties.json"
# Files that a subcommand reads, below the results.
READS: dict[str, tuple[str, ...]] = {
    "status": ("campaign.json", ROW),
    "drying": ("slurries/S001/slurry.json", "slurries/S001/slurry.dump.gz"),
    "calendering": ("slurries/S001/drying.json", "slurries/S001/dried.dump.gz"),
    "pack": ("slurries/S001/drying.json", "slurries/S001/dried.dump.gz"),
    "characterize": (
        "conditions/S001-C01/calendering.json",
        "conditions/S001-C01/electrode.dump.gz",
    ),
    "compare": ("tomogram.tif", "conditions/S001-C01/electrode.dump.gz"),
    "dataset": (ROW,),
    "surrogate": ("campaign.json", "dataset.parquet"),
    "sensitivity": (SURROGATE,),
    "comparison": (VALIDATION,),
    "predict": (SURROGATE, VALIDATION, "recipes.csv"),
    "propose": ("conditions/S001-C02/properties.json",),
    "invert": (SURROGATE, VALIDATION),
    "optimum": (SURROGATE, "dataset.parquet"),
    "extremes": (SURROGATE, "dataset.parquet"),
    "tradeoffs": (SURROGATE, "dataset.parquet"),
    "robustness": (SURROGATE, "dataset.parquet", "optimum.json"),
    "verification": ("optimum.json", VALIDATION, "conditions/V01-C01/properties.json"),
    "validate": ("dataset.parquet",),
    "flow-curves": ("viscosity.json",),
    "report": (
        *("campaign.json", "design.csv", "design.json", "dataset.parquet", SURROGATE, VALIDATION),
        *("surrogates/polynomial/sensitivity.json", "surrogates/comparison.csv", "optimum.json"),
        *("tradeoffs.json", "robustness.json", "verification.json", "slurries/S001/slurry.json"),
        *("conditions/S001-C01/calendering.json",),
    ),
}
# Where a missing file means something else than a fault: it has not been written.
MAY_MISS = {
    ("status", ROW),
    ("surrogate", "campaign.json"),
    ("report", "campaign.json"),
    ("report", "dataset.parquet"),
    ("report", "slurries/S001/slurry.json"),
    ("report", "conditions/S001-C01/calendering.json"),
}


WRONG: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_text(""),
    "not closed": lambda path: path.write_text('{"status": '),
    "a list": lambda path: path.write_text("[1]"),
    "something else": lambda path: path.write_text('{"colour": "blue"}'),
    "no text": lambda path: path.write_bytes(bytes(range(128, 256))),
}


@contextlib.contextmanager
def _replaced(path: Path, wrong: str) -> Iterator[None]:
    """Put something wrong in a file's place for a while."""
    aside = path.with_name("aside")
    path.rename(aside)
    WRONG[wrong](path)
    try:
        yield
    finally:
        if path.is_dir():
            path.rmdir()
        aside.rename(path)


def _commands() -> dict[str, Command]:
    return {command.name: command for room in ROOMS for command in room.COMMANDS}


def test_the_tables_hold_every_subcommand() -> None:
    assert set(WORDS) == set(_commands())
    assert set(READS) <= set(WORDS)


@pytest.fixture(scope="module")
def campaign(finished: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the results of a finished campaign with all that the subcommands ask for."""
    folder = tmp_path_factory.mktemp("finished") / "made up"
    shutil.copytree(finished.folder, folder)
    content = make_campaign().model_dump(mode="json")
    write_json(folder / "campaign.json", content)
    folder.with_suffix(".yaml").write_text(yaml.safe_dump(content))
    content["rounds"]["count"] = 1
    folder.with_suffix(".rounds.yaml").write_text(yaml.safe_dump(content))
    (folder / "recipes.csv").write_text("am_pct,sc_pct,cr_pct\n92,60,20\n")
    labels = np.random.default_rng(1).integers(0, 3, (12, 12, 12)).astype(np.uint8)
    write_tiff(VoxelImage(labels, (0.5, 0.5, 0.5)), folder / "tomogram.tif")
    point = dict.fromkeys(("viscosity_Pa_s", "viscosity_error_Pa_s", "shear_stress_Pa"), 1.0)
    recipe = {"am_pct": 92.0, "sc_pct": 60.0, "seed": 1}
    points = [{"shear_rate_1_s": 1e5, **point}]
    write_json(
        folder / "viscosity.json",
        {"status": "ok", "reason": "", "recipe": recipe, "points": points},
    )
    return folder


@pytest.fixture
def results(campaign: Path, tmp_path: Path) -> Path:
    """Give a copy of the results, under a path with spaces."""
    folder = tmp_path / "my results" / campaign.name
    shutil.copytree(campaign, folder)
    for suffix in (".yaml", ".rounds.yaml"):
        shutil.copy(campaign.with_suffix(suffix), folder.with_suffix(suffix))
    return folder


def _config(name: str, results: Path) -> Path:
    return results.with_suffix(".rounds.yaml" if name == "propose" else ".yaml")


def _words(name: str, results: Path) -> list[str]:
    config = _config(name, results)
    return [
        name,
        *(w.replace("CONFIG", str(config)).replace("RESULTS", str(results)) for w in WORDS[name]),
    ]


def _moved(name: str, campaign: Path, folder: Path) -> list[str]:
    """Call for results that are not there, with the config in its place."""
    words = _words(name, folder / "x")
    before, now = str(_config(name, folder / "x")), str(_config(name, campaign))
    return [now if word == before else word for word in words]


def _call(words: list[str]) -> int:
    try:
        return main(["--quiet", *words])
    except SystemExit as stop:
        return int(stop.code or 0)


def _one_line(capsys: pytest.CaptureFixture[str]) -> str:
    lines = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
    assert len(lines) == 1, lines
    return lines[0]


# --- what a person gives ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "wrong"),
    [
        (name, file, wrong)
        for name, files in READS.items()
        for file in files
        for wrong in WRONG
        if wrong != "missing" or (name, file) not in MAY_MISS
    ],
)
def test_a_file_that_is_none_is_named(
    name: str, file: str, wrong: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _replaced(campaign / file, wrong):
        assert _call(_words(name, campaign)) == INPUT_IS_WRONG
    line = _one_line(capsys)
    assert str(campaign / file) in line
    assert "Errno" not in line


@pytest.mark.parametrize("name", [name for name, words in WORDS.items() if "CONFIG" in words])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_config_that_is_none_is_named(
    name: str, wrong: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = _config(name, campaign)
    with _replaced(config, wrong):
        assert _call(_words(name, campaign)) == INPUT_IS_WRONG
    assert str(config) in _one_line(capsys)


@pytest.mark.parametrize("name", [name for name in WORDS if name != "check"])
def test_a_file_where_a_folder_is_wanted_is_named(
    name: str, campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = _moved(name, campaign, tmp_path)
    (tmp_path / "x").write_text("")
    assert _call(words) == INPUT_IS_WRONG
    assert str(tmp_path / "x") in _one_line(capsys)


@pytest.mark.parametrize(
    "name",
    [name for name in WORDS if name not in ("check", "design", "slurry", "viscosity")],
)
def test_results_that_are_not_there_are_named(
    name: str, campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _call(_moved(name, campaign, tmp_path)) == INPUT_IS_WRONG
    line = _one_line(capsys)
    assert str(tmp_path / "x") in line
    assert "Errno" not in line


def test_of_a_campaign_under_way_it_is_said_how_to_go_on(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "optimum.json").unlink()
    assert _call(_words("report", results)) == INPUT_IS_WRONG
    line = _one_line(capsys)
    assert line.startswith(f"{results}/optimum.json: is not there yet")
    assert "mesocast run" in line


@pytest.mark.parametrize("name", [name for name, words in WORDS.items() if "--results" in words])
def test_results_of_another_campaign_are_refused(
    name: str, campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = _config(name, campaign).read_text()
    other = tmp_path / "other.yaml"
    other.write_text(text.replace("campaign: made-up", "campaign: other"))
    words = _words(name, campaign)
    words[words.index("--config") + 1] = str(other)
    assert _call(words) == INPUT_IS_WRONG
    assert "holds the campaign made-up, the config is of other" in _one_line(capsys)


@pytest.mark.parametrize("name", ["slurry", "viscosity"])
@pytest.mark.parametrize("seed", ["-5", "1.5", "many", str(2**31)])
def test_a_seed_that_is_none_is_refused(
    name: str, seed: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for word in _words(name, campaign) if word not in ("--seed", "1")]
    assert _call([*words, f"--seed={seed}"]) == INPUT_IS_WRONG
    assert f"--seed: {seed}; allowed: a whole number" in _one_line(capsys)


@pytest.mark.parametrize("number", ["0", "-1", "two", "2"])
def test_a_round_that_is_none_is_refused(
    number: str, campaign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = _words("propose", campaign)[:-2]
    assert _call([*words, f"--round={number}"]) == INPUT_IS_WRONG
    assert number in _one_line(capsys)
    assert not (campaign / "rounds" / number).exists()


@pytest.mark.parametrize("name", ["predict", "invert"])
@pytest.mark.parametrize("output", ["a folder", "table.xls", "a file/table.csv"])
def test_an_answer_that_cannot_be_written_there_is_refused(
    name: str, output: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "a folder").mkdir()
    (results / "a file").write_text("")
    assert _call([*_words(name, results), "--output", f"{results}/{output}"]) == INPUT_IS_WRONG
    assert output.split("/", maxsplit=1)[0] in _one_line(capsys)
    assert not list(results.glob(".*.partial"))


@pytest.mark.parametrize(
    ("recipes", "expected"),
    [
        ("am_pct,sc_pct,cr_pct\n150,60,20\n", "row 1: am_pct = 150; allowed: percent, 0 to 100"),
        ("am_pct,sc_pct,cr_pct\n90,58,10\n90,58,10,5\n", "more cells"),
        ("am_pct,sc_pct,cr_pct\n90,58,10,5\n", "a row has more cells than the header names"),
        ("am_pct,sc_pct,cr_pct,density_g_cm3\n90,58,10,2\n", "'density_g_cm3' has the name of a"),
    ],
)
def test_recipes_that_would_be_misread_are_refused(
    recipes: str, expected: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "recipes.csv").write_text(recipes)
    assert _call(_words("predict", results)) == INPUT_IS_WRONG
    line = _one_line(capsys)
    assert "recipes.csv" in line
    assert expected in line or "Expected 3 fields" in line


def test_costs_of_a_campaign_that_simulated_nothing_are_refused(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in results.rglob("cost.json"):
        path.unlink()
    assert _call(_words("costs", results)) == INPUT_IS_WRONG
    assert "holds no finished simulation" in _one_line(capsys)


def test_a_path_with_spaces_works(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("check", "status", "design", "comparison", "predict", "flow-curves", "report"):
        assert _call(_words(name, results)) == 0, (name, capsys.readouterr().err)


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
    assert _call(_words(name, tmp_path / "x")) == status
    assert expected in _one_line(capsys)


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
        _call(_words(name, tmp_path / "x"))


def _replace(
    monkeypatch: pytest.MonkeyPatch, name: str, run: Callable[[argparse.Namespace], None]
) -> None:
    found = _commands()[name]

    class Room:
        COMMANDS = (Command(name, found.help, run, found.add_options, found.config),)

    monkeypatch.setattr(command_line, "ROOMS", (Room,))


def _start(words: list[str], **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "mesocast", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_ctrl_c_ends_a_simulation_with_one_line(tiny_config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "S"
    content = yaml.safe_load(tiny_config.read_text())
    content["electrode"]["mass_ug"] = 0.02
    tiny_config.write_text(yaml.safe_dump(content))
    words = ["--quiet", "slurry", "--config", str(tiny_config), "--folder", str(folder)]
    process = _start([*words, "--slurry-id", "S", "--seed", "1", *VALUES])
    deadline = time.time() + 60
    while not (folder / "work/slurry.running").exists() and time.time() < deadline:
        time.sleep(0.1)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == INTERRUPTED, told
    assert told.strip().splitlines() == ["interrupted; what was finished is kept"]
    assert not (folder / "work/slurry.lease").exists()
    attempts = (folder / "work/slurry.attempts.jsonl").read_text()
    assert '"cause": "cancelled"' in attempts


@pytest.mark.parametrize("name", ["design", "dataset", "comparison", "verification", "report"])
def test_a_full_disk_ends_with_one_line(name: str, results: Path) -> None:
    """A limit to the size of files fails as a full disk does: in the midst of writing."""
    limit = (resource.RLIMIT_FSIZE, (16, 16))
    process = _start(
        ["--quiet", *_words(name, results)], preexec_fn=lambda: resource.setrlimit(*limit)
    )
    _, told = process.communicate(timeout=120)
    assert process.returncode == DISK_REFUSES, told
    assert len(told.strip().splitlines()) == 1, told
    assert "file too large" in told


def test_a_read_only_folder_ends_with_one_line(
    tiny_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["design", "--config", str(tiny_config), "--results"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "tiny.yaml"
        shutil.copy(tiny_config, config)
        words = ["design", "--config", str(config), "--results"]
        assert _call([*words, str(folder / "before")]) == 0  # imports all that it needs
        folder.chmod(0o555)
        config.chmod(0o444)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            status = _call([*words, str(folder / "x")])
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o755)
        assert status == DISK_REFUSES
        assert f"{folder}/x: permission denied" in _one_line(capsys)


def test_an_answer_that_is_not_read_to_its_end_is_no_fault(tiny_config: Path) -> None:
    process = _start(["check", "--config", str(tiny_config)])
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, told = process.communicate(timeout=120)
    assert (process.returncode, told) == (0, "")


# --- answers ---------------------------------------------------------------------------------


def test_one_recipe_is_predicted_without_a_file(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--config", str(results.with_suffix(".yaml")), "--results", str(results)]
    assert main(["predict", *words, *VALUES, "--cr-pct", "20"]) == 0
    one = capsys.readouterr().out
    assert main(_words("predict", results)) == 0
    assert (
        one.splitlines()[1].split(",")[3:] == capsys.readouterr().out.splitlines()[1].split(",")[3:]
    )
    assert all(len(cell.lstrip("-").replace(".", "")) <= 7 for cell in one.split(",")[-6:])
    for given in ([*VALUES], [*VALUES, "--cr-pct", "20", "--recipes", "x.csv"], []):
        assert _call(["predict", *words, *given]) == INPUT_IS_WRONG
        assert "wants one recipe or a table" in _one_line(capsys)


@pytest.mark.parametrize("name", ["predict", "invert"])
def test_the_answer_is_written_as_csv_or_json(name: str, results: Path) -> None:
    for suffix in ("csv", "json"):
        output = results / f"new/answer.{suffix}"
        assert main(["--quiet", *_words(name, results), "--output", str(output)]) == 0
    with (results / "new/answer.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    content = read_json(results / "new/answer.json")
    recipes = content if name == "predict" else content["recipes"]
    assert len(rows) == len(recipes) > 0
    for row, recipe in zip(rows, recipes, strict=True):
        density = recipe["density_g_cm3"] if name == "predict" else recipe["predicted"]
        if name == "invert":
            density = density["density_g_cm3"]
        assert float(row["density_g_cm3"]) == density
        assert float(row["density_g_cm3_low"]) < density < float(row["density_g_cm3_high"])
