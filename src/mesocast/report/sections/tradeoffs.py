"""What is traded for what: the Pareto front and the weights."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mesocast.columns import name_of, with_unit
from mesocast.optimization.applications import applications
from mesocast.report.blocks import Figure, Row, Section, Table, Text
from mesocast.report.figures.tradeoffs import front
from mesocast.report.numbers import count, in_percent, number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.report.results import Results

_SOURCE = "tradeoffs.json"
_MANY = 0.2


def build(results: Results) -> Section:
    """Write the section."""
    found = results.tradeoffs
    names = tuple(found.objectives)
    share = percent(100 * found.non_dominated_share)
    # With few objectives hardly a recipe lies on it.
    decides = (
        ", so the front alone decides nothing: the weights do"
        if found.non_dominated_share > _MANY
        else "; the weights choose among them"
    )
    return Section(
        "tradeoffs",
        "What is traded for what",
        [
            Text(
                "A recipe lies on the Pareto front when no other is better in one property and "
                f"as good in all others. Of the allowed recipes {share} do{decides}. The front "
                "dominates "
                f"{number(found.hypervolume, 3)} of the space between the worst and the best "
                f"simulated values of {count(len(names), 'property')} (hypervolume, an integral "
                "over the whole front)."
            ),
            Row(tuple(_panel(results, *pair) for pair in itertools.combinations(names, 2))),
            _weights(results),
        ],
    )


def _panel(results: Results, first: str, second: str) -> Figure:
    found = results.tradeoffs
    marks: dict[str, Mapping[str, float]] = {"optimum": results.optimum.predicted}
    if found.knee:
        marks["knee"] = found.knee.predicted
    for name, one in found.by_application.items():
        if name not in ("balanced", results.campaign.optimum.application):
            marks[name.replace("_", " ")] = one.predicted
    return Figure(
        f"front-{first}-{second}".replace("_", "-"),
        f"{name_of(first)} and {_within(second)}",
        f"Dots are recipes of the front in all properties, seen in two "
        f"({_within(first)} to {found.objectives[first]}, {_within(second)} to "
        f"{found.objectives[second]}). The knee gives up "
        "least of every property's extent.",
        _SOURCE,
        front(first, second, [recipe.predicted for recipe in found.front], marks),
        height_px=340,
    )


def _within(column: str) -> str:
    """Name of a column within a sentence; signs such as 5C keep their case."""
    name = name_of(column)
    return name[:1].lower() + name[1:]


def _weights(results: Results) -> Table:
    found = results.tradeoffs
    recipes = {"this campaign": (results.optimum.parameters, results.optimum.predicted)}
    for name, one in found.by_application.items():
        recipes[name.replace("_", " ")] = (one.parameters, one.predicted)
    for name, one in found.by_emphasis.items():
        recipes[f"twice the weight of {name_of(name).lower()}"] = (one.parameters, one.predicted)
    reasons = " ".join(
        f"{name.replace('_', ' ').capitalize()}: {one.reason}"
        for name, one in applications(results.campaign.optimum).items()
        if name in found.by_application
    )
    properties, named = tuple(found.objectives), tuple(results.optimum.parameters)
    return Table(
        "The best recipe by the weights",
        "How far the recipe moves when other properties count is how much the choice of weights "
        f"decides. {reasons}",
        _SOURCE,
        (
            "Weights",
            *(f"{name_of(n)} (%)" if in_percent([n]) else with_unit(n) for n in named),
            *map(with_unit, properties),
        ),
        tuple(
            (
                name,
                *(v if isinstance(v, str) else number(v, 3) for v in parameters.values()),
                *(number(predicted[n]) for n in properties),
            )
            for name, (parameters, predicted) in recipes.items()
        ),
    )
