"""Energy against power over rates and loadings: the Ragone plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesocast.cell.result import discharge
from mesocast.cell.stack import stack_of
from mesocast.config.cell import CellSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesocast.cell.chemistry import Chemistry
    from mesocast.cell.porous_electrode import PorousElectrode

# Rates of a Ragone plot: close enough to draw a line.
RAGONE_RATES_C = (0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0)


@dataclass(frozen=True)
class RagonePoint:
    """One discharge of a full cell, over the stack's volume and mass.

    Parameters
    ----------
    loading_mg_cm2, rate_C
        Of the positive electrode; of the discharge.
    energy_Wh_L, power_W_L, energy_Wh_kg, power_W_kg
        Energy until the cut-off and its mean over time.
    """

    loading_mg_cm2: float
    rate_C: float
    energy_Wh_L: float
    power_W_L: float
    energy_Wh_kg: float
    power_W_kg: float


def ragone(
    electrode: PorousElectrode,
    chemistry: Chemistry,
    settings: CellSettings | None = None,
    *,
    loadings_mg_cm2: Sequence[float] | None = None,
    rates_C: Sequence[float] = RAGONE_RATES_C,
) -> list[RagonePoint]:
    """Discharge the stacks of an electrode at several loadings and rates.

    Parameters
    ----------
    electrode
        The microstructure; it is stacked to each loading.
    chemistry, settings
        The materials and the rest of the cell.
    loadings_mg_cm2
        None: those of the settings.
    rates_C
        Above 0.

    Returns
    -------
    list
        By loading, then by rate; without discharges that have no result.
    """
    settings = settings or CellSettings()
    points = []
    for loading in loadings_mg_cm2 or settings.ragone_loadings_mg_cm2:
        stacked = electrode.stacked(loading)
        stack = stack_of(stacked, chemistry, settings)
        for rate in rates_C:
            found = discharge(stacked, rate, half=False, chemistry=chemistry, settings=settings)
            if found.failure:
                continue
            points.append(
                RagonePoint(
                    loading,
                    rate,
                    found.energy_Wh_m2 / stack.volume_L_m2,
                    found.mean_power_W_m2 / stack.volume_L_m2,
                    found.energy_Wh_m2 / stack.mass_kg_m2,
                    found.mean_power_W_m2 / stack.mass_kg_m2,
                )
            )
    return points


def energy_at_power(points: Sequence[RagonePoint], power_W_L: float) -> float:
    """Largest energy (Wh/L) that some point gives at a power (W/L) at least; 0 where none does."""
    return max((p.energy_Wh_L for p in points if p.power_W_L >= power_W_L), default=0.0)
