"""See whether a calibration finds a line again whose coefficients are hidden from it.

Ten synthetic lines. Each has coefficients of its own; its eight coupons are simulated films with
noise added, and four further recipes are predicted from them. All lines share one simulated design:
the hidden coefficients of a line are one of its points, which is taken out for that line. So ten
repetitions cost little more than one. What a line's porosities are is the mean of more films than
the design has at a point, since a real electrode is no film of two seeds. The rounds of a
calibration are left out, since they would differ from line to line: what is tested is emulators,
posterior and intervals.

A line is recovered when all four of its further recipes lie in their joint intervals, which are to
hold all at once with 90 %; four independent intervals of 90 % hold all four in two lines of three.
Ten lines tell little of such shares, so each line is measured several times with other noise, and
the shares of all repetitions stand beside those of the ten.

    python scripts/calibration_recovery.py FOLDER --cores 2      simulate (goes on where it was)
    python scripts/calibration_recovery.py FOLDER --demo         write the demo's table, and end

Writes ``docs/calibration/recovery.csv`` and ``.json``; the demo's table is of the line in the
middle of the bounds, ``config/demo-calibration.csv``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

from mesocast.calibration.coefficients import Coefficients
from mesocast.calibration.films import assemble
from mesocast.calibration.infer import infer
from mesocast.calibration.jobs import run_film, run_round
from mesocast.calibration.plan import film_seed, make_calibration_plan, pressing_of
from mesocast.campaign.checks import load
from mesocast.dataset.measured import Datum, MeasuredElectrode
from mesocast.seeds import derived_seed
from mesocast.storage.files import read_record, write_json, write_text
from mesocast.storage.layout import Layout
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mesocast.calibration.plan import CalibrationPlan
    from mesocast.config.campaign import Campaign

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "docs/calibration"
DEMO = ROOT / "config/demo-calibration"
# Coupons: four slurries, dried and pressed; then what is predicted.
COUPONS = ((94.0, 60.0), (90.0, 57.0), (88.0, 55.0), (95.0, 68.0))
FURTHER = ((92.0, 60.0), (93.0, 66.0), (89.0, 60.0), (91.0, 52.0))
CR_PCT = 20.0
NOISE = 0.005
REPETITIONS, POINTS, NEEDED = 10, 14, 8
NOISE_DRAWS = 10
# Films of what is only predicted cost the demo as much as the others.
DEMO_FURTHER = 2
TRUE_SEEDS = 4


def content(**changes: Any) -> dict[str, Any]:
    """Config of the line: the demo's, with a design of its own and no rounds."""
    found: dict[str, Any] = yaml.safe_load(DEMO.with_suffix(".yaml").read_text())
    found["campaign"] = "recovery"
    masses_ug = [found["electrode"]["mass_ug"]]
    found["calibration"] |= {"points": POINTS, "masses_ug": masses_ug, **changes}
    return found


def electrodes(values: Mapping[str, float] | None = None, seed: int = 0) -> list[MeasuredElectrode]:
    """Electrodes of a line; what was measured of the coupons is their value with noise added."""
    found = []
    random = np.random.default_rng(seed)
    for is_coupon, recipes in ((True, COUPONS), (False, FURTHER)):
        for am_pct, sc_pct in recipes:
            for cr_pct in (0.0, CR_PCT) if is_coupon else (0.0,):
                name = f"{am_pct:g}/{sc_pct:g}/{cr_pct:g}"
                data = {}
                if is_coupon:
                    true = values[name] if values is not None else 0.5
                    noisy = true + NOISE * random.standard_normal()
                    data["porosity_total"] = Datum(noisy, NOISE)
                found.append(MeasuredElectrode(name, am_pct, sc_pct, cr_pct, None, None, data))
    return found


def _make(job: tuple[Path, str, str]) -> None:
    results, point, film = job
    campaign = load(content())
    recipe = true_plan().films[film]
    run_film(
        campaign,
        results,
        Layout(results).calibration_round(0),
        point=point,
        film=film,
        am_pct=recipe.am_pct,
        sc_pct=recipe.sc_pct,
        seed=film_seed(campaign, point, film),
        pressings=recipe.pressings,
        has_voxels=False,
    )


