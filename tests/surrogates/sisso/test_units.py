from __future__ import annotations

from fractions import Fraction

import pytest

from mesocast.errors import InputError
from mesocast.surrogates.sisso.units import exponents, numbered, resulting

LENGTH, TIME, NONE = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)), (Fraction(0),) * 2


def test_exponents_have_one_order_for_all_inputs() -> None:
    assert exponents([{"s": 1}, {"m": 2}, {}], 3) == [
        (Fraction(0), Fraction(1)),
        (Fraction(2), Fraction(0)),
        (Fraction(0), Fraction(0)),
    ]
    assert exponents(None, 2) == [(), ()]
    with pytest.raises(InputError, match="found 1; one per input is needed: 2"):
        exponents([{}], 2)


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("+", LENGTH),
        ("*", (Fraction(1), Fraction(1))),
        ("/", (Fraction(1), Fraction(-1))),
        ("square", (Fraction(2), Fraction(0))),
        ("cbrt", (Fraction(1, 3), Fraction(0))),
        ("inverse", (Fraction(-1), Fraction(0))),
        ("exp", NONE),
    ],
)
def test_unit_of_a_result(symbol: str, expected: tuple[Fraction, ...]) -> None:
    assert resulting(symbol, LENGTH, TIME) == expected


def test_equal_units_have_equal_numbers_and_none_has_zero() -> None:
    assert numbered([LENGTH, NONE, TIME, LENGTH]).tolist() == [1, 0, 2, 1]
    assert numbered([(), ()]).tolist() == [0, 0]
