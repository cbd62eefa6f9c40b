"""The optimizer: how the recipe was found, and what lies around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import PARAMETERS, is_variable, name_of
from mesocast.optimization.minima import FEW
from mesocast.report.blocks import Figure, Row, Section, Text
from mesocast.report.figures.optimizer import convergence, dependence
from mesocast.report.numbers import count, in_percent, number, setting_unit
from mesocast.report.panels import telling

if TYPE_CHECKING:
    from mesocast.optimization.optimum.result import Optimum, PartialDependence
    from mesocast.report.results import Results

_SOURCE = "optimum.json"


def build(results: Results) -> Section:
    """Write the section."""
    optimum = results.optimum
    around = {2: "the objective", 3: "the mean of the objective over the third parameter"}.get(
        len(optimum.bounds_pct), "the mean of the objective over the other parameters"
    )
    averaged = (
        "."
        if len(optimum.bounds_pct) == 2
        else "; it need not lie in the darkest spot, because the rest is averaged."
    )
    goals = "; ".join(
        f"{name_of(name).lower()}: {goal.wanted}, weight {goal.weight:g}"
        for name, goal in optimum.objective_definition.goals.items()
    )
    return Section(
        "optimizer",
        "The optimizer",
        [
            Text(
                f"{_objective(optimum)} ({goals}). "
                f"{_how_found(optimum)} "
                f"Rounding to what a machine can set ({_steps(optimum)}) changes the "
                f"objective by {number(optimum.rounding_loss, 2)}."
            ),
            Figure(
                "convergence",
                "Convergence of the search",
                "The line falls to the dashed minimum of an exhaustive search; where it meets "
                "it, further evaluations only explore." + _crosses(optimum),
                _SOURCE,
                convergence(optimum.trace, optimum.truth.objective),
            ),
            Text(
                f"Around the optimum: {around} (partial dependence), dark is good. Dots are "
                f"visited recipes, the star is the optimum{averaged}"
            ),
            Row(
                tuple(
                    Figure(
                        f"dependence-{panel.first}-{panel.second}".replace("_", "-"),
                        f"{name_of(panel.first)} and {name_of(panel.second).lower()}",
                        _lowest(panel),
                        _SOURCE,
                        dependence(panel, optimum.trace, optimum.numbers),
                        height_px=340,
                    )
                    for panel in telling(optimum.partial_dependence, lambda panel: panel.objective)
                )
            ),
        ],
    )


def _objective(optimum: Optimum) -> str:
    """Say what the objective is."""
    definition = optimum.objective_definition
    ranges = (
        "the range of the data"
        if all(goal.span is None for goal in definition.goals.values())
        else "the range of the data or the stated one"
    )
    if definition.utility == "desirability":
        return (
            "The objective is 1 minus the weighted geometric mean of desirabilities (Derringer and "
            "Suich 1980): each property's is 1 at its best and falls to 0 over "
            f"{ranges}"
        )
    return (
        "The objective is the weighted mean of squared distances from the best simulated value of "
        f"each property, scaled to {ranges}"
    )


def _how_found(optimum: Optimum) -> str:
    """Say which search found the recipe, and how near the published one came to the truth."""
    search = optimum.search
    evaluated = (
        f"evaluated the objective {count(len(optimum.trace), 'time')} on the equations; its best "
        "point"
    )
    if search.regret is None or search.relative_regret is None:
        distance = (
            "misses the constraints (by "
            f"{number(search.violation, 2)} in units of the properties' ranges)"
            if search.violation
            else "cannot be compared, since no recipe meets all constraints"
        )
    else:
        distance = (
            f"is {number(search.regret, 2)} above the minimum of an exhaustive search "
            f"({number(100 * search.relative_regret, 2)} % of the objective's range)"
        )
    if optimum.method == "exhaustive_search":
        reason = (
            "the published rule knows no constraints on properties"
            if any(not is_variable(n) and n not in PARAMETERS for n in optimum.constraints)
            else "the published rule knows no levels or choices"
            if optimum.choices or len(optimum.parameters) <= FEW
            else "the published rule sees little of so many parameters"
        )
        return (
            f"The recipe is that of an exhaustive search, because {reason}. For comparison that "
            "rule, Bayesian optimization "
            f"(GP-Hedge), to which a missed constraint was a penalty, {evaluated} {distance}."
        )
    return f"Bayesian optimization (GP-Hedge) {evaluated}, which is the recipe, {distance}."


def _crosses(optimum: Optimum) -> str:
    if not any(visit.violation for visit in optimum.trace):
        return ""
    return " Crosses miss a constraint, so they count for the line not at all."


def _steps(optimum: Optimum) -> str:
    if in_percent(optimum.resolution_pct):
        steps = optimum.resolution_pct.values()
        return "steps of " + ", ".join(f"{step:g}" for step in steps) + " %"
    steps_with_units = (f"{s:g}{setting_unit(n)}" for n, s in optimum.resolution_pct.items())
    return "steps of " + ", ".join(steps_with_units)


def _lowest(panel: PartialDependence) -> str:
    values = np.array(panel.objective)
    i, j = np.unravel_index(int(values.argmin()), values.shape)
    return (
        f"Lowest ({number(float(values[i, j]), 3)}) at "
        f"{panel.first_pct[i]:.3g}{setting_unit(panel.first)} and "
        f"{panel.second_pct[j]:.3g}{setting_unit(panel.second)}, highest "
        f"{number(float(values.max()), 3)}: the wider the dark area, the less exactly the recipe "
        "has to be met."
    )
