"""From a recipe to beads: how many, how large, how heavy, and in how large a film."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.config.particle_sizes import by_volume, mass_shares
from mesocast.electrode import ACTIVE_MATERIAL
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mesocast.config.campaign import Campaign
    from mesocast.config.materials import ActiveMaterial, Materials
    from mesocast.electrode import Electrode

PG_PER_UG = 1e6
UM2_PER_CM2 = 1e8


@dataclass(frozen=True)
class Composition:
    """The beads of one film.

    Densities in g/cm3 and pg/um3 are the same number; so are masses in pg and volumes in um3 times
    a density in g/cm3.

    Parameters
    ----------
    diameters_um
        Diameter of each size class of the active material, shape (classes,).
    counts
        Particles in each size class, shape (classes,).
    densities_g_cm3
        Density of the particles in each size class, shape (classes,).
    active_material_mass_pg
        Mass of all active material.
    cbd_count
        CBD beads.
    cbd_dry_mass_pg, cbd_wet_mass_pg
        Mass of one CBD bead without and with its share of the solvent.
    cbd_dry_diameter_um, cbd_wet_diameter_um
        Diameter of one CBD bead; the wet one holds carbon, binder and solvent without void.
    area_um2
        Area of the film: dry mass over mass loading.
    """

    diameters_um: NDArray[np.float64]
    counts: NDArray[np.int64]
    densities_g_cm3: NDArray[np.float64]
    active_material_mass_pg: float
    cbd_count: int
    cbd_dry_mass_pg: float
    cbd_wet_mass_pg: float
    cbd_dry_diameter_um: float
    cbd_wet_diameter_um: float
    area_um2: float

    @property
    def dry_mass_pg(self) -> float:
        """Mass of the dried film."""
        return self.active_material_mass_pg + self.cbd_count * self.cbd_dry_mass_pg

    @property
    def wet_mass_pg(self) -> float:
        """Mass of the slurry film."""
        return self.active_material_mass_pg + self.cbd_count * self.cbd_wet_mass_pg

    @property
    def am_pct(self) -> float:
        """Active material in the dry solids as built, wt %."""
        return 100 * self.active_material_mass_pg / self.dry_mass_pg

    @property
    def sc_pct(self) -> float:
        """Solids in the slurry as built, wt %."""
        return 100 * self.dry_mass_pg / self.wet_mass_pg

    def cbd_bead(self, solvent_share: float) -> tuple[float, float]:
        """Diameter (um) and mass (pg) of a CBD bead with this share of its solvent."""
        dry_um3, wet_um3 = self.cbd_dry_diameter_um**3, self.cbd_wet_diameter_um**3
        return (
            float(dry_um3 + solvent_share * (wet_um3 - dry_um3)) ** (1 / 3),
            self.cbd_dry_mass_pg + solvent_share * (self.cbd_wet_mass_pg - self.cbd_dry_mass_pg),
        )

    def beads_volume_um3(self, solvent_share: float) -> float:
        """Volume of all beads, with this share of the solvent in the CBD."""
        diameter_um, _ = self.cbd_bead(solvent_share)
        return float(
            (self.counts * np.pi / 6 * self.diameters_um**3).sum()
            + self.cbd_count * np.pi / 6 * diameter_um**3
        )

    @property
    def slurry_volume_um3(self) -> float:
        """Volume of the slurry by ideal mixing: the beads' volumes add up."""
        return self.beads_volume_um3(1.0)

    @property
    def slurry_density_g_cm3(self) -> float:
        """Density of the slurry by ideal mixing."""
        return self.wet_mass_pg / self.slurry_volume_um3

    @property
    def slurry_thickness_um(self) -> float:
        """Thickness of the wet film by ideal mixing."""
        return self.slurry_volume_um3 / self.area_um2

    @property
    def mass_loading_mg_cm2(self) -> float:
        """Dry mass over area."""
        return self.dry_mass_pg / self.area_um2 * UM2_PER_CM2 / (1e3 * PG_PER_UG)

    @property
    def lateral_um(self) -> float:
        """Side of the square film."""
        return float(np.sqrt(self.area_um2))


