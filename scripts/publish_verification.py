"""Write what the simulated electrodes of a verification say of their predictions, as a table.

    scripts/publish_verification.py --config config/my.yaml RESULTS FOLDER

RESULTS is the folder of a finished campaign. FOLDER gets every electrode (``electrodes.csv``), the
predictions beside them with the config and the versions of each stage (``verification.json``), and
a table with a row per recipe and property (``verification.md``).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from mesocast.campaign.checks import check_results, load
from mesocast.campaign.costs import Costs
from mesocast.cli.ending import ended
from mesocast.columns import PARAMETERS, name_of, with_unit
from mesocast.report.numbers import number, percent
from mesocast.report.sections.provenance import recorded
from mesocast.storage import markdown
from mesocast.storage.files import read_record, replacing, write_json, write_text
from mesocast.storage.layout import STAGES
from mesocast.storage.rows import gather
from mesocast.verification.recipes import COMPARED

_HEADER = (
    "Recipe: AM/SC/CR (%)",
    "Property",
    "Predicted",
    "95 % interval",
    "Simulated: mean ± standard deviation",
    "Prediction over mean",
)


def lines_of(name: str, verified: dict[str, Any]) -> list[list[str]]:
    """Rows of one recipe, one for each property; electrodes outside of its interval are counted."""
    recipe = "/".join(f"{verified['parameters'][parameter]:g}" for parameter in PARAMETERS)
    rows = []
    for column, found in verified["properties"].items():
        mean, spread = found["simulated_mean"], found["simulated_standard_deviation"]
        low, high = found["interval"]
        rows.append(
            [
                f"{name}: {recipe}",
                with_unit(column),
                number(found["predicted"], 3),
                f"{number(low, 3)} to {number(high, 3)}",
                f"{number(mean, 3)} ± {number(spread, 2)}"
                + (
                    f" ({found['outside']} of {len(found['simulated'])} outside)"
                    if found["outside"]
                    else ""
                ),
                percent(found["deviation_pct"], signed=True),
            ]
        )
    return rows


def main() -> int:
    """Read the words and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args()
    return ended(lambda: publish(arguments), results=arguments.results)


def publish(arguments: argparse.Namespace) -> None:
    """Publish.

    Raises
    ------
    InputError
        The results are not finished, or are of another campaign.
    """
    campaign = load(arguments.config)
    check_results(campaign, arguments.results)
    results, folder = arguments.results, arguments.folder
    verification = read_record(results / "verification.json", *COMPARED, "extremes")
    recipes = {
        "Optimum": verification,
        **{
            f"Best {name_of(name).lower()}": verified
            for name, verified in verification["extremes"].items()
        },
    }
    names = [e["condition_id"] for v in recipes.values() for e in v["electrodes"]]
    table = gather([results / "conditions" / n / "properties.json" for n in names])
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / "electrodes.csv") as path:
        table.to_csv(path, index=False)
    slurries, jobs = {*table["slurry_id"]}, Costs(campaign).jobs(results)
    versions = {
        stage: recorded(
            [
                read_record(place / f"{stage}.json", "provenance")["provenance"]
                for kind, slurry_id, place in jobs
                if kind == stage and slurry_id in slurries
            ]
        )
        for stage in STAGES
        if stage != "characterization"  # its file is the electrode's row
    }
    write_json(
        folder / "verification.json",
        {
            "campaign": campaign.model_dump(mode="json"),
            "versions": versions,
            "verification": verification,
        },
    )
    rows = [line for name, verified in recipes.items() for line in lines_of(name, verified)]
    write_text(folder / "verification.md", "\n".join(markdown.table(_HEADER, rows)) + "\n")


if __name__ == "__main__":
    sys.exit(main())
