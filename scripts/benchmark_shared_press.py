"""What the conditions of a slurry save by sharing their way under the plane, on the same films.

    scripts/benchmark_shared_press.py CONFIG SLURRY_FOLDER --rates 5 12 20 28 36 [--csv FILE]

SLURRY_FOLDER holds a dried film (``drying.json``, ``dried.dump.gz``). Each compression rate is
calendered alone and then in a folder that all share, in the order given. Ends with status 1 if a
film differs between the two, else prints the CPU time of each and the ratio of the sums.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mesocast.campaign.checks import load
from mesocast.simulation.jobs import run_calendering
from mesocast.storage.once import costs_of, file_digest

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign


def calender(campaign: Campaign, slurry: Path, folder: Path, cr_pct: float) -> tuple[float, str]:
    """CPU time (s) of one calendering, and the digest of its film."""
    run_calendering(campaign, slurry, folder, condition_id="benchmark", cr_pct=cr_pct)
    return costs_of(folder, "calendering")[0]["cpu_s"], file_digest(folder / "electrode.dump.gz")


def main() -> int:
    """Calender every rate twice."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("slurry_folder", type=Path)
    parser.add_argument("--rates", type=float, nargs="+", default=[5, 12, 20, 28, 36])
    parser.add_argument("--csv", type=Path, help="write every film here")
    arguments = parser.parse_args()
    campaign = load(arguments.config)
    rows = []
    with tempfile.TemporaryDirectory(prefix="mesocast-") as name:
        scratch = Path(name)

        def slurry(copy: str) -> Path:
            folder = scratch / copy
            if not folder.exists():
                folder.mkdir()
                for file in ("drying.json", "dried.dump.gz"):
                    shutil.copy(arguments.slurry_folder / file, folder)
            return folder

        for cr_pct in arguments.rates:
            kept = f"cr{cr_pct:g}"
            alone = slurry(f"alone-{kept}")
            alone_s, film = calender(campaign, alone, alone / kept, cr_pct)
            shared_s, same = calender(campaign, slurry("shared"), scratch / kept, cr_pct)
            if same != film:
                print(f"cr_pct = {cr_pct:g}: the films differ", file=sys.stderr)
                return 1
            rows.append({"cr_pct": cr_pct, "alone_cpu_s": alone_s, "shared_cpu_s": shared_s})
            print(f"{cr_pct:g} %: alone {alone_s:.1f} s, shared {shared_s:.1f} s", flush=True)
    alone_s, shared_s = (sum(row[k] for row in rows) for k in ("alone_cpu_s", "shared_cpu_s"))
    print(f"{len(rows)} films: {alone_s / shared_s:.2f} times the CPU time alone")
    if arguments.csv:
        pd.DataFrame(rows).to_csv(arguments.csv, index=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
