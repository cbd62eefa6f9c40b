"""Nine measured electrodes of Liu et al. 2023 beside those of config/liu-2023.yaml.

    mesocast run config/liu-2023.yaml -- electrodes
    scripts/measured_landscape.py results/liu-2023 FOLDER

Writes every simulated electrode (``liu_2023.csv``), config and versions (``.json``), and a table
with a row per electrode (``.md``).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from mesocast.campaign.checks import load
from mesocast.cli.ending import ended
from mesocast.columns import PARAMETERS
from mesocast.report.sections.provenance import recorded
from mesocast.storage import markdown
from mesocast.storage.files import read_record, replacing, write_json, write_text
from mesocast.storage.layout import STAGES
from mesocast.storage.version import VERSION
from mesocast.verification.shipped import shipped_table

ROOT = Path(__file__).parents[1]
# Quantity, name of the measured column, name and digits of the simulated one.
COMPARED = (
    ("total porosity", "porosity_total", "porosity_by_mass", 3),
    ("conductivity, S/m", "electronic_conductivity_S_m", "electronic_conductivity_S_m", 4),
    ("conductivity by contacts, S/m", "", "electronic_conductivity_contacts_S_m", 4),
    ("tortuosity", "tortuosity", "tortuosity", 2),
    ("tortuosity, CBD of Ngandjong 2021", "", "tortuosity_ngandjong_2021", 2),
)


def table(simulated: pd.DataFrame) -> list[str]:
    """Markdown: measured and simulated values of each measured electrode that was simulated."""
    means = simulated[simulated["status"] == "ok"].groupby(list(PARAMETERS), as_index=False)
    both = shipped_table("measured_landscape").merge(
        means.mean(numeric_only=True), on=list(PARAMETERS), suffixes=(" measured", "")
    )
    rows = []
    for row in both.to_dict("records"):
        cells = ["/".join(f"{row[name]:g}" for name in PARAMETERS)]
        for _, known, name, digits in COMPARED:
            value = f"{row[name]:.{digits}f}"
            if known:
                value = f"{row.get(f'{known} measured', row.get(known)):g}; {value}"
            cells.append(value)
        rows.append(cells)
    header = [f"{text}{': measured; simulated' if known else ''}" for text, known, *_ in COMPARED]
    return markdown.table(["AM/SC/CR", *header], rows)


def main() -> None:
    """Compare and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--config", type=Path, default=ROOT / "config/liu-2023.yaml")
    arguments = parser.parse_args()
    campaign = load(arguments.config)
    simulated = pd.read_parquet(arguments.results / "dataset.parquet")
    folder: Path = arguments.folder
    with replacing(folder / "liu_2023.csv") as path:
        simulated.to_csv(path, index=False, float_format="%.6g")
    write_json(
        folder / "liu_2023.json",
        {
            "mesocast": VERSION,
            "config": campaign.model_dump(mode="json", exclude_unset=True),
            "stages": {
                stage: recorded(
                    [
                        read_record(path, "provenance")["provenance"]
                        for path in sorted(arguments.results.glob(f"{place.folder}/*/{stage}.json"))
                    ]
                )
                for stage, place in STAGES.items()
                if stage != "characterization"  # its file is the electrode's row
            },
        },
    )
    write_text(folder / "liu_2023.md", "\n".join(table(simulated)) + "\n")


if __name__ == "__main__":
    sys.exit(ended(main))
