"""Rates at which a full cell gives just enough, found by more discharges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.cell.discharge import CellModel, Discharge
    from mesocast.cell.porous_electrode import PorousElectrode
    from mesocast.cell.stack import Stack

    Known = dict[float, Discharge]

# Charge that counts as kept, over that at C/5, and the rate above which nothing is looked for.
_KEPT = 0.8
_SLOW_RATE_C = 0.2
_HIGHEST_RATE_C = 40.0
# Rates between which the result is interpolated are no further apart than this factor.
_BRACKET = 1.2


@dataclass(frozen=True)
class _Crossing:
    """Two discharges between which something is just enough, and where between their rates."""

    below: Discharge
    above: Discharge
    weight: float

    def between(self, quantity: Callable[[Discharge], float]) -> float:
        """Geometric interpolation of a quantity above 0."""
        low, high = quantity(self.below), quantity(self.above)
        return low * (high / low) ** self.weight if high > 0 else low


def rate_of_80_pct_C(model: CellModel, electrode: PorousElectrode, known: Known) -> float | None:
    """Rate at which a full cell gives 80 % of its charge at C/5.

    Parameters
    ----------
    model, electrode
        The cell.
    known
        Discharges by rate; those that are made besides are added.

    Returns
    -------
    float or None
        None above 40C, or where a discharge has no result; 0 where it gives nothing at C/5.
    """
    if _SLOW_RATE_C not in known:
        return None
    least = _KEPT * known[_SLOW_RATE_C].capacity_Ah_m2
    if least <= 0:
        return 0.0
    found = _crossing(model, electrode, known, lambda run: run.capacity_Ah_m2 - least)
    return None if found is None else found.between(lambda run: run.rate_C)


def power_at_energy_W_L(
    model: CellModel, electrode: PorousElectrode, known: Known, stack: Stack, energy_Wh_L: float
) -> float | None:
    """Highest mean power of the stack at which it still gives an energy.

    Parameters
    ----------
    model, electrode, known
        See ``rate_of_80_pct_C``.
    stack
        Gives the volume.
    energy_Wh_L
        Energy over the volume of the stack.

    Returns
    -------
    float or None
        0 where the stack gives less at any rate, None as for ``rate_of_80_pct_C``.
    """
    if not known or min(known) > _SLOW_RATE_C:
        return None
    least = energy_Wh_L * stack.volume_L_m2
    if known[min(known)].energy_Wh_m2 < least:
        return 0.0
    found = _crossing(model, electrode, known, lambda run: run.energy_Wh_m2 - least)
    # The energy is the same within the bracket, so the power follows the time.
    return None if found is None else found.between(_power) / stack.volume_L_m2


def _power(run: Discharge) -> float:
    return run.mean_power_W_m2


def _crossing(
    model: CellModel,
    electrode: PorousElectrode,
    known: Known,
    margin: Callable[[Discharge], float],
) -> _Crossing | None:
    """Find where a margin, which falls with the rate, falls below 0."""

    def run(rate_C: float) -> bool:
        found = model.discharge(electrode, rate_C)
        if not found.failure:
            known[rate_C] = found
        return not found.failure

    def tried() -> dict[float, Discharge]:
        return {rate: found for rate, found in known.items() if rate <= _HIGHEST_RATE_C}

    while min(map(margin, tried().values())) >= 0:
        fastest = max(tried())
        if fastest == _HIGHEST_RATE_C or not run(min(2 * fastest, _HIGHEST_RATE_C)):
            return None
    while True:
        high = min(rate for rate, found in tried().items() if margin(found) < 0)
        slower = [rate for rate in known if rate < high]
        if not slower:
            return None  # not enough at the slowest rate
        low = max(slower)
        if high <= _BRACKET * low:
            break
        if not run(math.sqrt(low * high)):
            return None
    first, last = margin(known[low]), margin(known[high])
    return _Crossing(known[low], known[high], first / (first - last))
