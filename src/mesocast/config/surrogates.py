"""Settings of the surrogates."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mesocast.config.section import Section


class SurrogateSettings(Section):
    """Closed-form equations for the properties."""

    method: str | None = Field(
        None,
        description="How surrogates are found: `sisso`, `polynomial`, `gaussian_process` (no "
        "equation), `operon`, `pysr` (needs Julia), `through_microstructure` (SISSO, and what a "
        "cell does by a Gaussian process on SISSO's equations of the microstructure), or one that "
        "another package adds. Without it `sisso`, and `through_microstructure` where a goal or "
        "a constraint is a column of the cell.",
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
    compare: list[str] = Field(
        ["sisso", "polynomial", "gaussian_process", "operon"],
        description="Methods that the report compares with `method` on the same divisions.",
    )

    def of(self, method: str) -> dict[str, Any]:
        """Settings of a method."""
        if method not in ("sisso", "through_microstructure"):
            return {}
        return {
            "rung": self.rung,
            "max_dimension": self.dimension,
            "subspace_size": self.subspace_size,
        }
