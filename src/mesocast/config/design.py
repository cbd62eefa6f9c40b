"""Settings of the design: which recipes are simulated."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from mesocast.config.section import CompressionRate, Percent, Section, WidestCompression
from mesocast.config.variables import (  # noqa: TC001 - pydantic needs it
    OwnVariable,
    VariableName,
    Word,
)

# With the three of a recipe, ten.
_MOST_VARIABLES = 7


class _Range(Section):
    min: float = Field(description="Lower bound.")
    max: float = Field(description="Upper bound.")
    fixed: float | None = Field(None, description="The one value of all electrodes, no variable.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"min = {self.min:g}, max = {self.max:g}; allowed: min below max")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound; the same where it is held fixed."""
        return (self.min, self.max) if self.fixed is None else (self.fixed, self.fixed)

    # What is not asked for is not written, so that nothing made for a design without it is made
    # again.
    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


class PercentRange(_Range):
    """Bounds of a mass share, wt %."""

    min: Percent = Field(description="Lower bound.")
    max: Percent = Field(description="Upper bound.")
    fixed: Percent | None = Field(None, description="The one value of all electrodes, no variable.")


class CompressionRange(_Range):
    """Bounds of the net compression rate, % of the thickness."""

    min: CompressionRate = Field(description="Lower bound.")
    max: WidestCompression = Field(description="Upper bound.")
    fixed: CompressionRate | None = Field(
        None, description="The one value of all electrodes, no variable."
    )


class ListedRecipe(Section):
    """A recipe of the user's own: one slurry and its compression rates."""

    am_pct: Percent = Field(description="Active material, wt % of the dry solids.")
    sc_pct: Percent = Field(description="Solid content of the slurry, wt %.")
    cr_pct: tuple[CompressionRate, ...] = Field(
        min_length=1, description="Net compression rates of its electrodes."
    )
    set: dict[VariableName, float | Word] = Field(
        {}, description="Values of the campaign's own design variables, all of `variables`."
    )


class Repeated(Section):
    """Recipes of the Sobol design that are made again, to know the scatter between their films."""

    recipes: Annotated[int, Field(ge=0, le=99)] = Field(
        0,
        description="Of so many slurries, from the first on, the first electrode is made again: "
        "the sequence spreads its first points over the design. 0: none.",
    )
    seeds: Annotated[int, Field(ge=2, le=99)] = Field(
        8, description="Films of each of these recipes, the design's own among them."
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
    repeated: Repeated = Repeated()
    pairing: Literal["rotated", "random"] = Field(
        "rotated",
        description="How compression rates are dealt to slurries: `rotated` spreads them evenly "
        "over each slurry; `random` draws them without repeats, as published.",
    )

    variables: dict[VariableName, OwnVariable] = Field(
        {},
        description="Design variables beside those three, up to seven, by the names of their "
        "columns in the dataset: `set_`, then what it is, then the unit of its key, as in "
        "`set_mass_loading_mg_cm2`. Which stage each belongs to follows from what it changes, so "
        "that slurries and dried films are shared by all electrodes that differ only later.",
    )
    formulas: dict[str, str] = Field(
        {},
        description="Keys of this config that follow from design variables, as fractions that add "
        "up: `materials.active_material.number_fractions.1: 1 - set_small_share`. Numbers, names, "
        "`+ - * / **` and brackets. Recipes at which a key gets a value that it does not allow are "
        "left out of the design and of the search.",
    )
    sampling: Literal["sobol", "latin_hypercube"] = Field(
        "sobol",
        description="How recipes are spread: `sobol`, a sequence, which a longer design goes on "
        "with; `latin_hypercube`, the one of 100 whose nearest recipes are farthest apart, which "
        "is more even where there are few, and another one for each number of slurries.",
    )
    dryings_per_slurry: Annotated[int, Field(ge=1, le=99)] = Field(
        1,
        description="Films dried from each slurry, where a variable belongs to the drying: each "
        "at other values of it. The slurry's conditions are dealt over them.",
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
    def _repeated_are_of_the_sequence(self) -> Self:
        own = "dataset" if self.dataset is not None else "recipes" if self.recipes else ""
        if self.repeated.recipes and own:
            raise ValueError(
                f"repeated.recipes = {self.repeated.recipes} with {own}; allowed: 0"
                + (", or seeds_per_recipe" if self.recipes else "")
            )
        if self.repeated.recipes > self.slurries:
            raise ValueError(
                f"repeated.recipes = {self.repeated.recipes} of {self.slurries} slurries; allowed: "
                "at most as many"
            )
        return self

    @model_validator(mode="after")
    def _variables_are_sampled(self) -> Self:
        for place, recipe in enumerate(self.recipes):
            if set(recipe.set) != set(self.variables):
                found = ", ".join(recipe.set) or "nothing"
                raise ValueError(
                    f"recipes.{place}.set = {found}; allowed: a value of each of variables "
                    f"({', '.join(self.variables) or 'none'})"
                )
            for name, value in recipe.set.items():
                self.variables[name].check(value, f"recipes.{place}.set.{name}")
        if len(self.variables) > _MOST_VARIABLES:
            raise ValueError(
                f"variables: {len(self.variables)} are given; allowed: up to {_MOST_VARIABLES}"
            )
        return self

    @model_validator(mode="after")
    def _enough_conditions(self) -> Self:
        if self.slurries > self.conditions:
            raise ValueError(
                f"slurries = {self.slurries} exceeds conditions = {self.conditions}; "
                "allowed: at most one slurry per condition"
            )
        if self.slurries * self.seeds_per_slurry * self.dryings_per_slurry > self.conditions:
            films = self.slurries * self.seeds_per_slurry * self.dryings_per_slurry
            if self.dryings_per_slurry > 1:
                raise ValueError(
                    f"dryings_per_slurry = {self.dryings_per_slurry} makes {films} films, for "
                    f"{self.conditions} conditions; allowed: at most one film per condition"
                )
            raise ValueError(
                f"seeds_per_slurry = {self.seeds_per_slurry} of {self.slurries} slurries makes "
                f"{films} films, for {self.conditions} conditions; allowed: at most one film per "
                "condition"
            )
        return self
