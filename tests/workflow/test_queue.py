"""A campaign in a queue other than SLURM's, which a folder and three shell scripts stand in for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import yaml

from mesocast.storage.files import read_json
from tests.conftest import ROOT, TINY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COMMANDS = ROOT / "tests/data/queue"
OWN = {
    **{f"cluster-generic-{act}-cmd": str(COMMANDS / act) for act in ("submit", "status", "cancel")},
    "jobs": 4,
    "latency-wait": 5,
    "max-status-checks-per-second": 5,
    "seconds-between-status-checks": 1,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a tiny campaign and its site's profile; what is left in the queue is ended."""
    campaign = {
        **TINY,
        "design": {**TINY["design"], "slurries": 2, "conditions": 4},
        "jobs": {"conditions_per_job": 2},
        "cell": {"enabled": False},
    }
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(campaign))
    for name in ("site", "queue"):
        (tmp_path / name).mkdir()
    (tmp_path / "site/config.yaml").write_text(yaml.safe_dump(OWN))
    for name, value in (
        ("TEST_QUEUE", str(tmp_path / "queue")),
        ("PYTHONPATH", str(ROOT / "src")),
        ("OMP_NUM_THREADS", "1"),
    ):
        monkeypatch.setenv(name, value)
    yield tmp_path
    for path in (tmp_path / "queue").glob("*.pid"):
        subprocess.run([COMMANDS / "cancel", path.stem], check=False)


def _controller(folder: Path, *options: str) -> subprocess.Popen[str]:
    words = ["tiny.yaml", "electrodes", "--workflow-profile", "generic", "--profile", "site"]
    return subprocess.Popen(
        [sys.executable, "-m", "mesocast", "run", *words, *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # As from a terminal: what a shell starts in its background ignores Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


@pytest.mark.slow
def test_campaign_outlives_refusals_and_its_controller(folder: Path) -> None:
    results, most = folder / "results/tiny", folder / "queue/most"
    most.write_text("1")  # of two slurries that are ready at once
    first = _controller(folder)
    try:
        status = _until(first, lambda: "per-user limit" in (text := _status(results)) and text)
        assert "waiting for its limit of submitted jobs" in status
        most.write_text("99")
        lease = _until(first, lambda: list(results.glob("slurries/*/work/drying.lease")))[0]
        drying = read_json(lease)["pid"]
        os.kill(drying, signal.SIGSTOP)  # so that it is there when the next controller looks
    finally:
        first.kill()
        first.wait()
    (folder / "queue/down").touch()  # an answer that tells nothing of the job
    second = _controller(folder)
    assert second.stdout is not None
    for line in second.stdout:
        if "of an earlier controller" in line:
            break
    else:
        pytest.fail("the next controller looked for no job")
    os.kill(drying, signal.SIGCONT)
    (folder / "queue/down").unlink()
    text, _ = second.communicate(timeout=600)
    assert second.returncode == 0, text
    table = pd.read_parquet(results / "dataset.parquet")
    assert table["status"].tolist() == ["ok"] * 4
    kept = [path.name.split("-")[0] for path in results.glob("*/*/work/*-*") if path.is_dir()]
    assert len(kept) == 2 + 2 + 4 + 4, "each simulation was completed once"
    assert not list(results.glob("*/*/work/*.attempts.jsonl")), "no attempt failed"
    assert "rows 4 ok" in _status(results)
    assert not (results / ".submitting").exists()


@pytest.mark.slow
@pytest.mark.parametrize("while_asked", [False, True])
def test_stopped_controller_takes_its_jobs_out_of_the_queue(
    folder: Path, while_asked: bool
) -> None:
    results = folder / "results/tiny"
    controller = _controller(folder)
    lease = _until(controller, lambda: list(results.glob("slurries/*/work/slurry.lease")))[0]
    os.kill(read_json(lease)["pid"], signal.SIGSTOP)  # so that it does not end on its own
    if while_asked:  # then Snakemake knows of no job that it could cancel
        (folder / "queue/slow").write_text("5")
        _until(controller, (folder / "queue/asked").exists)
    os.killpg(controller.pid, signal.SIGINT)
    text, _ = controller.communicate(timeout=60)
    assert controller.returncode not in (0, 2), text
    assert (folder / "queue/cancelled").exists(), text
    assert not list((folder / "queue").glob("*.pid"))


def _until(controller: subprocess.Popen[str], found: Callable[[], Any]) -> Any:
    deadline = time.time() + 120
    while not (answer := found()):
        assert time.time() < deadline
        assert controller.poll() is None, controller.communicate()[0]
        time.sleep(0.05)
    return answer


def _status(results: Path) -> str:
    command = [sys.executable, "-m", "mesocast", "status", str(results)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_campaign_is_planned_without_a_site(folder: Path) -> None:
    (folder / "site/config.yaml").write_text("jobs: 4\n")
    controller = _controller(folder, "--dry-run", "--quiet", "all")
    text, _ = controller.communicate(timeout=60)
    assert controller.returncode == 0, text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"submit": None}, "cluster-generic-submit-cmd: is missing; allowed: "),
        ({"status": "no-such-qstat -f"}, "cluster-generic-status-cmd: no-such-qstat: not found"),
        ({"cancel": "'"}, "cluster-generic-cancel-cmd = ': is no command"),
    ],
)
def test_commands_that_a_site_lacks_are_refused_before_any_job(
    folder: Path, change: dict[str, str | None], message: str
) -> None:
    own = {**OWN, **{f"cluster-generic-{act}-cmd": value for act, value in change.items()}}
    (folder / "site/config.yaml").write_text(yaml.safe_dump(own))
    controller = _controller(folder)
    text, _ = controller.communicate(timeout=60)
    assert controller.returncode == 2
    assert message in text.splitlines()[-1]
    assert not (folder / "results/tiny/queue").exists()