def _class_counts(
    masses_pg: NDArray[np.float64], fractions: NDArray[np.float64], total_pg: float
) -> NDArray[np.int64]:
    """Whole particles per size class whose mass meets the total as closely as whole ones can.

    The large classes follow the distribution; what rounding leaves over is filled from the largest
    class that still fits downwards, so that the error is below half the smallest particle.
    """
    number = total_pg / float(fractions @ masses_pg)
    counts = np.floor(fractions * number).astype(np.int64)
    left = total_pg - float(counts @ masses_pg)
    for index in np.argsort(-masses_pg):
        smallest = masses_pg[index] == masses_pg.min()
        more = round(left / masses_pg[index]) if smallest else int(left // masses_pg[index])
        counts[index] += more
        left -= more * masses_pg[index]
    return counts


def size_errors_pct(active_material: ActiveMaterial, composition: Composition) -> dict[str, float]:
    """How far a film's particles are from the size distribution that they stand for.

    Size classes and whole particles both count; a small film holds few of its largest particles.

    Returns
    -------
    dict
        Relative error of the mean diameter by volume, ``D[4,3]``, and of the surface per volume,
        ``specific surface``, in per cent.
    """
    wanted_um, wanted = active_material.sizes_by_volume()
    made_um, made = by_volume(composition.diameters_um.tolist(), composition.counts)
    return {
        "D[4,3]": 100 * float((made @ made_um) / (wanted @ wanted_um) - 1),
        "specific surface": 100 * float((made / made_um).sum() / (wanted / wanted_um).sum() - 1),
    }


def share_error_points(active_material: ActiveMaterial, composition: Composition) -> float:
    """How far a kind's share of the mass is from the one asked for, at most, in per cent points.

    Whole particles cannot meet it in a small film; 0 for a material of one kind.
    """
    if not active_material.kinds:
        return 0.0
    kinds = np.array(active_material.kind_of_class)
    masses = composition.counts * composition.diameters_um**3 * composition.densities_g_cm3
    made = np.bincount(kinds, masses, minlength=len(active_material.kinds)) / masses.sum()
    wanted = mass_shares(active_material.kinds, "kinds")
    return 100 * float(np.abs(made - wanted).max())


def solid_density_g_cm3(materials: Materials, film: Electrode) -> float:
    """Mean density of a dried film's solids, without pores and without those inside the CBD."""
    of_active = film.species == ACTIVE_MATERIAL
    active_pg, cbd_pg = film.masses_pg[of_active].sum(), film.masses_pg[~of_active].sum()
    volume_um3 = (
        active_pg / materials.active_material.density_g_cm3
        + cbd_pg / materials.cbd.solid_density_g_cm3
    )
    return float((active_pg + cbd_pg) / volume_um3)


def porosity_by_mass(materials: Materials, film: Electrode, thickness_um: float) -> float:
    """Total porosity by mass, thickness and solids, as a line tells it: overlaps count twice."""
    density = film.mass_pg / film.area_um2 / thickness_um  # pg/um3 is g/cm3
    return 1 - density / solid_density_g_cm3(materials, film)


def composition_of(campaign: Campaign, recipe: Mapping[str, Any]) -> Composition:
    """Beads of a campaign's film of a recipe, by its columns ``am_pct`` and ``sc_pct``.

    Errors are those of `compose`.
    """
    return compose(
        campaign.materials,
        am_pct=recipe["am_pct"],
        sc_pct=recipe["sc_pct"],
        mass_ug=campaign.electrode.mass_ug,
        mass_loading_mg_cm2=campaign.electrode.mass_loading_mg_cm2,
    )


def compose(
    materials: Materials,
    *,
    am_pct: float,
    sc_pct: float,
    mass_ug: float,
    mass_loading_mg_cm2: float,
) -> Composition:
    """Turn a recipe into the beads of a film of about the given dry mass.

    Active material comes in whole particles; CBD is then added to the exact recipe, and the area
    follows from the exact mass and the mass loading.

    Raises
    ------
    InputError
        The mass is too small for one particle of every size class, or the film is so small that
        the largest particle would touch its own periodic image.
    """
    active, cbd = materials.active_material, materials.cbd
    diameters = np.array(active.diameters_um)
    densities = np.array(active.class_densities_g_cm3)
    masses = np.pi / 6 * diameters**3 * densities
    fractions = np.array(active.number_fractions) / sum(active.number_fractions)
    counts = _class_counts(masses, fractions, am_pct / 100 * mass_ug * PG_PER_UG)
    if counts.min() < 1:
        least = float(fractions @ masses / fractions.min()) / (am_pct / 100) / PG_PER_UG
        raise InputError(
            f"electrode.mass_ug = {mass_ug:g}: too small to hold one particle of each size class; "
            f"allowed: at least {least:.2g}, or smaller diameters_um"
        )
    active_mass = float(counts @ masses)
    dry_volume = np.pi / 6 * cbd.dry_diameter_um**3
    dry_mass = dry_volume * (1 - cbd.nanoporosity) * cbd.solid_density_g_cm3
    count = round(active_mass * (100 - am_pct) / am_pct / dry_mass)
    if count < 1:
        raise InputError(f"electrode.mass_ug = {mass_ug:g}: too small to hold one CBD bead")
    solids = active_mass + count * dry_mass
    solvent = solids * (100 - sc_pct) / sc_pct / count
    wet_volume = dry_mass / cbd.solid_density_g_cm3 + solvent / materials.solvent.density_g_cm3
    area = solids / (mass_loading_mg_cm2 * 1e3 * PG_PER_UG / UM2_PER_CM2)
    if np.sqrt(area) < 1.2 * diameters.max():
        least = mass_ug * (1.2 * float(diameters.max())) ** 2 / area
        raise InputError(
            f"electrode.mass_ug = {mass_ug:g}: the film would be {np.sqrt(area):.3g} um wide; "
            f"allowed: at least 1.2 of the largest particle ({diameters.max():g} um), which "
            f"{least:.2g} ug give, or a smaller mass_loading_mg_cm2"
        )
    return Composition(
        diameters_um=diameters,
        counts=counts,
        densities_g_cm3=densities,
        active_material_mass_pg=active_mass,
        cbd_count=count,
        cbd_dry_mass_pg=dry_mass,
        cbd_wet_mass_pg=dry_mass + solvent,
        cbd_dry_diameter_um=cbd.dry_diameter_um,
        cbd_wet_diameter_um=float((6 / np.pi * wet_volume) ** (1 / 3)),
        area_um2=area,
    )
