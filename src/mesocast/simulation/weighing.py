"""What is weighed and set on a line to make a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mesocast.config.materials import Materials
    from mesocast.recipe import Recipe

_UM_PER_CM = 1e4


@dataclass(frozen=True)
class Weighing:
    """Masses for 100 g of slurry, and the coat that they make.

    Parameters
    ----------
    active_material_g, carbon_g, binder_g, solvent_g
        Of 100 g of slurry.
    slurry_density_g_cm3
        By ideal mixing: the volumes of the components add up.
    wet_thickness_um
        Of the coat that gives the mass loading.
    mass_loading_mg_cm2
        Dry mass over area.
    """

    active_material_g: float
    carbon_g: float
    binder_g: float
    solvent_g: float
    slurry_density_g_cm3: float
    wet_thickness_um: float
    mass_loading_mg_cm2: float


def weigh(materials: Materials, recipe: Recipe, mass_loading_mg_cm2: float) -> Weighing:
    """Say what to weigh for 100 g of slurry, and how thick to coat it.

    Parameters
    ----------
    materials
        Densities and the mass ratio of carbon to binder.
    recipe
        Composition; the compression rate plays no part.
    mass_loading_mg_cm2
        Dry mass per area.

    Examples
    --------
    >>> from mesocast.config.materials import Materials
    >>> from mesocast.recipe import Recipe
    >>> coat = weigh(Materials(), Recipe(am_pct=90, sc_pct=60), 6.7)
    >>> coat.active_material_g, round(coat.carbon_g, 6), round(coat.binder_g, 6), coat.solvent_g
    (54.0, 3.6, 2.4, 40)
    """
    cbd, solids_g = materials.cbd, recipe.sc_pct
    active_g = solids_g * recipe.am_pct / 100
    ratio = cbd.carbon_to_binder_mass_ratio
    binder_g = (solids_g - active_g) / (1 + ratio)
    carbon_g, solvent_g = ratio * binder_g, 100 - solids_g
    volume_cm3 = (
        active_g / materials.active_material.density_g_cm3
        + carbon_g / cbd.carbon_density_g_cm3
        + binder_g / cbd.binder_density_g_cm3
        + solvent_g / materials.solvent.density_g_cm3
    )
    wet_g_cm2 = 1e-3 * mass_loading_mg_cm2 / (solids_g / 100)
    return Weighing(
        active_material_g=active_g,
        carbon_g=carbon_g,
        binder_g=binder_g,
        solvent_g=solvent_g,
        slurry_density_g_cm3=100 / volume_cm3,
        wet_thickness_um=wet_g_cm2 / (100 / volume_cm3) * _UM_PER_CM,
        mass_loading_mg_cm2=mass_loading_mg_cm2,
    )
