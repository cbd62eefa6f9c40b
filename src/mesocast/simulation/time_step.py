r"""The longest time step that follows the stiffest contact of a film.

Explicit integration of a vibration of angular frequency :math:`\omega` and damping ratio
:math:`\zeta` is stable below :math:`2/\omega\,(\sqrt{1 + \zeta^2} - \zeta)` (Belytschko, Liu and
Moran, Nonlinear Finite Elements (2000), section 6.2). The stiffest vibration of a film is that of
its lightest beads in their stiffest contact. Along the line of centres two beads vibrate at
:math:`\omega_n^2 = k_n / m_{eff}`; across it they roll, and a sphere's moment of inertia makes that
:math:`\omega_t^2 = 3.5\,k_t / m_{eff}` (O'Sullivan and Bray, Eng. Comput. 21 (2004) 278); what
damps there is bounded by friction and left out. Stiffness is taken where attraction and contact of
the pair balance, since small beads stick together more deeply than large ones, and at an overlap of
5 % at least, into which pressure and impacts bring them.

A bead has several contacts at once, and pressed films are stiffer than resting ones; so a step may
be half of the critical one (`SHARE_OF_CRITICAL`; tried in docs/physics.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.simulation.engine.attraction import Attraction, attractions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.config.campaign import Campaign
    from mesocast.config.force_fields import ForceField, Hertz
    from mesocast.electrode import Electrode
    from mesocast.simulation.composition import Composition

#: Share of the critical time step that a simulation may use.
SHARE_OF_CRITICAL = 0.5
# Overlap over the smaller diameter that every contact may reach.
_LEAST_OVERLAP = 0.05
# Inertia of a rolling sphere: 1/m + r^2/I = 3.5/m with I = 2/5 m r^2.
_ROLLING = 3.5
# Distances over that of contact among which the balance of a pair is sought.
_DISTANCES = np.linspace(0.4, 1.0, 2401)


@dataclass(frozen=True)
class Beads:
    """Kinds of beads in a film.

    Parameters
    ----------
    active_material_um, active_material_pg
        Diameter and mass of each size class, shape (classes,).
    cbd_um, cbd_pg, cbd_dry_um
        Diameter and mass of a CBD bead as it is, and its diameter when dry.
    """

    active_material_um: NDArray[np.float64]
    active_material_pg: NDArray[np.float64]
    cbd_um: float
    cbd_pg: float
    cbd_dry_um: float

    @classmethod
    def of_composition(cls, composition: Composition, solvent_share: float) -> Self:
        """Beads of a recipe whose CBD holds this share of its solvent."""
        volumes = np.pi / 6 * composition.diameters_um**3
        diameter_um, mass_pg = composition.cbd_bead(solvent_share)
        return cls(
            composition.diameters_um,
            composition.densities_g_cm3 * volumes,
            diameter_um,
            mass_pg,
            composition.cbd_dry_diameter_um,
        )

    @classmethod
    def of_film(cls, film: Electrode, cbd_dry_um: float) -> Self:
        """Beads of a film that holds both species."""
        active = film.species == ACTIVE_MATERIAL
        _, first = np.unique(np.round(2 * film.radii_um[active], 9), return_index=True)
        bead = int(np.flatnonzero(film.species == CBD)[0])
        return cls(
            2 * film.radii_um[active][first],
            film.masses_pg[active][first],
            2 * float(film.radii_um[bead]),
            float(film.masses_pg[bead]),
            cbd_dry_um,
        )


def time_step_us(
    configured_ns: float,
    beads: Beads,
    force_field: ForceField,
    *,
    inertia_share: float = 0.0,
) -> float:
    """Time step of a simulation: the configured one, or a shorter one where its beads need it.

    Parameters
    ----------
    configured_ns
        What the config asks for.
    beads
        The lightest beads of the simulation.
    force_field
        Forces between them.
    inertia_share
        As in `mesocast.config.simulation.Motion`.
    """
    least_pg = inertia_share * float(beads.active_material_pg.min())
    allowed_us = SHARE_OF_CRITICAL * critical_step_us(beads, force_field, least_pg)
    return min(configured_ns * 1e-3, allowed_us)


def time_steps_ns(campaign: Campaign, composition: Composition) -> dict[str, tuple[float, float]]:
    """Time steps of the stages for one recipe.

    Returns
    -------
    dict
        Per key of the config: what it asks for, and the shortest step that is used, in ns.
    """
    fields, drying = campaign.force_fields, campaign.drying
    wet, residual, dry = (
        Beads.of_composition(composition, share) for share in (1.0, drying.residual_solvent, 0.0)
    )
    motions = {
        "slurry.motion": (campaign.slurry.motion, wet, fields.slurry),
        "drying.wet_motion": (drying.wet_motion, residual, fields.consolidating),
        "drying.motion": (drying.motion, dry, fields.dried),
        "calendering.motion": (campaign.calendering.motion, dry, fields.dried),
    }
    found = {
        f"{key}.time_step_ns": (
            motion.time_step_ns,
            1e3
            * time_step_us(motion.time_step_ns, beads, field, inertia_share=motion.inertia_share),
        )
        for key, (motion, beads, field) in motions.items()
    }
    step_ns = drying.shrink_time_step_ns
    found["drying.shrink_time_step_ns"] = (
        step_ns,
        1e3 * time_step_us(step_ns, residual, fields.slurry),
    )
    return found


def critical_step_us(beads: Beads, force_field: ForceField, least_inertia_pg: float = 0.0) -> float:
    """Step beyond which the stiffest contact between two beads or with a plane diverges, in us.

    Parameters
    ----------
    beads
        Kinds of beads.
    force_field
        Forces between them and with the planes.
    least_inertia_pg
        Beads lighter than this move as if they had this mass.
    """
    factor = force_field.active_material_contact_factor
    diameters = np.append(factor * beads.active_material_um, beads.cbd_um)
    masses = np.maximum(np.append(beads.active_material_pg, beads.cbd_pg), least_inertia_pg)
    last = len(masses) - 1
    between_active = force_field.active_material_hertz or force_field.hertz
    adhesion = force_field.collector_adhesion
    shortest = math.inf
    for pair in attractions(force_field, beads.active_material_um.tolist(), beads.cbd_dry_um):
        a, b = pair.first, pair.second
        contact = force_field.hertz if b == last else between_active
        reduced_um = diameters[a] * diameters[b] / (diameters[a] + diameters[b]) / 2
        touching_um, smaller_um = (diameters[a] + diameters[b]) / 2, min(diameters[[a, b]])
        mass_pg = masses[a] * masses[b] / (masses[a] + masses[b])
        step_us = _critical_us(pair, contact, mass_pg, reduced_um, touching_um, smaller_um)
        shortest = min(shortest, step_us)
        if a == b:
            # The collector attracts a bead as its mirror image does, at any distance here; a plane
            # does not move.
            mirror = Attraction(a, a, adhesion * pair.epsilon_fJ, pair.sigma_um / 2, math.inf)
            radius_um = diameters[a] / 2
            step_us = _critical_us(
                mirror, force_field.wall, masses[a], radius_um, radius_um, diameters[a]
            )
            shortest = min(shortest, step_us)
    return shortest


def _critical_us(
    attraction: Attraction,
    contact: Hertz,
    mass_pg: float,
    reduced_um: float,
    touching_um: float,
    smaller_um: float,
) -> float:
    """Critical time step of one contact.

    Parameters
    ----------
    attraction, contact
        What pulls and what pushes.
    mass_pg
        Reduced mass.
    reduced_um
        Radius of Hertz' formula.
    touching_um
        Distance at which contact begins.
    smaller_um
        Diameter of the smaller bead.
    """
    distances = touching_um * _DISTANCES
    overlaps = touching_um - distances
    push = contact.normal_stiffness_kPa * np.sqrt(reduced_um) * overlaps**1.5
    balanced = distances[push + _lennard_jones_force(attraction, distances) >= 0]
    at_um = min(
        float(balanced.max(initial=distances[0])), touching_um - _LEAST_OVERLAP * smaller_um
    )
    patch_um = math.sqrt(reduced_um * (touching_um - at_um))
    hertz = contact.normal_stiffness_kPa * patch_um
    sixth = (attraction.sigma_um / at_um) ** 6
    curvature = 24 * attraction.epsilon_fJ / at_um**2 * (26 * sixth**2 - 7 * sixth)
    normal_1_us = math.sqrt((1.5 * hertz + max(curvature, 0.0)) / mass_pg)
    rolling = _ROLLING * contact.tangential_to_normal_stiffness * hertz / mass_pg
    damping = contact.normal_damping_1_um_us * patch_um / (2 * normal_1_us)
    normal_us = 2 / normal_1_us * (math.sqrt(1 + damping**2) - damping)
    return min(normal_us, 2 / math.sqrt(rolling)) if rolling > 0 else normal_us


def _lennard_jones_force(
    attraction: Attraction, distances_um: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shifted force within the range, positive where it pushes, in nN."""

    def plain(distance: NDArray[np.float64]) -> NDArray[np.float64]:
        sixth = (attraction.sigma_um / distance) ** 6
        return np.asarray(24 * attraction.epsilon_fJ / distance * (2 * sixth**2 - sixth))

    shifted = plain(distances_um) - plain(np.array(attraction.cutoff_um))
    return np.where(distances_um < attraction.cutoff_um, shifted, 0.0)
