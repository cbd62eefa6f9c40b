"""Settings of the rounds after the design."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mesocast.config.section import NonNegative, Positive, Section


class RoundSettings(Section):
    """Rounds of further electrodes, proposed by the optimizer from all that is simulated."""

    count: Annotated[int, Field(ge=0, le=99)] = Field(0, description="Rounds after the design.")
    slurries: Annotated[int, Field(ge=0, le=99)] = Field(
        2, description="New slurries per round at most."
    )
    conditions: Annotated[int, Field(ge=1, le=99)] = Field(
        10, description="Electrodes per round at most, of new slurries and of those before."
    )
    slurry_cost: NonNegative = Field(
        10.0, description="Cost of mixing and drying a slurry, in electrodes made from it."
    )
    budget: Positive | None = Field(
        None,
        description="Cost of a round at most, in the same unit; without it, the places are the "
        "limit.",
    )
    smallest_gain: NonNegative = Field(
        1e-4,
        description="A round stops where nothing is expected to improve the hypervolume and the "
        "objective by more than this share, per unit of cost.",
    )
