"""A campaign on real SLURM daemons: it survives its controller and keeps single writers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import yaml

from mesocast.storage.files import read_json
from tests.conftest import ROOT, TINY

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = str(ROOT / "scripts/test_cluster.sh")
MISSING = [
    tool
    for tool in ("munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd")
    if not shutil.which(tool)
]

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(MISSING) or os.geteuid() != 0,
        reason=f"needs root and SLURM ({', '.join(MISSING) or 'found'} missing): "
        "scripts/test_cluster.sh install",
    ),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """Start the test cluster; give the environment in which SLURM's commands find it."""
    ours = subprocess.run([SCRIPT, "status"], check=False, capture_output=True).returncode != 0
    told = subprocess.run([SCRIPT, "start"], check=True, capture_output=True, text=True).stdout
    conf = told.split("SLURM_CONF=")[1].split()[0]
    yield {
        **os.environ,
        "SLURM_CONF": conf,
        "PYTHONPATH": str(ROOT / "src"),
        "OMP_NUM_THREADS": "1",
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",  # noqa: PTH120
    }
    if ours:
        subprocess.run([SCRIPT, "stop"], check=True)


def _daemons(cluster: dict[str, str]) -> dict[str, str]:
    """Process of each daemon; a list of processes would also show their short-lived children."""
    files = (Path(cluster["SLURM_CONF"]).parent / "run").glob("*.pid")
    return {path.stem: path.read_text().strip() for path in files}


def test_starting_a_running_cluster_changes_nothing(cluster: dict[str, str]) -> None:
    before = _daemons(cluster)
    assert {"slurmctld", "slurmdbd", "mariadbd", "munged", "slurmd-node4"} <= set(before)
    subprocess.run([SCRIPT, "start"], check=True, capture_output=True)
    assert _daemons(cluster) == before
    assert len(_ask("sinfo", "-h", "-N", "-o", "%N", env=cluster).split()) >= 4


def _ask(*command: str, env: dict[str, str], folder: Path | None = None) -> str:
    """Run a command of SLURM; give what it prints."""
    done = subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


OPTIONS = [
    *("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10"),
    *("--default-resources", "slurm_account=lab", "slurm_partition=batch"),
    *("mem_mb=1000", "runtime=10"),
]


def _small_campaign(folder: Path, slurries: int = 2, *, cell: bool = True) -> None:
    campaign = {
        **TINY,
        "design": {**TINY["design"], "slurries": slurries, "conditions": 2 * slurries},
        "jobs": {"conditions_per_job": 2},
        "cell": {"enabled": cell},
    }
    (folder / "tiny.yaml").write_text(yaml.safe_dump(campaign))


def _status(results: Path, env: dict[str, str]) -> str:
    command = [sys.executable, "-m", "mesocast", "status", str(results)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout


def _assert_complete_without_repeats(
    results: Path, slurries: int = 2, *, cell: bool = True
) -> None:
    table = pd.read_parquet(results / "dataset.parquet")
    assert table["status"].tolist() == ["ok"] * 2 * slurries
    # Each simulation, measurement and cell has one result, and none was begun twice.
    kept = [path.name.split("-")[0] for path in results.glob("*/*/work/*-*") if path.is_dir()]
    expected = dict.fromkeys(("slurry", "drying"), slurries)
    expected |= dict.fromkeys(("calendering", "characterization"), 2 * slurries)
    assert Counter(kept) == expected | ({"cell": 2 * slurries} if cell else {})
    assert not list(results.glob("*/*/work/*.attempts.jsonl"))


def _controller(folder: Path, env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "mesocast", "run", "tiny.yaml", "electrodes"),
            *("--workflow-profile", "slurm"),
            *OPTIONS,
        ],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _wait_for(results: Path, pattern: str, controller: subprocess.Popen[str]) -> Path:
    deadline = time.time() + 300
    while not (found := list(results.glob(pattern))):
        assert time.time() < deadline
        assert controller.poll() is None, controller.communicate()[0]
        time.sleep(0.05)
    return found[0]


