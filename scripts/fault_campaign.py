"""Break a campaign on the test cluster in every way that clusters do, and count what was lost.

    scripts/test_cluster.sh install && scripts/fault_campaign.py FOLDER [--conditions 60]

Runs the same small campaign twice at once: undisturbed on this machine, and on the test cluster
while submissions are refused, a node is killed, a job cancelled, one runs out of memory, three are
stopped by their wall-time in the middle of a drying, slurmctld goes away, the controller is killed
and started again, a file system is full, and physics has no result. Prints what happened and
whether the datasets are identical, and writes it to FOLDER/summary.json; exit status 0 if they are,
every fault struck, no refusal became a failed job, every simulation was completed and none was
completed twice. Needs root.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from mesocast.storage import attempts, submission
from mesocast.storage.files import write_json
from mesocast.storage.layout import STAGES, Layout
from mesocast.storage.lease import read_holder
from mesocast.storage.slurm import controller_name

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
CLUSTER = str(ROOT / "scripts/test_cluster.sh")
NAME = "faults"
# Jobs that a user may have submitted at first; the campaign has six to submit.
SUBMITTED_AT_MOST = 2
SHORT_OF_TIME, SHORT_OF_MEMORY, SHORT_OF_SPACE = ("S001", "S002", "S003"), "S004", "S005"

CAMPAIGN: dict[str, Any] = {
    "campaign": NAME,
    "seed": 3,
    # A plane as fast as no calender leaves some films that never settle: physics without a result,
    # which becomes a row.
    "design": {"slurries": 6, "cr_pct": {"min": 0, "max": 55}},
    "electrode": {"mass_ug": 0.002, "mass_loading_mg_cm2": 2.5},
    "materials": {
        "active_material": {"diameters_um": [3.0, 4.5], "number_fractions": [0.6, 0.4]},
        "cbd": {"dry_diameter_um": 1.8},
    },
    # Small steps, so that a drying passes several points at which it can stop.
    "drying": {"motion": {"time_step_ns": 0.05}},
    "calendering": {"plane_speed_m_s": 5.0},
    "characterization": {"voxel_size_um": 0.6},
    "jobs": {"conditions_per_job": 5, "restart_interval_s": 0, "wall_time_margin_s": 5},
}


def say(text: str) -> None:
    """Print at once, with the time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def cluster(*words: str) -> None:
    """Do something to the test cluster."""
    subprocess.run([CLUSTER, *words], check=True, stdout=subprocess.DEVNULL)


