"""Viscosity of a slurry by shearing it, and how far it agrees with measured ones."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from mesocast import __version__
from mesocast.composition import compose
from mesocast.errors import InputError, PhysicsFailure
from mesocast.files import read_json, replacing, write_json
from mesocast.jobs import run_once
from mesocast.materials import Positive, Section
from mesocast.packing import well_mixed
from mesocast.shear import WINDOW_STEPS, ShearSimulation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from mesocast.composition import Composition
    from mesocast.config import Campaign
    from mesocast.materials import ForceField, Materials

VISCOSITY_FILE = "viscosity.json"
_SEPARATION_STEPS = 1000
_SEPARATION_MOVE_UM = 0.05
# The first half of the strain is the approach to steady flow; the rest gives this many blocks.
_BLOCKS = 10
# Smallest loading with which the search for a cubic cell starts: its film is low and wide.
_START_LOADING_MG_CM2 = 1.0


class ViscositySettings(Section):
    """Shearing of a cell of slurry."""

    mass_ug: Positive = Field(0.02, description="Dry mass of the simulated cell.")
    shear_rates_1_s: Annotated[tuple[Positive, ...], Field(min_length=1)] = Field(
        (1e5, 3e4, 1e4), description="Rates, run one after the other; the cost goes with 1 / rate."
    )
    strain: Positive = Field(
        4.0, description="Least strain at each rate; the stress is averaged over its second half."
    )
    time_step_ns: Positive = Field(5.0, description="Time step.")


@dataclass(frozen=True)
class FlowPoint:
    """Steady flow at one rate.

    Parameters
    ----------
    shear_rate_1_s
        Shear rate.
    shear_stress_Pa
        Mean stress.
    viscosity_Pa_s
        Stress over rate.
    viscosity_error_Pa_s
        Standard error of the mean over blocks in time.
    """

    shear_rate_1_s: float
    shear_stress_Pa: float
    viscosity_Pa_s: float
    viscosity_error_Pa_s: float


def cubic_cell(
    materials: Materials, *, am_pct: float, sc_pct: float, mass_ug: float
) -> Composition:
    """Beads of a cell of slurry that is as high as it is wide.

    Raises
    ------
    InputError
        The mass is too small.
    """
    recipe = {"am_pct": am_pct, "sc_pct": sc_pct, "mass_ug": mass_ug}
    film = compose(materials, **recipe, mass_loading_mg_cm2=_START_LOADING_MG_CM2)
    # Height times area is fixed by the mass, so the loading that makes a cube follows at once.
    loading = _START_LOADING_MG_CM2 * film.area_um2 / film.slurry_volume_um3 ** (2 / 3)
    return compose(materials, **recipe, mass_loading_mg_cm2=loading)


def flow_curve(
    composition: Composition,
    materials: Materials,
    force_field: ForceField,
    settings: ViscositySettings,
    seed: int,
) -> list[FlowPoint]:
    """Shear a cell of slurry at each rate in turn.

    Raises
    ------
    PhysicsFailure
        Beads were lost, or the cell is too crowded.
    """
    cell = well_mixed(composition, materials.active_material.density_g_cm3, seed)
    step_us = settings.time_step_ns * 1e-3
    points = []
    with ShearSimulation(
        cell,
        force_field,
        height_um=composition.slurry_thickness_um,
        cbd_reference_diameter_um=composition.cbd_dry_diameter_um,
        time_step_us=step_us,
    ) as simulation:
        simulation.separate(_SEPARATION_STEPS, longest_move_um=_SEPARATION_MOVE_UM)
        for rate_1_s in settings.shear_rates_1_s:
            rate_1_us = rate_1_s * 1e-6
            windows = settings.strain / rate_1_us / step_us / WINDOW_STEPS
            per_block = max(round(windows / (2 * _BLOCKS)), 1)
            simulation.shear(rate_1_us)
            stresses_Pa = np.array(
                [1e3 * simulation.mean_stress_kPa() for _ in range(2 * _BLOCKS * per_block)]
            )
            blocks_Pa = stresses_Pa.reshape(2 * _BLOCKS, per_block).mean(axis=1)[_BLOCKS:]
            stress_Pa = float(blocks_Pa.mean())
            error_Pa = float(blocks_Pa.std(ddof=1) / np.sqrt(_BLOCKS))
            points.append(FlowPoint(rate_1_s, stress_Pa, stress_Pa / rate_1_s, error_Pa / rate_1_s))
    return points


def run_viscosity(
    campaign: Campaign, folder: Path, *, am_pct: float, sc_pct: float, seed: int
) -> None:
    """Write ``viscosity.json`` of a slurry into its folder, unless it is kept there.

    Raises
    ------
    InputError
        The recipe cannot be built.
    """
    composition = cubic_cell(
        campaign.materials, am_pct=am_pct, sc_pct=sc_pct, mass_ug=campaign.viscosity.mass_ug
    )
    recipe = {"am_pct": am_pct, "sc_pct": sc_pct, "seed": seed}
    identity = {**recipe, "physics": campaign.physics("viscosity")}

    def produce(scratch: Path) -> None:
        status, reason, points = "ok", "", []
        started = time.process_time()
        try:
            points = flow_curve(
                composition,
                campaign.materials,
                campaign.force_fields.slurry,
                campaign.viscosity,
                seed,
            )
        except PhysicsFailure as failure:
            status, reason = failure.status, failure.reason
        write_json(
            scratch / VISCOSITY_FILE,
            {
                "status": status,
                "reason": reason,
                "recipe": recipe,
                "points": [asdict(point) for point in points],
                "identity": identity,
                "mesocast": __version__,
                "cpu_s": round(time.process_time() - started, 1),
            },
        )

    run_once(folder, "viscosity", identity, (VISCOSITY_FILE,), produce)


def power_law(points: Sequence[FlowPoint]) -> tuple[float, float]:
    """Consistency K (Pa s^n) and flow index n of viscosity = K * rate^(n - 1), least squares.

    Raises
    ------
    InputError
        Fewer than two rates, or a viscosity that is not positive.
    """
    if len(points) < 2 or min(point.viscosity_Pa_s for point in points) <= 0:
        raise InputError("a power law needs positive viscosities at two shear rates or more")
    slope, intercept = np.polyfit(
        np.log([point.shear_rate_1_s for point in points]),
        np.log([point.viscosity_Pa_s for point in points]),
        1,
    )
    return float(np.exp(intercept)), float(slope + 1)


def measured_viscosities() -> pd.DataFrame:
    """Power laws of measured slurries, one per row, with the source."""
    import pandas as pd

    with resources.files("mesocast").joinpath("measured_viscosities.csv").open() as file:
        return pd.read_csv(file)


def compare(curves: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Put simulated viscosities beside the measured power laws, extrapolated to the same rate.

    Parameters
    ----------
    curves
        Contents of the ``viscosity.json`` of slurries.

    Returns
    -------
    pandas.DataFrame
        One row per slurry and rate; ``measured_Pa_s`` and ``simulated_over_measured`` are missing
        where no such slurry was measured.
    """
    import pandas as pd

    measured = measured_viscosities()
    rows = []
    for curve in curves:
        recipe = {name: curve["recipe"][name] for name in ("am_pct", "sc_pct")}
        same = measured[(measured[list(recipe)] - list(recipe.values())).abs().max(axis=1) < 1e-6]
        for point in curve["points"]:
            value = float("nan")
            if len(same):
                law = same.iloc[0]
                value = law["consistency_Pa_s_n"] * point["shear_rate_1_s"] ** (
                    law["flow_index_n"] - 1
                )
            ratio = point["viscosity_Pa_s"] / value
            rows.append(
                {**recipe, **point, "measured_Pa_s": value, "simulated_over_measured": ratio}
            )
    return pd.DataFrame(rows)


