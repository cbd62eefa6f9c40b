"""Run a campaign: one controller at a time, safe to start again after any end.

    campaign.py CONFIG [options of snakemake]

The controller holds a lease in the results folder for as long as it lives. On a cluster its jobs
outlive it: the next controller cancels those that did not start and waits for the others, whose
results it then finds.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml

from mesocast.campaign.checks import load
from mesocast.campaign.costs import describe
from mesocast.campaign.status import collect, progress
from mesocast.design.plan import kept_plan
from mesocast.errors import InputError
from mesocast.storage.lease import Lease
from mesocast.storage.slurm import controller_name

USAGE = "usage: campaign.py CONFIG [options of snakemake]"
REFUSED = 1
_POLL_S = 10.0
_PROGRESS_S = 60.0
_STOPPING_S = 20.0
_PR_SET_PDEATHSIG = 1


def _value(options: list[str], name: str) -> str | None:
    """Value of an option of Snakemake, given as two words or with an equals sign."""
    for word, following in zip(options, [*options[1:], ""], strict=True):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None


def uses_slurm(options: list[str]) -> bool:
    """Whether Snakemake is told to send its jobs to SLURM."""
    if (executor := _value(options, "--executor")) is not None:
        return executor == "slurm"
    for name in ("--workflow-profile", "--profile"):
        path = Path(_value(options, name) or "", "config.yaml")
        if path.is_file() and (yaml.safe_load(path.read_text()) or {}).get("executor") == "slurm":
            return True
    return False


def _jobs(name: str) -> dict[str, list[str]]:
    """SLURM jobs of a campaign's controllers that have not ended, by state."""
    command = ["squeue", "--me", "--noheader", "--format", "%A|%T|%j"]
    while True:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        print(f"SLURM does not answer ({done.stderr.strip()}); asking again", flush=True)
        time.sleep(_POLL_S)
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        job, state, job_name = line.split("|", 2)
        if job_name.startswith(f"{name}_"):
            found.setdefault(state, []).append(job)
    return found


def adopt(name: str) -> None:
    """Wait until no job of an earlier controller is left; cancel those that did not start."""
    told = False
    while jobs := _jobs(name):
        if pending := jobs.pop("PENDING", []):
            cancel = ["scancel", "--state=PENDING", *pending]
            subprocess.run(cancel, check=False)
        left = sum(map(len, jobs.values()))
        if left and not told:
            print(f"waiting for {left} SLURM jobs of an earlier controller ({name})", flush=True)
            told = True
        time.sleep(_POLL_S if left else 1)


def _die_with_parent() -> None:
    """Let the kernel end Snakemake when this process is killed: a controller is one, or none."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _has_children(process: int) -> bool:
    try:
        return any(p.read_text() for p in Path(f"/proc/{process}/task").glob("*/children"))
    except OSError:  # it ends just now
        return True


def snakemake(command: list[str], results: Path, *, local: bool) -> int:
    """Let Snakemake work, and say from time to time how far it is.

    Told to stop, Snakemake 9 takes a lock that it may hold already, and hangs for ever without a
    job. On one machine it is ended then; on a cluster its jobs are no processes of this machine.
    """
    said = ""
    told_to_stop = False
    looks_without_job = 0

    with subprocess.Popen(command, preexec_fn=_die_with_parent) as process:  # noqa: PLW1509 - one thread waits

        def stop(number: int, _: object) -> None:
            nonlocal told_to_stop
            told_to_stop = True
            process.send_signal(number)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to Snakemake as well
        while True:
            try:
                return process.wait(timeout=_STOPPING_S if told_to_stop else _PROGRESS_S)
            except subprocess.TimeoutExpired:
                idle = local and told_to_stop and not _has_children(process.pid)
                looks_without_job = looks_without_job + 1 if idle else 0
                if looks_without_job > 1:
                    process.kill()
                line = _progress(results)
                if line not in ("", said):
                    print(f"[{time.strftime('%H:%M:%S')}] {line}", flush=True)
                    said = line


def _progress(results: Path) -> str:
    try:
        return progress(collect(results))
    except (InputError, OSError, ValueError):  # a file that is being written or replaced
        return ""


def main(words: list[str]) -> int:
    """Check the config, take the lease, and let Snakemake work."""
    if not words or words[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    path, options = Path(words[0]), words[1:]
    try:
        campaign = load(path)
        results = Path("results") / campaign.campaign
        print(describe(campaign, kept_plan(campaign, results)), flush=True)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    # --nolock last: `--config` would take a target that follows it for an entry.
    command = [sys.executable, "-m", "snakemake", "--config", f"campaign={path}", "--nolock"]
    if "--dry-run" in options or "-n" in options:
        return os.execv(sys.executable, [*command, *options])  # noqa: S606 - no shell is wanted
    try:
        with Lease(results / "controller.lease", wait=False):
            local = not uses_slurm(options)
            if not local:
                if shutil.which("squeue") is None:
                    print("squeue: not found; allowed: a machine with SLURM, or another profile")
                    return 2
                name = controller_name(results, campaign.campaign)
                adopt(name)
                command.append(f"--slurm-jobname-prefix={name}")
            print(f"results: {results}/, at the end {results}/report.html", flush=True)
            return snakemake([*command, *options], results, local=local)
    except BlockingIOError as holder:
        print(
            f"{results}: another controller runs this campaign ({holder}); wait for it or stop it"
        )
        return REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
