"""The optimum against all simulated electrodes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns import PARAMETERS, name_of
from mesocast.optimization.objective import DEFAULT_GOALS, Objective, Scaling
from mesocast.report.blocks import Figure, Row, Section
from mesocast.report.figures.optimum import distribution, radar
from mesocast.report.numbers import number, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from mesocast.optimization.objective import Goal
    from mesocast.report.blocks import Block
    from mesocast.report.results import Results


def build(results: Results) -> Section:
    """Write the section."""
    blocks: list[Block] = [
        _radar(results),
        Row(tuple(_against_best(results, name) for name in results.campaign.targets)),
        Row(tuple(_distribution(results, name) for name in results.campaign.targets)),
    ]
    return Section("optimum", "The optimum among all electrodes", blocks)


def _means(results: Results) -> dict[str, float]:
    """Simulated means at the optimum; empty where no electrode of it has a result."""
    if results.confirmed.empty:
        return {}
    return {name: float(results.confirmed[name].mean()) for name in results.campaign.targets}


def _goal(results: Results, name: str) -> Goal:
    """What is wanted of a property: as the goals say, or as it is taken where they do not."""
    goals = results.optimum.objective_definition.goals
    return goals.get(name) or DEFAULT_GOALS[name]


def _distances(results: Results, name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Distance of values of a property from what is wanted, over the range of the dataset."""
    simulated = results.simulated[name]
    objective = Objective(
        {name: replace(_goal(results, name), weight=1.0)},
        {name: Scaling(float(simulated.min()), float(simulated.max()))},
    )
    return objective.distance(name, values)


def _goodness(results: Results, properties: Mapping[str, float]) -> list[float]:
    """Properties on a scale from the worst (0) to the best (1) simulated electrode."""
    return [
        float(1 - _distances(results, name, properties[name])) for name in results.campaign.targets
    ]


def better_than(results: Results, name: str, value: float) -> float:
    """Share of the simulated electrodes that are worse in a property than a value of it."""
    simulated = _distances(results, name, results.simulated[name].dropna().to_numpy(float))
    return float((simulated > _distances(results, name, value)).mean())


def _radar(results: Results) -> Figure:
    best, means = results.simulated.iloc[0], _means(results)
    shapes = {"predicted optimum": results.optimum.predicted}
    if means:
        shapes["verified optimum"] = means
    shapes["best of the design"] = {n: float(best[n]) for n in results.campaign.targets}
    shapes["median of the design"] = {
        n: float(results.simulated[n].median()) for n in results.campaign.targets
    }
    unused = [
        name_of(n)
        for n in results.campaign.targets
        if n not in results.optimum.objective_definition.goals
    ]
    return Figure(
        "radar",
        "Balance of the properties",
        "Outward is better: 1 is the best simulated electrode in that property, 0 the worst. A "
        "balanced electrode has a large, round shape; the verified shape should cover the "
        f"predicted one. Best of the design by the objective: {best['condition_id']}."
        + (f" Not part of the objective: {', '.join(unused)}." if unused else ""),
        "optimum.json, verification.json, dataset.parquet",
        radar(
            {name: _goodness(results, properties) for name, properties in shapes.items()},
            [name_of(name) for name in results.campaign.targets],
        ),
        height_px=460,
    )


def _against_best(results: Results, name: str) -> Figure:
    """Radar of the optimum and of the electrode that is best in one property."""
    values = results.simulated[name].to_numpy(float)
    best = results.simulated.iloc[int(np.nanargmin(_distances(results, name, values)))]
    means = _means(results)
    shapes = {
        "verified optimum" if means else "predicted optimum": means or results.optimum.predicted,
        f"best {name_of(name).lower()}": {n: float(best[n]) for n in results.campaign.targets},
    }
    confirmed = results.confirmed["porosity_bulk"]
    recipes = [
        f"{label}: {_recipe(recipe)}"
        + ("" if porosity is None else f", bulk porosity {number(100 * float(porosity), 3)} %")
        for label, recipe, porosity in (
            ("Optimum", results.optimum.parameters, confirmed.mean() if means else None),
            (str(best["condition_id"]), best, best["porosity_bulk"]),
        )
    ]
    return Figure(
        f"radar-{name.replace('_', '-')}",
        f"Against the best {name_of(name).lower()}",
        "; ".join(recipes) + ". Where its shape is the larger one, that is what balance costs.",
        "optimum.json, verification.json, dataset.parquet",
        radar(
            {label: _goodness(results, properties) for label, properties in shapes.items()},
            [name_of(n) for n in results.campaign.targets],
        ),
        height_px=400,
    )


def _recipe(recipe: Mapping[str, Any] | pd.Series[Any]) -> str:
    return "/".join(f"{float(recipe[name]):g}" for name in PARAMETERS) + " %"


def _distribution(results: Results, name: str) -> Figure:
    predicted = results.optimum.predicted[name]
    verified = results.confirmed[name].tolist()
    values = results.simulated[name]
    share = better_than(results, name, predicted)
    return Figure(
        f"distribution-{name.replace('_', '-')}",
        name_of(name),
        f"To {_goal(results, name).wanted}. The prediction, {quantity(name, predicted)}, is "
        f"better than {100 * share:.0f} % of the simulated electrodes "
        "(bars; the line is their kernel density)"
        + (
            "; the verified values should lie beside it."
            if verified
            else "; no electrode of the optimum has a result to hold against it."
        ),
        "dataset.parquet, optimum.json, verification.json",
        distribution(name, values.tolist(), predicted, verified),
        height_px=320,
    )
