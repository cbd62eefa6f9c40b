"""What the sections of a config have in common: their kinds of numbers, each with its bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError, core_schema

from mesocast.columns.units import refusal

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


class Section(BaseModel):
    """A part of the config: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Bounds:
    """Bounds of what is possible for a kind of number.

    They are wide: they are to find a wrong unit or a slip, not to forbid an experiment.

    Parameters
    ----------
    low, high
        Bounds, in the unit.
    unit
        As of a column; empty for a number without one.
    above, below
        Whether the lower and the upper bound itself are none of the allowed values.
    """

    low: float
    high: float
    unit: str = ""
    above: bool = False
    below: bool = False

    def check(self, value: float) -> float:
        """Give the number.

        Raises
        ------
        PydanticCustomError
            It lies outside: with what it looks like, and what is allowed.
        """
        is_low = value <= self.low if self.above else value < self.low
        is_high = value >= self.high if self.below else value > self.high
        if not math.isfinite(value) or is_low or is_high:
            told = refusal(
                value, self.low, self.high, self.unit, above=self.above, below=self.below
            )
            raise PydanticCustomError("out_of_bounds", "{told}", {"told": told})
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        lowest = "exclusiveMinimum" if self.above else "minimum"
        highest = "exclusiveMaximum" if self.below else "maximum"
        return {**handler(schema), lowest: self.low, highest: self.high}


# Shares and ratios.
Percent = Annotated[float, Bounds(1, 100, "%", below=True)]
CompressionRate = Annotated[float, Bounds(0, 60, "%", below=True)]
WidestCompression = Annotated[float, Bounds(1, 60, "%", below=True)]
PercentPoints = Annotated[float, Bounds(0, 50, "%")]
Resolution = Annotated[float, Bounds(1e-4, 10, "%")]
Fraction = Annotated[float, Bounds(0, 1, above=True, below=True)]
FractionOrNone = Annotated[float, Bounds(0, 1, below=True)]
NumberFraction = Annotated[float, Bounds(0, 1, above=True)]
MassShare = Annotated[float, Bounds(0, 1, above=True)]
Percentile = Annotated[float, Bounds(0, 100, "%")]
MassRatio = Annotated[float, Bounds(0.01, 100)]
# Sizes, masses, densities.
ParticleDiameter = Annotated[float, Bounds(0.05, 100, "um")]
VoxelSize = Annotated[float, Bounds(0.005, 20, "um")]
Thickness = Annotated[float, Bounds(1, 500, "um")]
Foil = Annotated[float, Bounds(0, 200, "um")]
Gap = Annotated[float, Bounds(0, 5, "um")]
Density = Annotated[float, Bounds(0.1, 25, "g/cm3")]
Loading = Annotated[float, Bounds(0.1, 200, "mg/cm2")]
Mass = Annotated[float, Bounds(1e-7, 100, "ug")]
# Transport.
ParticleConductivity = Annotated[float, Bounds(1e-10, 1e6, "S/m")]
BINDER_CONDUCTIVITY = Bounds(0.05, 1e5, "S/m")
BinderConductivity = Annotated[float, BINDER_CONDUCTIVITY]
# Mechanics.
TimeStep = Annotated[float, Bounds(0.02, 500, "ns")]
SimulatedTime = Annotated[float, Bounds(0.01, 1e7, "us")]
HoldTime = Annotated[float, Bounds(0, 1e5, "us")]
Pressure = Annotated[float, Bounds(0.1, 5000, "kPa")]
HoldingPressure = Annotated[float, Bounds(0, 500, "kPa")]
LinePressure = Annotated[float, Bounds(0.01, 5000, "MPa")]
LineLoad = Annotated[float, Bounds(0.1, 1e5, "N/mm")]
RollDiameter = Annotated[float, Bounds(10, 5000, "mm")]
Stiffness = Annotated[float, Bounds(0, 1e9, "kPa", above=True)]
PlaneSpeed = Annotated[float, Bounds(1e-3, 100, "m/s")]
WellDepth = Annotated[float, Bounds(0, 1e7)]
PerDiameter = Annotated[float, Bounds(0.1, 10)]
Coefficient = Annotated[float, Bounds(0, 1e6)]
# Wetting.
SurfaceTension = Annotated[float, Bounds(1, 1000, "mN/m")]
WettingAngle = Annotated[float, Bounds(0, 90, "degrees", below=True)]
Viscosity = Annotated[float, Bounds(0.01, 1e6, "mPa s")]
BelowAtmosphere = Annotated[float, Bounds(0, 101.325, "kPa", above=True)]
# Electrochemistry.
Rate = Annotated[float, Bounds(0.01, 100)]
Energy = Annotated[float, Bounds(1, 2000)]
CapacityRatio = Annotated[float, Bounds(1, 10)]
Voltage = Annotated[float, Bounds(0, 6, "V", above=True)]
RateConstant = Annotated[float, Bounds(1e-14, 1)]
# What has no unit of its own, or a technical one.
Tolerance = Annotated[float, Bounds(1e-9, 1e3)]
Weight = Annotated[float, Bounds(0, 1e6)]
Positive = Annotated[float, Bounds(0, 1e9, above=True)]
NonNegative = Annotated[float, Bounds(0, 1e9)]
