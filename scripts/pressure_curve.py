"""Porosity of pressed films against pressure, beside a measured curve; and the scale of pressure.

    scripts/pressure_curve.py RESULTS FOLDER [--config config/validation.yaml] [--cores 2]

RESULTS holds films that a campaign has dried. Those of a measured composition are pressed to
pressures of the model, each from the dried film, in FOLDER, where a start after a stop goes on.
Porosities are by mass and thickness, as measured ones are.
A dried film's forces have a scale of their own, so the shape of the curve is a prediction and one
number, ``calendering.pressure_scale``, is not: the one at which the largest miss is least is told,
with what it misses. Writes ``pressure.csv``, ``.json``, ``.md`` and ``.svg`` to ``--output``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize_scalar

os.environ.setdefault("OMP_NUM_THREADS", "1")

from mesocast.calibration.film import observe
from mesocast.campaign.checks import load
from mesocast.electrode import Electrode
from mesocast.simulation.jobs import run_calendering
from mesocast.storage import markdown
from mesocast.storage.files import read_record, replacing, write_json, write_text
from mesocast.storage.version import VERSION
from mesocast.verification.shipped import shipped_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
# About where measured points from 20 to 80 MPa lie at the scale that films of today have.
PRESSURES_KPA = (0.0, 600.0, 1350.0, 2750.0, 3500.0)
# Spheres neither yield nor break: beyond this, no scale gives what was measured.
LARGEST_MPA = 80.0
SCALES = (5.0, 200.0)


def _press(job: tuple[Path, Path, Path, float]) -> dict[str, Any]:
    config, slurry, folder, pressure_kPa = job
    campaign = load(config)
    own = folder / f"{slurry.name}-{pressure_kPa:g}"
    own.mkdir(parents=True, exist_ok=True)
    run_calendering(
        campaign,
        slurry,
        own,
        condition_id=own.name,
        cr_pct=0.0,
        pressure_kPa=pressure_kPa or None,
    )
    record = read_record(own / "calendering.json", "measured", "status", "provenance", "recipe")
    row = {
        "film": own.name,
        "slurry_id": slurry.name,
        "am_pct": record["recipe"]["am_pct"],
        "sc_pct": record["recipe"]["sc_pct"],
        "seed": record["recipe"]["seed"],
        "status": record["status"],
        "reason": record["reason"],
        "pressed_to_kPa": pressure_kPa,
        **{
            name: record["measured"].get(name)
            for name in (
                "pressure_model_kPa",
                "cr_imposed_pct",
                "cr_retained_pct",
                "thickness_um",
                "porosity_by_mass",
            )
        },
        "cpu_s": record["provenance"]["cpu_s"],
        "physics": record["provenance"]["physics"],
        "mesocast": record["provenance"]["mesocast"],
    }
    if record["status"] == "ok":
        film = Electrode.read_dump(own / "electrode.dump.gz")
        found = observe(film, record["measured"], campaign, has_voxels=False)
        row |= {name: found[name] for name in ("porosity_total", "porosity_bulk")}
    return row


def curve(rows: pd.DataFrame) -> PchipInterpolator:
    """Mean porosity over films, monotone in the logarithm of 100 kPa and the pressure reached."""
    good = rows[rows["status"] == "ok"].groupby("pressed_to_kPa")
    means = good[["pressure_model_kPa", "porosity_by_mass"]].mean()
    # Up to some 100 kPa a film gives way and comes back; the logarithm must end somewhere.
    return PchipInterpolator(np.log(means["pressure_model_kPa"] + 100.0), means["porosity_by_mass"])


def at(found: PchipInterpolator, pressures_kPa: NDArray[np.float64]) -> NDArray[np.float64]:
    """Porosity at pressures of the model; not a number beyond the films'."""
    return np.asarray(found(np.log(pressures_kPa + 100.0), extrapolate=False))


