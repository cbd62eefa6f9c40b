"""What planning and running a large campaign costs beside its physics.

    scripts/benchmark_scale.py FOLDER [--conditions 174 2000 20000]

For each size: CPU and wall time and peak memory of Snakemake's dry-run, and the jobs it plans. Then
the overhead of a packed condition: CPU time of a campaign whose slurries fly apart at once, so
that nothing is simulated, on the test cluster if it runs (scripts/test_cluster.sh start) and
otherwise on this machine, where Snakemake's two processes inside each SLURM job are missing.
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
CLUSTER = str(ROOT / "scripts/test_cluster.sh")
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
    for when in ("the first", "the next"):
        cpu, wall, memory, text = measured([*command, "--config", f"campaign={config}"], folder)
        jobs = re.findall(r"^total +(\d+)$", text, re.MULTILINE)[0]
        print(
            f"dry-run of {conditions} conditions, {when}: {cpu:.1f} CPU-s, {wall:.1f} s wall, "
            f"at most {memory:.0f} MB so far, {jobs} jobs",
            flush=True,
        )


def slurm_cpu_s(text: str) -> float:
    """CPU time of the SLURM jobs that Snakemake says it has submitted."""
    jobs = re.findall(r"submitted with SLURM jobid (\d+)", text)
    time.sleep(5)  # accounting follows
    # Without -X, which leaves out what the steps have used.
    command = ["sacct", "-n", "-P", "-o", "JobIDRaw,TotalCPU", "-j", ",".join(jobs)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = dict(line.split("|") for line in told.splitlines())
    return sum(
        float(part) * 60.0**i
        for job in jobs
        for i, part in enumerate(reversed(used[job].split(":")))
    )


def overhead(folder: Path) -> None:
    """Print what a packed condition costs beside its physics."""
    config = folder / "overhead.yaml"
    wild = {"motion": {"time_step_ns": 500.0, "drag_time_us": 1e6}}
    content = {
        "campaign": "overhead",
        "design": {"slurries": 2, "conditions": 2 * PER_JOB},
        "electrode": {"mass_ug": 0.002, "mass_loading_mg_cm2": 2.5},
        "materials": {
            "active_material": {"diameters_um": [3.0, 4.5], "number_fractions": [0.6, 0.4]},
            "cbd": {"dry_diameter_um": 1.8},
        },
        "slurry": wild,
        "jobs": {"conditions_per_job": PER_JOB},
    }
    config.write_text(yaml.safe_dump(content))
    slurm = subprocess.run([CLUSTER, "status"], capture_output=True, check=False).returncode == 0
    profile = "slurm" if slurm else "default"
    command = [sys.executable, "-m", "mesocast", "run", config.name, "electrodes"]
    command += ["--cores", "1", "--workflow-profile", profile]
    if slurm:
        command += ["--default-resources", "slurm_account=lab", "slurm_partition=batch"]
        command += ["mem_mb=1000", "runtime=10"]
    measured([*command, "--until", "drying"], folder)
    cpu, _, _, text = measured(command, folder)
    if slurm:
        cpu += slurm_cpu_s(text)
    print(
        f"overhead of a packed condition ({profile}): {cpu / (2 * PER_JOB):.2f} CPU-s, of "
        f"{2 * PER_JOB} conditions in packs of {PER_JOB}, with the controller's and the dataset's"
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
    overhead(arguments.folder.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
