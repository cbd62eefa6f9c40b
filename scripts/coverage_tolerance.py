"""Share of active-material surface that faces pores against `coverage_tolerance_um`.

    scripts/coverage_tolerance.py RESULTS FILE.csv

RESULTS is the folder of a campaign, such as results/validation. FILE.csv gets the share of every
electrode at every tolerance; FILE.md a table with a row per recipe, means over the seeds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from mesocast.characterization.geometry.bead_surface import active_surface
from mesocast.electrode import Electrode
from mesocast.storage import markdown
from mesocast.storage.files import write_text
from mesocast.storage.rows import read_file

TOLERANCES_UM = (0.0, 0.05, 0.1, 0.13, 0.15, 0.18, 0.25, 0.5)
RECIPE = ["am_pct", "sc_pct", "cr_pct"]


def measure(results: Path) -> pd.DataFrame:
    """Share of every electrode (%) at every tolerance, a row each."""
    table = read_file(results / "dataset.parquet")
    rows = []
    for _, row in table[table["status"] == "ok"].iterrows():
        path = results / "conditions" / row["condition_id"] / "electrode.dump.gz"
        electrode = Electrode.read_dump(path)
        shares = {f"{t:g}": 100 * active_surface(electrode, t).pore_share for t in TOLERANCES_UM}
        rows.append({**row[["condition_id", "seed", *RECIPE]], **shares})
    return pd.DataFrame(rows)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path)
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    table = measure(arguments.results)
    table.round(3).to_csv(arguments.file, index=False)
    columns = [f"{t:g}" for t in TOLERANCES_UM]
    means = table.groupby(RECIPE)[columns].mean()
    lines = markdown.table(
        ["AM/SC/CR", *(f"{name} um" for name in columns)],
        [
            ["/".join(f"{value:g}" for value in recipe), *(f"{share:.1f}" for share in shares)]
            for recipe, shares in zip(means.index, means.to_numpy(), strict=True)
        ],
    )
    write_text(arguments.file.with_suffix(".md"), "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
