"""The design: which recipes were simulated, and how evenly they fill the space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.report.blocks import Figure, Section, Text
from mesocast.report.figures.design import design_space
from mesocast.report.labels import count, number

if TYPE_CHECKING:
    from mesocast.report.collect import Results


def build(results: Results) -> Section:
    """Write the section."""
    design, campaign = results.design, results.campaign
    evenness = results.discrepancy
    verdict = "more even" if evenness["design"] < evenness["random"] else "less even"
    without = results.dataset[results.dataset["status"] != "ok"]
    return Section(
        "design",
        "The design",
        [
            Text(
                f"{count(len(design), 'condition')} from "
                f"{count(design['slurry_id'].nunique(), 'slurry')}: a Sobol sequence (Saltelli's "
                "extension) gives active material and solid content of the slurries; each slurry "
                f"is calendered to several compression rates (pairing: {campaign.design.pairing})."
            ),
            Text(
                f"Centred L2 discrepancy: {number(evenness['design'], 3)}; plain random sampling "
                f"of as many points: {number(evenness['random'], 3)} on average. The design is "
                f"{verdict} than {100 * evenness['better_than_random']:.0f} % of the random "
                "samples (0 would be perfectly even)."
                if verdict == "more even"
                else f"Centred L2 discrepancy: {number(evenness['design'], 3)}; plain random "
                f"sampling of as many points: {number(evenness['random'], 3)} on average. With so "
                "few slurries the design is less even than random sampling, which would mix one "
                "slurry per electrode; it is more even than "
                f"{100 * evenness['better_than_random']:.0f} % of the random samples."
            ),
            Figure(
                "design-space",
                "Recipes in three dimensions",
                "Each point is an electrode, each line one slurry that was calendered to several "
                "rates; blue points have the better simulated objective. Look whether the optimum "
                "(green) lies among blue points and away from the faces of the box. Crosses "
                f"failed ({len(without)} here). Drag to turn.",
                "design.csv, dataset.parquet, optimum.json",
                design_space(
                    results.simulated, without, results.optimum.parameters, _bounds(results)
                ),
                height_px=520,
            ),
        ],
    )


def _bounds(results: Results) -> dict[str, tuple[float, float]]:
    return results.optimum.bounds_pct
