"""Settings of what is laid beside predictions: simulations of the optimum, measurements."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mesocast.config.section import Section


def _has_spread(seeds: int) -> int:
    if seeds == 1:
        raise ValueError("1 has no spread; allowed: 0, or 2 to 50")
    return seeds


class VerificationSettings(Section):
    """Simulation of the optimum, and measured electrodes."""

    seeds: Annotated[int, Field(ge=0, le=50), AfterValidator(_has_spread)] = Field(
        2,
        description="Independent electrodes simulated at the optimum; one has no spread, and 0 "
        "leaves the optimum unverified.",
        json_schema_extra={"not": {"const": 1}},
    )
    extremes: bool = Field(
        False,
        description="Simulate also, with as many seeds, the recipes that are best in one property "
        "of the objective alone.",
    )

    measured: str | None = Field(
        None,
        description="Table of electrodes that were measured on a line, laid beside the simulated "
        "ones on the page; its path from where the campaign is started.",
    )

    @model_validator(mode="after")
    def _extremes_have_seeds(self) -> Self:
        if self.extremes and not self.seeds:
            raise ValueError("extremes = true with seeds = 0; allowed: seeds of 2 to 50")
        return self