def scale_of(found: PchipInterpolator, points: pd.DataFrame) -> float:
    """Scale at which the largest miss of a measured point is least; of pressed ones only."""
    pressed = points[points["pressure_MPa"] > 0]

    def missed(log_scale: float) -> float:
        kPa = 1e3 * pressed["pressure_MPa"].to_numpy() / np.exp(log_scale)
        gap = at(found, kPa) - pressed["porosity_total"].to_numpy()
        return float(np.abs(np.nan_to_num(gap, nan=1.0)).max())

    tried = np.linspace(np.log(SCALES[0]), np.log(SCALES[1]), 200)
    best = tried[np.argmin([missed(one) for one in tried])]
    step = tried[1] - tried[0]
    return float(np.exp(minimize_scalar(missed, bounds=(best - step, best + step)).x))


def draw(rows: pd.DataFrame, points: pd.DataFrame, scale: float, path: Path) -> None:
    """Films and measured points against pressure."""
    figure = Figure(figsize=(5.5, 3.6), layout="constrained")
    axes = figure.subplots()
    good = rows[rows["status"] == "ok"]
    for name, film in good.sort_values("pressed_to_kPa").groupby("slurry_id"):
        x = scale * film["pressure_model_kPa"] / 1e3
        axes.plot(x, film["porosity_by_mass"], "o-", lw=1, ms=4, label=f"simulated, film {name}")
    axes.plot(points["pressure_MPa"], points["porosity_total"], "ks", label="measured")
    axes.set(
        xlabel=f"pressure (MPa), the model's times {scale:.3g}",
        ylabel="porosity by mass and thickness",
    )
    axes.legend(frameon=False)
    with replacing(path) as partial:
        figure.savefig(partial, format="svg", metadata={"Date": None})


def table(found: PchipInterpolator, points: pd.DataFrame, scale: float) -> list[str]:
    """Markdown: measured points and what the films have at their pressures."""
    kPa = 1e3 * points["pressure_MPa"].to_numpy() / scale
    rows = [
        (
            f"{point['pressure_MPa']:g}",
            f"{point['porosity_total']:.3f}",
            "beyond the films" if np.isnan(value) else f"{value:.3f}",
            "" if np.isnan(value) else f"{100 * (value - point['porosity_total']):+.1f}",
        )
        for point, value in zip(points.to_dict("records"), at(found, kPa), strict=True)
    ]
    header = ("pressure (MPa)", "measured", "simulated", "difference, points")
    return markdown.table(header, rows)


def main() -> int:
    """Press what is not pressed yet, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--config", type=Path, default=ROOT / "config/validation.yaml")
    parser.add_argument("--output", type=Path, default=ROOT / "docs/validation")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--am-pct", type=float, default=90.0, help="composition that was measured")
    arguments = parser.parse_args()
    points = shipped_table("measured_pressures").query("am_pct == @arguments.am_pct")
    films = [
        path.parent
        for path in sorted(arguments.results.glob("slurries/*/drying.json"))
        if read_record(path, "recipe")["recipe"]["am_pct"] == arguments.am_pct
    ]
    if points.empty or not films:
        sys.exit(f"{arguments.results}: no dried film, or no measured curve, at this --am-pct")
    output: Path = arguments.output
    output.mkdir(parents=True, exist_ok=True)  # not after an hour of pressing
    config, folder = arguments.config, arguments.folder
    jobs = [(config, one, folder, kPa) for kPa in PRESSURES_KPA for one in films]
    rows = []
    with multiprocessing.get_context("spawn").Pool(arguments.cores, maxtasksperchild=1) as pool:
        for row in pool.imap_unordered(_press, jobs):
            print(row, file=sys.stderr)
            rows.append(row)
    frame = pd.DataFrame(rows).sort_values(["slurry_id", "pressed_to_kPa"])
    found = curve(frame)
    fitted = points[points["pressure_MPa"] <= LARGEST_MPA]
    scale = scale_of(found, fitted)
    with replacing(output / "pressure.csv") as path:
        frame.to_csv(path, index=False, float_format="%.6g")
    write_text(output / "pressure.md", "\n".join(table(found, points, scale)) + "\n")
    draw(frame, points, scale, output / "pressure.svg")
    write_json(
        output / "pressure.json",
        {
            "mesocast": VERSION,
            "config": load(arguments.config).model_dump(mode="json", exclude_unset=True),
            "pressure_scale": scale,
            "fitted_up_to_MPa": LARGEST_MPA,
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
