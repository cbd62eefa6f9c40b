"""What a cell model needs to know of an electrode: eight numbers in place of its spheres."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mesocast.config.kinds import MOST_KINDS_IN_CELL
from mesocast.config.particle_sizes import mass_shares
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.config.materials import ActiveMaterial

# Columns of the dataset that a cell model cannot do without.
NEEDED = (
    "thickness_um",
    "density_g_cm3",
    "porosity_total",
    "am_fraction",
    "tortuosity_factor_permeable_cbd",
    "electronic_conductivity_S_m",
    "active_surface_pct",
)


# Those that it takes besides, where trapped gas counts.
OF_TRAPPED_GAS = (
    "porosity_bulk",
    "gas_trapped_pct",
    "surface_wetted_pct",
    "transport_wetted_relative",
)


@dataclass(frozen=True, kw_only=True)
class KindInCell:
    """One of two active materials of an electrode.

    Parameters
    ----------
    name
        As in the chemistry.
    volume_share
        Of the volume of active material.
    particle_radius_um
        Sauter radius of its particles.
    """

    name: str
    volume_share: float
    particle_radius_um: float


@dataclass(frozen=True, kw_only=True)
class PorousElectrode:
    """A positive electrode as porous-electrode theory sees it (Doyle, Fuller and Newman 1993).

    Parameters
    ----------
    thickness_um
        Without the foil.
    density_g_cm3
        Dry mass over the volume of the coating.
    porosity
        Share of the volume that electrolyte fills, the CBD's nanopores included.
    tortuosity_factor
        Of the electrolyte through the thickness: porosity over effective diffusivity.
    active_fraction
        Volume share of the active material.
    active_mass_fraction
        Share of the dry mass that is active material.
    conductivity_S_m
        Effective electronic conductivity through the thickness.
    wetted_share
        Share of the particles' surface that takes part in the reaction.
    particle_radius_um
        Sauter radius of the particles: 3 volume over surface.
    particle_radius_spread
        Standard deviation of the radius over its mean, weighted by surface.
    simulated_loading_mg_cm2
        Dry mass over area of the structure that was simulated.
    kinds
        Its active materials, where it has two; empty for one. Both wet by the same share.

    Raises
    ------
    InputError
        A number is outside of what is possible.
    """

    thickness_um: float
    density_g_cm3: float
    porosity: float
    tortuosity_factor: float
    active_fraction: float
    active_mass_fraction: float
    conductivity_S_m: float
    wetted_share: float
    particle_radius_um: float
    particle_radius_spread: float = 0.0
    simulated_loading_mg_cm2: float | None = None
    kinds: tuple[KindInCell, ...] = ()

    def __post_init__(self) -> None:
        for name in ("porosity", "active_fraction"):
            if not 0 < getattr(self, name) < 1:
                raise InputError(f"cell: {name} = {getattr(self, name):g}; allowed: 0 to 1")
        for name in ("active_mass_fraction", "wetted_share"):
            if not 0 < getattr(self, name) <= 1:
                raise InputError(f"cell: {name} = {getattr(self, name):g}; allowed: above 0 to 1")
        for name in ("thickness_um", "density_g_cm3", "conductivity_S_m", "particle_radius_um"):
            if not (getattr(self, name) > 0 and math.isfinite(getattr(self, name))):
                raise InputError(f"cell: {name} = {getattr(self, name):g}; allowed: above 0")
        if not self.tortuosity_factor >= 1:
            raise InputError(
                f"cell: tortuosity_factor = {self.tortuosity_factor:g}; allowed: at least 1"
            )

    @classmethod
    def of(
        cls, row: Mapping[str, Any], material: ActiveMaterial, *, trapped_gas: bool = False
    ) -> Self:
        """Take an electrode from a row of the dataset.

        The active fraction is that of the known mass where the row has a mass loading, so that the
        capacity follows from the mass exactly; the counted one (``am_fraction``) is up to 1 % less
        where spheres overlap.

        Parameters
        ----------
        row
            By column.
        material
            The active material.
        trapped_gas
            Whether the gas that infiltration leaves takes porosity, transport and surface.

        Raises
        ------
        PhysicsFailure
            The electrode failed, a property that is needed has no value or one that no electrode
            has, trapped gas lets nothing pass, or there are more kinds of active material than
            PyBaMM takes.
        """
        if row.get("status", "ok") != "ok":
            raise PhysicsFailure(
                "no_electrode", f"the electrode has status {row['status']}: {row['reason']}"
            )
        if len(material.kinds) > MOST_KINDS_IN_CELL:
            raise PhysicsFailure(
                "too_many_kinds",
                f"the electrode has {len(material.kinds)} kinds of active material; PyBaMM takes "
                f"{MOST_KINDS_IN_CELL}",
            )
        needed = (*NEEDED, *OF_TRAPPED_GAS) if trapped_gas else NEEDED
        missing = [name for name in needed if _number(row.get(name)) is None]
        if missing:
            raise PhysicsFailure("no_electrode", f"the electrode has no {', '.join(missing)}")
        values = {name: float(row[name]) for name in needed}
        if trapped_gas:
            values |= _with_gas(values)
        radius_um, spread = particle_radius(material)
        mass_share = _number(row.get("am_pct"))
        fraction = values["am_fraction"]
        if mass_share is None:
            mass_share = 100 * fraction * material.density_g_cm3 / values["density_g_cm3"]
        else:
            fraction = mass_share / 100 * values["density_g_cm3"] / material.density_g_cm3
        try:
            return cls(
                thickness_um=values["thickness_um"],
                density_g_cm3=values["density_g_cm3"],
                porosity=values["porosity_total"],
                tortuosity_factor=values["tortuosity_factor_permeable_cbd"],
                active_fraction=fraction,
                active_mass_fraction=mass_share / 100,
                conductivity_S_m=values["electronic_conductivity_S_m"],
                wetted_share=values["active_surface_pct"] / 100,
                particle_radius_um=radius_um,
                particle_radius_spread=spread,
                simulated_loading_mg_cm2=_number(row.get("mass_loading_mg_cm2")),
                kinds=_kinds(material),
            )
        except InputError as error:  # a share of 0 or 1, a tortuosity factor below 1
            raise PhysicsFailure("no_electrode", str(error)) from error

    @property
    def loading_mg_cm2(self) -> float:
        """Dry mass over area."""
        return self.density_g_cm3 * self.thickness_um / 10

    @property
    def active_loading_mg_cm2(self) -> float:
        """Mass of active material over area."""
        return self.loading_mg_cm2 * self.active_mass_fraction

    @property
    def transport_efficiency(self) -> float:
        """Effective over free diffusivity and conductivity of the electrolyte."""
        return self.porosity / self.tortuosity_factor

    def stacked(self, loading_mg_cm2: float) -> Self:
        """Give the same microstructure another thickness, so that it has a loading.

        Parameters
        ----------
        loading_mg_cm2
            Dry mass over area, above 0.
        """
        if not (loading_mg_cm2 > 0 and math.isfinite(loading_mg_cm2)):
            raise InputError(f"cell: loading_mg_cm2 = {loading_mg_cm2:g}; allowed: above 0")
        return replace(self, thickness_um=10 * loading_mg_cm2 / self.density_g_cm3)


def _with_gas(values: Mapping[str, float]) -> dict[str, float]:
    """Give what trapped gas changes: porosity, transport and wetted surface.

    Gas is in the pores between the beads; the CBD's nanopores are full.
    """
    relative, wetted = values["transport_wetted_relative"], values["surface_wetted_pct"] / 100
    if relative == 0 or wetted == 0:
        raise PhysicsFailure(
            "trapped_gas",
            f"trapped gas ({values['gas_trapped_pct']:.3g} % of the pores) leaves no "
            f"{'transport' if relative == 0 else 'wetted surface'}",
        )
    before = values["porosity_total"]
    porosity = before - values["gas_trapped_pct"] / 100 * values["porosity_bulk"]
    efficiency = before / values["tortuosity_factor_permeable_cbd"] * relative
    return {
        "porosity_total": porosity,
        "tortuosity_factor_permeable_cbd": porosity / efficiency,
        "active_surface_pct": values["active_surface_pct"] * wetted,
    }


def particle_radius(material: ActiveMaterial) -> tuple[float, float]:
    """Sauter radius of the size classes, and the relative spread of the radius by surface.

    Returns
    -------
    tuple
        Radius (um), and standard deviation over mean of the radius where each particle counts by
        its surface; the mean by surface is the Sauter radius.
    """
    return _by_surface(material.diameters_um, material.number_fractions)


def _kinds(material: ActiveMaterial) -> tuple[KindInCell, ...]:
    """Kinds of a material of two, by the classes of each; none of one."""
    if len(material.kinds) < MOST_KINDS_IN_CELL:
        return ()
    masses = mass_shares(material.kinds, "kinds")
    volumes = np.array(
        [m / kind.density_g_cm3 for m, kind in zip(masses, material.kinds, strict=True)]
    )
    return tuple(
        KindInCell(
            name=kind.name,
            volume_share=share,
            particle_radius_um=_by_surface(*kind.classes())[0],
        )
        for kind, share in zip(material.kinds, (volumes / volumes.sum()).tolist(), strict=True)
    )


def _by_surface(
    diameters_um: Sequence[float], number_fractions: Sequence[float]
) -> tuple[float, float]:
    radii = np.array(diameters_um) / 2
    surface = np.array(number_fractions) * radii**2
    surface /= surface.sum()
    mean = float(surface @ radii)
    return mean, math.sqrt(max(float(surface @ radii**2) - mean**2, 0.0)) / mean


def _number(value: Any) -> float | None:
    """Give a value of a row as a number; None where it is missing."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None
