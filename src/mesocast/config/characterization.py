"""Settings of the characterization."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mesocast.config.section import (
    BelowAtmosphere,
    BinderConductivity,
    Foil,
    Fraction,
    Gap,
    Section,
    SurfaceTension,
    Viscosity,
    VoxelSize,
    WettingAngle,
)

MeasurementName = Literal["blocking", "contacts", "conventions", "four_point", "infiltration"]


class ContactSettings(Section):
    """How beads conduct through their contacts (docs/characterization.md)."""

    skin_um: Gap = Field(
        0.06,
        description="Thickness of binder between two CBD beads that touch, which a contact must "
        "be pressed through before it conducts.",
    )
    cbd_conductivity_S_m: BinderConductivity = Field(
        8.0, description="Electronic conductivity of a CBD bead inside of its skin."
    )


class InfiltrationSettings(Section):
    """The electrolyte that enters the dry electrode; by default like 1 M LiPF6 in carbonates."""

    surface_tension_mN_m: SurfaceTension = Field(
        30.0, description="Surface tension against the gas."
    )
    contact_angle_deg: WettingAngle = Field(
        20.0, description="Contact angle on the pore walls; below 90, the electrolyte wets."
    )
    viscosity_mPa_s: Viscosity = Field(3.5, description="Viscosity, for the time of wetting only.")
    fill_pressure_kPa: BelowAtmosphere = Field(
        101.325,
        description="Pressure of the gas while the electrolyte enters; trapped gas then shrinks "
        "to this share of the ambient pressure, 101.325 kPa.",
    )


class CharacterizationSettings(Section):
    """How a microstructure is measured."""

    voxel_size_um: VoxelSize = Field(0.25, description="Edge of a voxel; grids are commensurate.")
    collector_thickness_um: Foil = Field(
        22.0, description="Thickness of the foil, for the gross compression rate only."
    )
    coverage_tolerance_um: Gap = Field(
        0.13,
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
    measurements: tuple[MeasurementName, ...] = Field(
        (),
        description="Further measurements (docs/electrolyte.md): `blocking` (tortuosity factor by "
        "impedance), `contacts` (electronic conductivity through contacts of beads with a skin; of "
        "spheres only), `conventions` (numbers as published work counts them; of spheres only), "
        "`four_point` (conductivity in the plane), `infiltration` (electrolyte enters the dry "
        "pores, with PoreSpy; seconds per electrode).",
    )
    contacts: ContactSettings = ContactSettings()
    infiltration: InfiltrationSettings = InfiltrationSettings()