class Disturbed:
    """The campaign on the cluster."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / "results" / NAME
        self.prefix = controller_name(self.results, NAME)
        self.controller: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Start a controller."""
        memory = f"210 if attempt == 1 and wildcards.slurry == '{SHORT_OF_MEMORY}' else 700"
        with (self.folder / "controller.log").open("ab") as log:
            self.controller = subprocess.Popen(
                [
                    *(sys.executable, "-m", "mesocast", "run", f"{NAME}.yaml", "electrodes"),
                    *("--workflow-profile", "slurm"),
                    *("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10"),
                    *("--default-resources", "slurm_account=lab", "slurm_partition=batch"),
                    *("mem_mb=1000", "runtime=10"),
                    *("--set-resources", f"slurry:mem_mb={memory}"),
                ],
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self.controller

    def jobs(self, state: str) -> list[tuple[str, str, str]]:
        """Identifier, node and rule with wildcards of SLURM's jobs in a state."""
        done = subprocess.run(
            ["squeue", "-h", "-t", state, "-o", "%A|%N|%k|%j"],
            capture_output=True,
            text=True,
            check=False,
        )
        rows = [line.split("|") for line in done.stdout.splitlines()]
        return [(job, node, rule) for job, node, rule, name in rows if name.startswith(self.prefix)]

    def wait_for(self, what: str, found: Callable[[], Any]) -> Any:
        """Wait until something is the case while the controller lives."""
        while not (answer := found()):
            if self.controller is not None and self.controller.poll() is not None:
                sys.exit(f"the campaign ended before: {what}; see {self.folder}/controller.log")
            time.sleep(0.2)
        return answer

    def running(self, rule: str) -> list[tuple[str, str, str]]:
        """Jobs of a rule that run."""
        return [job for job in self.jobs("RUNNING") if job[2].startswith(f"rule_{rule}_")]


def disturb(campaign: Disturbed) -> dict[str, int]:
    """Run the campaign through all faults; count those that no record of SLURM's tells."""
    small = campaign.results / "slurries" / SHORT_OF_SPACE / "work"
    small.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(small)], check=True)
    left = set(SHORT_OF_TIME)

    def strike() -> bool:
        """Cut short what can be by now; whether all are."""
        left.difference_update([slurry for slurry in left if cut_short(campaign, slurry)])
        return not left

    log = campaign.results / f"logs/slurry/{SHORT_OF_SPACE}.log"
    cluster("limit", f"MaxSubmitJobs={SUBMITTED_AT_MOST}")
    try:
        controller = campaign.start()
        reason = campaign.wait_for("a refused submission", lambda: refusal(campaign))
        say(f"submissions were refused: {reason}")
        cluster("limit", "MaxSubmitJobs=-1")
        campaign.wait_for(
            "a full file system",
            lambda: (strike(), log.exists() and "no space left" in log.read_text().lower())[1],
        )
        say(f"a file system was full: {small}")
    finally:
        cluster("limit", "MaxSubmitJobs=-1")
        subprocess.run(["umount", str(small)], check=True)
    campaign.wait_for("dryings to cut short", strike)
    campaign.wait_for(
        "three wall-times",
        lambda: all(unfinished(campaign, slurry, "drying") for slurry in SHORT_OF_TIME),
    )
    say(f"stopped by the wall-time in the middle of drying: {', '.join(SHORT_OF_TIME)}")
    job, _, rule = campaign.wait_for("a job to cancel", lambda: campaign.running("pack"))[0]
    subprocess.run(["scancel", job], check=True)
    say(f"cancelled {rule}")
    job, node, rule = campaign.wait_for(
        "a job on a node", lambda: [j for j in campaign.running("pack") if j[0] != job]
    )[0]
    cluster("kill-node", node)
    say(f"killed {node} under {rule}")
    campaign.wait_for(
        "the node to be missed",
        lambda: (
            "down"
            in subprocess.run(
                ["sinfo", "-h", "-n", node, "-o", "%T"], capture_output=True, text=True, check=False
            ).stdout
        ),
    )
    cluster("start")
    campaign.wait_for("jobs to leave alone", lambda: campaign.running("pack"))
    cluster("stop-controller")
    say("slurmctld is away")
    time.sleep(15)
    cluster("start")
    campaign.wait_for("jobs to orphan", lambda: campaign.running("pack"))
    controller.kill()
    controller.wait()
    orphans = len(campaign.jobs("RUNNING"))
    say(f"killed the controller while {orphans} jobs ran")
    if status := campaign.start().wait():
        sys.exit(f"the next controller ended with status {status}")
    return {
        "submission refused by a limit": 1,
        "file system full": 1,
        "slurmctld restarted": 1,
        "controller killed": 1,
        "jobs that the next controller found": orphans,
    }


def cut_short(campaign: Disturbed, slurry: str) -> bool:
    """Let SLURM end a drying by its wall-time once it has a restart; give whether it was there.

    Its process is halted until then, as on a node that swaps: a minute is SLURM's shortest limit,
    and the drying takes seconds. SLURM wakes it with its signal.
    """
    work = campaign.results / "slurries" / slurry / "work"
    holder = read_holder(work / "drying.lease")
    if not holder or not list(work.glob("drying.restart-*.npz")):
        return False
    os.kill(holder["pid"], signal.SIGSTOP)
    update = ["scontrol", "update", f"JobId={holder['slurm_job']}", "TimeLimit=1"]
    subprocess.run(update, check=True)
    return True


def refusal(campaign: Disturbed) -> str:
    """What `mesocast status` says of a limit of submitted jobs; empty if it says nothing."""
    told = submission.last_told(Layout(campaign.results).submission)
    if told is None or told["kind"] != "limit":
        return ""
    command = [sys.executable, "-m", "mesocast", "status", str(campaign.results)]
    text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    lines = [line for line in text.splitlines() if "limit of submitted jobs" in line]
    return lines[0] if lines else ""


def failed_submissions(campaign: Disturbed) -> int:
    """Submissions that cost a job an attempt, as the plugin words it."""
    return (campaign.folder / "controller.log").read_text().count("SLURM sbatch failed")


def unfinished(campaign: Disturbed, slurry: str, stage: str) -> bool:
    """Whether an attempt of a slurry's stage is written down that did not finish."""
    return (campaign.results / "slurries" / slurry / f"work/{stage}.attempts.jsonl").exists()


