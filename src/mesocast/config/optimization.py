"""Settings of the search for the best recipe."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from mesocast.columns import MEASURED, PARAMETERS, Direction, is_variable, possible, unit_of
from mesocast.columns.units import refusal
from mesocast.config.section import (
    PercentPoints,
    Resolution,
    Section,
    Weight,
)


def _is_measured(name: str) -> str:
    if name not in MEASURED:
        raise ValueError(f"unknown; allowed: {', '.join(MEASURED)}")
    return name


MeasuredColumn = Annotated[
    str,
    AfterValidator(_is_measured),
    WithJsonSchema({"type": "string", "enum": list(MEASURED)}),
]
# What an optimum may be constrained by.
CONSTRAINABLE = (*PARAMETERS, *MEASURED)


class RangeSettings(Section):
    """A range of values of a property, in its unit."""

    min: float = Field(description="Lowest.")
    max: float = Field(description="Highest.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.min < self.max:
            raise ValueError(f"min = {self.min:g}, max = {self.max:g}; allowed: min below max")
        return self


class GoalSettings(Section):
    """What one property shall do: a direction or a target."""

    direction: Direction | None = Field(None, description="`minimize` or `maximize`.")
    weight: Weight = Field(1.0, description="Weight in the objective.")
    target: float | RangeSettings | None = Field(
        None,
        description="In place of a direction: the value to meet, or the range (`min`, `max`) in "
        "which all values are equally good, in the unit of the column.",
    )
    range: RangeSettings | None = Field(
        None,
        description="Worst and best value (`min`, `max`, whichever way) by which the property is "
        "scaled; by default the extremes of the dataset's electrodes.",
    )

    @property
    def target_range(self) -> tuple[float, float]:
        """Lowest and highest value that meet the target, of a goal that has one."""
        if isinstance(self.target, RangeSettings):
            return self.target.min, self.target.max
        value = float(self.target or 0.0)
        return value, value

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.direction is None) == (self.target is None):
            found = "neither is given" if self.direction is None else "both are given"
            raise ValueError(f"direction, target: {found}; allowed: one of the two")
        return self

    # What is not asked for is not written, so that goals of an earlier version stay what they were
    # and nothing that was made for them is made again.
    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


class LimitSettings(Section):
    """Allowed values of a parameter or a property, in its unit."""

    min: float | None = Field(None, description="Lowest.")
    max: float | None = Field(None, description="Highest.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("neither min nor max is given; allowed: at least one of them")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min = {self.min:g}, max = {self.max:g}; allowed: min at most max")
        return self


class ResolutionSettings(Section):
    """Smallest step of each parameter that a machine can set."""

    am_pct: Resolution = Field(0.1, description="Of the active material, wt %.")
    sc_pct: Resolution = Field(0.1, description="Of the solid content, wt %.")
    cr_pct: Resolution = Field(0.1, description="Of the compression rate, %.")


class ToleranceSettings(Section):
    """How exactly a line meets each parameter: standard deviations, in points of percent."""

    am_pct: PercentPoints = Field(0.3, description="Of the active material, wt %.")
    sc_pct: PercentPoints = Field(0.5, description="Of the solid content, wt %.")
    cr_pct: PercentPoints = Field(
        1.5, description="Of the compression rate, %: 1 um of a gap of 60 um is 1.7 %."
    )


class OptimumSettings(Section):
    """The search for the best recipe."""

    application: Literal["balanced", "high_energy", "fast_charge", "power"] = Field(
        "balanced",
        description="What the electrode is for. `balanced`: the four properties of the published "
        "objective. The others ask what a cell does (section `cell`): `high_energy`, the stack's "
        "energy per volume at C/5; `fast_charge`, the same at `fast_rate`; `power`, the highest "
        "power at which the stack gives `cell.power_at_energy_Wh_L`.",
    )
    fast_rate: Literal["1C", "2C", "5C"] = Field(
        "5C", description="Rate of the application `fast_charge`."
    )
    goals: dict[MeasuredColumn, GoalSettings] = Field(
        {},
        description="Direction and weight of each property that counts, instead of the "
        "application's: any measured column of the dataset. These are also the objectives of the "
        "Pareto front.",
    )
    utility: Literal["quadratic", "desirability"] = Field(
        "quadratic",
        description="How the properties make one number. `quadratic`: the published weighted mean "
        "of squared distances from the best. `desirability`: 1 minus the geometric mean of "
        "desirabilities (Derringer and Suich 1980), in which nothing makes up for a property that "
        "is as bad as its range.",
    )
    constraints: dict[str, LimitSettings] = Field(
        {},
        description="Lowest (`min`) or highest (`max`) value, or both, of any parameter or column "
        "of the dataset. Equal values hold a parameter fixed. A column that is no goal gets a "
        "surrogate of its own. Where nothing meets all, the nearest recipe is given.",
    )
    resolution_pct: ResolutionSettings = ResolutionSettings()
    tolerance_pct: ToleranceSettings = ToleranceSettings()
    ensemble: Annotated[int, Field(ge=2, le=1000)] = Field(
        75,
        description="Sets of surrogates, fitted to other rows and to other residuals, over which "
        "the spread of the optimum is taken.",
    )
    compared_seeds: Annotated[int, Field(ge=1, le=100)] = Field(
        3,
        description="Electrodes per recipe by which two recipes are told apart: which recipes are "
        "as good as the optimum within the noise of seeds is judged for so many.",
    )
    evaluations: Annotated[int, Field(ge=20, le=5000)] = Field(
        300, description="Evaluations of the objective by the Bayesian optimizer."
    )

    @property
    def sought(self) -> tuple[str, ...]:
        """Columns of the goals: its own, or those that its application asks of a cell."""
        if self.goals:
            return tuple(self.goals)
        return () if self.application == "balanced" else tuple(self.cell_goals.values())

    @property
    def cell_goals(self) -> dict[str, str]:
        """Column that each application asks of a cell; each also sees what it costs the others."""
        return {
            "high_energy": "energy_stack_C5_Wh_L",
            "fast_charge": f"energy_stack_{self.fast_rate}_Wh_L",
            "power": "power_at_energy_W_L",
        }

    @model_validator(mode="after")
    def _weighted(self) -> Self:
        if self.goals and sum(goal.weight for goal in self.goals.values()) <= 0:
            raise ValueError("the weights of goals add up to 0; allowed: at least one above 0")
        for name in self.constraints:
            if name not in CONSTRAINABLE and not is_variable(name):
                raise ValueError(
                    f"constraints.{name}: unknown; allowed: {', '.join(CONSTRAINABLE)}"
                )
            for side, value in self.constraints[name]:
                _check_possible(name, value, f"constraints.{name}.{side}")
        for name, goal in self.goals.items():
            if goal.target is not None:
                for value in goal.target_range:
                    _check_possible(name, value, f"goals.{name}.target")
            if goal.range is not None:
                for value in (goal.range.min, goal.range.max):
                    _check_possible(name, value, f"goals.{name}.range")
        return self


def _check_possible(name: str, value: float | None, where: str) -> None:
    """Refuse a value that no electrode can have, as one in another unit."""
    low, high = possible(name)
    if value is not None and not low <= value <= high:
        raise ValueError(f"{where} = {value:g}: {refusal(value, low, high, unit_of(name))}")