def test_killed_controller_is_followed_by_one_that_adopts_its_jobs(
    cluster: dict[str, str], tmp_path: Path
) -> None:
    _small_campaign(tmp_path)
    results = tmp_path / "results/tiny"
    first = _controller(tmp_path, cluster)
    try:
        _wait_for(results, "controller.lease", first)
        beside = _controller(tmp_path, cluster)
        text, _ = beside.communicate(timeout=300)
        assert beside.returncode == 1
        assert "another controller runs this campaign" in text
        lease = _wait_for(results, "slurries/*/work/drying.lease", first)
        drying = read_json(lease)["pid"]
        os.kill(drying, signal.SIGSTOP)  # so that it is there when the next controller looks
    finally:
        first.kill()
        first.wait()
    second = _controller(tmp_path, cluster)
    assert second.stdout is not None
    for line in second.stdout:
        if "of an earlier controller" in line:
            break
    os.kill(drying, signal.SIGCONT)
    text, _ = second.communicate(timeout=900)
    assert second.returncode == 0, text
    _assert_complete_without_repeats(results)
    assert "rows 4 ok" in _status(results, cluster)


def test_controller_job_is_followed_by_another_before_its_wall_time(
    cluster: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    _small_campaign(tmp_path)
    results = tmp_path / "results/tiny"
    first = _ask(
        *("sbatch", "--parsable", "--account=lab", "--partition=batch", "--time=10"),
        *("scripts/controller.sh", "tiny.yaml", "electrodes", *OPTIONS),
        env={**cluster, "MESOCAST_PYTHON": sys.executable},
        folder=tmp_path,
    )
    deadline = time.time() + 900
    while not (found := list(results.glob("slurries/*/work/drying.lease"))):
        assert time.time() < deadline
        time.sleep(0.05)
    drying = read_json(found[0])["pid"]
    os.kill(drying, signal.SIGSTOP)  # so that the campaign is not done before its controller
    # What SLURM sends at the time that `--signal` in the script asks for, give or take a minute.
    _ask("scancel", "--batch", "--signal=USR1", first, env=cluster)
    while len(logs := sorted(tmp_path.glob("mesocast-controller-*.log"))) < 2:
        assert time.time() < deadline
        time.sleep(0.2)
    os.kill(drying, signal.SIGCONT)
    assert "submitting the next controller" in "".join(log.read_text() for log in logs)
    while (
        "controller" in _ask("squeue", "-h", "-o", "%j", env=cluster)
        or not (results / "dataset.parquet").exists()
    ):
        assert time.time() < deadline
        time.sleep(1)
    _assert_complete_without_repeats(results)


def test_submissions_wait_for_limits_and_for_slurmctld(
    cluster: dict[str, str], tmp_path: Path
) -> None:
    _small_campaign(tmp_path, slurries=1, cell=False)
    results = tmp_path / "results/tiny"

    def act(*words: str) -> None:
        subprocess.run([SCRIPT, *words], check=True, capture_output=True)

    def wait_until_told(reason: str) -> None:
        deadline = time.time() + 120
        while reason not in (told := _status(results, cluster)):
            assert time.time() < deadline, told
            assert controller.poll() is None, controller.communicate()[0]
            time.sleep(0.5)

    act("limit", "MaxSubmitJobs=0")  # of each user of the account
    controller = _controller(tmp_path, cluster)
    try:
        wait_until_told("AssocMaxSubmitJobLimit")
        assert "waiting for its limit of submitted jobs" in _status(results, cluster)
        act("limit", "GrpSubmitJobs=0")  # of all users of the account together
        act("limit", "MaxSubmitJobs=-1")
        wait_until_told("AssocGrpSubmitJobsLimit")
        act("stop-controller")
        act("limit", "GrpSubmitJobs=-1")
        wait_until_told("waiting for SLURM")
    finally:
        for limit in ("MaxSubmitJobs=-1", "GrpSubmitJobs=-1"):
            act("limit", limit)
        act("start")
    text, _ = controller.communicate(timeout=600)
    assert controller.returncode == 0, text
    assert "sbatch failed" not in text, "a refusal cost a job an attempt"
    assert "waiting for" not in _status(results, cluster)
    _assert_complete_without_repeats(results, slurries=1, cell=False)
