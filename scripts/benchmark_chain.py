"""One full-size chain stage by stage, beside the cost of the published schedule on its electrode.

    scripts/benchmark_chain.py [--config config/paper.yaml] [--recipe 90.4 58.2 28.4] [--csv FILE]

Our stages run to their own convergence. The published schedule (20 million steps of slurry and 70
million of drying; Duquesnoy et al. 2023) is not run: its force field, bead sizes and steps are, for
long enough to time a step, and its cost is that time times its steps. Both run here, one after the
other, on one core. Last come the shares of a step that LAMMPS reports for the dried film. FILE gets
the table; a Markdown file of the same name gets all of it.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

os.environ.setdefault("OMP_NUM_THREADS", "1")

from mesocast.campaign.checks import load
from mesocast.config.force_fields import ForceField, Hertz, LennardJones
from mesocast.electrode import CBD, Electrode
from mesocast.simulation.calendering import calender
from mesocast.simulation.composition import composition_of
from mesocast.simulation.drying import dry
from mesocast.simulation.engine.film import FilmSimulation
from mesocast.simulation.slurry import mix_slurry
from mesocast.storage import markdown
from mesocast.storage.files import write_text

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign
    from mesocast.simulation.composition import Composition
    from mesocast.simulation.stage import StageResult

COLUMNS = ("schedule", "stage", "beads", "steps", "cpu_s", "million_bead_steps_per_s", "status")
# Steps of the published schedule, its time step, and its CBD beads in the slurry (6 to 9 um).
PUBLISHED_STEPS = {"slurry": 20_000_000, "drying": 70_000_000}
PUBLISHED_WET_CBD_UM = 7.5
TIMED_STEPS = 2_000
ROOT = Path(__file__).parents[1]


def published_dried_force_field(wall: Hertz) -> ForceField:
    """Coefficients published for the dried film (Duquesnoy et al. 2023)."""
    return ForceField(
        active_material=LennardJones(
            epsilon_fJ_um=400, sigma_per_diameter=0.93, cutoff_per_diameter=1.2
        ),
        cbd=LennardJones(epsilon_fJ_um=800, sigma_per_diameter=0.89, cutoff_per_diameter=2.2 / 1.3),
        hertz=Hertz(
            normal_stiffness_kPa=200,
            tangential_to_normal_stiffness=1.235,
            normal_damping_1_um_us=10,
            tangential_to_normal_damping=0.907,
            friction=12.5,
        ),
        wall=wall,
        active_material_contact_factor=1.02,
    )


def row(
    schedule: str, stage: str, beads: int, steps: float, cpu_s: float, status: str
) -> dict[str, object]:
    """One line of the table."""
    speed = beads * steps / cpu_s / 1e6
    numbers = (schedule, stage, beads, round(steps), round(cpu_s, 1), round(speed, 3), status)
    line = dict(zip(COLUMNS, numbers, strict=True))
    print("  ".join(f"{name}={value}" for name, value in line.items()), flush=True)
    return line


def our_chain(
    campaign: Campaign, film: Composition, cr_pct: float, seed: int
) -> tuple[list[dict[str, object]], Electrode, Electrode]:
    """Run slurry, drying and one calendering; return the table, the slurry and the dried film."""
    table = []

    def timed(stage: str, result: StageResult, started: float, step_ns: float) -> StageResult:
        steps = result.measured["simulated_time_us"] / (step_ns * 1e-3)
        cpu_s = time.process_time() - started
        table.append(
            row("mesocast", stage, len(result.electrode.radii_um), steps, cpu_s, result.status)
        )
        return result

    started = time.process_time()
    fields = campaign.force_fields
    slurry = mix_slurry(film, fields.slurry, campaign.slurry, seed)
    timed("slurry", slurry, started, campaign.slurry.motion.time_step_ns)
    started = time.process_time()
    dried = dry(slurry.electrode, film, fields, campaign.drying)
    timed("drying", dried, started, campaign.drying.motion.time_step_ns)
    started = time.process_time()
    pressed = calender(
        dried.electrode,
        cr_pct=cr_pct,
        cbd_diameter_um=film.cbd_dry_diameter_um,
        force_field=fields.dried,
        settings=campaign.calendering,
    )
    timed("calendering", pressed, started, campaign.calendering.motion.time_step_ns)
    return table, slurry.electrode, dried.electrode


def published_step_s(electrode: Electrode, field: ForceField, film: Composition) -> float:
    """CPU time of a step of 1 ns; moves are bounded, so that a foreign state cannot fly apart."""
    with FilmSimulation(
        electrode,
        field,
        cbd_reference_diameter_um=film.cbd_dry_diameter_um,
        time_step_us=1e-3,
        drag_time_us=1.0,
        plane_um=electrode.highest_um + 1,
    ) as simulation:
        simulation.separate(TIMED_STEPS // 10, longest_move_um=1e-3)
        started = time.process_time()
        simulation.separate(TIMED_STEPS, longest_move_um=1e-3)
        return (time.process_time() - started) / TIMED_STEPS


def published_schedule(
    campaign: Campaign, film: Composition, slurry: Electrode, dried: Electrode
) -> list[dict[str, object]]:
    """Time the published force field on the same beads, with its wet CBD size, and extrapolate."""
    swollen = Electrode(
        slurry.positions_um,
        np.where(slurry.species == CBD, PUBLISHED_WET_CBD_UM / 2, slurry.radii_um),
        slurry.species,
        slurry.masses_pg,
        slurry.lateral_um,
    )
    fields = campaign.force_fields
    films = {
        "slurry": (swollen, fields.slurry),
        "drying": (dried, published_dried_force_field(fields.dried.wall)),
    }
    return [
        row(
            "published",
            stage,
            len(electrode.radii_um),
            PUBLISHED_STEPS[stage],
            published_step_s(electrode, field, film) * PUBLISHED_STEPS[stage],
            f"extrapolated from {TIMED_STEPS} steps",
        )
        for stage, (electrode, field) in films.items()
    ]


def shares(campaign: Campaign, film: Composition, dried: Electrode) -> str:
    """Shares of the time of a step by LAMMPS's own clock, on the dried film at rest."""
    motion = campaign.calendering.motion
    with (
        tempfile.TemporaryDirectory() as folder,
        FilmSimulation(
            dried,
            campaign.force_fields.dried,
            cbd_reference_diameter_um=film.cbd_dry_diameter_um,
            time_step_us=motion.time_step_ns * 1e-3,
            drag_time_us=motion.drag_time_us,
            plane_um=dried.highest_um + 1,
        ) as simulation,
    ):
        log = Path(folder) / "log.lammps"
        simulation._command(f"log {log}\nrun {TIMED_STEPS}\nlog none")  # noqa: SLF001
        found = re.findall(r"^(Pair|Neigh|Comm|Modify)\s*\|.*\|\s*([\d.]+)$", log.read_text(), re.M)
    return ", ".join(f"{name.lower()} {share} %" for name, share in found)


