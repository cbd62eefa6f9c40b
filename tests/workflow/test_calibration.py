"""`mesocast calibrate`, as a user calls it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mesocast.calibration.jobs import read_calibration
from mesocast.campaign.calibration_status import collect_calibration
from mesocast.campaign.checks import load
from mesocast.storage.layout import Layout
from tests.project import Project

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

TABLE = """name,am_pct,sc_pct,cr_pct,pressure_MPa,porosity_total,porosity_total_sd
a,94,60,,,0.47,0.01
b,90,58,20,,0.43,0.01
c,90,58,,20,0.45,0.01
"""
SETTINGS = {
    "coefficients": {"drying.pressure_kPa": {"min": 10, "max": 60, "scale": "log"}},
    "points": 3,
    "round_points": 1,
    "masses_ug": [0.002, 0.002],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("calibrate") / "it")
    made.configure({"calibration": SETTINGS, "cell": {"enabled": False}})
    (made.folder / "measured.csv").write_text(TABLE)
    return made


def calibrate(project: Project, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mesocast", "calibrate", "measured.csv"),
            *("--config", "tiny.yaml", "--cores", "2", *options),
        ],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(project.folder / "src"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    return done.returncode, done.stdout + done.stderr


def films(folder: Path) -> dict[Path, int]:
    """Simulated films, and when they came to be."""
    return {p: p.stat().st_mtime_ns for p in folder.glob("calibration/films/**/work/*/*.dump.gz")}


def test_its_cost_is_said_before_anything_runs(project: Project) -> None:
    status, text = calibrate(project, "--dry-run")
    assert status == 0, text
    assert "1 coefficients by 3 data of 2 recipes, pressed in 3 ways" in text
    assert "expected cost" in text
    assert not films(project.results)


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("a,,60", "a,94,60", "am_pct is missing"),
        (",41,0.01", ",0.47,0.01", "porosity_total = 41; looks like per cent, write 0.41"),
        (",0.47,-0.01", ",0.47,0.01", "porosity_total_sd = -0.01; allowed: above 0"),
    ],
)
def test_a_bad_table_ends_with_one_line_before_any_job(
    wrong: str, right: str, said: str, project: Project
) -> None:
    path = project.folder / "measured.csv"
    path.write_text(TABLE.replace(right, wrong, 1))
    status, text = calibrate(project)
    path.write_text(TABLE)
    assert status == 2
    (line,) = text.strip().splitlines()
    assert said in line
    assert not project.results.joinpath("logs").exists()


def test_it_runs_to_its_page_and_goes_on_where_it_was(project: Project) -> None:
    status, text = calibrate(project)
    assert status == 0, text
    answer = read_calibration(project.results)
    assert answer.points == 4
    assert answer.films == 4 * 2 * 2
    assert {row.pressing for row in answer.rows} == {"cr_pct=0", "cr_pct=20", "pressure_MPa=20"}
    layout = Layout(project.results)
    assert layout.calibration_page.exists()
    assert layout.calibration_films.exists()
    standing = collect_calibration(project.results)
    assert standing is not None
    assert sum(r.done for r in standing.rounds) == sum(r.planned for r in standing.rounds) == 16
    assert standing.page == layout.calibration_page
    assert load(
        {"campaign": "next", "coefficients": str(layout.coefficients), "cell": {"enabled": False}}
    ).drying.pressure_kPa == pytest.approx(answer.best["drying.pressure_kPa"])
    before = films(project.results)
    # Other bounds, and other sizes of film, are other points; films of the rounds follow.
    for changes in (
        {"coefficients": {"drying.pressure_kPa": {"min": 10, "max": 90, "scale": "log"}}},
        {"masses_ug": [0.003, 0.002]},
        {"points": 4},
    ):
        project.configure({"calibration": SETTINGS | changes, "cell": {"enabled": False}})
        status, text = calibrate(project, "--dry-run")
        assert status == 0, text
        assert re.search(r"^calibration_round +2$", text, re.MULTILINE)
        assert re.search(r"^calibration_film +(16|20)$", text, re.MULTILINE)
    project.configure({"calibration": SETTINGS, "cell": {"enabled": False}})
    # Another measured value makes another answer; nothing is simulated for it.
    (project.folder / "measured.csv").write_text(TABLE.replace("0.47,", "0.49,"))
    status, text = calibrate(project)
    assert status == 0, text
    assert films(project.results) == before
    assert read_calibration(project.results).rows[0].measured == 0.49
