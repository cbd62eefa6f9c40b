"""What a campaign refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.project import Project

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_second_controller_refuses_while_the_first_one_runs(tmp_path: Path) -> None:
    project = Project(tmp_path / "two")
    process = project.start("electrodes")
    try:
        deadline = time.time() + 60
        while not (project.results / "controller.lease").exists():
            assert time.time() < deadline
            time.sleep(0.05)
        time.sleep(0.5)
        status, text = project.run("electrodes")
        assert status == 1
        assert "another controller" in text
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
@pytest.mark.parametrize("direct", [False, True])
def test_bad_config_ends_with_status_2_and_one_line_before_any_job(
    options: tuple[str, ...], direct: bool, tmp_path: Path
) -> None:
    project = Project(tmp_path / "bad")
    (project.folder / "bad.yaml").write_text("campaign: bad\ndesign: {slurries: 0}\n")
    if direct:
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", "--config", "campaign=bad.yaml", *options],
            cwd=project.folder,
            env={**os.environ, "PYTHONPATH": str(project.folder / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        status, text = done.returncode, done.stderr
        text = text[text.index("bad.yaml") :]
    else:
        status, text = project.run(*options, config="bad.yaml")
    assert status == 2
    assert text.strip() == (
        "bad.yaml: design.slurries = 0: input should be greater than or equal to 1"
    )
    assert not (project.folder / "results/bad/logs").exists()