def main() -> None:
    """Run both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--config", type=Path, default=ROOT / "config/paper.yaml")
    parser.add_argument("--recipe", type=float, nargs=3, default=(90.4, 58.2, 28.4))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", type=Path, help="write the table here")
    arguments = parser.parse_args()
    campaign = load(arguments.config)
    am_pct, sc_pct, cr_pct = arguments.recipe
    film = composition_of(campaign, {"am_pct": am_pct, "sc_pct": sc_pct})
    ours, slurry, dried = our_chain(campaign, film, cr_pct, arguments.seed)
    theirs = published_schedule(campaign, film, slurry, dried)
    cost = {line["stage"]: float(str(line["cpu_s"])) for line in ours}
    slurry_s = cost["slurry"] + cost["drying"]
    published_s = sum(float(str(line["cpu_s"])) for line in theirs)
    said = (
        f"A dried film: {slurry_s / 60:.1f} CPU-minutes; the published schedule: "
        f"{published_s / 3600:.0f} CPU-hours, {published_s / slurry_s:.0f} times as many. "
        f"Of a step of the dried film: {shares(campaign, film, dried)}."
    )
    print(said)
    if arguments.csv:
        lines = markdown.table(COLUMNS, [list(line.values()) for line in (*ours, *theirs)])
        page = "\n".join([*lines, "", said])
        write_text(arguments.csv.with_suffix(".md"), page + "\n")
        with arguments.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows([*ours, *theirs])


if __name__ == "__main__":
    main()
