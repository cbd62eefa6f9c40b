"""What time step, speeds, electrode mass, bead size and seed do to an electrode.

    scripts/convergence_physics.py FOLDER [--config config/paper.yaml] [--studies seed mass_ug ...]

One recipe is mixed, dried and calendered with one setting changed at a time, the others as in the
config but for the mass. Each run is a row of FOLDER/convergence.csv, written at once; rows that are
there are not run again, so that the studies can be stopped and grow. FOLDER/convergence.svg shows
porosity before and after calendering, with the spread of the seeds as a band; convergence.md has
the numbers, each with its distance from the seeds' mean. Hours at full size.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

os.environ.setdefault("OMP_NUM_THREADS", "1")

from mesocast import __version__
from mesocast.campaign.checks import load
from mesocast.characterization.voxels import PORE, voxelize
from mesocast.config.campaign import Campaign
from mesocast.errors import PhysicsFailure
from mesocast.simulation.calendering import calender
from mesocast.simulation.composition import composition_of
from mesocast.simulation.drying import dry
from mesocast.simulation.slurry import mix_slurry
from mesocast.storage import markdown
from mesocast.storage.files import replacing, write_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.electrode import Electrode

ROOT = Path(__file__).parents[1]
VOXEL_SIZE_UM = 0.125
SHRINKS = Campaign(campaign="defaults").drying.shrink_increments
COLUMNS = (
    *("study", "value", "seed", "am_pct", "sc_pct", "cr_pct", "mass_ug", "status"),
    *("porosity_bulk_uncalendered", "porosity_bulk", "recovered_pct", "pressure_model_kPa"),
    *("beads", "cpu_s", "physics", "mesocast"),
)


def _change(campaign: Campaign, *path: str, value: float) -> Campaign:
    content = campaign.model_dump()
    section: dict[str, Any] = content
    for name in path[:-1]:
        section = section[name]
    section[path[-1]] = value
    return Campaign.model_validate(content)


def _study(*paths: tuple[str, ...]) -> Callable[[Campaign, float], Campaign]:
    """Change every one of the settings to the value."""

    def change(campaign: Campaign, value: float) -> Campaign:
        for path in paths:
            campaign = _change(campaign, *path, value=value)
        return campaign

    return change


def _dried(*path: str) -> Callable[[Campaign, float], Campaign]:
    """Change the setting of drying and that of calendering to the value."""
    return _study(("drying", *path), ("calendering", *path))


# Study: values, and how a value changes the config. Values that a machine of a few hours affords.
STUDIES: dict[str, tuple[tuple[float, ...], Callable[[Campaign, float], Campaign]]] = {
    "seed": ((1, 2, 3, 4, 5, 6), lambda c, v: _change(c, "seed", value=int(v))),
    "drying_time_step_ns": ((2.5, 5.0, 7.5), _study(("drying", "motion", "time_step_ns"))),
    "calendering_time_step_ns": (
        (2.0, 4.0, 6.0),
        _study(("calendering", "motion", "time_step_ns")),
    ),
    "calendering_speed_m_s": (
        (0.05, 0.1, 0.2, 0.4),
        _study(("calendering", "plane_speed_m_s")),
    ),
    "drying_speed_m_s": ((0.3, 1.0, 3.0), _study(("drying", "plane_speed_m_s"))),
    "drying_drag_time_us": ((1.0, 2.0, 4.0), _study(("drying", "motion", "drag_time_us"))),
    "calendering_drag_time_us": (
        (2.5, 5.0, 10.0),
        _study(("calendering", "motion", "drag_time_us")),
    ),
    "shrink_increments": (
        (SHRINKS // 2, SHRINKS, 2 * SHRINKS),
        lambda c, v: _change(c, "drying", "shrink_increments", value=int(v)),
    ),
    "consolidating_time_step_ns": (
        (4.0, 8.0, 12.0),
        _study(("drying", "wet_motion", "time_step_ns")),
    ),
    "setting_increments": (
        (1, 4, 8, 16),
        lambda c, v: _change(c, "drying", "setting_increments", value=int(v)),
    ),
    "setting_time_us": ((12.0, 24.0, 48.0), _study(("drying", "setting_time_us"))),
    "consolidation_fill": ((0.4, 0.5, 0.55), _study(("drying", "consolidation_fill"))),
    "thickness_drift_pct": (
        (0.05, 0.1, 0.2, 0.4),
        _dried("convergence", "thickness_drift_pct"),
    ),
    "mass_ug": ((0.02, 0.05, 0.1, 0.2), _study(("electrode", "mass_ug"))),
    "cbd_diameter_um": ((1.3, 2.0, 2.6), _study(("materials", "cbd", "dry_diameter_um"))),
    # At a step that the lightest beads bear without mass scaling.
    "inertia_share": (
        (0.33, 1.0),
        lambda c, v: _dried("motion", "inertia_share")(_dried("motion", "time_step_ns")(c, 2.5), v),
    ),
}


def _porosity(film: Electrode) -> float:
    """Volume between the beads over that of the film; beads overlap a little."""
    return voxelize(film, VOXEL_SIZE_UM, film.thickness_um).fraction(PORE)


def run(campaign: Campaign, recipe: tuple[float, float, float]) -> dict[str, object]:
    """Mix, dry and calender; return the measured columns."""
    am_pct, sc_pct, cr_pct = recipe
    started = time.process_time()
    film = composition_of(campaign, {"am_pct": am_pct, "sc_pct": sc_pct})
    fields = campaign.force_fields
    row: dict[str, object] = {"beads": int(film.counts.sum()) + film.cbd_count}
    try:
        slurry = mix_slurry(film, fields.slurry, campaign.slurry, campaign.seed)
        dried = dry(slurry.electrode, film, fields, campaign.drying)
        pressed = calender(
            dried.electrode,
            cr_pct=cr_pct,
            cbd_diameter_um=film.cbd_dry_diameter_um,
            force_field=fields.dried,
            settings=campaign.calendering,
        )
    except PhysicsFailure as failure:
        return {**row, "status": failure.status, "cpu_s": round(time.process_time() - started)}
    measured = pressed.measured
    bad = next((r for r in (slurry, dried, pressed) if r.status != "ok"), pressed)
    return {
        **row,
        "status": bad.status,
        "porosity_bulk_uncalendered": round(_porosity(dried.electrode), 5),
        "porosity_bulk": round(_porosity(pressed.electrode), 5),
        "recovered_pct": round(
            100 * (1 - measured["cr_retained_pct"] / measured["cr_imposed_pct"]), 2
        ),
        "pressure_model_kPa": round(measured["pressure_model_kPa"], 1),
        "cpu_s": round(time.process_time() - started),
    }


def read(path: Path) -> list[dict[str, str]]:
    """Rows that are there."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write all rows."""
    with replacing(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def draw(path: Path, rows: list[dict[str, str]]) -> None:
    """One panel per study; the band is the seeds' mean with twice their standard deviation."""
    good = [row for row in rows if row["status"] == "ok"]
    studies = [name for name in STUDIES if any(row["study"] == name for row in good)]
    figure = Figure(figsize=(4 * min(len(studies), 4), 3.2 * -(-len(studies) // 4)))
    figure.set_layout_engine("constrained")
    curves = {"porosity_bulk_uncalendered": "before", "porosity_bulk": "after calendering"}
    for number, study in enumerate(studies):
        axes = figure.add_subplot(-(-len(studies) // 4), min(len(studies), 4), number + 1)
        for colour, (column, label) in enumerate(curves.items()):
            seeds = [float(row[column]) for row in good if row["study"] == "seed"]
            if len(seeds) > 1:
                middle, spread = float(np.mean(seeds)), 2 * float(np.std(seeds, ddof=1))
                axes.axhspan(middle - spread, middle + spread, color=f"C{colour}", alpha=0.15)
            points = sorted(
                (float(row["value"]), float(row[column])) for row in good if row["study"] == study
            )
            axes.plot(*zip(*points, strict=True), f"C{colour}o-", label=label)
        axes.set(xlabel=study.replace("_", " "), ylabel="bulk porosity")
        if study != "seed":
            axes.set_xscale("log")
            values = [value for value, _ in points]
            axes.set_xticks(values, [f"{value:g}" for value in values])
            axes.minorticks_off()
        if number == 0:
            axes.legend(fontsize=8)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})


def describe(rows: list[dict[str, str]]) -> str:
    """Markdown table: what each value does, in points and against the scatter of the seeds."""
    good = [row for row in rows if row["status"] == "ok"]
    columns = ("porosity_bulk_uncalendered", "porosity_bulk", "recovered_pct")
    seeds = {c: [float(r[c]) for r in good if r["study"] == "seed"] for c in columns}
    deviation = {c: float(np.std(values, ddof=1)) for c, values in seeds.items()}
    mean = {c: float(np.mean(values)) for c, values in seeds.items()}
    table: list[tuple[object, ...]] = [
        (
            f"mean of {len(seeds[columns[0]])} seeds",
            "± one standard deviation",
            *(f"{mean[c]:.3g} ± {deviation[c]:.2g}" for c in columns),
        )
    ]
    for row in sorted(rows, key=lambda r: (list(STUDIES).index(r["study"]), float(r["value"]))):
        if row["study"] == "seed":
            continue
        cells = [
            f"{float(row[c]):.3g} ({(float(row[c]) - mean[c]) / deviation[c]:+.1f})"
            if row["status"] == "ok"
            else row["status"]
            for c in columns
        ]
        table.append((f"`{row['study']}`", row["value"], *cells))
    header = ("setting", "value", "bulk porosity as dried", "after calendering", "recovered, %")
    note = "In brackets: standard deviations from the mean of the seeds."
    return "\n".join([*markdown.table(header, table), "", note]) + "\n"


def main() -> None:
    """Run what is missing and draw all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--config", type=Path, default=ROOT / "config/paper.yaml")
    parser.add_argument("--studies", nargs="+", choices=sorted(STUDIES), default=list(STUDIES))
    parser.add_argument("--recipe", type=float, nargs=3, default=(96.0, 69.0, 30.0))
    parser.add_argument("--mass-ug", type=float, default=0.05)
    parser.add_argument("--jobs", type=int, default=2, help="simulations at a time")
    arguments = parser.parse_args()
    base = _change(load(arguments.config), "electrode", "mass_ug", value=arguments.mass_ug)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    table = arguments.folder / "convergence.csv"
    rows: list[dict[str, Any]] = [*read(table)]
    recipe = dict(zip(("am_pct", "sc_pct", "cr_pct"), arguments.recipe, strict=True))
    same = [row for row in rows if all(float(row[name]) == recipe[name] for name in recipe)]
    # Every study has the default among its values, which is simulated once.
    simulated = {(row["physics"], int(row["seed"])): row for row in same}
    known = {(row["study"], row["value"], row["physics"]) for row in same}
    wanted: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    campaigns = {}
    for study in arguments.studies:
        values, changed = STUDIES[study]
        for value in values:
            campaign = changed(base, value)
            physics = " ".join(map(campaign.physics, ("slurry", "drying", "calendering")))
            if (study, f"{value:g}", physics) in known:
                continue
            identity = physics, campaign.seed
            wanted[identity].append(
                {
                    **simulated.get(identity, {}),
                    "study": study,
                    "value": f"{value:g}",
                    "physics": physics,
                    **recipe,
                    "seed": campaign.seed,
                    "mass_ug": campaign.electrode.mass_ug,
                    "mesocast": __version__,
                }
            )
            if identity in simulated:
                rows += wanted.pop(identity)
            else:
                campaigns[identity] = campaign
    write(table, rows)
    with ProcessPoolExecutor(arguments.jobs, multiprocessing.get_context("spawn")) as pool:
        jobs = {
            pool.submit(run, campaign, arguments.recipe): identity
            for identity, campaign in campaigns.items()
        }
        for job in as_completed(jobs):
            found = job.result()
            for row in wanted[jobs[job]]:
                rows.append({**row, **found})
                print("  ".join(f"{name}={rows[-1].get(name, '')}" for name in COLUMNS), flush=True)
            write(table, rows)
    finished = read(table)
    draw(arguments.folder / "convergence.svg", finished)
    if sum(row["study"] == "seed" and row["status"] == "ok" for row in finished) > 1:
        write_text(arguments.folder / "convergence.md", describe(finished))


if __name__ == "__main__":
    main()
