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
from mesocast.config import load
from mesocast.costs import STAGES, Costs
from mesocast.files import read_json
from mesocast.jobs import costs_of
from mesocast.report.sections.provenance import recorded


def provenance(costs: Costs, results: Path) -> dict[str, Any]:
    """Jobs of each stage, their processor time, their versions and machines."""
    jobs = costs.jobs(results)
    stages: dict[str, Any] = {}
    for stage in STAGES:
        folders = [folder for kind, _, folder in jobs if kind == stage]
        spent = [cost["cpu_s"] for folder in folders for cost in costs_of(folder, stage)]
        paths = [folder / f"{stage}.json" for folder in folders]
        records = [read_json(path)["provenance"] for path in paths if path.exists()]
        stages[stage] = {
            "jobs": len(spent),
            "cpu_hours": round(sum(spent) / 3600, 3),
            **recorded(records),
            **({"last_finished": max(r["finished"] for r in records)} if records else {}),
        }
    return stages


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
    costs = Costs(campaign)
    names = [c.condition_id for c in costs.plan.conditions]
    paths = [results / "conditions" / name / "properties.json" for name in names]
    table = dataset.gather([path for path in paths if path.exists()])
    stages = provenance(costs, results)
    dataset.write(
        table,
        folder,
        campaign=campaign.campaign,
        more={
            "licenses": [
                {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
            ],
            "provenance": {
                "hardware": arguments.hardware,
                "campaign": campaign.model_dump(mode="json"),
                "electrodes": {"simulated": len(table), "of_the_design": len(names)},
                "stages": stages,
            },
        },
    )
    hours = sum(stage["cpu_hours"] for stage in stages.values())
    print(f"{folder}: {len(table)} of {len(names)} electrodes, {hours:.1f} CPU-hours")


if __name__ == "__main__":
    main()
