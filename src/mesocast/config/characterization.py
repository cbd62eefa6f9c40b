"""Settings of the characterization."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mesocast.config.section import (
    Foil,
    Fraction,
    Gap,
    Section,
    VoxelSize,
)


class CharacterizationSettings(Section):
    """How a microstructure is measured."""

    voxel_size_um: VoxelSize = Field(0.25, description="Edge of a voxel; grids are commensurate.")
    collector_thickness_um: Foil = Field(
        22.0, description="Thickness of the foil, for the gross compression rate only."
    )
    coverage_tolerance_um: Gap = Field(
        0.18,
        description="Active-material surface this close to a CBD bead counts as covered by it; "
        "calibrated on the published share at one electrode (docs/characterization.md).",
    )
    cbd_relative_diffusivity: Fraction = Field(
        0.05,
        description="Diffusivity inside the CBD over that in the pores, for the second tortuosity "
        "factor, which counts the CBD as permeable.",
    )
    transport_method: Literal["aperture", "multigrid", "taufactor"] = Field(
        "aperture",
        description="Solver for the pores: `aperture` (from the spheres; the most accurate), "
        "`multigrid` or `taufactor` (sharp voxels).",
    )
    conductivity_method: Literal["multigrid", "taufactor"] = Field(
        "multigrid", description="Solver for the electronic conductivity (sharp voxels)."
    )
