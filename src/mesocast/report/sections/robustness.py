"""How sure the optimum is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import name_of, with_unit
from mesocast.report.blocks import Section, Table, Text
from mesocast.report.numbers import (
    count,
    fixed,
    in_percent,
    number,
    parameter_name,
    percent,
    setting_unit,
)
from mesocast.report.sections import conventions, flat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.columns.variables import Value
    from mesocast.optimization.robustness.ensemble import OptimumSpread
    from mesocast.report.results import Results

_SOURCE = "robustness.json"


def build(results: Results) -> Section:
    """Write the section."""
    found, optimum = results.robustness, results.optimum
    slurries, seeds = found.over_slurries, found.over_seeds
    return Section(
        "robustness",
        "How sure the optimum is",
        [
            *flat.build(results),
            *conventions.build(results),
            Text(
                "Other surrogates have another optimum. "
                f"{count(len(slurries.optima), 'set')} of them were fitted to as many slurries "
                "drawn anew from those of the dataset (bootstrap by slurry), and "
                f"{count(len(seeds.optima), 'set')} to data whose residuals were "
                "reversed slurry by slurry, which shows what other seeds might have done. By "
                "them the reported recipe is on average "
                f"{number(slurries.loss_mean, 2)} and {number(seeds.loss_mean, 2)} above the best "
                f"objective (its own: {number(optimum.objective, 3)})." + _missed(slurries, seeds)
            ),
            _recipes(results),
            _tolerance(results),
            *([_roundings(results)] if results.robustness.roundings else []),
        ],
    )


def _missed(*spreads: OptimumSpread) -> str:
    """Say by how many sets the recipe misses a constraint."""
    sets = sum(len(spread.optima) for spread in spreads)
    missed = sum(round(spread.missed_share * len(spread.optima)) for spread in spreads)
    return f" By {missed} of the {sets} sets it misses a constraint." if missed else ""


def _interval(values: tuple[float, float]) -> str:
    return f"{number(values[0])} to {number(values[1])}"


def _recipe(parameters: Mapping[str, Value]) -> str:
    if in_percent(parameters):
        return ", ".join(fixed(float(value), 1) for value in parameters.values())
    return ", ".join(f"{_value(name, one)}{setting_unit(name)}" for name, one in parameters.items())


def _value(name: str, value: Value) -> str:
    """Number of a design variable: percents with a tenth, others with three digits."""
    if isinstance(value, str):
        return value
    return fixed(value, 1) if in_percent([name]) else number(value, 3)


def _recipes(results: Results) -> Table:
    found, optimum = results.robustness, results.optimum
    return Table(
        "The recipe over other surrogates",
        "95 % of the optima lie within each range. The consensus is the recipe with the lowest "
        "mean objective over the sets; where it is far from the reported one, trust it more.",
        _SOURCE,
        (
            "Parameter (%)" if in_percent(optimum.bounds_pct) else "Parameter",
            "Reported",
            "Over slurries",
            "Over seeds",
            "Consensus, slurries",
            "Consensus, seeds",
        ),
        tuple(
            (
                parameter_name(name, is_plain=in_percent(optimum.bounds_pct)),
                _value(name, optimum.numbers[name]),
                _interval(found.over_slurries.parameters_percentiles95[name]),
                _interval(found.over_seeds.parameters_percentiles95[name]),
                _value(name, found.over_slurries.consensus.parameters[name]),
                _value(name, found.over_seeds.consensus.parameters[name]),
            )
            for name in optimum.bounds_pct
        ),
    )


def _tolerance(results: Results) -> Table:
    found, plain = results.robustness, in_percent(results.optimum.bounds_pct)
    tolerance = ", ".join(
        f"{name_of(name).lower()} {value:g}{'' if plain else setting_unit(name)}"
        for name, value in found.tolerance_pct.items()
    )
    columns = (found.nominal, found.robust)
    rows = [
        (
            "Recipe (%)" if plain else "Recipe",
            *(_recipe(one.parameters) for one in columns),
        ),
        ("Objective, met exactly", *(number(one.objective) for one in columns)),
        ("Objective, mean", *(number(one.objective_mean) for one in columns)),
        ("Objective, 95 % are below", *(number(one.objective_percentile95) for one in columns)),
        *(
            (with_unit(name), *(_interval(one.properties_percentiles95[name]) for one in columns))
            for name in found.nominal.properties_percentiles95
        ),
    ]
    if results.optimum.constraints:
        rows.append(
            ("Meets the constraints", *(percent(100 * one.feasible_share) for one in columns))
        )
    return Table(
        "On a line that does not meet the recipe exactly",
        f"Errors of the line are normal, with standard deviations of "
        f"{'(points of %): ' if plain else ''}{tolerance}. "
        f"The robust recipe {_criterion(results)} under them. Properties: where 95 % of the "
        "electrodes lie, by the equations.",
        _SOURCE,
        ("", "Reported recipe", "Robust recipe"),
        tuple(rows),
    )


def _roundings(results: Results) -> Table:
    return Table(
        "What coarse steps cost",
        "The best recipe that a machine can set in steps of this size, and how much worse its "
        "objective is than that of the exact optimum.",
        _SOURCE,
        (
            ("Step (%)", "Recipe (%)", "Loss of objective")
            if in_percent(results.optimum.bounds_pct)
            else ("Step (in the unit of each)", "Recipe", "Loss of objective")
        ),
        tuple(
            (f"{one.step_pct:g}", _recipe(one.parameters), number(one.loss, 2))
            for one in results.robustness.roundings
        ),
    )


def _criterion(results: Results) -> str:
    if results.optimum.constraints:
        return "meets the constraints best and then has the lowest mean objective"
    return "has the lowest mean objective"
