"""Settings of the viscosity."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mesocast.config.section import (
    Mass,
    Positive,
    Section,
    TimeStep,
)


class ViscositySettings(Section):
    """Shearing of a cell of slurry."""

    mass_ug: Mass = Field(0.02, description="Dry mass of the simulated cell.")
    shear_rates_1_s: Annotated[tuple[Positive, ...], Field(min_length=1)] = Field(
        (1e5, 3e4, 1e4), description="Rates, run one after the other; the cost goes with 1 / rate."
    )
    strain: Positive = Field(
        4.0, description="Least strain at each rate; the stress is averaged over its second half."
    )
    time_step_ns: TimeStep = Field(
        5.0, description="Time step at most; shorter where the stiffest contact needs it."
    )
