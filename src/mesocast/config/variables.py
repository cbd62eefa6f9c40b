"""Design variables of a campaign's own: which key of the physics each one sets, and how far."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from mesocast.columns.variables import PATTERN, WORD, Discrete, Value, is_value
from mesocast.config.section import Section

VariableName = Annotated[str, Field(pattern=PATTERN)]
Word = Annotated[str, Field(pattern=WORD)]


class OwnVariable(Section):
    """A number of the physics that the design varies, or a word of it."""

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
        description="In place of bounds: the values that are simulated and recommended; "
        "surrogates hold between them.",
    )
    choices: tuple[Word, ...] | None = Field(
        None,
        min_length=2,
        description="In place of bounds, of a key that takes a word: the words that are simulated "
        "and recommended, such as materials of the library for "
        "`materials.active_material.material`.",
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
        if self.choices is not None:
            given = (*bounds, self.levels, self.resolution, self.tolerance)
            if given != (None,) * len(given):
                raise ValueError(
                    "choices: levels, bounds, resolution or tolerance are given, too; allowed: "
                    "choices alone"
                )
            numbers = [word for word in self.choices if not is_value(word)]
            if numbers:
                raise ValueError(f"choices: {numbers[0]} is a number; allowed: words, or levels")
            if len(set(self.choices)) != len(self.choices):
                raise ValueError(f"choices = {list(self.choices)}; allowed: each word once")
            return self
        if self.levels is not None:
            if bounds != (None, None):
                raise ValueError("levels, min, max: both are given; allowed: levels, or bounds")
            if len(set(self.levels)) != len(self.levels):
                raise ValueError(f"levels = {list(self.levels)}; allowed: each value once")
            return self
        if self.min is None or self.max is None:
            raise ValueError("min, max: not both are given; allowed: both, or levels, or choices")
        if self.min >= self.max:
            raise ValueError(f"min = {self.min:g}, max = {self.max:g}; allowed: min below max")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound; of levels and choices with the values between them."""
        if self.choices is not None:
            return Discrete.of_words(self.choices)
        if self.levels is not None:
            return Discrete(self.levels)
        return float(self.min or 0.0), float(self.max or 0.0)

    @property
    def decimals(self) -> int:
        """Decimals that are written: some ten thousand values over the range."""
        low, high = self.bounds
        return max(3 - math.floor(math.log10(high - low)), 0)

    def at(self, share: float) -> Value:
        """Value at a share of the range, 0 to 1; levels and choices have equal shares."""
        if self.choices is not None:
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if self.levels is not None:
            ordered = sorted(self.levels)
            return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
        low, high = self.bounds
        return min(max(round(low + share * (high - low), self.decimals), low), high)

    @property
    def ends(self) -> tuple[Value, ...]:
        """Values by which it is looked at whether it can be simulated: bounds, or all choices."""
        return self.choices or (self.at(0.0), self.at(1.0))

    def check(self, value: Value, where: str) -> None:
        """Refuse a word where a number is needed, and a word that is no choice.

        Raises
        ------
        ValueError
            It is one of them.
        """
        if self.choices is None and isinstance(value, str):
            raise ValueError(f"{where} = {value}; allowed: a number")
        if self.choices is not None and value not in self.choices:
            raise ValueError(f"{where} = {value}; allowed: {', '.join(self.choices)}")
