"""The equations, and how well they repeat the simulations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import name_of, symbol_of, with_unit
from mesocast.report.blocks import Figure, Formula, Row, Section, Table, Text
from mesocast.report.figures.surrogates import predicted_against_simulated
from mesocast.report.mathml import formula
from mesocast.report.numbers import fixed, number, percent
from mesocast.surrogates.methods.indicated import equation_of
from mesocast.surrogates.registry import method_name

if TYPE_CHECKING:
    from mesocast.report.blocks import Block
    from mesocast.report.results import Results
    from mesocast.surrogates.equations.equation import Equation
    from mesocast.surrogates.surrogate import Surrogate

_METHODS = {
    "sisso": "SISSO (sure independence screening and sparsifying operator)",
    "through_microstructure": "SISSO (sure independence screening and sparsifying operator)",
    "polynomial": "least squares with all inputs, their squares and their products",
    "operon": "evolution (Operon)",
    "pysr": "evolution (PySR)",
}


def build(results: Results) -> Section:
    """Write the section."""
    method = results.campaign.surrogate_method
    if method in _METHODS:
        text = (
            f"One closed-form equation per property, found by {_METHODS[method]} on a seeded "
            "random split of the electrodes. AM, SC and CR are fractions here (the columns in "
            "percent over 100); an equation holds within the bounds of the design only."
        )
        if method == "through_microstructure":
            text += (
                " What a cell does has none: it is a Gaussian process over what such equations "
                "say of the microstructure that a cell takes."
            )
    else:
        text = (
            f"One surrogate per property ({method_name(method)}), fitted to a seeded random split "
            "of the electrodes; it holds within the bounds of the design only."
        )
    blocks: list[Block] = [
        Text(text),
        Row(tuple(_plot(results.surrogates[name], method) for name in results.campaign.targets)),
        _errors(results),
        *_formulas(results),
    ]
    return Section("equations", "The equations", blocks)


def _source(name: str, method: str) -> str:
    return f"surrogates/{method}/{name}.json"


def _formulas(results: Results) -> list[Block]:
    method = results.campaign.surrogate_method
    models = {name: results.surrogates[name].model for name in results.campaign.targets}
    formulas = [
        Formula(
            name_of(name),
            formula(model, symbol_of(name)),
            f"{symbol_of(name)}: {with_unit(name)}. {_reading(model)}",
            _source(name, method),
            latex=model.latex(),
            python=model.python(),
        )
        for name, given in models.items()
        if (model := equation_of(given)) is not None
    ]
    return [Row(tuple(formulas[start : start + 2])) for start in range(0, len(formulas), 2)]


def _reading(model: Equation) -> str:
    used = {symbol.name for symbol in model.sympy().free_symbols}
    unused = [name.upper() for name in model.symbols if name not in used]
    if unused:
        return f"It does not depend on {' and '.join(unused)}."
    return f"It depends on all {len(model.symbols)} of its inputs."


def _plot(surrogate: Surrogate, method: str) -> Figure:
    name, test = surrogate.property_name, surrogate.test
    return Figure(
        f"fit-{name.replace('_', '-')}",
        name_of(name),
        f"Points on the dashed line are predicted exactly. Test points were kept from the fit: "
        f"RMSE {percent(test.rmse_pct)}, R² {fixed(test.r2, 3)}. Test points that scatter more "
        "than train points mean an equation that does not carry over.",
        _source(name, method),
        predicted_against_simulated(name, surrogate.pairs),
        height_px=340,
    )


def _errors(results: Results) -> Table:
    rows = []
    for name in results.campaign.targets:
        surrogate = results.surrogates[name]
        left_out = ", ".join(f"{n} {why}" for why, n in surrogate.left_out.items() if n) or "none"
        for split, errors in (("train", surrogate.train), ("test", surrogate.test)):
            rows.append(
                (
                    with_unit(name),
                    split,
                    str(errors.n),
                    percent(errors.rmse_pct),
                    fixed(errors.r2, 4),
                    number(errors.rmse, 3),
                    number(errors.max_absolute_error, 3),
                    left_out,
                )
            )
    return Table(
        "Errors of the equations",
        "RMSE % is the root mean square of the relative error, R² the explained share of the "
        "variance (1 is perfect, below 0 is worse than the mean). RMSE and the largest error are "
        "in the unit of the property. Rows left out are not ok, not finite, or duplicates.",
        f"surrogates/{results.campaign.surrogate_method}/",
        ("Property", "Rows", "n", "RMSE %", "R²", "RMSE", "Largest error", "Left out"),
        tuple(rows),
    )
