"""How each subcommand is called, and what it reads."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mesocast.cli.main import ROOMS, main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

    from mesocast.cli.command import Command


CONFIG = ("--config", "CONFIG")
RESULTS = (*CONFIG, "--results", "RESULTS")
SLURRY, CONDITION = "RESULTS/slurries/S001", "RESULTS/conditions/S001-C01"
VALUES = ("--am-pct", "92", "--sc-pct", "60")
# How each subcommand is called; those of the simulation only where something stops them.
WORDS: dict[str, tuple[str, ...]] = {
    "check": CONFIG,
    "materials": (),
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
    "cell": (*RESULTS, f"{CONDITION}/properties.json"),
    "ragone": RESULTS,
    "dataset": (*RESULTS, f"{CONDITION}/properties.json"),
    "surrogate": (*RESULTS, "--property", "density_g_cm3"),
    "sensitivity": RESULTS,
    "comparison": RESULTS,
    "predict": (*RESULTS, "--recipes", "RESULTS/recipes.csv"),
    "propose": (*RESULTS, "--round", "1"),
    "invert": (*RESULTS, "--target", "density_g_cm3=2.5"),
    "calibrate": ("RESULTS/measured.csv", *CONFIG, "--dry-run"),
    "calibration-round": (*RESULTS, "--round", "1", "RESULTS/measured.csv"),
    "calibration-film": (
        *(*RESULTS, "--points", "RESULTS/calibration/rounds/0/points.json"),
        *("--point", "R0P01", "--film", "AM94SC60S1", *VALUES, "--seed", "1", "cr_pct=20"),
    ),
    "calibration": (*RESULTS, "RESULTS/measured.csv"),
    "ask": RESULTS,
    "tell": (*RESULTS, "RESULTS/told.csv"),
    "optimum": RESULTS,
    "extremes": RESULTS,
    "tradeoffs": RESULTS,
    "robustness": RESULTS,
    "verification": (*RESULTS, "RESULTS/conditions/V01-C01/properties.json"),
    "validate": (*RESULTS, "--folder", "RESULTS/validation"),
    "flow-curves": (*CONFIG, "--folder", "RESULTS/viscosity", "RESULTS/viscosity.json"),
    "report": RESULTS,
    "export": ("RESULTS", "--output", "RESULTS/paper", "--no-figures"),
}
SURROGATE = "surrogates/polynomial/density_g_cm3.json"
VALIDATION = "surrogates/polynomial/density_g_cm3.validation.json"
ROW = "conditions/S001-C01/properties.json"
CELL = "conditions/S001-C01/cell.json"
POINTS = "calibration/rounds/0/points.json"
FILM = "calibration/films/R0P02/AM90SC58S1/film.json"
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
    "compare": ("tomogram.tif",),
    "cell": (ROW,),
    "ragone": ("dataset.parquet", "optimum.json"),
    "dataset": (ROW, CELL),
    "surrogate": ("campaign.json", "dataset.parquet"),
    "sensitivity": (SURROGATE,),
    "comparison": (VALIDATION,),
    "predict": (SURROGATE, VALIDATION, "recipes.csv"),
    "propose": ("conditions/S001-C02/properties.json",),
    "invert": (SURROGATE, VALIDATION),
    "calibrate": ("measured.csv",),
    "calibration-round": ("measured.csv", POINTS, FILM),
    "calibration-film": (POINTS,),
    "calibration": ("measured.csv", POINTS, FILM),
    "ask": (SURROGATE, "dataset.parquet"),
    "tell": ("told.csv",),
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
    "export": ("campaign.json", "optimum.json"),
}
# The page takes long, so it meets some of what is wrong only.
SHORTENED = dict.fromkeys(("report", "export"), ("missing", "a folder", "something else"))
# Where a missing file means something else than a fault: it has not been written.
MAY_MISS = {
    ("status", ROW),
    ("export", "campaign.json"),  # the folder is then none of a campaign
    ("surrogate", "campaign.json"),
    ("report", "campaign.json"),
    ("report", "dataset.parquet"),
    ("ragone", "dataset.parquet"),
    ("dataset", CELL),
    # The page then tells what there is.
    *(
        ("report", name)
        for name in (
            *(SURROGATE, VALIDATION, "surrogates/polynomial/sensitivity.json"),
            *("surrogates/comparison.csv", "optimum.json", "tradeoffs.json", "robustness.json"),
            "verification.json",
        )
    ),
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
def replaced(path: Path, wrong: str) -> Iterator[None]:
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


def commands() -> dict[str, Command]:
    return {command.name: command for room in ROOMS for command in room.COMMANDS}


def config_of(name: str, results: Path) -> Path:
    return results.with_suffix(".rounds.yaml" if name == "propose" else ".yaml")


def words_of(name: str, results: Path) -> list[str]:
    config = config_of(name, results)
    return [
        name,
        *(w.replace("CONFIG", str(config)).replace("RESULTS", str(results)) for w in WORDS[name]),
    ]


def moved(name: str, campaign: Path, folder: Path) -> list[str]:
    """Call for results that are not there, with the config in its place."""
    words = words_of(name, folder / "x")
    before, now = str(config_of(name, folder / "x")), str(config_of(name, campaign))
    return [now if word == before else word for word in words]


def call(words: list[str]) -> int:
    try:
        return main(["--quiet", *words])
    except SystemExit as stop:
        return int(stop.code or 0)


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    lines = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
    assert len(lines) == 1, lines
    return lines[0]
