"""Which number of the recipe decides which property."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import name_of
from mesocast.report.blocks import Figure, Row, Section, Table, Text
from mesocast.report.figures.sensitivity import sobol_bars
from mesocast.report.numbers import fixed

if TYPE_CHECKING:
    from mesocast.report.results import Results
    from mesocast.surrogates.sensitivity import SobolIndices


def build(results: Results) -> Section:
    """Write the section."""
    source = f"surrogates/{results.campaign.surrogate_method}/sensitivity.json"
    samples = next(iter(results.sensitivities.values())).samples
    return Section(
        "sensitivity",
        "What decides a property",
        [
            Text(
                "Sobol indices: shares of the variance that a property has when recipes are drawn "
                "evenly from the bounds of the design. They are those of the equations, not of the "
                f"simulations; their intervals (95 %, {samples} base samples) hold for the "
                "sampling only, so an equation that is worth little gives indices that are worth "
                "little."
            ),
            Row(
                tuple(
                    Figure(
                        f"sensitivity-{name.replace('_', '-')}",
                        name_of(name),
                        _reading(results.sensitivities[name]),
                        source,
                        sobol_bars(results.sensitivities[name]),
                        height_px=300,
                    )
                    for name in results.campaign.targets
                )
            ),
            _table(results, source),
        ],
    )


def _reading(indices: SobolIndices) -> str:
    share, name = max(zip(indices.total, indices.inputs, strict=True))
    interactions = 1 - sum(indices.first_order)
    together = (
        f"; {fixed(100 * interactions, 0)} % come from inputs acting together"
        if interactions > 0.02
        else ""
    )
    return f"{name_of(name)} decides most ({fixed(share, 2)} in total){together}."


def _table(results: Results, source: str) -> Table:
    rows = []
    for name in results.campaign.targets:
        found = results.sensitivities[name]
        for number, label in enumerate(found.inputs):
            rows.append(
                (
                    name_of(name),
                    name_of(label),
                    _interval(found.first_order[number], found.first_order_half_width[number]),
                    _interval(found.total[number], found.total_half_width[number]),
                )
            )
    return Table(
        "Sobol indices",
        "First order: the share that goes when this input alone is fixed. Total: the share that "
        "stays when it alone varies. Half of the 95 % interval behind the sign ±.",
        source,
        ("Property", "Input", "First order", "Total"),
        tuple(rows),
    )


def _interval(value: float, half_width: float) -> str:
    return f"{fixed(value, 3)} ± {fixed(half_width, 3)}"
