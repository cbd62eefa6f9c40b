"""What planning and running a large campaign costs beside its physics.

    scripts/benchmark_scale.py FOLDER [--conditions 174 2000 20000]

For each size: CPU and wall time and peak memory of Snakemake's dry-run, and the jobs it plans. Then
the overhead of a packed condition: CPU time of a pack whose electrodes are all there already.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
# Conditions per slurry as in the published campaign, and electrodes per job from this size on.
PER_SLURRY, PACKED_FROM, PER_JOB = 6, 1000, 30


def campaign(conditions: int) -> dict[str, object]:
    """Config of a campaign with this many conditions; a pack holds all of a slurry's."""
    packed = conditions >= PACKED_FROM
    return {
        "campaign": f"scale{conditions}",
        "design": {
            "slurries": -(-conditions // (PER_JOB if packed else PER_SLURRY)),
            "conditions": conditions,
        },
        "jobs": {"conditions_per_job": PER_JOB if packed else 1},
    }


def measured(command: list[str], folder: Path) -> tuple[float, float, float, str]:
    """CPU time (s), wall time (s) and peak memory (MB) of a command, and what it said."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = sum(getattr(after, k) - getattr(before, k) for k in ("ru_utime", "ru_stime"))
    return cpu, time.monotonic() - start, after.ru_maxrss / 1024, done.stdout + done.stderr


def dry_run(conditions: int, folder: Path) -> None:
    """Print what planning a campaign costs."""
    config = folder / f"scale{conditions}.yaml"
    config.write_text(yaml.safe_dump(campaign(conditions)))
    command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "rules"]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    command += ["--workflow-profile", str(ROOT / "profiles/slurm")]
    cpu, wall, memory, text = measured([*command, "--config", f"campaign={config}"], folder)
    jobs = re.findall(r"^total +(\d+)$", text, re.MULTILINE)[0]
    print(
        f"dry-run of {conditions} conditions: {cpu:.1f} CPU-s, {wall:.1f} s wall, "
        f"at most {memory:.0f} MB so far, {jobs} jobs",
        flush=True,
    )


def main() -> int:
    """Measure all sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--conditions", type=int, nargs="+", default=[174, 2000, 20000])
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    for conditions in sorted(arguments.conditions):
        dry_run(conditions, arguments.folder.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