def design(campaign: Campaign, results: Path) -> dict[str, dict[str, float]]:
    """Coefficients of the shared design's points."""
    table = results / "recovery.csv"
    rows = [
        {"am_pct": e.am_pct, "sc_pct": e.sc_pct, "cr_pct": e.cr_pct}
        | {"porosity_total": 0.5, "porosity_total_sd": NOISE}
        for e in electrodes()
    ]
    write_text(table, pd.DataFrame(rows).to_csv(index=False))
    run_round(campaign, results, table, 0)
    points: dict[str, dict[str, float]] = read_record(
        Layout(results).calibration_round(0), "points"
    )["points"]
    return points


def simulate(plan: CalibrationPlan, results: Path, points: Iterable[str], cores: int) -> None:
    """Make all films of some points that are not there yet."""
    layout = Layout(results)
    left = [
        (results, point, film)
        for point in points
        for film in plan.films
        if not layout.calibration_film(point, film).exists()
    ]
    # A process keeps some of the memory of each film that it has made. (ProcessPoolExecutor hangs
    # when it replaces its processes, CPython issue 115634.)
    with multiprocessing.get_context("spawn").Pool(cores, maxtasksperchild=25) as pool:
        for number, _ in enumerate(pool.imap_unordered(_make, left), start=1):
            print(f"{number} of {len(left)} films", file=sys.stderr)


def read_films(plan: CalibrationPlan, results: Path, points: Iterable[str]) -> dict[str, Any]:
    """Quantities of all films of some points, by point, film and pressing."""
    layout = Layout(results)
    return {
        point: {
            film: {
                pressing: found["quantities"]
                for pressing, found in read_record(
                    layout.calibration_film(point, film), "pressings"
                )["pressings"].items()
            }
            for film in plan.films
        }
        for point in points
    }


def true_plan() -> CalibrationPlan:
    """Films by which the porosities of a line are known: those of the design, and more seeds."""
    return make_calibration_plan(load(content(seeds=TRUE_SEEDS)), electrodes(), "recovery")


def true_porosities(plan: CalibrationPlan, films: Mapping[str, Any]) -> dict[str, float]:
    """Porosities of a line's electrodes: means over the seeds of the films of its point."""
    ids = {(r.am_pct, r.sc_pct): r.recipe_id for r in plan.recipes}
    found = {}
    for e in electrodes():
        names = [f"{ids[e.am_pct, e.sc_pct]}S{n}" for n in range(1, plan.seeds + 1)]
        values = [films[n][pressing_of(e)].get("porosity_total", np.nan) for n in names]
        found[e.name] = float(np.nanmean(values))
    return found


def repetition(
    campaign: Campaign,
    points: Mapping[str, Mapping[str, float]],
    films: Mapping[str, Any],
    hidden: str,
    draw: int,
) -> dict[str, Any]:
    """Calibrate on the coupons of a line, and hold its further recipes against the intervals."""
    true = true_porosities(true_plan(), films[hidden])
    names = (hidden,) if draw == 0 else (hidden, f"draw {draw}")
    coupons = electrodes(true, derived_seed(campaign.seed, "noise", *names))
    plan = make_calibration_plan(campaign, coupons, "recovery")
    coefficients = Coefficients(campaign)
    shown = {name: values for name, values in points.items() if name != hidden}
    answer = infer(
        assemble(plan, coefficients, shown, films),
        coefficients,
        {r.recipe_id: (r.am_pct, r.sc_pct) for r in plan.recipes},
        seed=derived_seed(campaign.seed, "repetition", *names),
        each_recipe=draw == 0,
    )
    row: dict[str, Any] = {"hidden": hidden, "draw": draw}
    inside, jointly = [], []
    for output in answer.rows:
        if output.measured is None and output.joint is not None:
            value, fitted, joint = true[output.electrode], output.fitted, output.joint
            inside.append(fitted.low <= value <= fitted.high)
            jointly.append(joint.low <= value <= joint.high)
            row |= {
                f"{output.electrode} true": value,
                f"{output.electrode} low": fitted.low,
                f"{output.electrode} high": fitted.high,
                f"{output.electrode} joint low": joint.low,
                f"{output.electrode} joint high": joint.high,
            }
    for found in answer.coefficients:
        row |= {
            f"{found.name} true": points[hidden][found.name],
            f"{found.name} low": found.low,
            f"{found.name} high": found.high,
        }
    row |= {"inside": sum(inside), "inside joint": sum(jointly), "recovered": all(jointly)}
    left_out, data = answer.covered if draw == 0 else (None, None)
    row |= {"coupons inside without their recipe": left_out, "coupons": data}
    return row


