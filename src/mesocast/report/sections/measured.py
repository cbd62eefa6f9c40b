"""Measured electrodes beside simulated ones, and the recipe that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.columns import name_of, unit_text, with_unit
from mesocast.report.blocks import Figure, Notice, Row, Section, Table, Text
from mesocast.report.figures.measured import parity
from mesocast.report.numbers import count, number, percent

if TYPE_CHECKING:
    from mesocast.report.blocks import Block
    from mesocast.report.results import Results
    from mesocast.verification.measured import BestRecipe, MeasuredComparison

_PER_ROW = 3


def build(results: Results) -> Section | None:
    """Write the section; None where nothing was measured."""
    found = results.measured
    if found is None:
        return None
    figures = [_parity(results, found, name) for name in found.properties]
    electrodes = found.electrodes["name"].nunique()
    blocks: list[Block] = [
        Text(
            f"{count(electrodes, 'measured electrode')} beside what is simulated for their "
            "recipes; where no electrode of a recipe was simulated, the equation stands in. The "
            "equations are corrected by a Gaussian process on the differences (a constant, a slope "
            "along each parameter, a smooth rest), which is zero where nothing was measured."
        ),
        *([Notice(found.remarks)] if found.remarks else []),
        _bias(results, found),
        *(
            Row(tuple(figures[start : start + _PER_ROW]))
            for start in range(0, len(figures), _PER_ROW)
        ),
        _optimum(results, found),
    ]
    return Section("measured", "What was measured", blocks)


def moved_optimum(results: Results) -> tuple[str, ...]:
    """Say in one sentence where measurements move the optimum; nothing where there are none."""
    found = results.measured
    if found is None:
        return ()
    electrodes = count(found.electrodes["name"].nunique(), "measured electrode")
    remark = (
        f"{electrodes}, as the equations are corrected by them, ask for "
        f"{found.corrected.recipe.label} (What was measured); what stands here is of simulations."
    )
    return (remark,)


def _bias(results: Results, found: MeasuredComparison) -> Table:
    return Table(
        "Measured minus simulated",
        "Means over the electrodes, and by how much the difference changes from the lower to the "
        "upper bound of each parameter (± one standard deviation; shrunk to none where the "
        "electrodes do not show it). Errors: root mean square of measured minus predicted, by the "
        "equation, and corrected by the other electrodes; the last column says how many of the "
        "electrodes lie in the interval that the others give.",
        _source(results),
        (
            "Property",
            "Electrodes",
            "Difference",
            "In %",
            *(f"Change with {name_of(name).lower()}" for name in found.inputs),
            "Error of the equation",
            "Error, corrected",
            "In the 95 % interval",
        ),
        tuple(_row(row, found.inputs) for row in found.bias.to_dict("records")),
    )


def _row(row: Any, inputs: tuple[str, ...]) -> tuple[str, ...]:
    unit = " %" if row["is_ratio"] else ""
    return (
        with_unit(row["property"]),
        str(row["n"]),
        number(row["difference"], 3),
        percent(row["difference_pct"], signed=True),
        *(f"{number(row[name], 2)} ± {number(row[f'{name}_std'], 2)}{unit}" for name in inputs),
        number(row["rmse_predicted"], 3),
        number(row["rmse_corrected"], 3),
        percent(100 * row["inside_95"]),
    )


def _parity(results: Results, found: MeasuredComparison, name: str) -> Figure:
    rows = found.electrodes[found.electrodes["property"] == name]
    return Figure(
        f"measured-{name.replace('_', '-')}",
        f"Measured: {name_of(name)}",
        "Each electrode twice: against what is simulated for its recipe, and against the equation "
        "as the other electrodes correct it, with the 95 % interval.",
        _source(results),
        parity(rows),
        height_px=340,
    )


def _optimum(results: Results, found: MeasuredComparison) -> Table:
    rows = [
        (
            with_unit(name),
            *(_with_interval(best, name) for best in (found.uncorrected, found.corrected)),
        )
        for name in found.corrected.predicted
    ]
    both = (found.uncorrected, found.corrected)
    return Table(
        "The optimum, corrected",
        "What new electrodes of the two recipes would measure, and between which bounds 95 % of "
        "them lie. The objective is scaled by the simulated electrodes, as everywhere, and is the "
        "mean over what is not known of the line.",
        _source(results),
        ("Property", *(f"Best {how}: {b.recipe.label}" for how, b in zip(_HOW, both, strict=True))),
        (("Objective", *(number(best.objective, 3) for best in both)), *rows),
    )


_HOW = ("by simulations", "as corrected")


def _with_interval(best: BestRecipe, name: str) -> str:
    low, high = best.interval[name]
    unit = unit_text(name)
    return f"{number(best.predicted[name])} [{number(low)}; {number(high)}] {unit}".rstrip()


def _source(results: Results) -> str:
    own, told = results.campaign.verification.measured, results.layout.laboratory
    return ", ".join([*([own] if own else []), *([told.name] if told.exists() else [])])
