"""What an electrode is made of: the material part of a config.

The defaults are NMC111 with carbon black and PVDF in NMP, as published; see ``config/README.md``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field, PrivateAttr, model_validator

from mesocast.config.kinds import Kind, blended, blended_by_volume
from mesocast.config.particle_sizes import SizeMode, check_classes, classes_of, sizes_of
from mesocast.config.section import (
    BINDER_CONDUCTIVITY,
    BinderConductivity,
    Density,
    Fraction,
    MassRatio,
    NumberFraction,
    ParticleConductivity,
    ParticleDiameter,
    Section,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Share of the volume at which random spheres begin to conduct through a mixture.
PERCOLATION_THRESHOLD = 0.16


class ActiveMaterial(Section):
    """The active material: solid spheres in size classes."""

    material: str | None = Field(
        None,
        description="A material of the library (`mesocast materials` lists them), or the path of "
        "a YAML of the same form from where the campaign is started. It gives this section's "
        "keys; those that the config gives itself win.",
    )
    name: str = Field("NMC111", description="Name for the report.")
    density_g_cm3: Density = Field(4.65, description="Density of the solid.")
    diameters_um: tuple[ParticleDiameter, ...] = Field(
        (2.5, 3.5, 4.5, 5.86, 8.28, 10.35),
        description="Diameter of each size class.",
        min_length=1,
    )
    number_fractions: tuple[NumberFraction, ...] = Field(
        (0.184, 0.230, 0.162, 0.144, 0.207, 0.073),
        description="Share of the particles in each size class, by number; they add up to 1.",
        min_length=1,
    )
    electronic_conductivity_S_m: ParticleConductivity = Field(
        0.04,
        description="Electronic conductivity of the solid; with that of the CBD calibrated on one "
        "published electrode (docs/physics.md).",
    )

    size_modes: tuple[SizeMode, ...] = Field(
        (),
        description="Size distributions by volume, or several powders of one material, in place of "
        "`diameters_um` and `number_fractions`, which follow from them (docs/how-to/material.md).",
    )

    kinds: tuple[Kind, ...] = Field(
        (),
        description="Several kinds of active material in one electrode, each with its share of the "
        "mass, density, conductivity and sizes, in place of all other keys here, which follow from "
        "them (docs/how-to/material.md).",
    )
    _kind_of_class: tuple[int, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _resolved(self) -> Self:
        found: dict[str, Any] = {}
        if self.kinds:
            blend = blended(self.kinds)
            found = asdict(blend)
            self._kind_of_class = found.pop("kind_of_class")
        elif self.size_modes:
            found["diameters_um"], found["number_fractions"] = classes_of(self.size_modes)
        for name, value in found.items():  # frozen for everyone else: they follow from the others
            object.__setattr__(self, name, value)
        check_classes(self.diameters_um, self.number_fractions)
        return self

    @property
    def kind_of_class(self) -> tuple[int, ...]:
        """Number of the kind of each size class; empty for a material of one kind."""
        return self._kind_of_class

    @property
    def class_densities_g_cm3(self) -> tuple[float, ...]:
        """Density of the particles in each size class."""
        if not self.kinds:
            return (self.density_g_cm3,) * len(self.diameters_um)
        return tuple(self.kinds[kind].density_g_cm3 for kind in self._kind_of_class)

    @property
    def class_conductivities_S_m(self) -> tuple[float, ...]:
        """Electronic conductivity of the particles in each size class."""
        if not self.kinds:
            return (self.electronic_conductivity_S_m,) * len(self.diameters_um)
        return tuple(self.kinds[kind].electronic_conductivity_S_m for kind in self._kind_of_class)

    def sizes_by_volume(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distribution that the size classes stand for.

        Returns
        -------
        tuple
            Diameters (um), ascending, and the share of the volume with each, of shape (n,).
        """
        if self.kinds:
            return blended_by_volume(self.kinds)
        return sizes_of(self.size_modes, self.diameters_um, self.number_fractions)

    def percentile_um(self, percent: float) -> float:
        """Diameter below which this share of the volume lies (D50: 50)."""
        diameters, volumes = self.sizes_by_volume()
        place = int(np.searchsorted(np.cumsum(volumes), percent / 100 - 1e-9))
        return float(diameters[min(place, len(diameters) - 1)])


