"""Settings of the design: which recipes are simulated."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mesocast.config.section import CompressionRate, Percent, Section, WidestCompression


class _Range(Section):
    min: float = Field(description="Lower bound.")
    max: float = Field(description="Upper bound.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"min = {self.min:g}, max = {self.max:g}; allowed: min below max")
        return self


class PercentRange(_Range):
    """Bounds of a mass share, wt %."""

    min: Percent = Field(description="Lower bound.")
    max: Percent = Field(description="Upper bound.")


class CompressionRange(_Range):
    """Bounds of the net compression rate, % of the thickness."""

    min: CompressionRate = Field(description="Lower bound.")
    max: WidestCompression = Field(description="Upper bound.")


class ListedRecipe(Section):
    """A recipe of the user's own: one slurry and its compression rates."""

    am_pct: Percent = Field(description="Active material, wt % of the dry solids.")
    sc_pct: Percent = Field(description="Solid content of the slurry, wt %.")
    cr_pct: tuple[CompressionRate, ...] = Field(
        min_length=1, description="Net compression rates of its electrodes."
    )


class Design(Section):
    """Which recipes are simulated."""

    am_pct: PercentRange = PercentRange(min=86, max=96)
    sc_pct: PercentRange = PercentRange(min=45, max=71)
    cr_pct: CompressionRange = CompressionRange(min=0, max=40)
    slurries: Annotated[int, Field(ge=1, le=9999)] = Field(
        30, description="Slurries, that is pairs of active material and solid content."
    )
    seeds_per_slurry: Annotated[int, Field(ge=1, le=99)] = Field(
        1,
        description="Films made of each slurry of the Sobol design, each with another random "
        "start; the slurry's conditions are dealt over them, so that a surrogate averages over "
        "what is chance in one film.",
    )
    conditions: Annotated[int, Field(ge=1, le=999_999)] = Field(
        174, description="Electrodes, that is slurries with a compression rate."
    )
    pairing: Literal["rotated", "random"] = Field(
        "rotated",
        description="How compression rates are dealt to slurries: `rotated` spreads them evenly "
        "over each slurry; `random` draws them without repeats, as published.",
    )

    recipes: tuple[ListedRecipe, ...] = Field(
        (),
        description="Recipes to simulate in place of the Sobol design; `slurries`, `conditions` "
        "and `pairing` are then not used.",
    )
    dataset: str | None = Field(
        None,
        description="Electrodes that are there already, in place of the Sobol design: a dataset "
        "of Mesocast (`.parquet` or `.csv`), its path from where the campaign is started. Only "
        "the verification is then simulated.",
    )
    seeds_per_recipe: Annotated[int, Field(ge=1, le=99)] = Field(
        1, description="Slurries made from each listed recipe, each with another random start."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.dataset is not None and self.recipes:
            raise ValueError("dataset and recipes are both given; allowed: one of them")
        return self

    @model_validator(mode="after")
    def _enough_conditions(self) -> Self:
        if self.slurries > self.conditions:
            raise ValueError(
                f"slurries = {self.slurries} exceeds conditions = {self.conditions}; "
                "allowed: at most one slurry per condition"
            )
        if (films := self.slurries * self.seeds_per_slurry) > self.conditions:
            raise ValueError(
                f"seeds_per_slurry = {self.seeds_per_slurry} of {self.slurries} slurries makes "
                f"{films} films, for {self.conditions} conditions; allowed: at most one film per "
                "condition"
            )
        return self
