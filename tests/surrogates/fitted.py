"""Surrogates around equations that a test knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.surrogates.surrogate import Errors, Surrogate

if TYPE_CHECKING:
    from mesocast.surrogates.equations.equation import Equation
    from mesocast.surrogates.region import DataRegion


def fitted(equation: Equation, region: DataRegion | None = None) -> Surrogate:
    """Give a surrogate that is this equation, for data that lie in this region."""
    errors = Errors(n=0, rmse_pct=0.0, r2=1.0, rmse=0.0, max_absolute_error=0.0)
    return Surrogate(
        property_name=equation.property_name,
        unit="",
        method="sisso",
        settings={},
        seed=1,
        test_share=0.2,
        model=equation,
        train=errors,
        test=errors,
        pairs=[],
        left_out={},
        facts={},
        region=region,
    )
