"""Design variables of a campaign's own: which key of the physics each one sets, and how far."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from mesocast.config.section import Section
from mesocast.variables import PATTERN

VariableName = Annotated[str, Field(pattern=PATTERN)]


class OwnVariable(Section):
    """A number of the physics that the design varies."""

    key: str = Field(
        description="Key of this config that it sets, such as `electrode.mass_loading_mg_cm2` or "
        "`drying.pressure_kPa`; a number counts the values of a list from 0 "
        "(`materials.active_material.number_fractions.0`)."
    )
    min: float | None = Field(None, description="Lower bound.")
    max: float | None = Field(None, description="Upper bound.")
    levels: tuple[float, ...] | None = Field(
        None,
        min_length=2,
        description="In place of bounds: the values that are simulated; surrogates hold between "
        "them.",
    )
    resolution: Annotated[float, Field(gt=0)] | None = Field(
        None,
        description="Smallest step that a machine can set; by default the decimal power that "
        "divides the range into a hundred to a thousand parts.",
    )
    tolerance: Annotated[float, Field(ge=0)] | None = Field(
        None,
        description="How exactly a line meets it: a standard deviation; by default a hundredth of "
        "the range.",
    )

    @model_validator(mode="after")
    def _either(self) -> Self:
        bounds = (self.min, self.max)
        if self.levels is not None:
            if bounds != (None, None):
                raise ValueError("levels, min, max: both are given; allowed: levels, or bounds")
            if len(set(self.levels)) != len(self.levels):
                raise ValueError(f"levels = {list(self.levels)}; allowed: each value once")
            return self
        if self.min is None or self.max is None:
            raise ValueError("min, max: not both are given; allowed: both, or levels")
        if self.min >= self.max:
            raise ValueError(f"min = {self.min:g}, max = {self.max:g}; allowed: min below max")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound."""
        if self.levels is not None:
            return min(self.levels), max(self.levels)
        return float(self.min or 0.0), float(self.max or 0.0)

    @property
    def decimals(self) -> int:
        """Decimals that are written: some ten thousand values over the range."""
        low, high = self.bounds
        return max(3 - math.floor(math.log10(high - low)), 0)

    def at(self, share: float) -> float:
        """Value at a share of the range, 0 to 1."""
        if self.levels is not None:
            ordered = sorted(self.levels)
            return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
        low, high = self.bounds
        return min(max(round(low + share * (high - low), self.decimals), low), high)