def write_comparison(files: Sequence[Path], folder: Path) -> pd.DataFrame:
    """Write ``viscosity.csv`` and ``viscosity.svg`` for the ``viscosity.json`` of slurries."""
    table = compare([read_json(file) for file in files])
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / "viscosity.csv") as path:
        table.to_csv(path, index=False, float_format="%.4g")
    _draw(table, folder / "viscosity.svg")
    return table


def _draw(table: pd.DataFrame, path: Path) -> None:
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    slurries = table.groupby(["am_pct", "sc_pct"])
    colours = colormaps["turbo"].resampled(len(slurries))
    for number, ((am_pct, sc_pct), rows) in enumerate(slurries):
        colour = colours(number)
        axes.errorbar(
            rows["shear_rate_1_s"],
            rows["viscosity_Pa_s"],
            yerr=rows["viscosity_error_Pa_s"],
            color=colour,
            marker="o",
            label=f"{am_pct:g} % / {sc_pct:g} %",
        )
        axes.plot(rows["shear_rate_1_s"], rows["measured_Pa_s"], color=colour, linestyle="--")
    axes.set(xscale="log", yscale="log", xlabel="shear rate (1/s)", ylabel="viscosity (Pa s)")
    axes.set_title("simulated (points), measured power law extrapolated (dashed)", fontsize=10)
    figure.legend(title="active material / solids", fontsize=7, loc="outside right center")
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
