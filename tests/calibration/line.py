"""A line without films: measured electrodes, and what a formula has for their simulation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.calibration.jobs import read_plan, run_round
from mesocast.campaign.checks import load
from mesocast.seeds import derived_seed
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PRESSURE, FRICTION = "drying.pressure_kPa", "force_fields.dried.hertz.friction"
CALIBRATION: dict[str, Any] = {
    "coefficients": {
        PRESSURE: {"min": 10, "max": 100, "scale": "log"},
        FRICTION: {"min": 0.05, "max": 0.6},
    },
    "points": 4,
    "round_points": 2,
    "masses_ug": [0.02, 0.04],
}
HIDDEN = {PRESSURE: 40.0, FRICTION: 0.3}
HEAD = "name,am_pct,sc_pct,cr_pct,pressure_MPa,porosity_total,porosity_total_sd,"
HEAD += "electronic_conductivity_S_m,electronic_conductivity_S_m_sd"
# Recipes, how they are pressed, and whether they are measured.
ELECTRODES = (
    ("a", 94, 60, "cr_pct=0", True),
    ("b", 94, 60, "cr_pct=20", True),
    ("c", 90, 58, "cr_pct=0", True),
    ("d", 90, 58, "pressure_MPa=40", True),
    ("e", 92, 66, "cr_pct=0", True),
    ("f", 92, 66, "pressure_MPa=80", True),
    ("g", 96, 69, "cr_pct=0", False),
)


def quantities(
    values: Mapping[str, float], am_pct: float, pressing: str, mass_ug: float = 0.04
) -> dict[str, float]:
    """Smooth in the coefficients; small films are denser."""
    pressure, friction = math.log(values[PRESSURE] / 10), values[FRICTION]
    kind, _, text = pressing.partition("=")
    pressed = float(text) / (200 if kind == "cr_pct" else 500)
    porosity = 0.55 - 0.01 * (am_pct - 90) - 0.05 * pressure * (1 + (am_pct - 90) / 10)
    porosity += 0.15 * friction - pressed * (1 - friction / 2) - 0.4 * max(0.04 - mass_ug, 0)
    return {"porosity_total": porosity, "electronic_conductivity_S_m": math.exp(-8 * porosity)}


def write_measured(path: Path, seed: int = 1, deviation: float = 0.004) -> None:
    """Write the measured table of the hidden coefficients, with noise."""
    random, lines = np.random.default_rng(seed), [HEAD]
    for name, am_pct, sc_pct, pressing, is_measured in ELECTRODES:
        kind, _, text = pressing.partition("=")
        pressed = f"{text}," if kind == "cr_pct" else f",{text}"
        found = quantities(HIDDEN, am_pct, pressing)
        porosity = found["porosity_total"] + deviation * random.standard_normal()
        conductivity = found["electronic_conductivity_S_m"]
        data = f"{porosity:.5f},{deviation},{conductivity:.6g},{0.1 * conductivity:.6g}"
        lines.append(f"{name},{am_pct},{sc_pct},{pressed},{data if is_measured else ',,,'}")
    path.write_text("\n".join(lines) + "\n")


def make_films(content: dict[str, Any], results: Path, rounds: int = 1) -> Path:
    """Have the rounds and what would be simulated of their films; gives the measured table."""
    campaign, measured, layout = load(content), results / "measured.csv", Layout(results)
    write_measured(measured)
    plan = read_plan(campaign, measured)
    for number in range(rounds):
        run_round(campaign, results, measured, number)
        record = read_json(layout.calibration_round(number))
        for point, values in record["points"].items():
            for film, recipe in plan.films.items():
                noise = np.random.default_rng(derived_seed(1, point, film)).normal(0, 0.003)
                pressings = {}
                for pressing in recipe.pressings:
                    found = quantities(values, recipe.am_pct, pressing, record["mass_ug"])
                    found["porosity_total"] += noise
                    pressings[pressing] = {"status": "ok", "reason": "", "quantities": found}
                write_json(layout.calibration_film(point, film), {"pressings": pressings})
    return measured
