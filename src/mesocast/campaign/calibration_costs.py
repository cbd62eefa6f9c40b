"""What a calibration costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.campaign.costs import Costs, Request, request
from mesocast.design.plan import Plan, Slurry

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.calibration.plan import CalibrationPlan, FilmRecipe
    from mesocast.config.campaign import Campaign
    from mesocast.storage.layout import StageName


def _costs(campaign: Campaign, plan: CalibrationPlan, mass_ug: float) -> Costs:
    """Cost model on films of a mass of the table's recipes."""
    electrode = campaign.electrode.model_copy(update={"mass_ug": mass_ug})
    slurries = tuple(Slurry(r.recipe_id, r.am_pct, r.sc_pct, 0) for r in plan.recipes)
    return Costs(campaign.model_copy(update={"electrode": electrode}), Plan(slurries, ()))


def _stages(plan: CalibrationPlan, recipe: FilmRecipe) -> list[StageName]:
    """Stages of a film, one as often as it is run."""
    of_pressing: list[StageName] = ["calendering"]
    if plan.has_voxels:
        of_pressing.append("characterization")
    return ["slurry", "drying", *of_pressing * len(recipe.pressings)]


def film_request(
    campaign: Campaign, plan: CalibrationPlan, point: str, film: str, folder: Path, *, attempt: int
) -> Request:
    """Memory and run time that the job of a film asks for.

    Parameters
    ----------
    campaign, plan
        What is calibrated.
    point, film
        Identifiers.
    folder
        Of the film, where attempts that did not finish are written down.
    attempt
        Snakemake's count of attempts, from 1.
    """
    recipe = plan.films[film]
    folders = [folder, *(folder / f"C{n:02d}" for n in range(1, len(recipe.pressings) + 1))]
    return request(
        _costs(campaign, plan, plan.masses_ug[plan.round_of[point]]),
        _stages(plan, recipe),
        recipe.recipe_id,
        attempt=attempt,
        works=[place / "work" for place in folders],
    )


def cpu_hours(campaign: Campaign, plan: CalibrationPlan) -> tuple[float, ...]:
    """Expected CPU-hours of the films of each round."""
    found = []
    for points, mass_ug in zip(plan.rounds, plan.masses_ug, strict=True):
        costs = _costs(campaign, plan, mass_ug)
        seconds = sum(
            costs.cpu_s(stage, recipe.recipe_id)
            for recipe in plan.recipes
            for stage in _stages(plan, recipe)
        )
        found.append(len(points) * plan.seeds * seconds / 3600)
    return tuple(found)


def describe_calibration(campaign: Campaign, plan: CalibrationPlan) -> str:
    """Say in a few lines what will run and what it will cost."""
    hours = cpu_hours(campaign, plan)
    data = sum(output.measured is not None for output in plan.outputs)
    films = len(plan.films)
    pressed = sum(len(recipe.pressings) for recipe in plan.recipes)
    rounds = ", ".join(
        f"{len(points)} at {mass:g} ug ({cost:.2g} CPU-hours)"
        for points, mass, cost in zip(plan.rounds, plan.masses_ug, hours, strict=True)
    )
    return (
        f"{campaign.campaign}: {len(campaign.calibration.coefficients)} coefficients by {data} "
        f"data of {len(plan.recipes)} recipes, pressed in {pressed} ways\n"
        f"points (sets of coefficients) by rounds: {rounds}; {films} films each "
        f"({plan.seeds} seeds)\n"
        f"expected cost: {sum(hours):.3g} CPU-hours"
    )
