"""Kinds of active material: one of them as a library holds it, and several in one electrode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field, model_validator

from mesocast.config.particle_sizes import (
    SizeMode,
    check_classes,
    classes_of,
    mass_shares,
    sizes_of,
)
from mesocast.config.section import (
    Density,
    MassShare,
    NumberFraction,
    ParticleConductivity,
    ParticleDiameter,
    Section,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


#: Kinds of active material that a cell model (PyBaMM's) takes in one electrode.
MOST_KINDS_IN_CELL = 2


class PlainMaterial(Section):
    """One material: a density, a conductivity and sizes, all of which are given."""

    name: str = Field(min_length=1, description="Name for the report.")
    density_g_cm3: Density = Field(description="Density of the solid.")
    electronic_conductivity_S_m: ParticleConductivity = Field(
        description="Electronic conductivity of the solid."
    )
    size_modes: tuple[SizeMode, ...] = Field((), description="Size distributions by volume.")
    diameters_um: tuple[ParticleDiameter, ...] = Field((), description="Sharp size classes.")
    number_fractions: tuple[NumberFraction, ...] = Field(
        (), description="Share of the particles in each sharp class, by number."
    )

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        if bool(self.size_modes) == bool(self.diameters_um):
            raise ValueError(
                "gives no sizes, or gives them twice; allowed: size_modes, or diameters_um with "
                "number_fractions"
            )
        if self.size_modes:
            mass_shares(self.size_modes, "size_modes")
        else:
            check_classes(self.diameters_um, self.number_fractions)
        return self

    def keys(self) -> dict[str, Any]:
        """What it gives of a config's section ``materials.active_material``."""
        content = self.model_dump(mode="json", include=set(PlainMaterial.model_fields))
        return {name: value for name, value in content.items() if value != []}

    def classes(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Size classes: diameters (um), and the share of the particles in each, by number."""
        return classes_of(self.size_modes) if self.size_modes else self._sharp

    def sizes_by_volume(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distribution that the classes stand for: diameters (um), and the volume with each."""
        return sizes_of(self.size_modes, *self._sharp)

    @property
    def _sharp(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        return self.diameters_um, self.number_fractions


class Kind(PlainMaterial):
    """One of several kinds of active material in an electrode."""

    material: str | None = Field(
        None, description="As in `materials.active_material`; it gives what is left out here."
    )
    mass_share: MassShare | None = Field(
        None,
        description="Share of the active material's mass; one kind may leave it out and takes what "
        "is left of 1.",
    )


@dataclass(frozen=True)
class Blend:
    """Several kinds as one active material.

    Parameters
    ----------
    name
        The kinds and their shares of the mass.
    density_g_cm3
        Of all of them together.
    electronic_conductivity_S_m
        Mean by volume, for an image that does not tell the kinds apart.
    diameters_um, number_fractions, kind_of_class
        The size classes of all kinds, ascending, shape (classes,); no two are equal.
    """

    name: str
    density_g_cm3: float
    electronic_conductivity_S_m: float
    diameters_um: tuple[float, ...]
    number_fractions: tuple[float, ...]
    kind_of_class: tuple[int, ...]


# Two kinds with particles of one size are told apart by this share of the diameter.
_APART = 1e-5


def blended(kinds: Sequence[Kind]) -> Blend:
    """Put kinds together.

    Raises
    ------
    ValueError
        Their shares do not add up to 1.
    """
    shares = mass_shares(kinds, "kinds")
    volumes = [share / kind.density_g_cm3 for share, kind in zip(shares, kinds, strict=True)]
    conductivities = [kind.electronic_conductivity_S_m for kind in kinds]
    found: dict[float, tuple[float, int]] = {}
    for number, (kind, volume) in enumerate(zip(kinds, volumes, strict=True)):
        diameters, fractions = (np.array(values) for values in kind.classes())
        particles = volume * fractions / float(fractions @ diameters**3)
        for diameter, count in zip(diameters.tolist(), particles.tolist(), strict=True):
            size = diameter
            while any(abs(size / other - 1) < _APART / 2 for other in found):
                size *= 1 + _APART
            found[size] = count, number
    sizes = sorted(found)
    total = sum(count for count, _ in found.values())
    return Blend(
        " + ".join(
            f"{100 * share:.3g} % {kind.name}" for share, kind in zip(shares, kinds, strict=True)
        ),
        1 / sum(volumes),
        float(np.average(conductivities, weights=volumes)),
        tuple(sizes),
        tuple(float(f"{found[size][0] / total:.6g}") for size in sizes),
        tuple(found[size][1] for size in sizes),
    )


def blended_by_volume(
    kinds: Sequence[Kind],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distribution of the sizes of all kinds: diameters (um), ascending, and volume with each."""
    shares = mass_shares(kinds, "kinds")
    volumes = np.array([s / kind.density_g_cm3 for s, kind in zip(shares, kinds, strict=True)])
    parts = [kind.sizes_by_volume() for kind in kinds]
    diameters = np.concatenate([sizes for sizes, _ in parts])
    weights = np.concatenate(
        [v * part for v, (_, part) in zip(volumes / volumes.sum(), parts, strict=True)]
    )
    order = np.argsort(diameters, kind="stable")
    return diameters[order], weights[order]
