"""Flat or sharp: what cannot be told from the optimum within the noise of seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import name_of, with_unit
from mesocast.report.blocks import Figure, Row, Table, Text
from mesocast.report.figures.robustness import flat_map
from mesocast.report.numbers import count, in_percent, number, parameter_name, percent, setting_unit
from mesocast.report.panels import telling

if TYPE_CHECKING:
    from mesocast.optimization.optimum.flat import Flat, FlatMap
    from mesocast.report.blocks import Block
    from mesocast.report.results import Results

_SOURCE = "optimum.json"


def build(results: Results) -> list[Block]:
    """Write the blocks; nothing where the optimum was found without it."""
    flat = results.optimum.flat
    if flat is None:
        return []
    return [
        Text(_sentence(results, flat)),
        Row(
            tuple(
                _panel(results, flat, panel)
                for panel in telling(flat.maps, lambda panel: panel.share)
            )
        ),
        _extent(results, flat),
        _slopes(results, flat),
    ]


def as_good(results: Results, name: str) -> str:
    """Range of a parameter within which nothing can be told from the optimum; empty if unknown."""
    flat = results.optimum.flat
    if flat is None:
        return ""
    low, high = flat.extent_pct[name]
    return f"as good within seeds' noise: {low:.3g} to {high:.3g}"


def _sentence(results: Results, flat: Flat) -> str:
    simulated = len(results.simulated)
    noise = flat.noise
    source = (
        f"taken from {count(noise.electrodes, 'electrode')} of recipes that were made from several "
        "slurries"
        if noise.source == "repeats"
        else "assumed from what the equations leave over, since no recipe of the dataset was made "
        "twice: mostly too much, as it holds what the equations cannot describe as well"
    )
    verified = results.verdict.noise
    seen = (
        ""
        if verified is None
        else f" The seeds simulated at the optimum scatter by {number(verified, 2)}."
    )
    alike = (
        f"{len(flat.alike)} cannot be told from the best one, {flat.alike[0]}"
        if flat.alike
        else "none meets the constraints"
    )
    return (
        f"Flat or sharp: with {count(flat.seeds, 'seed')} of each, {percent(100 * flat.share)} of "
        "the searched recipes cannot be told from the optimum. One electrode's objective scatters "
        f"by {number(noise.standard_deviation, 2)} there ({source}), so a difference below about "
        f"{number(flat.margin, 2)} says nothing.{seen} Of the {simulated} simulated electrodes "
        f"{alike}. Digits of the recipe finer than these ranges are not held by the data."
    )


def _panel(results: Results, flat: Flat, panel: FlatMap) -> Figure:
    rows = results.simulated.set_index("condition_id")
    names = list(results.optimum.bounds_pct)
    alike = rows.loc[[name for name in flat.alike if name in rows.index], names]
    recipes = [dict(zip(names, row, strict=True)) for row in alike.to_numpy(float).tolist()]
    others = [name for name in names if name not in (panel.first, panel.second)]
    bright = (
        "the recipe cannot be told from the optimum (star); darkest: it can"
        if not others
        else f"for this share of the range of the {name_of(others[0]).lower()} the recipe cannot "
        "be told from the optimum (star); darkest: for none"
        if len(others) == 1
        else "for this share of the ranges of the others the recipe cannot be told from the "
        "optimum (star); darkest: for none"
    )
    return Figure(
        f"flat-{panel.first}-{panel.second}".replace("_", "-"),
        f"{name_of(panel.first)} and {name_of(panel.second).lower()}",
        f"Bright: {bright}. White dots are simulated electrodes that cannot be told from the best "
        "one.",
        f"{_SOURCE}, dataset.parquet",
        flat_map(panel, results.optimum.numbers, recipes),
        height_px=340,
    )


def _extent(results: Results, flat: Flat) -> Table:
    rows = results.simulated[results.simulated["condition_id"].isin(flat.alike)]
    return Table(
        "Recipes that cannot be told from the optimum",
        "How far each parameter reaches among them. The ranges belong together: not every "
        "combination of them is as good; the maps above show which.",
        f"{_SOURCE}, dataset.parquet",
        (
            "Parameter (%)" if in_percent(results.optimum.bounds_pct) else "Parameter",
            "Reported",
            "Searched",
            "As good, predicted",
            "As good, simulated",
        ),
        tuple(
            (
                parameter_name(name, is_plain=in_percent(results.optimum.bounds_pct)),
                f"{results.optimum.numbers[name]:g}",
                f"{low:g} to {high:g}",
                "{:.3g} to {:.3g}".format(*flat.extent_pct[name]),
                "–" if rows.empty else f"{rows[name].min():.3g} to {rows[name].max():.3g}",
            )
            for name, (low, high) in results.searched_pct.items()
        ),
    )


def _slopes(results: Results, flat: Flat) -> Table:
    """Table of what one more point of each parameter changes, with its sign."""
    rows = []
    for name, slopes in flat.slopes.items():
        label = "Objective (lower is better)" if name == "objective" else with_unit(name)
        cells = (_signed(slopes[parameter]) for parameter in results.optimum.bounds_pct)
        rows.append((label, *cells))
    names = tuple(results.optimum.bounds_pct)
    others = {2: "one", 3: "two"}.get(len(names), "ones")
    own = "" if in_percent(names) else "(or per unit) "
    return Table(
        "What one point more changes at the optimum",
        "Sensitivities with their sign, by the equations: the change of each property per point of "
        f"percent {own}of one parameter, the other {others} held. At a bound the side within it is "
        "taken.",
        _SOURCE,
        ("Property", *(_one_more(name) for name in results.optimum.bounds_pct)),
        tuple(rows),
    )


def _one_more(name: str) -> str:
    unit = " point" if in_percent([name]) else setting_unit(name)
    return f"{name_of(name)}, +1{unit}"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(value, 2)
