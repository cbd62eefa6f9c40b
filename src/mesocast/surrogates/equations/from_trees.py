"""From the expression tree of a symbolic regression to an equation of ours."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.equations.domain import Domain
from mesocast.surrogates.equations.equation import Equation, divided_box, divisors_of
from mesocast.surrogates.equations.expressions import complexity, evaluate
from mesocast.surrogates.selection import folds_of, one_standard_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.surrogates.equations.expressions import Expression
    from mesocast.surrogates.training import TrainingData

# Columns of which less than this share is their own give coefficients that cancel.
_CONDITION = 1e-8

# A constant plus coefficients times terms.
_Sum = tuple[float, dict["Expression", float]]


def best_equation(data: TrainingData, trees: Iterable[Expression]) -> Equation:
    """Choose the simplest tree without a pole in the box that cross-validation does not reject.

    Each tree is written as a sum of terms, whose coefficients are fitted again in double precision:
    in each fold to its training rows, and at last to all. The simplest tree whose error on the
    other rows is within one standard error of the lowest is taken, as SISSO does
    (`mesocast.surrogates.selection`); the smallest error on the rows of the fit would always be
    that of one of the longest trees.

    Parameters
    ----------
    data
        The rows, and the box.
    trees
        Over the inputs, each divided by its own of
        :func:`mesocast.surrogates.equations.equation.divisors_of`. Those that are not finite are
        left out.

    Raises
    ------
    InputError
        No tree is finite over the whole box.
    """
    box = divided_box(data.box, data.inputs)
    domain = Domain.of_box(box)
    sums = [found for tree in trees if (found := _as_sum(tree, domain)) is not None]
    sums.sort(key=lambda found: len(found[1]) + sum(map(complexity, found[1])))
    fitted = [(_fit_coefficients(data, *found), found) for found in sums]
    usable = [
        (equation, found) for equation, found in fitted if np.isfinite(equation(data.x)).all()
    ]
    if not usable:
        raise InputError(
            f"equation of {data.property_name}: none of those found is finite over the whole box"
        )
    if len(usable) == 1:
        return usable[0][0]
    errors = _cross_validated(data, [found for _, found in usable])
    _, number = one_standard_error({"identity": errors}, first=1)
    return usable[number - 1][0]


def _as_sum(tree: Expression, domain: Domain) -> _Sum | None:
    """Write a tree as a sum; None where that is not finite over the whole domain."""
    try:
        with np.errstate(all="ignore"):
            intercept, terms = _terms(tree)
    except ArithmeticError:  # 1 / 0, or a power that is too large
        return None
    if not all(map(math.isfinite, (intercept, *terms.values()))):
        return None
    return (intercept, terms) if all(map(domain.proves_finite, terms)) else None


def _cross_validated(data: TrainingData, sums: Sequence[_Sum]) -> NDArray[np.float64]:
    """Mean squared errors on the rows that a fold leaves out, shape (sums, folds).

    Of a positive property they are relative, as for SISSO.
    """
    folds = folds_of(data)
    scale = data.y if (data.y > 0).all() else np.ones_like(data.y)
    errors = np.empty((len(sums), len(folds)))
    for number, (train, test) in enumerate(folds):
        known = replace(data, x=data.x[train], y=data.y[train], slurries=None)
        for row, found in enumerate(sums):
            predicted = _fit_coefficients(known, *found)(data.x[test])
            errors[row, number] = np.mean(((data.y[test] - predicted) / scale[test]) ** 2)
    return errors


def _fit_coefficients(
    data: TrainingData, intercept: float, terms: Mapping[Expression, float]
) -> Equation:
    """Fit coefficients by least squares; keep those given where the terms say nearly the same."""
    equation = Equation(
        property_name=data.property_name,
        inputs=data.inputs,
        box=data.box,
        descriptors=tuple(terms),
        coefficients=tuple(terms.values()),
        intercept=intercept,
        unit=data.unit,
    )
    scaled = list((data.x / divisors_of(data.inputs)).T)
    ones = np.ones(len(data.y))
    with np.errstate(over="ignore"):  # then the coefficients stay as they are
        columns = np.stack([ones, *(ones * evaluate(term, scaled) for term in terms)], axis=1)
        scales = np.linalg.norm(columns, axis=0)
    if len(data.y) <= len(terms) + 1 or not (np.isfinite(scales).all() and scales.all()):
        return equation
    solution, _, _, singular = np.linalg.lstsq(columns / scales, data.y)
    if singular[-1] < _CONDITION * singular[0]:
        return equation
    first, *others = (solution / scales).tolist()
    return replace(equation, intercept=first, coefficients=tuple(others))


def _terms(tree: Expression) -> _Sum:
    """Write a tree as a sum."""
    if not isinstance(tree, tuple):
        return (tree, {}) if isinstance(tree, float) else (0.0, {tree: 1.0})
    symbol, *arguments = tree
    parts = [_terms(argument) for argument in arguments]
    if not any(terms for _, terms in parts):
        return float(evaluate((symbol, *(constant for constant, _ in parts)), ())), {}
    match symbol:
        case "+" | "-":
            return _added(parts[0], _multiplied(parts[1], 1.0 if symbol == "+" else -1.0))
        case "*":
            return _product(*parts)
        case "/":
            return _quotient(*parts)
    return 0.0, {(symbol, *map(_joined, parts)): 1.0}


def _added(left: _Sum, right: _Sum) -> _Sum:
    total = dict(left[1])
    for term, coefficient in right[1].items():
        total[term] = total.get(term, 0.0) + coefficient
    return left[0] + right[0], {term: value for term, value in total.items() if value != 0}


def _multiplied(part: _Sum, factor: float) -> _Sum:
    constant, terms = part
    return factor * constant, {term: factor * c for term, c in terms.items() if factor != 0}


def _product(left: _Sum, right: _Sum) -> _Sum:
    for part, other in ((left, right), (right, left)):
        if not part[1]:
            return _multiplied(other, part[0])
    (first, first_factor), (second, second_factor) = _without_factor(left), _without_factor(right)
    return 0.0, {("*", first, second): first_factor * second_factor}


def _quotient(left: _Sum, right: _Sum) -> _Sum:
    if not right[1] and right[0] != 0:
        return _multiplied(left, 1 / right[0])
    divisor, divisor_factor = _without_factor(right)
    if not left[1]:
        return 0.0, {("inverse", divisor): left[0] / divisor_factor}
    first, factor = _without_factor(left)
    return 0.0, {("/", first, divisor): factor / divisor_factor}


def _without_factor(part: _Sum) -> tuple[Expression, float]:
    """Expression of a sum and the factor in front of it."""
    constant, terms = part
    if constant == 0 and len(terms) == 1:
        ((term, coefficient),) = terms.items()
        return term, coefficient
    return _joined(part), 1.0


def _joined(part: _Sum) -> Expression:
    """Write a sum as one tree again."""
    constant, terms = part
    total: Expression | None = constant if constant != 0 or not terms else None
    for term, coefficient in terms.items():
        scaled: Expression = term if abs(coefficient) == 1 else ("*", abs(coefficient), term)
        if total is None:
            total = scaled if coefficient > 0 else ("*", coefficient, term)
        else:
            total = ("+" if coefficient > 0 else "-", total, scaled)
    assert total is not None  # noqa: S101 - either a constant or a term is there
    return total