def shares(table: pd.DataFrame) -> dict[str, Any]:
    """What lay in the intervals of some repetitions: a number, and of how many."""
    lines, recipes = len(table), len(table) * len(FURTHER)
    widths = [
        (table[f"{am_pct:g}/{sc_pct:g}/0{kind} high"] - table[f"{am_pct:g}/{sc_pct:g}/0{kind} low"])
        for kind in ("", " joint")
        for am_pct, sc_pct in FURTHER
    ]
    own, joint = widths[: len(FURTHER)], widths[len(FURTHER) :]
    return {
        "lines_in_joint_intervals": [int(table["recovered"].sum()), lines],
        "lines_in_single_intervals": [int((table["inside"] == len(FURTHER)).sum()), lines],
        "porosities_in_single_intervals": [int(table["inside"].sum()), recipes],
        "mean_width_of_single_intervals": round(float(np.mean(own)), 4),
        "mean_width_of_joint_intervals": round(float(np.mean(joint)), 4),
    }


def write_demo_table(true: Mapping[str, float], seed: int) -> None:
    """Write the measured table of the demo: the coupons of one line, and two to be predicted."""
    rows = []
    for e in electrodes(true, seed):
        if (e.am_pct, e.sc_pct) in FURTHER[DEMO_FURTHER:]:
            continue
        datum = e.data.get("porosity_total")
        rows.append(
            {"name": e.name, "am_pct": e.am_pct, "sc_pct": e.sc_pct, "cr_pct": e.cr_pct}
            | {
                "porosity_total": round(datum.value, 4) if datum else None,
                "porosity_total_sd": NOISE if datum else None,
            }
        )
    write_text(DEMO.with_suffix(".csv"), pd.DataFrame(rows).to_csv(index=False))


def main() -> None:
    """Simulate the shared design, repeat, and write what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="for the films, kept from run to run")
    parser.add_argument("--cores", type=int, default=1, help="films at a time")
    parser.add_argument("--demo", action="store_true", help="write the demo's table, and end")
    arguments = parser.parse_args()
    campaign, results = load(content()), arguments.folder
    plan = make_calibration_plan(campaign, electrodes(), "recovery")
    points = design(campaign, results)
    # Lines inside of the design: nobody knows bounds so well that the line lies in a corner.
    coefficients = Coefficients(campaign)
    distance = {p: np.abs(coefficients.unit(v) - 0.5).max() for p, v in points.items()}
    lines = sorted(points, key=distance.__getitem__)[:REPETITIONS]
    if arguments.demo:
        simulate(true_plan(), results, lines[:1], arguments.cores)
        films = read_films(true_plan(), results, lines[:1])
        true = true_porosities(true_plan(), films[lines[0]])
        write_demo_table(true, derived_seed(campaign.seed, "noise", lines[0]))
        return
    simulate(plan, results, points, arguments.cores)
    simulate(true_plan(), results, lines, arguments.cores)
    films = read_films(plan, results, points) | read_films(true_plan(), results, lines)
    rows = []
    for draw in range(NOISE_DRAWS):
        for line in lines:
            rows.append(repetition(campaign, points, films, line, draw))
            print(f"{line}, draw {draw}: {rows[-1]['inside joint']} inside", file=sys.stderr)
    table = pd.DataFrame(rows)
    first = shares(table[table["draw"] == 0])
    write_text(OUTPUT / "recovery.csv", table.to_csv(index=False, float_format="%.5g"))
    write_json(
        OUTPUT / "recovery.json",
        {
            "mesocast": VERSION,
            "physics": campaign.physics("calendering"),
            "config": content(),
            "noise_added": NOISE,
            "films_of_a_line_per_recipe": TRUE_SEEDS,
            "points": len(points),
            "films": len(points) * len(plan.films)
            + len(lines) * (len(true_plan().films) - len(plan.films)),
            "lines": len(lines),
            "needed": NEEDED,
            "first_draw_of_the_noise": first,
            "all_draws_of_the_noise": shares(table),
        },
    )
    recovered, _ = first["lines_in_joint_intervals"]
    print(f"{recovered} of {len(lines)} lines recovered (at least {NEEDED} are needed)")
    sys.exit(recovered < NEEDED)


if __name__ == "__main__":
    main()
