"""What if: the recipe under sliders, with all that the equations say of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns import column, name_of, unit_text, with_unit
from mesocast.report.blocks import Choice, Field, Figure, Section, Text, WhatIf
from mesocast.report.figures.whatif import ROW_PX, Curve, curves
from mesocast.report.numbers import setting_unit
from mesocast.surrogates.predict import inputs_of_models, row_of_recipe
from mesocast.surrogates.rows import with_places
from mesocast.surrogates.training import InPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.report.results import Results

_TITLE = "What if"
_STEPS = 41


def build(results: Results) -> Section:
    """Write the section; one sentence where the campaign's method gives no equation."""
    equations = {
        name: model
        for name in results.campaign.modelled
        if isinstance(model := results.surrogates[name].model, InPage)
    }
    if len(equations) < len(results.campaign.modelled):
        return Section(
            "what-if",
            _TITLE,
            [
                Text(
                    f"The method {results.campaign.surrogate_method} gives nothing that a "
                    "page could evaluate; `mesocast predict` answers for any recipe."
                )
            ],
        )
    optimum = results.optimum
    goals = optimum.objective_definition.goals
    parameters = tuple(
        Field(
            name,
            name_of(name),
            float(results.verdict.recipe.values[name]),
            *optimum.bounds_pct[name],
            step=optimum.resolution_pct[name],
            unit=setting_unit(name),
        )
        for name in optimum.bounds_pct
    )
    properties = tuple(
        Field(name, with_unit(name), goals[name].weight if name in goals else None)
        for name in equations
    )
    text = Text(
        "Move the recipe and read what the equations say of it. The intervals hold 95 % of new "
        "electrodes, and grow away from those that the equations were fitted to. The weights "
        "change the objective here and nothing else on the page."
    )
    choices = tuple(
        Choice(name, name_of(name), words, words.index(str(results.verdict.recipe.values[name])))
        for name, words in optimum.choices.items()
    )
    script = _script(_content(results, parameters, choices), equations)
    return Section("what-if", _TITLE, [text, WhatIf(parameters, properties, script, choices)])


def printed(results: Results) -> Figure:
    """Give the curves below the sliders as a figure of its own, through the verdict's recipe."""
    optimum, recipe = results.optimum, results.verdict.recipe
    parameters = {name: float(recipe.values[name]) for name in optimum.bounds_pct}
    found: dict[str, list[Curve]] = {name: [] for name in results.campaign.modelled}
    inputs = inputs_of_models(results.surrogates)
    here = row_of_recipe(results.surrogates, recipe.values)
    for name in parameters:
        number = inputs.index(name)
        x = np.tile(here, (_STEPS, 1))
        x[:, number] = np.linspace(*optimum.bounds_pct[name], _STEPS)
        for property_name, own in found.items():
            surrogate = results.surrogates[property_name]
            values = surrogate(x)
            ends = results.intervals[property_name].around(
                values, property_name, surrogate.growth(x)
            )
            own.append(Curve(x[:, number], values, *ends))
    others = "two" if len(parameters) == 3 else "ones"
    predicted = {name: float(results.surrogates[name](here)[0]) for name in found}
    return Figure(
        "curves",
        "Each property against each parameter",
        f"Through {recipe.label}: one parameter moves, the other {others} stay. The dot is the "
        "recipe, the band holds 95 % of new electrodes.",
        f"surrogates/{results.campaign.surrogate_method}/",
        curves(found, parameters, predicted),
        height_px=ROW_PX * len(found),
    )


def _content(
    results: Results, parameters: tuple[Field, ...], choices: tuple[Choice, ...]
) -> dict[str, Any]:
    """All numbers that the page needs besides the equations."""
    rows = results.everything[results.everything["status"] == "ok"]
    names = [field.name for field in parameters]
    electrodes = with_places(
        rows.drop_duplicates("condition_id"), {choice.name: choice.words for choice in choices}
    )
    return {
        "parameters": [
            {
                "name": f.name,
                "label": f.label,
                "low": f.low,
                "high": f.high,
                "start": f.value,
                "unit": f.unit,
            }
            for f in parameters
        ],
        "properties": [_property(results, name) for name in results.campaign.modelled],
        "choices": [asdict(choice) for choice in choices],
        "inputs": inputs_of_models(results.surrogates),
        "fixed": results.campaign.fixed,
        "clip": results.optimum.objective_definition.clip,
        "utility": results.optimum.objective_definition.utility,
        "electrodes": [
            {"id": name, "x": x, "words": words}
            for name, x, words in zip(
                electrodes["condition_id"].tolist(),
                electrodes[names].to_numpy(float).tolist(),
                electrodes[[choice.name for choice in choices]].to_numpy(float).tolist(),
                strict=True,
            )
        ],
    }


def _property(results: Results, name: str) -> dict[str, Any]:
    """What is wanted of a property, its interval, where it holds, and which values are possible."""
    definition, interval = results.optimum.objective_definition, results.intervals[name]
    region = results.surrogates[name].region
    told: dict[str, Any] = {
        "name": name,
        "label": name_of(name),
        "unit": unit_text(name),
        "minimum": column(name).minimum,
        "maximum": column(name).maximum,
        "interval": [interval.low, interval.high],
        "relative": interval.is_relative,
        "region": None if region is None else region.to_dict(),
    }
    if name in definition.goals:
        span = definition.scaling[name]
        told |= {"range": [span.minimum, span.maximum]}
        told |= {"direction": definition.goals[name].direction}
        told |= {"target": definition.goals[name].target}
    return told


def _script(content: dict[str, Any], equations: Mapping[str, InPage]) -> str:
    """JavaScript that defines ``whatIf``, safe inside a script element."""
    functions = ",\n".join(
        f"{json.dumps(name)}: {equation.javascript()}" for name, equation in equations.items()
    )
    numbers = json.dumps(content, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"const whatIf = {numbers};\nwhatIf.equations = {{\n{functions}\n}};"
