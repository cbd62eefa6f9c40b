"""Electrodes of two active materials: their phases in PyBaMM, and at which potential both rest.

Both kinds touch the same electrolyte and the same network of electrons, and share one potential
where no current flows; each has its own particles, open-circuit potential, diffusivity and reaction
rate (PyBaMM's composite electrodes: Ai et al., J. Power Sources 527 (2022) 231142). PyBaMM's own
open-circuit voltage is that of the first kind alone, so that of both is calculated here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mesocast.cell.chemistry import POSITIVE
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.cell.chemistry import Chemistry

# Charged, both rest at one potential, to this.
_SAME_V = 0.02
# Points of each open-circuit potential, and how far it is followed beyond its window.
_POINTS, _BEYOND = 2001, 0.1
_EDGE = 1e-4


class Phase(NamedTuple):
    """What PyBaMM writes before the parameters and within the variables of a kind."""

    parameters: str
    variables: str


_PHASES = (Phase("Primary: ", "primary "), Phase("Secondary: ", "secondary "))


def phases_of(chemistry: Chemistry) -> dict[str, Phase]:
    """Phases of the positive electrode by the name of the kind; of one material without a name."""
    names = list(chemistry.particles(POSITIVE))
    if len(names) == 1:
        return {names[0]: Phase("", "")}
    return dict(zip(names, _PHASES, strict=True))


def check_kinds(chemistry: Chemistry, kinds: Sequence[str]) -> None:
    """Refuse a chemistry of other materials than those of an electrode.

    Parameters
    ----------
    chemistry
        Gives the materials of the positive electrode.
    kinds
        Names of the electrode's kinds; none for an electrode of one material.

    Raises
    ------
    InputError
        The one is a blend and the other is not, their names differ, or the kinds of the file rest
        at two potentials when charged.
    """
    names = list(chemistry.particles(POSITIVE))
    known, own = " and ".join(names), " and ".join(kinds)
    if not kinds and len(names) > 1:
        raise InputError(
            f"{POSITIVE}: is a blend of {known}, and the electrode has one active material; "
            "allowed: a file of one material, or materials.active_material.kinds"
        )
    if kinds and len(names) == 1:
        raise InputError(
            f"{chemistry.title}: {POSITIVE}: is one material, and the electrode is of {own}; "
            f"allowed: a BPX file in cell.chemistry with {own} in {POSITIVE}.Particle, or "
            "cell.enabled = false"
        )
    if kinds and set(names) != set(kinds):
        raise InputError(
            f"{POSITIVE}.Particle: has {known}, and the electrode is of {own}; allowed: a "
            "particle with the name of each kind"
        )
    if kinds:
        charged = {
            name: chemistry.potential_V(POSITIVE, name)(particle["Minimum stoichiometry"])
            for name, particle in chemistry.particles(POSITIVE).items()
        }
        if max(charged.values()) - min(charged.values()) > _SAME_V:
            told = ", ".join(f"{name} at {value:.3f} V" for name, value in charged.items())
            raise InputError(
                f"{POSITIVE}.Particle: charged to its minimum stoichiometry, {told}; allowed: one "
                f"potential, to {1e3 * _SAME_V:g} mV"
            )


def equilibrium_V(
    chemistry: Chemistry, volume_shares: Mapping[str, float]
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Potential at which the kinds of the positive electrode rest together.

    Parameters
    ----------
    chemistry
        Their open-circuit potentials and stoichiometry windows.
    volume_shares
        Share of each kind in the volume of active material.

    Returns
    -------
    Callable
        Potential over the charge drawn since both were charged, as a share of the windows of both.
    """
    curves, charges = [], []
    for name, share in volume_shares.items():
        particle, potential = (
            chemistry.particles(POSITIVE)[name],
            chemistry.potential_V(POSITIVE, name),
        )
        low, high = particle["Minimum stoichiometry"], particle["Maximum stoichiometry"]
        more = _BEYOND * (high - low)
        x = np.linspace(max(low - more, _EDGE), min(high + more, 1 - _EDGE), _POINTS)
        # A fit may wiggle where the potential is flat; at rest it cannot rise.
        falling = np.minimum.accumulate([potential(value) for value in x])
        curves.append((falling, (x - low) / (high - low)))
        charges.append(share * chemistry.capacity_Ah_m3(POSITIVE, name))
    weights = np.array(charges) / sum(charges)
    # Plateaus are resolved, since the potentials of all points are among those looked at.
    potentials = np.unique(np.concatenate([falling for falling, _ in curves]))[::-1]
    drawn = sum(
        weight * np.interp(-potentials, -falling, used)
        for weight, (falling, used) in zip(weights, curves, strict=True)
    )
    charge = np.asarray(drawn)
    return lambda share: np.interp(share, charge, potentials)


def variables_of(phase: Phase) -> tuple[str, str]:
    """PyBaMM's names of a kind's reaction overpotential and of its surfaces' potential."""
    electrode = f"X-averaged positive electrode {phase.variables}"
    return f"{electrode}reaction overpotential [V]", f"{electrode}open-circuit potential [V]"


def losses_of_kinds(
    chemistry: Chemistry,
    volume_shares: Mapping[str, float],
    curve: Callable[[str], NDArray[np.float64]],
    drawn: NDArray[np.float64],
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Potential of a blend at rest, and the losses at and in its particles.

    The electrode's potential is that of each kind's surface and its reaction overpotential, so also
    their mean by capacity. What the surfaces are below the potential at which both kinds would rest
    with the same charge is diffusion, and that one kind runs ahead of the other.

    Parameters
    ----------
    chemistry, volume_shares
        See `equilibrium_V`.
    curve
        Gives a variable of the solution over time, shape (n,).
    drawn
        Charge, as a share of the stoichiometry windows, shape (n,).

    Returns
    -------
    tuple
        The potential, and the losses ``reaction`` and ``particle``, each of shape (n,), in V.
    """
    at_rest, phases = equilibrium_V(chemistry, volume_shares)(drawn), phases_of(chemistry)
    charges = {k: s * chemistry.capacity_Ah_m3(POSITIVE, k) for k, s in volume_shares.items()}
    reaction, surface = np.zeros(len(drawn)), np.zeros(len(drawn))
    for kind, charge in charges.items():
        overpotential, potential = map(curve, variables_of(phases[kind]))
        reaction -= charge / sum(charges.values()) * overpotential
        surface += charge / sum(charges.values()) * potential
    return at_rest, {"reaction": reaction, "particle": at_rest - surface}
