"""How processes end: Ctrl-C, a full disk, a read-only folder; and what answers look like."""

from __future__ import annotations

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

import pytest
import yaml

from mesocast.campaign import pack
from mesocast.cli.ending import DISK_REFUSES, INPUT_IS_WRONG, INTERRUPTED
from mesocast.cli.main import main
from mesocast.storage.files import read_json
from tests.cli.calls import (
    VALUES,
    call,
    one_line,
    words_of,
)


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
    content["electrode"]["mass_ug"] = 2.0  # for minutes
    tiny_config.write_text(yaml.safe_dump(content))
    words = ["--quiet", "slurry", "--config", str(tiny_config), "--folder", str(folder)]
    process = _start([*words, "--slurry-id", "S", "--seed", "1", *VALUES])
    deadline = time.time() + 120
    while not (folder / "work/slurry.lease").exists() and time.time() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
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
        ["--quiet", *words_of(name, results)], preexec_fn=lambda: resource.setrlimit(*limit)
    )
    _, told = process.communicate(timeout=120)
    assert process.returncode == DISK_REFUSES, told
    assert len(told.strip().splitlines()) == 1, told
    assert "file too large" in told


def test_a_disk_that_fills_up_ends_a_pack_with_one_line(
    campaign: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "a/b")

    monkeypatch.setattr(pack, "run_calendering", full)
    assert call([*words_of("pack", campaign), "S001-C02=10"]) == DISK_REFUSES
    assert one_line(capsys) == "a/b: no space left on device; make room"


def test_a_read_only_folder_ends_with_one_line(
    tiny_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["design", "--config", str(tiny_config), "--results"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "tiny.yaml"
        shutil.copy(tiny_config, config)
        words = ["design", "--config", str(config), "--results"]
        assert call([*words, str(folder / "before")]) == 0  # imports all that it needs
        folder.chmod(0o555)
        config.chmod(0o444)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            status = call([*words, str(folder / "x")])
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o755)
        assert status == DISK_REFUSES
        assert f"{folder}/x: permission denied" in one_line(capsys)


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
    assert main(words_of("predict", results)) == 0
    assert (
        one.splitlines()[1].split(",")[3:] == capsys.readouterr().out.splitlines()[1].split(",")[3:]
    )
    assert all(len(cell.lstrip("-").replace(".", "")) <= 7 for cell in one.split(",")[-6:])
    for given in ([*VALUES], [*VALUES, "--cr-pct", "20", "--recipes", "x.csv"], []):
        assert call(["predict", *words, *given]) == INPUT_IS_WRONG
        assert "wants one recipe or a table" in one_line(capsys)


@pytest.mark.parametrize("name", ["predict", "invert"])
def test_the_answer_is_written_as_csv_or_json(name: str, results: Path) -> None:
    for suffix in ("csv", "json"):
        output = results / f"new/answer.{suffix}"
        assert main(["--quiet", *words_of(name, results), "--output", str(output)]) == 0
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
