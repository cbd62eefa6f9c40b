"""What an electrode is made of, and how its beads push and pull: the material part of a config.

The defaults are NMC111 with carbon black and PVDF in NMP, as published; see ``config/README.md``.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(gt=0, lt=1)]


class Section(BaseModel):
    """A part of the config: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ActiveMaterial(Section):
    """The active material: solid spheres in size classes."""

    name: str = Field("NMC111", description="Name for the report.")
    density_g_cm3: Positive = Field(4.65, description="Density of the solid.")
    diameters_um: tuple[Positive, ...] = Field(
        (2.5, 3.5, 4.5, 5.86, 8.28, 10.35),
        description="Diameter of each size class.",
        min_length=1,
    )
    number_fractions: tuple[Fraction | Annotated[float, Field(ge=1, le=1)], ...] = Field(
        (0.184, 0.230, 0.162, 0.144, 0.207, 0.073),
        description="Share of the particles in each size class, by number; they add up to 1.",
        min_length=1,
    )
    electronic_conductivity_S_m: Positive = Field(
        0.005, description="Electronic conductivity of the solid."
    )

    @model_validator(mode="after")
    def _distribution(self) -> Self:
        if len(self.diameters_um) != len(self.number_fractions):
            raise ValueError(
                f"number_fractions has {len(self.number_fractions)} values; "
                f"diameters_um has {len(self.diameters_um)}; they must be as many"
            )
        if abs(sum(self.number_fractions) - 1) > 0.005:
            raise ValueError(
                f"number_fractions add up to {sum(self.number_fractions):.4g}; "
                "allowed: 1 within 0.005"
            )
        if len(set(self.diameters_um)) != len(self.diameters_um):
            raise ValueError("diameters_um has a value twice; allowed: each size class once")
        return self


class CarbonBinderDomain(Section):
    """Carbon, binder and the nanopores between them: one kind of bead (CBD)."""

    carbon_density_g_cm3: Positive = Field(1.9, description="Density of the carbon additive.")
    binder_density_g_cm3: Positive = Field(1.78, description="Density of the binder.")
    carbon_to_binder_mass_ratio: Positive = Field(
        1.5, description="Mass of carbon over mass of binder."
    )
    nanoporosity: Fraction = Field(0.5, description="Pore share inside a dry bead.")
    dry_diameter_um: Positive = Field(1.3, description="Diameter of a dry bead.")
    electronic_conductivity_S_m: Positive = Field(
        0.8, description="Effective electronic conductivity of the nanoporous bead."
    )

    @property
    def solid_density_g_cm3(self) -> float:
        """Density of carbon and binder together, without nanopores (ideal mixing)."""
        ratio = self.carbon_to_binder_mass_ratio
        return (1 + ratio) / (ratio / self.carbon_density_g_cm3 + 1 / self.binder_density_g_cm3)


class Solvent(Section):
    """The liquid of the slurry."""

    name: str = Field("NMP", description="Name for the report.")
    density_g_cm3: Positive = Field(1.03, description="Density of the liquid.")


class Materials(Section):
    """All components of the slurry."""

    active_material: ActiveMaterial = ActiveMaterial()
    cbd: CarbonBinderDomain = CarbonBinderDomain()
    solvent: Solvent = Solvent()


class LennardJones(Section):
    """Attraction of one species, proportional to the bead's diameter (the dry one for CBD)."""

    epsilon_fJ_um: NonNegative = Field(description="Depth of the well over the diameter.")
    sigma_per_diameter: Positive = Field(description="Zero crossing over the diameter.")
    cutoff_per_diameter: Positive = Field(description="Range over the diameter.")


class Hertz(Section):
    """Granular contact with tangential history (LAMMPS ``gran/hertz/history``)."""

    normal_stiffness_kPa: Positive = Field(description="Normal elastic constant.")
    tangential_to_normal_stiffness: NonNegative = Field(
        description="Tangential over normal elastic constant."
    )
    normal_damping_1_um_us: NonNegative = Field(description="Normal damping constant.")
    tangential_to_normal_damping: NonNegative = Field(
        description="Tangential over normal damping constant."
    )
    friction: NonNegative = Field(
        description="Friction coefficient; values far above 1 forbid slip."
    )


class ForceField(Section):
    """Lennard-Jones (shifted force) overlaid with granular Hertz, for one state of the film."""

    active_material: LennardJones
    cbd: LennardJones
    hertz: Hertz
    active_material_hertz: Hertz | None = Field(
        None,
        description="Contacts between two active-material particles, where they differ from those "
        "in which CBD takes part.",
    )
    wall: Hertz
    active_material_contact_factor: Positive = Field(
        1.0, description="Contact radius over true radius of the active material."
    )
    collector_adhesion: NonNegative = Field(
        1.0,
        description="Attraction of a bead by the collector over that by its mirror image, a bead "
        "like it at twice the distance.",
    )


def _slurry_force_field() -> ForceField:
    return ForceField(
        active_material=LennardJones(
            epsilon_fJ_um=1, sigma_per_diameter=0.89, cutoff_per_diameter=1.5
        ),
        cbd=LennardJones(epsilon_fJ_um=1, sigma_per_diameter=0.89, cutoff_per_diameter=2.2 / 1.3),
        hertz=Hertz(
            normal_stiffness_kPa=3.5,
            tangential_to_normal_stiffness=1.378,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=0.959,
            friction=0.015,
        ),
        wall=Hertz(
            normal_stiffness_kPa=3.5,
            tangential_to_normal_stiffness=1.378,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=0.959,
            friction=0.015,
        ),
        # Beads that lose their solvent would hammer on the collector and leave the film.
        collector_adhesion=0.0,
    )


def _dried_force_field() -> ForceField:
    return ForceField(
        active_material=LennardJones(
            epsilon_fJ_um=7000, sigma_per_diameter=0.78, cutoff_per_diameter=1.2
        ),
        cbd=LennardJones(epsilon_fJ_um=2.1, sigma_per_diameter=0.80, cutoff_per_diameter=2.2 / 1.3),
        hertz=Hertz(
            normal_stiffness_kPa=15_000,
            tangential_to_normal_stiffness=1.235,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=0.907,
            friction=0.15,
        ),
        active_material_hertz=Hertz(
            normal_stiffness_kPa=50_000,
            tangential_to_normal_stiffness=1.235,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=0.907,
            friction=0.4,
        ),
        wall=Hertz(
            normal_stiffness_kPa=250_000,
            tangential_to_normal_stiffness=1.0,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=1.0,
            friction=15,
        ),
        active_material_contact_factor=1.025,
    )


class ForceFields(Section):
    """The force field of the wet film and that of the dried one."""

    slurry: ForceField = Field(default_factory=_slurry_force_field)
    dried: ForceField = Field(default_factory=_dried_force_field)
