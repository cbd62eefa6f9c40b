"""Settings of what comes after the dataset: surrogates, the search for the best recipe, rounds."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mesocast.materials import NonNegative, Positive, Section
from mesocast.properties import MEASURED, PARAMETERS, Target

Direction = Literal["minimize", "maximize"]
SurrogateMethod = Literal["sisso", "polynomial", "gaussian_process", "operon", "pysr"]
# What an optimum may be constrained by.
CONSTRAINABLE = (*PARAMETERS, *MEASURED)


class SurrogateSettings(Section):
    """Closed-form equations for the properties."""

    method: SurrogateMethod = Field(
        "sisso",
        description="How surrogates are found; `gaussian_process` gives no equation, `pysr` needs "
        "Julia.",
    )
    rung: Annotated[int, Field(ge=0, le=3)] = Field(
        2, description="SISSO: how often operators are applied to build descriptors."
    )
    dimension: Annotated[int, Field(ge=1, le=4)] = Field(
        3, description="SISSO: descriptors in an equation at most; fewer when as accurate."
    )
    subspace_size: Annotated[int, Field(ge=1, le=1000)] = Field(
        50, description="SISSO: descriptors kept per screening."
    )
    test_share: Annotated[float, Field(gt=0, lt=0.9)] = Field(
        0.2, description="Share of the conditions held back for the test."
    )
    splits: Annotated[int, Field(ge=2, le=1000)] = Field(
        75, description="Divisions into training and test on which a method is validated."
    )
    compare: list[SurrogateMethod] = Field(
        ["sisso", "polynomial", "gaussian_process", "operon"],
        description="Methods that the report compares with `method` on the same divisions.",
    )

    @property
    def methods(self) -> list[SurrogateMethod]:
        """All methods that are fitted, the campaign's own one first."""
        return list(dict.fromkeys([self.method, *self.compare]))


class Goal(Section):
    """What one property shall do."""

    direction: Direction = Field(description="`minimize` or `maximize`.")
    weight: NonNegative = Field(1.0, description="Weight in the objective.")


class Limit(Section):
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


class Resolution(Section):
    """Smallest step of each parameter that a machine can set."""

    am_pct: Positive = Field(0.1, description="Of the active material, wt %.")
    sc_pct: Positive = Field(0.1, description="Of the solid content, wt %.")
    cr_pct: Positive = Field(0.1, description="Of the compression rate, %.")


class Tolerance(Section):
    """How exactly a line meets each parameter: standard deviations, in points of percent."""

    am_pct: NonNegative = Field(0.3, description="Of the active material, wt %.")
    sc_pct: NonNegative = Field(0.5, description="Of the solid content, wt %.")
    cr_pct: NonNegative = Field(
        1.5, description="Of the compression rate, %: 1 um of a gap of 60 um is 1.7 %."
    )


class OptimumSettings(Section):
    """The search for the best recipe."""

    application: Literal["balanced", "fast_charge", "high_energy"] = Field(
        "balanced",
        description="What the electrode is for: sets direction and weight of each property; "
        "`mesocast.optimization.applications` gives the reasons.",
    )
    goals: dict[Target, Goal] = Field(
        {},
        description="Direction and weight of each property that counts, instead of the "
        "application's; these are also the objectives of the Pareto front.",
    )
    constraints: dict[str, Limit] = Field(
        {},
        description="Lowest (`min`) or highest (`max`) value, or both, of any parameter or column "
        "of the dataset. Equal values hold a parameter fixed. A column that is no goal gets a "
        "surrogate of its own. Where nothing meets all, the nearest recipe is given.",
    )
    resolution_pct: Resolution = Resolution()
    tolerance_pct: Tolerance = Tolerance()
    ensemble: Annotated[int, Field(ge=2, le=1000)] = Field(
        75,
        description="Sets of surrogates, fitted to other rows and to other residuals, over which "
        "the spread of the optimum is taken.",
    )
    evaluations: Annotated[int, Field(ge=20, le=5000)] = Field(
        300, description="Evaluations of the objective by the Bayesian optimizer."
    )

    @model_validator(mode="after")
    def _weighted(self) -> Self:
        if self.goals and sum(goal.weight for goal in self.goals.values()) <= 0:
            raise ValueError("the weights of goals add up to 0; allowed: at least one above 0")
        for name in self.constraints:
            if name not in CONSTRAINABLE:
                raise ValueError(
                    f"constraints.{name}: unknown; allowed: {', '.join(CONSTRAINABLE)}"
                )
        return self


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


def _has_spread(seeds: int) -> int:
    if seeds == 1:
        raise ValueError("1 has no spread; allowed: 0, or 2 to 50")
    return seeds


class VerificationSettings(Section):
    """Simulation of the optimum."""

    seeds: Annotated[int, Field(ge=0, le=50), AfterValidator(_has_spread)] = Field(
        2,
        description="Independent electrodes simulated at the optimum; one has no spread, and 0 "
        "leaves the optimum unverified.",
    )
    extremes: bool = Field(
        False,
        description="Simulate also, with as many seeds, the recipes that are best in one property "
        "of the objective alone.",
    )

    @model_validator(mode="after")
    def _extremes_have_seeds(self) -> Self:
        if self.extremes and not self.seeds:
            raise ValueError("extremes = true with seeds = 0; allowed: seeds of 2 to 50")
        return self
