"""How the optimum moves under other conventions, scalings and utilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import name_of
from mesocast.report.blocks import Figure, Table, Text
from mesocast.report.figures.robustness import moved_optima
from mesocast.report.numbers import number, setting_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.columns.variables import Value
    from mesocast.report.blocks import Block
    from mesocast.report.results import Results

_SOURCE = "robustness.json"


def build(results: Results) -> list[Block]:
    """Write the blocks; nothing where no other convention was tried."""
    variants = results.robustness.variants
    if not variants:
        return []
    optima: dict[str, Mapping[str, Value]] = {"as reported": results.optimum.exact.parameters}
    optima |= {variant.label: variant.parameters for variant in variants}
    worst = max(variants, key=lambda variant: variant.loss)
    return [
        Text(
            f"What is a convention may be taken otherwise in {len(variants)} ways here. The "
            f"reported recipe loses most by this one: {worst.label} (its objective is "
            f"{number(worst.loss, 2)} above the lowest there). A parameter that stays where it is "
            "under all of them does not hang on a convention."
        ),
        Figure(
            "conventions",
            "The optimum under each convention",
            "Each line is the same question with one thing taken otherwise: a column of the "
            "dataset in a goal's place, another range to scale by, another utility. The dotted "
            "lines are the reported recipe.",
            _SOURCE,
            moved_optima(optima, results.optimum.bounds_pct),
            height_px=140 + 40 * len(optima),
        ),
        Table(
            "The optimum under each convention, in numbers",
            "The loss is that of the reported recipe: its objective by this convention minus the "
            "lowest one. Objectives of two conventions cannot be compared.",
            _SOURCE,
            ("Taken otherwise", "For", *map(name_of, results.optimum.parameters), "Loss"),
            tuple(
                (
                    variant.label,
                    name_of(variant.replaced) if variant.replaced else f"the {variant.kind}",
                    *(_value(name, value) for name, value in variant.parameters.items()),
                    number(variant.loss, 2),
                )
                for variant in variants
            ),
        ),
    ]


def _value(name: str, value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.4g}{setting_unit(name)}"
