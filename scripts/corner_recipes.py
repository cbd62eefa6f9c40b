"""Whether anything is lost at the corners of the box of recipes: 20 recipes, slurry to pressed.

    scripts/corner_recipes.py FOLDER [--mass-ug 0.02] [--config config/paper.yaml]

The box is that of the config's design, with active material up to 97 %. Its eight corners and the
middles of its twelve edges are simulated at the config's mass, or at a stated one: eight slurries,
each dried once and pressed to several compression rates, as a campaign does. FOLDER keeps the films
and their restarts, so a run that was stopped goes on where it was. Each film is a row of
docs/physics/corners.csv, written at once; a film that is there with the same mass and physics is
not made again. Ends with status 1 if a film of this mass has lost a bead or has no status ok.

Full size takes some two CPU-hours; 0.02 ug takes some twenty CPU-minutes.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pandas as pd
import yaml

from mesocast.calibration.film import observe
from mesocast.campaign.checks import load
from mesocast.electrode import Electrode
from mesocast.seeds import derived_seed
from mesocast.simulation.composition import composition_of
from mesocast.simulation.jobs import run_calendering, run_drying, run_slurry
from mesocast.storage.files import read_record, write_text
from mesocast.storage.layout import CALENDERING, DRYING, SLURRY, Layout
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs/physics/corners.csv"
# A published electrode has 96.5 %, more than the published campaign's design.
AM_MAX_PCT = 97.0
#: What a film of the table is known by.
KEY = ("am_pct", "sc_pct", "cr_pct", "mass_ug", "physics")


@dataclass(frozen=True)
class Place:
    """A recipe at a corner of the box, or in the middle of one of its edges."""

    place: str
    am_pct: float
    sc_pct: float
    cr_pct: float

    @property
    def slurry_id(self) -> str:
        """Identifier of the slurry that it shares with others."""
        return f"{self.am_pct:g}-{self.sc_pct:g}"


def places(campaign: Campaign) -> list[Place]:
    """Corners and middles of edges, by slurry, the deepest compression first.

    A film that is pressed after one of the same slurry goes on from its restarts, so the deepest
    one tells what a chain costs alone.
    """
    design = campaign.design
    ends = (
        (design.am_pct.min, AM_MAX_PCT),
        (design.sc_pct.min, design.sc_pct.max),
        (design.cr_pct.min, design.cr_pct.max),
    )
    axes = [(low, (low + high) / 2, high) for low, high in ends]
    found = []
    for place in product(*[range(3)] * 3):
        middles = place.count(1)
        if middles <= 1:
            values = (axis[i] for axis, i in zip(axes, place, strict=True))
            found.append(Place("edge" if middles else "corner", *values))
    return sorted(found, key=lambda p: (p.am_pct, p.sc_pct, -p.cr_pct))


def make(campaign: Campaign, results: Path, place: Place) -> dict[str, Any]:
    """Simulate a recipe in its folders; give its row."""
    layout = Layout(results)
    slurry = layout.slurry(place.slurry_id)
    condition_id = f"{place.slurry_id}-{place.cr_pct:g}"
    folder = layout.condition(condition_id)
    seed = derived_seed(campaign.seed, "corners", place.slurry_id)
    run_slurry(
        campaign,
        slurry,
        slurry_id=place.slurry_id,
        am_pct=place.am_pct,
        sc_pct=place.sc_pct,
        seed=seed,
    )
    run_drying(campaign, slurry)
    run_calendering(campaign, slurry, folder, condition_id=condition_id, cr_pct=place.cr_pct)
    records = [
        read_record(where / stage.record, "status", "reason", "measured", "provenance")
        for where, stage in ((slurry, SLURRY), (slurry, DRYING), (folder, CALENDERING))
    ]
    last = records[-1]
    costs = [record["provenance"]["cpu_s"] for record in records]
    row: dict[str, Any] = {
        "place": place.place,
        "am_pct": place.am_pct,
        "sc_pct": place.sc_pct,
        "cr_pct": place.cr_pct,
        "seed": seed,
        "mass_ug": campaign.electrode.mass_ug,
        "status": last["status"],
        "reason": last["reason"],
        "slurry_and_drying_cpu_s": round(costs[0] + costs[1], 1),
        "calendering_cpu_s": round(costs[2], 1),
        "cpu_min": round(sum(costs) / 60, 2),
        "physics": campaign.physics("calendering"),
        "mesocast": VERSION,
    }
    if last["status"] == "ok":
        row |= _measured(campaign, place, folder, last["measured"])
    return row


def _measured(
    campaign: Campaign, place: Place, folder: Path, measured: dict[str, float]
) -> dict[str, Any]:
    film = Electrode.read_dump(folder / CALENDERING.film)
    composition = composition_of(campaign, {"am_pct": place.am_pct, "sc_pct": place.sc_pct})
    beads = int(composition.counts.sum()) + composition.cbd_count
    # What lies on top by itself was torn off: its lowest point is a large particle above the film.
    lowest_um = film.positions_um[:, 2] - film.radii_um
    detached = lowest_um > film.thickness_um + 2 * film.radii_um.max()
    seen = observe(film, measured, campaign, has_voxels=False)
    imposed, retained = measured["cr_imposed_pct"], measured["cr_retained_pct"]
    pressed = imposed > 0
    return {
        "beads": beads,
        "beads_lost": beads - len(film.radii_um),
        "beads_detached": int(detached.sum()),
        "thickness_before_um": round(measured["thickness_before_um"], 3),
        "thickness_um": round(measured["thickness_um"], 3),
        "porosity_total": round(seen["porosity_total"], 4),
        "porosity_bulk": round(seen["porosity_bulk"], 4),
        "cr_imposed_pct": round(imposed, 3),
        "cr_retained_pct": round(retained, 3),
        "springback_pct": round(seen["springback_pct"], 1) if pressed else None,
        "pressure_model_kPa": round(measured["pressure_model_kPa"], 1) if pressed else None,
    }


def read(table: Path) -> pd.DataFrame:
    """Films that are in the table; none if it is not there."""
    return pd.read_csv(table) if table.exists() else pd.DataFrame(columns=list(KEY))


def with_row(rows: pd.DataFrame, row: dict[str, Any]) -> pd.DataFrame:
    """Table with a film, in place of an earlier one of the same recipe, mass and physics."""
    new = pd.DataFrame([row])
    same = rows[list(KEY)].apply(tuple, axis=1).isin([tuple(row[name] for name in KEY)])
    kept = rows[~same] if len(rows) else rows
    joined = new if kept.empty else pd.concat([kept, new], ignore_index=True)
    return joined.sort_values(["mass_ug", "physics", "am_pct", "sc_pct", "cr_pct"])


def is_bad(rows: pd.DataFrame) -> pd.Series[bool]:
    """Films that have not become what they should, or have lost a bead."""
    return (rows["status"] != "ok") | (rows["beads_lost"].fillna(0) != 0)


def summary(rows: pd.DataFrame) -> str:
    """Say in two lines what became of films."""
    good = rows[rows["status"] == "ok"]
    pressed = good[good["cr_imposed_pct"] > 0]
    above = int((pressed["cr_retained_pct"] > pressed["cr_imposed_pct"]).sum())
    return (
        f"{len(rows)} films, {len(good)} ok, "
        f"{int(good['beads_lost'].sum())} beads lost, "
        f"{int(good['beads_detached'].sum())} detached; "
        f"{rows['cpu_min'].median():.2f} CPU-min each (largest {rows['cpu_min'].max():.2f})\n"
        f"{above} of {len(pressed)} pressed films retain more than was imposed; "
        f"springback {pressed['springback_pct'].min():.0f} to "
        f"{pressed['springback_pct'].max():.0f} %"
    )


def main() -> None:
    """Make what is missing, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="for films and restarts, kept from run to run")
    parser.add_argument("--config", type=Path, default=ROOT / "config/paper.yaml")
    parser.add_argument("--mass-ug", type=float, help="dry mass of a film (default: the config's)")
    parser.add_argument("--table", type=Path, default=TABLE)
    arguments = parser.parse_args()
    content = yaml.safe_load(arguments.config.read_text())
    if arguments.mass_ug is not None:
        content["electrode"] = {**content.get("electrode", {}), "mass_ug": arguments.mass_ug}
    campaign = load(content)
    mass_ug, physics = campaign.electrode.mass_ug, campaign.physics("calendering")
    results = arguments.folder / f"{mass_ug:g}ug"
    rows = read(arguments.table)
    for place in places(campaign):
        wanted = (place.am_pct, place.sc_pct, place.cr_pct, mass_ug, physics)
        if wanted in set(rows[list(KEY)].itertuples(index=False, name=None)):
            continue
        row = make(campaign, results, place)
        rows = with_row(rows, row)
        write_text(arguments.table, rows.to_csv(index=False))
        print(f"{place.am_pct:g}/{place.sc_pct:g}/{place.cr_pct:g}: {row['status']}", flush=True)
    own = rows[(rows["mass_ug"] == mass_ug) & (rows["physics"] == physics)]
    print(summary(own))
    sys.exit(bool(is_bad(own).any()))


if __name__ == "__main__":
    main()
