"""Where a discharge loses its voltage, and what limits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.cell.chemistry import POSITIVE

if TYPE_CHECKING:
    from mesocast.cell.chemistry import Chemistry
    from mesocast.cell.discharge import Discharge


def at_half_discharge_mV(discharge: Discharge) -> dict[str, float]:
    """Overpotentials when half of the charge that this discharge gives is drawn, by name."""
    half_s = discharge.time_s[-1] / 2
    return {
        name: 1e3 * float(np.interp(half_s, discharge.time_s, loss))
        for name, loss in discharge.losses_V.items()
    }


def limited_by(discharge: Discharge) -> str | None:
    """Name of the loss that takes most energy; None where there is no discharge."""
    lost = discharge.lost_Wh_m2
    return max(lost, key=lambda name: lost[name]) if discharge.duration_h else None


def ended_by(discharge: Discharge) -> str | None:
    """Name of the largest loss at the cut-off; None where the stoichiometry window is used up."""
    if not discharge.duration_h or discharge.is_complete:
        return None
    return max(discharge.losses_V, key=lambda name: discharge.losses_V[name][-1])


def open_circuit_energy_Wh_m2(
    chemistry: Chemistry, capacity_Ah_m2: float, charge_Ah_m2: float
) -> float:
    """Energy of a charge drawn from the electrode against lithium without any loss.

    It follows from the open-circuit potential and the charge alone, so a discharge and its losses
    can be held against it.

    Parameters
    ----------
    chemistry
        The materials.
    capacity_Ah_m2
        Charge over the whole stoichiometry window.
    charge_Ah_m2
        Charge that is drawn.
    """
    found = chemistry.section(POSITIVE)
    low, high = found["Minimum stoichiometry"], found["Maximum stoichiometry"]
    potential = chemistry.potential_V(POSITIVE)
    reached = low + (high - low) * charge_Ah_m2 / capacity_Ah_m2
    stoichiometry = np.linspace(low, reached, 2001)
    mean_V = np.trapezoid([potential(x) for x in stoichiometry], stoichiometry) / (reached - low)
    return float(mean_V) * charge_Ah_m2
