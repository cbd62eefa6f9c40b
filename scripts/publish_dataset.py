"""Write a campaign's dataset with what it was made from, for others to use without simulating.

Takes the electrodes that are finished, so a campaign that still runs gives a smaller dataset.
``datapackage.json`` then also holds the config, the physics and software versions of each stage,
the machines, and the processor time that the simulations took.

    python scripts/publish_dataset.py --config config/paper.yaml results/paper data/paper
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mesocast import dataset
from mesocast.config import Campaign, load
from mesocast.costs import STAGES, Costs
from mesocast.files import read_json, write_json
from mesocast.jobs import costs_of

RECORDED = ("physics", "mesocast", "lammps", "taufactor", "python", "machine")


def provenance(campaign: Campaign, results: Path, rows: int) -> dict[str, Any]:
    """What the dataset was made from."""
    jobs = [
        (stage, folder, cost)
        for stage, _, folder in Costs(campaign).jobs(results)
        for cost in costs_of(folder, stage)
    ]
    return {
        "campaign": campaign.model_dump(mode="json"),
        "electrodes": {"simulated": rows, "of_the_design": len(Costs(campaign).plan.conditions)},
        "stages": {
            stage: {
                "jobs": sum(kind == stage for kind, *_ in jobs),
                "cpu_hours": round(
                    sum(c["cpu_s"] for kind, _, c in jobs if kind == stage) / 3600, 3
                ),
                **recorded([folder / f"{stage}.json" for kind, folder, _ in jobs if kind == stage]),
            }
            for stage in STAGES
        },
    }


def recorded(paths: list[Path]) -> dict[str, Any]:
    """Versions and machines that the jobs of a stage wrote down, and when the last one ended."""
    records = [read_json(path)["provenance"] for path in paths if path.exists()]
    found: dict[str, Any] = {
        name: sorted({str(r[name]) for r in records if name in r}) for name in RECORDED
    }
    found = {name: values for name, values in found.items() if values}
    if records:
        found["last_finished"] = max(r["finished"] for r in records)
    return found


def main() -> None:
    """Publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--hardware", default="", help="what it was simulated on, in words")
    arguments = parser.parse_args()
    campaign = load(arguments.config)
    results, folder = arguments.results, arguments.folder
    names = [c.condition_id for c in Costs(campaign).plan.conditions]
    paths = [results / "conditions" / name / "properties.json" for name in names]
    table = dataset.gather([path for path in paths if path.exists()])
    dataset.write(table, folder, campaign=campaign.campaign)
    package = dataset.package(campaign.campaign)
    package["licenses"] = [
        {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
    ]
    package["provenance"] = {
        "hardware": arguments.hardware,
        **provenance(campaign, results, len(table)),
    }
    write_json(folder / "datapackage.json", package)
    hours = sum(s["cpu_hours"] for s in package["provenance"]["stages"].values())
    print(f"{folder}: {len(table)} of {len(names)} electrodes, {hours:.1f} CPU-hours")


if __name__ == "__main__":
    main()
