"""The design: which recipes were simulated, and how evenly they fill the space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import name_of
from mesocast.design.sampling import Space
from mesocast.report.blocks import Figure, Row, Section, Text
from mesocast.report.figures.design import counts, design_space, marginal
from mesocast.report.numbers import count, number
from mesocast.report.sections import rounds

if TYPE_CHECKING:
    from mesocast.config.design import Design
    from mesocast.report.results import Results


def build(results: Results) -> Section:
    """Write the section."""
    design, campaign = results.design, results.campaign
    evenness = results.discrepancy
    without = results.dataset[~results.dataset["status"].isin(["ok", "skipped"])]
    return Section(
        "design",
        "The design",
        [
            Text(
                f"{count(len(design), 'condition')} from "
                f"{count(design['slurry_id'].nunique(), _film(campaign.design))}"
                + (
                    f", simulated before: {campaign.design.dataset}."
                    if campaign.design.dataset
                    else _sampled(results) + _repeated(campaign.design)
                )
            ),
            Text(
                f"Centred L2 discrepancy: {number(evenness['design'], 3)}; plain random sampling "
                f"of as many points: {number(evenness['random'], 3)} on average. Smaller is more "
                f"even; the design is more even than {100 * evenness['better_than_random']:.0f} % "
                "of the random samples"
                + (
                    "."
                    if evenness["design"] < evenness["random"]
                    else ", because few slurries carry all electrodes."
                )
                + (
                    f" The slurries alone, in what they are mixed by: "
                    f"{number(evenness['slurries'], 3)}."
                    if "slurries" in evenness
                    else ""
                )
            ),
            Figure(
                "design-space",
                "Recipes in three dimensions",
                "Active material (AM), solid content (SC) and compression rate (CR): each point "
                "is an electrode, each line one slurry that was calendered to several rates; blue "
                "points have the better simulated objective. Look whether the optimum (green) "
                "lies among blue points and away from the faces of the box. Open circles "
                f"failed ({len(without)} here). Drag to turn.",
                "design.csv, dataset.parquet, optimum.json",
                design_space(
                    results.simulated,
                    without,
                    results.optimum.numbers,
                    _box(results),
                ),
                height_px=520,
            ),
            Row(tuple(_marginal(results, name) for name in results.optimum.bounds_pct)),
            *rounds.build(results),
        ],
    )


def _film(design: Design) -> str:
    """What electrodes share that have one `slurry_id`."""
    return "film" if design.dryings_per_slurry > 1 else "slurry"


def _sampled(results: Results) -> str:
    """Say how the recipes were spread, and which electrodes share a slurry."""
    campaign = results.campaign
    design = campaign.design
    if design.recipes:
        starts = count(design.seeds_per_recipe, "random start")
        return f": the {count(len(design.recipes), 'recipe')} that the config lists, {starts} each."
    if not (design.variables or campaign.fixed or design.sampling != "sobol"):
        return (
            ": a Sobol sequence (Saltelli's extension) gives active material and "
            "solid content of the slurries; each slurry is calendered to several "
            f"compression rates (pairing: {design.pairing})."
        )
    space = Space.of(campaign)
    spread = (
        "a Latin hypercube, whose nearest points are farthest apart,"
        if design.sampling == "latin_hypercube"
        else "a Sobol sequence (Saltelli's extension)"
    )
    dried = (
        f" Each slurry is dried {count(design.dryings_per_slurry, 'time')}, at other values of "
        f"{_listed(space.drying)}."
        if space.drying
        else ""
    )
    later = (
        f" The electrodes of a film differ in {_listed(space.later)} (pairing: {design.pairing})."
        if space.later
        else ""
    )
    return f": {spread} gives {_listed(space.slurry)} of the slurries.{dried}{later}"


def _repeated(design: Design) -> str:
    """Say which recipes were made several times."""
    if not design.repeated.recipes:
        return ""
    slurries = (
        "the first slurry"
        if design.repeated.recipes == 1
        else f"each of the first {design.repeated.recipes} slurries"
    )
    return (
        f" The first electrode of {slurries} is made {design.repeated.seeds} times, from as many "
        "random starts: so the scatter between electrodes of one recipe is known."
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(name_of(name).lower() for name in names) or "nothing"


def _box(results: Results) -> dict[str, tuple[float, float]]:
    """Bounds of a recipe's three numbers; one that is held fixed has some room around it."""
    fixed = {n: (value - 1, value + 1) for n, value in results.campaign.fixed.items()}
    return {**fixed, **results.optimum.bounds_pct}


def _marginal(results: Results, name: str) -> Figure:
    found, edges = counts(results.design[name].tolist(), results.optimum.bounds_pct[name])
    return Figure(
        f"distribution-{name.replace('_', '-')}",
        name_of(name),
        f"{min(found)} to {max(found)} electrodes in a tenth of the range, "
        f"{number(sum(found) / len(found), 3)} if they were spread evenly. Where there are few, "
        "the equations know little.",
        "design.csv, optimum.json",
        marginal(name, found, edges, results.optimum.numbers[name]),
        height_px=300,
    )
