"""The design: which recipes were simulated, and how evenly they fill the space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import name_of
from mesocast.report.blocks import Figure, Row, Section, Text
from mesocast.report.figures.design import counts, design_space, marginal
from mesocast.report.numbers import count, number
from mesocast.report.sections import rounds

if TYPE_CHECKING:
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
                f"{count(design['slurry_id'].nunique(), 'slurry')}"
                + (
                    f", simulated before: {campaign.design.dataset}."
                    if campaign.design.dataset
                    else ": a Sobol sequence (Saltelli's extension) gives active material and "
                    "solid content of the slurries; each slurry is calendered to several "
                    f"compression rates (pairing: {campaign.design.pairing})."
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
                    results.optimum.parameters,
                    results.optimum.bounds_pct,
                ),
                height_px=520,
            ),
            Row(tuple(_marginal(results, name) for name in results.optimum.bounds_pct)),
            *rounds.build(results),
        ],
    )


def _marginal(results: Results, name: str) -> Figure:
    found, edges = counts(results.design[name].tolist(), results.optimum.bounds_pct[name])
    return Figure(
        f"distribution-{name.replace('_', '-')}",
        name_of(name),
        f"{min(found)} to {max(found)} electrodes in a tenth of the range, "
        f"{number(sum(found) / len(found), 3)} if they were spread evenly. Where there are few, "
        "the equations know little.",
        "design.csv, optimum.json",
        marginal(name, found, edges, results.optimum.parameters[name]),
        height_px=300,
    )
