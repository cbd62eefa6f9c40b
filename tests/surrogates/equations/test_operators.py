from __future__ import annotations

import numpy as np
import pytest

from mesocast.surrogates.equations.operators import OPERATORS

# Per domain of the last argument: an interval that lies in it and is hard for it.
INTERVALS = {
    "all": [(-2.0, 3.0), (-7.0, -1.0), (0.5, 9.0), (0.0, 0.0)],
    "nonzero": [(-2.0, -0.1), (0.3, 4.0)],
    "positive": [(0.1, 5.0)],
    "nonnegative": [(0.0, 5.0)],
}


@pytest.mark.parametrize("symbol", OPERATORS)
def test_bounds_hold_all_values_and_are_sharp(symbol: str) -> None:
    operator = OPERATORS[symbol]
    is_binary = operator.arity == 2
    for last in INTERVALS[operator.domain]:
        for first in INTERVALS["all"] if is_binary else [last]:
            sides = [first, last] if is_binary else [last]
            axes = np.meshgrid(*(np.linspace(low, high, 401) for low, high in sides))
            values = operator.apply(np, *axes)
            lower, upper = operator.enclose(
                *((np.array([low]), np.array([high])) for low, high in sides)
            )
            rounding = 1e-14 * max(1.0, abs(lower[0]), abs(upper[0]))
            slack = 0.01 * (upper[0] - lower[0]) + rounding
            assert lower[0] - rounding <= values.min() <= lower[0] + slack
            assert upper[0] - slack <= values.max() <= upper[0] + rounding


@pytest.mark.parametrize("symbol", OPERATORS)
def test_source_gives_the_same_numbers(symbol: str) -> None:
    operator = OPERATORS[symbol]
    a, b = np.array([0.3, 1.7]), np.array([0.9, 0.2])
    text = operator.source.format("a", "b") if operator.arity == 2 else operator.source.format("b")
    arguments = (a, b) if operator.arity == 2 else (b,)
    expected = operator.apply(np, *arguments)
    assert np.array_equal(eval(text, {"numpy": np, "a": a, "b": b}), expected)
