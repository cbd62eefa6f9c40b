"""Settings of the calibration: which coefficients follow from measured electrodes, and how."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mesocast.config.section import Mass, Section


class Coefficient(Section):
    """Bounds between which a coefficient is sought; all values between are held for possible."""

    min: float = Field(description="Lower bound.")
    max: float = Field(description="Upper bound.")
    scale: Literal["linear", "log"] = Field(
        "linear", description="What is spread evenly between them: the value or its logarithm."
    )
    also: tuple[str, ...] = Field(
        (), description="Further keys of the config that always have the same value."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"min = {self.min:g}, max = {self.max:g}; allowed: min below max")
        if self.scale == "log" and self.min <= 0:
            raise ValueError(f"min = {self.min:g} with scale = log; allowed: above 0")
        return self


class CalibrationSettings(Section):
    """`mesocast calibrate`: coefficients of the physics from measured electrodes."""

    coefficients: dict[str, Coefficient] = Field(
        default_factory=dict,
        description="Bounds of each coefficient, by its key in this config, such as "
        "`drying.pressure_kPa`.",
    )
    points: Annotated[int, Field(ge=2, le=9999)] = Field(
        24,
        description="Sets of coefficients that are simulated first, a Sobol sequence; some eight "
        "per coefficient.",
    )
    round_points: Annotated[int, Field(ge=1, le=99)] = Field(
        6, description="Sets of coefficients per round, proposed from all that is simulated."
    )
    masses_ug: Annotated[tuple[Mass, ...], Field(min_length=1)] = Field(
        (0.02, 0.04, 0.1),
        description="Dry mass of the films of the Sobol sequence and then of each round: small "
        "films first, the size that counts last. As many rounds as masses after the first.",
    )
    seeds: Annotated[int, Field(ge=2, le=50)] = Field(
        2,
        description="Films of each recipe at each set of coefficients; their scatter is the noise.",
    )
