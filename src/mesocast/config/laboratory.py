"""Settings of `mesocast ask`: what a laboratory can make at a time."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from mesocast.config.section import NonNegative, Positive, Section


class LaboratorySettings(Section):
    """What `mesocast ask` may ask a laboratory for at a time."""

    electrodes: Annotated[int, Field(ge=1, le=99)] = Field(
        4, description="Electrodes per ask at most."
    )
    slurries: Annotated[int, Field(ge=1, le=99)] = Field(
        4, description="Slurries per ask at most, each pressed to one or more electrodes."
    )
    slurry_cost: NonNegative = Field(
        2.0,
        description="Cost of mixing, coating and drying a slurry, in electrodes pressed from it.",
    )
    budget: Positive | None = Field(
        None,
        description="Cost of an ask at most, in the same unit; without it, the places are the "
        "limit.",
    )

    @model_validator(mode="after")
    def _buys_an_electrode(self) -> Self:
        if self.budget is not None and self.budget < self.slurry_cost + 1:
            raise ValueError(
                f"budget = {self.budget:g} buys no electrode; allowed: at least slurry_cost + 1 = "
                f"{self.slurry_cost + 1:g}"
            )
        return self
