"""Run a campaign on this machine: one controller at a time, safe to start again after any end.

Snakemake guards a folder with lock files, which stay behind when it is killed. Here the kernel
holds the lock of the campaign and gives it back when the controller ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

from mesocast.config import load
from mesocast.costs import describe
from mesocast.errors import InputError

USAGE = "usage: campaign.py CONFIG [options of snakemake]"


def main(words: list[str]) -> int:
    """Check the config, take the lock, and become Snakemake."""
    if not words or words[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    path, options = Path(words[0]), words[1:]
    try:
        campaign = load(path)
        print(describe(campaign), flush=True)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    results = Path("results") / campaign.campaign
    if "--dry-run" not in options and "-n" not in options:
        results.mkdir(parents=True, exist_ok=True)
        lock = os.open(results / "controller.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{results}: another controller runs this campaign; wait for it or stop it")
            return 1
        os.set_inheritable(lock, True)
        print(f"results: {results}/, at the end {results}/report.html", flush=True)
    command = [sys.executable, "-m", "snakemake", "--nolock", "--config", f"campaign={path}"]
    return os.execv(sys.executable, [*command, *options])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
