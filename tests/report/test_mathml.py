from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from mesocast.report.mathml import formula
from mesocast.surrogates.equations.equation import Equation

EQUATION = Equation(
    property_name="density_g_cm3",
    inputs=("am_pct", "sc_pct", "cr_pct"),
    box=((86.0, 96.0), (45.0, 71.0), (0.0, 40.0)),
    descriptors=(("/", 2, 1), ("-", 0, 2), ("exp", 0)),
    coefficients=(-2.0, 3.4e-6, 1.5),
    intercept=12.34567,
)


def _rows(mathml: str) -> list[str]:
    """Text of each line, as read from left to right."""
    return ["".join(row.itertext()) for row in ET.fromstring(mathml).iter("mtr")]


def test_formula_is_well_formed_with_one_term_per_line() -> None:
    mathml = formula(EQUATION, "ρ")
    assert _rows(mathml) == [
        "ρ=12.35",
        "−2.000·CRSC",
        "+3.400×10−6·(AM−CR)",
        "+1.500·exp(AM)",
    ]
    # A quotient is drawn as a fraction, and no named entity is left that HTML alone would know.
    assert ET.fromstring(mathml).find(".//mfrac") is not None
    assert "&Exp" not in mathml


def test_logarithmic_equation_says_so() -> None:
    assert _rows(formula(replace(EQUATION, transform="log"), "ρ"))[0] == "ln\u2061ρ=12.35"


def test_negative_intercept_keeps_its_sign() -> None:
    assert _rows(formula(replace(EQUATION, intercept=-0.5), "ρ"))[0] == "ρ=−0.5000"


@pytest.mark.parametrize("descriptor", [("cbrt", ("-", 0, 1)), ("|-|", 0, 2), ("log", 0)])
def test_every_kind_of_descriptor_is_drawn(descriptor: tuple[object, ...]) -> None:
    found = replace(EQUATION, descriptors=(descriptor,), coefficients=(1.0,))
    assert "AM" in _rows(formula(found, "ρ"))[1]
