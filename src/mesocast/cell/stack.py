"""Mass and volume of the stack that a positive electrode is part of, over its area.

One pair of electrodes with its separator, the electrolyte in all pores, and half of each foil,
which carries a coating on its other side too. Tabs and the case are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesocast.cell.chemistry import NEGATIVE
from mesocast.cell.parameters import negative_thickness_um, separator_of

if TYPE_CHECKING:
    from mesocast.cell.chemistry import Chemistry
    from mesocast.cell.porous_electrode import PorousElectrode
    from mesocast.config.cell import CellSettings

_ALUMINIUM_G_CM3 = 2.70
_COPPER_G_CM3 = 8.96


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Thickness (um) and mass (mg/cm2) of each layer of one pair of electrodes.

    Parameters
    ----------
    thickness_um, mass_mg_cm2
        By layer; the electrolyte has mass and no thickness.
    electrolyte_uL_cm2
        Volume of all pores over area.
    """

    thickness_um: dict[str, float]
    mass_mg_cm2: dict[str, float]
    electrolyte_uL_cm2: float

    @property
    def volume_L_m2(self) -> float:
        """Volume over area."""
        return 1e-3 * sum(self.thickness_um.values())

    @property
    def mass_kg_m2(self) -> float:
        """Mass over area."""
        return 1e-2 * sum(self.mass_mg_cm2.values())


def stack_of(electrode: PorousElectrode, chemistry: Chemistry, settings: CellSettings) -> Stack:
    """Build the stack around a positive electrode."""
    asked, negative = settings.stack, chemistry.section(NEGATIVE)
    separator = separator_of(chemistry, settings)
    negative_um = negative_thickness_um(electrode, chemistry, settings.np_ratio)
    active = chemistry.active_fraction(NEGATIVE)
    inactive = max(0.0, 1 - negative["Porosity"] - active)
    negative_g_cm3 = (
        active * asked.negative_active_density_g_cm3
        + inactive * asked.negative_inactive_density_g_cm3
    )
    electrolyte_uL_cm2 = 0.1 * (
        electrode.porosity * electrode.thickness_um
        + separator["porosity"] * separator["thickness_um"]
        + negative["Porosity"] * negative_um
    )
    thickness_um = {
        "aluminium foil": asked.aluminium_foil_um / 2,
        "positive coating": electrode.thickness_um,
        "separator": separator["thickness_um"],
        "negative coating": negative_um,
        "copper foil": asked.copper_foil_um / 2,
    }
    densities_g_cm3 = {
        "aluminium foil": _ALUMINIUM_G_CM3,
        "positive coating": electrode.density_g_cm3,
        "separator": (1 - separator["porosity"]) * settings.separator.density_g_cm3,
        "negative coating": negative_g_cm3,
        "copper foil": _COPPER_G_CM3,
    }
    return Stack(
        thickness_um=thickness_um,
        mass_mg_cm2={
            **{name: 0.1 * thickness_um[name] * rho for name, rho in densities_g_cm3.items()},
            "electrolyte": electrolyte_uL_cm2 * asked.electrolyte_density_g_cm3,
        },
        electrolyte_uL_cm2=electrolyte_uL_cm2,
    )
