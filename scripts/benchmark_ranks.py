"""What several MPI ranks gain on one simulation: the same steps of a full-size film on each number.

    scripts/benchmark_ranks.py FILM [--ranks 1 2] [--steps 2000] [--repeats 3] [--csv FILE]

FILM is a dried film (``dried.dump.gz`` of a slurry's folder). Its beads run a fixed number of steps
in the force field of drying and calendering; LAMMPS's start and 200 first steps are not counted. On
a machine that does nothing else. The numbers of ranks take turns, and of each the fastest run
counts, since a virtual machine's cores are not always its own. Prints every run and the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mesocast.campaign.checks import load
from mesocast.electrode import Electrode
from mesocast.simulation.engine.film import FilmSimulation
from mesocast.simulation.engine.ranks import cpu_time_s, leading
from mesocast.simulation.stage import least_inertia_pg

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign

ROOT = Path(__file__).parents[1]
MPIEXEC = Path(sys.executable).with_name("mpiexec")


def run(film: Electrode, campaign: Campaign, steps: int) -> dict[str, float]:
    """Wall and CPU time (s) of the steps, and the number of beads."""
    motion = campaign.calendering.motion
    with FilmSimulation(
        film,
        campaign.force_fields.dried,
        cbd_reference_diameter_um=campaign.materials.cbd.dry_diameter_um,
        time_step_us=motion.time_step_ns * 1e-3,
        drag_time_us=motion.drag_time_us,
        least_inertia_pg=least_inertia_pg(film, motion),
        plane_um=film.highest_um,
        holding_pressure_kPa=campaign.calendering.holding_pressure_kPa,
    ) as simulation:
        simulation.run(200)
        wall, cpu = time.perf_counter(), cpu_time_s()
        for _ in range(steps // 200):
            simulation.run(200)
            pressure_kPa = simulation.pressure_kPa
        return {
            "wall_s": time.perf_counter() - wall,
            "cpu_s": cpu_time_s() - cpu,
            "beads": len(film.radii_um),
            "pressure_kPa": pressure_kPa,
        }


def main() -> int:
    """Time each number of ranks in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("film", type=Path)
    parser.add_argument("--config", type=Path, default=ROOT / "config/paper.yaml")
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--steps", type=int, default=2000, help="a multiple of 200")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--csv", type=Path, help="write every run here")
    parser.add_argument("--this-one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.this_one:
        with leading() as is_leader:
            if is_leader:
                film, campaign = Electrode.read_dump(arguments.film), load(arguments.config)
                print(json.dumps(run(film, campaign, arguments.steps)))
        return 0
    fastest_s: dict[int, float] = {}
    rows = []
    for repeat, ranks in product(range(1, arguments.repeats + 1), arguments.ranks):
        launcher = [str(MPIEXEC), "-n", str(ranks)] if ranks > 1 else []
        text = subprocess.run(
            [*launcher, sys.executable, *sys.argv, "--this-one"],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        found = {"ranks": ranks, "repeat": repeat, "steps": arguments.steps, **json.loads(text)}
        rows.append(found)
        fastest_s[ranks] = min(found["wall_s"], fastest_s.get(ranks, found["wall_s"]))
        print("  ".join(f"{name}={value:.4g}" for name, value in found.items()), flush=True)
    first = arguments.ranks[0]
    for ranks, wall_s in fastest_s.items():
        print(f"{ranks} ranks: {fastest_s[first] / wall_s:.2f} times as fast as {first}")
    if arguments.csv:
        pd.DataFrame(rows).to_csv(arguments.csv, index=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