def slurm_states(campaign: Disturbed) -> Counter[str]:
    """How SLURM's jobs of the campaign ended; a job's telling step counts."""
    text = subprocess.run(
        ["sacct", "-n", "-P", "-S", "now-1days", "-o", "JobIDRaw,State,JobName"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split("|") for line in text.splitlines()]
    ours = {job for job, _, name in rows if name.startswith(campaign.prefix)}
    states: Counter[str] = Counter()
    for job in ours:
        words = {state.split()[0] for other, state, _ in rows if other.split(".")[0] == job}
        telling = ("NODE_FAIL", "OUT_OF_MEMORY", "TIMEOUT", "CANCELLED", "FAILED", "COMPLETED")
        states[next((word for word in telling if word in words), "other")] += 1
    return states


def attempts_of(campaign: Disturbed) -> list[dict[str, Any]]:
    """Attempts at simulations that did not finish, with the causes that SLURM knows."""
    works = campaign.results.glob("*/*/work")
    return attempts.explained(
        attempt for work in works for stage in STAGES for attempt in attempts.read(work, stage)
    )


def completed(results: Path) -> Counter[str]:
    """Results of each stage and cells: one for each time that one was completed and kept."""
    kept = [path for path in results.glob("*/*/work/*-*") if path.is_dir()]
    return Counter(path.name.split("-")[0] for path in kept)


def undisturbed(folder: Path) -> subprocess.Popen[bytes]:
    """Start the campaign on this machine alone."""
    with (folder / "controller.log").open("wb") as log:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "mesocast", "run", f"{NAME}.yaml", "electrodes"),
                *("--cores", "2"),
            ],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def provenance() -> dict[str, str]:
    """Versions behind the figures, and when they were made."""
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    slurm = subprocess.run(["sinfo", "-V"], capture_output=True, text=True, check=True).stdout
    return {
        "script": "scripts/fault_campaign.py",
        "commit": commit,
        "date": time.strftime("%Y-%m-%d"),
        "slurm": slurm.split()[-1],
        "snakemake": version("snakemake"),
        "snakemake-executor-plugin-slurm": version("snakemake-executor-plugin-slurm"),
    }


def main() -> int:
    """Run both campaigns and compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where both campaigns run (must not exist)")
    parser.add_argument("--conditions", type=int, default=60)
    arguments = parser.parse_args()
    CAMPAIGN["design"]["conditions"] = arguments.conditions
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.environ["OMP_NUM_THREADS"] = "1"
    folder = arguments.folder.resolve()
    for name in ("undisturbed", "disturbed"):
        (folder / name).mkdir(parents=True)
        (folder / name / f"{NAME}.yaml").write_text(yaml.safe_dump(CAMPAIGN))
    cluster("start")
    os.environ["SLURM_CONF"] = str(Path("/etc/slurm/slurm.conf").resolve())
    started = time.time()
    beside = undisturbed(folder / "undisturbed")
    campaign = Disturbed(folder / "disturbed")
    struck = disturb(campaign)
    if beside.wait():
        sys.exit(f"the undisturbed campaign failed; see {folder}/undisturbed/controller.log")
    tables = [
        pd.read_parquet(folder / name / "results" / NAME / "dataset.parquet")
        for name in ("disturbed", "undisturbed")
    ]
    failed, done = attempts_of(campaign), completed(campaign.results)
    causes = Counter(attempt["cause"] for attempt in failed)
    rows = Counter(tables[0]["status"])
    slurm = slurm_states(campaign)
    struck |= {
        "jobs lost with a killed node": slurm["NODE_FAIL"],
        "job cancelled": slurm["CANCELLED"],
        "out of memory": slurm["OUT_OF_MEMORY"],
        "stopped by the wall-time": sum(
            attempt["cause"] == "time_limit" or "wall-time" in attempt["reason"]
            for attempt in failed
        ),
        "physics without a result": rows.total() - rows["ok"],
    }
    slurries = CAMPAIGN["design"]["slurries"]
    expected = dict(zip(STAGES, [slurries] * 2 + [arguments.conditions] * 2, strict=True))
    expected |= {"cell": arguments.conditions}
    late = [a for a in failed if "took this job over" in a["reason"] or "empty" in a["reason"]]
    summary = {
        "faults": struck,
        "rows": dict(rows),
        "attempts that did not finish": dict(causes),
        "SLURM jobs": dict(slurm),
        "completed simulations": dict(done),
        "failed submissions": failed_submissions(campaign),
        "completed twice": sum((done - Counter(expected)).values()) + len(late),
        "datasets identical": tables[0].equals(tables[1]),
        "minutes": round((time.time() - started) / 60, 1),
        "provenance": provenance(),
    }
    write_json(folder / "summary.json", summary)
    print(json.dumps(summary, indent=2))
    good = (
        summary["datasets identical"]
        and summary["completed twice"] == 0
        and summary["failed submissions"] == 0
        and dict(done) == expected
        and all(struck.values())
        and struck["stopped by the wall-time"] >= len(SHORT_OF_TIME)
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