class CarbonBinderDomain(Section):
    """Carbon, binder and the nanopores between them: one kind of bead (CBD)."""

    carbon_density_g_cm3: Density = Field(1.9, description="Density of the carbon additive.")
    binder_density_g_cm3: Density = Field(1.78, description="Density of the binder.")
    carbon_to_binder_mass_ratio: MassRatio = Field(
        1.5, description="Mass of carbon over mass of binder."
    )
    nanoporosity: Fraction = Field(0.5, description="Pore share inside a dry bead.")
    dry_diameter_um: ParticleDiameter = Field(1.3, description="Diameter of a dry bead.")
    electronic_conductivity_S_m: BinderConductivity = Field(
        2.0,
        description="Effective electronic conductivity of the nanoporous bead: that of bulk carbon "
        "and binder, 15.93 S/m (Alabdali et al. 2023), times the cube of the bead's solid share.",
    )
    conductivity_law: Literal["as_given", "percolation"] = Field(
        "percolation",
        description="`as_given`: the bead conducts `electronic_conductivity_S_m`, whatever it is "
        "made of; so it is where a config gives that and no law. `percolation`: it conducts that "
        "much at the published 60/40 of carbon to binder and a nanoporosity of 0.5, and otherwise "
        "what an approximate law makes of it (docs/how-to/material.md).",
    )

    @model_validator(mode="after")
    def _conducts(self) -> Self:
        least = BINDER_CONDUCTIVITY.low
        if self.conductivity_S_m < least:
            raise ValueError(
                f"carbon_to_binder_mass_ratio = {self.carbon_to_binder_mass_ratio:g}, nanoporosity "
                f"= {self.nanoporosity:g}: the bead conducts {self.conductivity_S_m:.2g} S/m by "
                f"conductivity_law = percolation (carbon takes {100 * self.carbon_share:.3g} % of "
                f"its solids, {100 * PERCOLATION_THRESHOLD:g} % percolate); allowed: at least "
                f"{least:g} S/m, or as_given"
            )
        return self

    @property
    def solid_density_g_cm3(self) -> float:
        """Density of carbon and binder together, without nanopores (ideal mixing)."""
        ratio = self.carbon_to_binder_mass_ratio
        return (1 + ratio) / (ratio / self.carbon_density_g_cm3 + 1 / self.binder_density_g_cm3)

    @property
    def carbon_share(self) -> float:
        """Share of carbon in the volume of carbon and binder (ideal mixing)."""
        return _carbon_share(
            self.carbon_to_binder_mass_ratio, self.carbon_density_g_cm3, self.binder_density_g_cm3
        )

    @property
    def conductivity_S_m(self) -> float:
        """Effective electronic conductivity of a bead of this composition.

        By ``percolation``, an approximation: the square of the distance of the carbon's share from
        the percolation threshold (the exponent in three dimensions is 2: Stauffer and Aharony,
        Introduction to Percolation Theory (1994)), and the cube of the bead's solid share, both
        over those of the published bead. The threshold is the 16 % of random spheres (Scher and
        Zallen 1970, J. Chem. Phys. 53, 3759); structured carbon blacks may percolate earlier.
        """
        given = self.electronic_conductivity_S_m
        if self.conductivity_law == "as_given":
            return given
        published = _carbon_share(1.5, 1.9, 1.78)
        excess = max(self.carbon_share - PERCOLATION_THRESHOLD, 0.0)
        excess /= published - PERCOLATION_THRESHOLD
        return given * excess**2 * ((1 - self.nanoporosity) / 0.5) ** 3


def _carbon_share(mass_ratio: float, carbon_g_cm3: float, binder_g_cm3: float) -> float:
    carbon, binder = mass_ratio / carbon_g_cm3, 1 / binder_g_cm3
    return carbon / (carbon + binder)


class Solvent(Section):
    """The liquid of the slurry."""

    name: str = Field("NMP", description="Name for the report.")
    density_g_cm3: Density = Field(1.03, description="Density of the liquid.")


class Materials(Section):
    """All components of the slurry."""

    active_material: ActiveMaterial = ActiveMaterial()
    cbd: CarbonBinderDomain = CarbonBinderDomain()
    solvent: Solvent = Solvent()

    @property
    def densest_g_cm3(self) -> float:
        """Density of the densest solid: no film is denser."""
        return max(
            *self.active_material.class_densities_g_cm3,
            self.cbd.carbon_density_g_cm3,
            self.cbd.binder_density_g_cm3,
        )

    def identity(self, *, measured: bool) -> dict[str, Any]:
        """What a simulation, or a measurement of its film, depends on.

        Names are for people, and what is given counts by the numbers that follow from it.

        Parameters
        ----------
        measured
            Whether conductivities count.
        """
        content = self.model_dump(mode="json")
        active = content["active_material"]
        if self.active_material.kinds:
            active["class_densities_g_cm3"] = self.active_material.class_densities_g_cm3
            if measured:
                active["class_conductivities_S_m"] = self.active_material.class_conductivities_S_m
        content["cbd"]["electronic_conductivity_S_m"] = self.cbd.conductivity_S_m
        for part in content.values():
            for name in ("name", "material", "size_modes", "kinds", "conductivity_law"):
                part.pop(name, None)
            conductivity = part.pop("electronic_conductivity_S_m", None)
            if measured:
                part["electronic_conductivity_S_m"] = conductivity
        return content
