"""What solid content does to films as dried, by capillary pressure and residual solvent.

    scripts/solid_content.py RESULTS [RESULTS ...]

RESULTS are folders of campaigns that differ in `drying.pressure_kPa` and `drying.residual_solvent`.
Porosities are by mass and thickness, as measured ones are. Writes ``solid_content.csv``, a row per
film, ``solid_content.md``, means and standard deviations over seeds beside what was measured, and
``solid_content.json``: over the sets of a calibration, by least squares, how much looser 94/60 is
than 94/69.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import mesocast as mc
from mesocast.storage import markdown
from mesocast.storage.files import read_record, replacing, write_json, write_text
from mesocast.storage.layout import DRYING, Layout
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
RECIPE = ["am_pct", "sc_pct"]
SET = ["drying_pressure_kPa", "residual_solvent"]
#: The same in the films of a calibration.
COEFFICIENTS = ["drying.pressure_kPa", "drying.residual_solvent"]
#: Recipes of the table; at 91 % the two that only differ in solid content.
RECIPES = ((94.0, 60.0), (94.0, 69.0), (95.0, 68.0), (96.0, 69.0), (91.0, 47.0), (91.0, 69.0))
TOLD = ["porosity_by_mass", "porosity_total", "porosity_bulk", "thickness_um", "density_g_cm3"]
#: About which set the effect of solid content is told.
PRESSURE_KPA, RESIDUAL_SOLVENT = 26.0, 0.1


def films(folder: Path) -> pd.DataFrame:
    """Uncalendered films of one results folder at the recipes of the table, a row each."""
    results = mc.open(folder)
    drying = results.campaign.drying
    rows = results.dataset.query("cr_pct == 0")
    rows = rows[[pair in RECIPES for pair in zip(rows["am_pct"], rows["sc_pct"], strict=True)]]
    records = [Layout(folder).slurry(name) / DRYING.record for name in rows["slurry_id"]]
    made = [read_record(path, "provenance")["provenance"] for path in records]
    return rows[[*RECIPE, "seed", "status", *TOLD]].assign(
        drying_pressure_kPa=drying.pressure_kPa,
        residual_solvent=drying.residual_solvent,
        physics=[one["physics"] for one in made],
        mesocast=[one["mesocast"] for one in made],
    )


def table(rows: pd.DataFrame, measured: pd.DataFrame) -> list[str]:
    """Markdown: recipes down, sets across, beside what was measured."""
    known = measured.groupby(RECIPE)["porosity_by_mass"].mean().to_dict()
    good = rows[rows["status"] == "ok"]
    told: dict[tuple[Any, Any], str] = {
        (key[:2], key[2:]): f"{film.mean():.3f} ± {film.std():.3f}"
        for key, film in good.groupby([*SET, *RECIPE])["porosity_by_mass"]
        if len(film) > 1
    }
    sets = sorted({one for one, _ in told})
    lines = [
        (
            f"{recipe[0]:g}/{recipe[1]:g}",
            f"{known[recipe]:.3f}" if recipe in known else "",
            *(told.get((one, recipe), "") for one in sets),
        )
        for recipe in RECIPES
    ]
    head = ("AM/SC", "measured", *(f"{kPa:g} kPa, {100 * left:g} %" for kPa, left in sets))
    return markdown.table(head, lines)


def _terms(pressure_kPa: Any, residual_solvent: Any) -> NDArray[np.float64]:
    """Terms of the linear form at sets of coefficients, shape (sets, 3), or of one set, (3,)."""
    log_pressure = np.log(pressure_kPa / PRESSURE_KPA)
    percent = 100 * (residual_solvent - RESIDUAL_SOLVENT)
    return np.stack([np.ones_like(log_pressure), log_pressure, percent], axis=-1)


def effect(table_of_films: pd.DataFrame) -> dict[str, Any]:
    """How much looser 94/60 is than 94/69, linear in log pressure and residual solvent.

    Standard errors are those of ordinary least squares over the sets; they hold the noise between
    seeds.
    """
    means = (
        table_of_films.query("am_pct == 94")
        .pivot_table("porosity_by_mass", ["point", *COEFFICIENTS], "sc_pct")
        .dropna()
    )
    points = 100 * (means[60.0] - means[69.0]).to_numpy()
    kPa, left = (means.index.get_level_values(name).to_numpy() for name in COEFFICIENTS)
    terms = _terms(kPa, left)
    found, *_ = np.linalg.lstsq(terms, points, rcond=None)
    variance = ((points - terms @ found) ** 2).sum() / (len(points) - terms.shape[1])
    covariance = variance * np.linalg.inv(terms.T @ terms)

    def at(pressure_kPa: float, residual_solvent: float) -> dict[str, float]:
        row = _terms(pressure_kPa, residual_solvent)
        return {
            "drying_pressure_kPa": pressure_kPa,
            "residual_solvent": residual_solvent,
            "points": float(row @ found),
            "standard_error": float(np.sqrt(row @ covariance @ row)),
        }

    names = ("points", "per_log_pressure", "per_percent_residual_solvent")
    return {
        "mesocast": VERSION,
        "sets": len(points),
        **dict(zip(names, map(float, found), strict=True)),
        "at": [at(20.0, 0.06), at(PRESSURE_KPA, RESIDUAL_SOLVENT)],
    }


def main() -> int:
    """Read and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument(
        "--films", type=Path, default=ROOT / "docs/calibration/published_line/films.csv"
    )
    parser.add_argument("--measured", type=Path, default=ROOT / "config/published-line.csv")
    parser.add_argument("--output", type=Path, default=ROOT / "docs/physics")
    arguments = parser.parse_args()
    output: Path = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    rows = pd.concat([films(folder) for folder in arguments.results])
    rows = rows[[*SET, *(name for name in rows if name not in SET)]]
    rows = rows.sort_values([*SET, *RECIPE, "seed"], ignore_index=True)
    with replacing(output / "solid_content.csv") as path:
        rows.to_csv(path, index=False, float_format="%.6g")
    write_text(
        output / "solid_content.md", "\n".join(table(rows, pd.read_csv(arguments.measured))) + "\n"
    )
    write_json(output / "solid_content.json", effect(pd.read_csv(arguments.films)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
