"""The controller ends a Snakemake that was told to stop and hangs, once its jobs have ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# Stands in for the controller's main function: a Snakemake that ignores SIGTERM.
_CONTROLLER = """
import pathlib, sys
from mesocast.campaign import controller
controller._STOPPING_S = controller._PROGRESS_S = 0.3
command = [sys.executable, "-c", {hanging!r}]
controller.snakemake(command, pathlib.Path("nowhere"), local={local})
"""
_HANGING = """
import pathlib, signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
job = subprocess.Popen(["sleep", {job_s!r}])
pathlib.Path({ready!r}).touch()
job.wait()
time.sleep(60)
"""


@pytest.mark.parametrize("job_s", [0, 3])
def test_snakemake_that_hangs_is_ended_once_its_jobs_are(tmp_path: Path, job_s: int) -> None:
    process, started = _told_to_stop(tmp_path, job_s=job_s, local=True)
    process.wait(timeout=30)
    assert time.monotonic() - started >= job_s


def test_snakemake_with_jobs_on_a_cluster_is_left_alone(tmp_path: Path) -> None:
    process, _ = _told_to_stop(tmp_path, job_s=0, local=False)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=3)
    process.kill()
    process.wait()


def _told_to_stop(
    folder: Path, *, job_s: int, local: bool
) -> tuple[subprocess.Popen[bytes], float]:
    ready = folder / "ready"
    hanging = _HANGING.format(job_s=str(job_s), ready=str(ready))
    text = _CONTROLLER.format(hanging=hanging, local=local)
    process = subprocess.Popen([sys.executable, "-c", text], cwd=folder)
    for _ in range(600):
        if ready.exists():
            break
        time.sleep(0.1)
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    return process, started
