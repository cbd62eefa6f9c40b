"""Simulated viscosities beside measured ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from mesocast.errors import InputError
from mesocast.simulation.viscosity import FlowPoint  # noqa: TC001 - read by pydantic
from mesocast.storage.files import read_json, replacing
from mesocast.verification.shipped import shipped_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd


class _Slurry(BaseModel):
    am_pct: float
    sc_pct: float


class _Curve(BaseModel):
    """What a ``viscosity.json`` must hold; it holds more."""

    recipe: _Slurry
    points: list[FlowPoint]


def read_curve(path: Path) -> dict[str, Any]:
    """Read the ``viscosity.json`` of a slurry.

    Raises
    ------
    InputError
        The file is missing or broken, or is something else.
    """
    content = read_json(path)
    try:
        _Curve.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "file"
        raise InputError(
            f"{path}: {where}: {first['msg']}; allowed: a viscosity.json of `mesocast viscosity`"
        ) from error
    return dict(content)


def measured_viscosities() -> pd.DataFrame:
    """Power laws of measured slurries, one per row, with the source."""
    return shipped_table("measured_viscosities")


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
    """Write ``viscosity.csv`` and ``viscosity.svg`` for the ``viscosity.json`` of slurries.

    Raises
    ------
    InputError
        A file is missing or is something else, or no slurry of them could be sheared.
    """
    table = compare([read_curve(file) for file in files])
    if table.empty:
        raise InputError(
            f"{files[0]}: holds no viscosity, nor does any other file; allowed: a slurry with the "
            "status ok"
        )
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
