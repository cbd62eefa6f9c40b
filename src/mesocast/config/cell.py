"""Settings of the cell that an electrode is put into: the section ``cell`` of a config."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from mesocast.config.section import (
    CapacityRatio,
    Density,
    Energy,
    Foil,
    Fraction,
    Loading,
    Rate,
    RateConstant,
    Section,
    Thickness,
    Voltage,
)


class SeparatorSettings(Section):
    """The separator; what is not given is the BPX file's."""

    thickness_um: Thickness | None = Field(None, description="Thickness.")
    porosity: Fraction | None = Field(None, description="Pore share.")
    transport_efficiency: Fraction | None = Field(
        None, description="Effective over free diffusivity: porosity over tortuosity factor."
    )
    density_g_cm3: Density = Field(0.95, description="Density of the solid; polyethylene has 0.95.")


class StackSettings(Section):
    """What a stack holds besides the positive coating, for energies per mass and volume.

    A foil carries a coating on either side, so one pair of electrodes has half of each foil.
    """

    aluminium_foil_um: Foil = Field(15.0, description="Thickness of the positive foil.")
    copper_foil_um: Foil = Field(10.0, description="Thickness of the negative foil.")
    electrolyte_density_g_cm3: Density = Field(
        1.2, description="Density of the electrolyte, which fills all pores of the stack."
    )
    negative_active_density_g_cm3: Density = Field(
        2.26, description="Density of the negative active material; graphite has 2.26."
    )
    negative_inactive_density_g_cm3: Density = Field(
        1.6, description="Density of binder and carbon in the negative coating: CMC and SBR."
    )


class CellSettings(Section):
    """From the electrode to the cell: discharges of each electrode with PyBaMM."""

    enabled: bool = Field(
        True, description="Whether electrodes are put into cells; needs the extra `cell`."
    )
    chemistry: str | None = Field(
        None,
        description="BPX file (`.json`) with the materials of the cell, its path from where the "
        "campaign is started; without it, the NMC111|graphite pouch cell of About:Energy (2022).",
    )
    model: Literal["DFN", "SPMe"] = Field(
        "DFN",
        description="`DFN` resolves the thickness and the particles; `SPMe` takes one particle "
        "per electrode, faster and good at low rates only (docs/cell.md has its error).",
    )
    particle_sizes: Literal["mean", "distribution"] = Field(
        "mean",
        description="`mean`: particles of the Sauter radius of the size classes; `distribution`: "
        "a log-normal distribution with the classes' moments, ten times slower.",
    )
    loading_mg_cm2: Loading | None = Field(
        20.0,
        description="Dry mass over area of the electrodes in the cell: the simulated structure, "
        "stacked to it. `null`: as thick as simulated.",
    )
    trapped_gas: bool = Field(
        False,
        description="Whether gas that infiltration leaves in the pores takes porosity, transport "
        "and wetted surface from the electrode; needs `characterization.measurements` with "
        "`infiltration`.",
    )
    more_rates_C: tuple[Rate, ...] = Field(
        (),
        description="Rates of discharge besides C/5, 1C, 2C and 5C, for the curves and the Ragone "
        "plot; 1C empties the positive electrode's capacity in an hour.",
    )
    ragone_loadings_mg_cm2: tuple[Loading, ...] = Field(
        (10.0, 20.0, 30.0),
        description="Loadings of the Ragone plot of the report.",
        min_length=1,
    )
    power_at_energy_Wh_L: Energy = Field(
        350.0,
        description="Energy over the volume of the stack for which `power_at_energy_W_L` is the "
        "highest mean power.",
    )
    np_ratio: CapacityRatio = Field(
        1.1, description="Areal capacity of the negative electrode over that of the positive one."
    )
    half_cell_cutoff_V: Voltage | None = Field(
        None,
        description="Voltage against lithium at which a half cell stops; without it, the lower "
        "voltage cut-off of the BPX file. Every discharge also stops when the positive "
        "electrode's stoichiometry window is used up.",
    )
    lithium_rate_constant_mol_m2_s: RateConstant = Field(
        3.5e-8,
        description="Rate constant k of the lithium counter electrode, exchange current k F "
        "c_Li^0.7 c_e^0.3 (Xu et al., J. Electrochem. Soc. 166 (2019) A3456, as in PyBaMM).",
    )
    separator: SeparatorSettings = SeparatorSettings()
    stack: StackSettings = StackSettings()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.model == "SPMe" and self.particle_sizes == "distribution":
            raise ValueError(
                "particle_sizes = distribution with model = SPMe, which has one particle per "
                "electrode; allowed: mean, or model DFN"
            )
        return self
