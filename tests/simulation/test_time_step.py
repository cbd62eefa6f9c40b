"""The time step follows the stiffest contact."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.campaign.costs import Costs, describe
from mesocast.config.campaign import Campaign
from mesocast.config.force_fields import ForceField, Hertz, LennardJones
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import PhysicsFailure
from mesocast.simulation.composition import compose
from mesocast.simulation.engine.film import FilmSimulation
from mesocast.simulation.time_step import (
    SHARE_OF_CRITICAL,
    Beads,
    critical_step_us,
    time_step_us,
    time_steps_ns,
)

if TYPE_CHECKING:
    from mesocast.simulation.composition import Composition

CONFIGS = sorted(Path("config").glob("*.yaml"))
LFP: dict[str, Any] = {
    "campaign": "lfp",
    "electrode": {"mass_ug": 0.001},
    "materials": {
        "active_material": {
            "density_g_cm3": 3.6,
            "diameters_um": [1.0, 1.5, 2.0],
            "number_fractions": [0.3, 0.4, 0.3],
        },
        "cbd": {"dry_diameter_um": 0.8},
    },
    "characterization": {"voxel_size_um": 0.2},
}


def _film(campaign: Campaign, sc_pct: float) -> Composition:
    electrode = campaign.electrode.model_dump()
    electrode["mass_ug"] = max(electrode["mass_ug"], 0.02)
    return compose(
        campaign.materials, am_pct=campaign.design.am_pct.max, sc_pct=sc_pct, **electrode
    )


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_steps_of_shipped_campaigns_stay_as_configured(path: Path) -> None:
    campaign = load(path)
    for sc_pct in (campaign.design.sc_pct.min, campaign.design.sc_pct.max):
        for key, (asked, used) in time_steps_ns(campaign, _film(campaign, sc_pct)).items():
            assert used == pytest.approx(asked, rel=1e-15), key


def test_small_particles_shorten_the_steps_of_stiff_films() -> None:
    campaign = Campaign.model_validate(LFP)
    found = time_steps_ns(campaign, _film(campaign, 60.0))
    asked, used = found["drying.motion.time_step_ns"]
    assert used < 0.4 * asked
    assert found["slurry.motion.time_step_ns"][0] == found["slurry.motion.time_step_ns"][1]
    told = describe(campaign)
    assert f"drying.motion.time_step_ns {used:.2g} instead of {asked:g}" in told
    assert "time steps" not in describe(Campaign.model_validate({"campaign": "nmc"}))


def test_shorter_steps_are_counted_in_the_cost() -> None:
    campaign = Campaign.model_validate(LFP)
    costs = Costs(campaign)
    asked, used = costs.time_steps_ns["calendering.motion.time_step_ns"]
    name = costs.plan.slurries[0].slurry_id
    thousand = costs.size(name).thousand_beads
    assert costs.units("calendering", name) == pytest.approx(thousand * 2.0 / used)
    assert used < asked


def _field(**hertz: float) -> ForceField:
    none = LennardJones(epsilon_fJ_um=0, sigma_per_diameter=0.8, cutoff_per_diameter=1.2)
    contact = Hertz(
        **{
            "normal_stiffness_kPa": 1e4,
            "tangential_to_normal_stiffness": 0,
            "normal_damping_1_um_us": 0,
            "tangential_to_normal_damping": 0,
            "friction": 0,
            **hertz,
        }
    )
    soft = contact.model_copy(update={"normal_stiffness_kPa": 1.0, "normal_damping_1_um_us": 0.0})
    return ForceField(
        active_material=none, cbd=none, hertz=contact, wall=soft, collector_adhesion=0
    )


def _beads(scale: float = 1.0, density: float = 4.0) -> Beads:
    mass = density * np.pi / 6 * (2.0 * scale) ** 3
    return Beads(np.array([2.0 * scale]), np.array([mass]), 2.0 * scale, mass, 2.0 * scale)


def test_two_equal_spheres_have_the_step_of_their_vibration() -> None:
    # Hertz: k_n = 3/2 K sqrt(R_eff overlap), with R_eff = 0.5 um and 5 % of 2 um overlap.
    stiffness = 1.5 * 1e4 * np.sqrt(0.5 * 0.1)
    mass = float(_beads().active_material_pg[0]) / 2
    assert critical_step_us(_beads(), _field()) == pytest.approx(2 / np.sqrt(stiffness / mass))


def test_rolling_and_damping_shorten_it() -> None:
    plain = critical_step_us(_beads(), _field())
    rolling = critical_step_us(_beads(), _field(tangential_to_normal_stiffness=1.5))
    assert rolling == pytest.approx(plain / np.sqrt(3.5))  # k_t = k_n here
    damped = critical_step_us(_beads(), _field(normal_damping_1_um_us=1e4))
    assert damped == pytest.approx(2 / (1e4 * np.sqrt(0.05)), rel=1e-3)  # only what damps is left


@pytest.mark.parametrize(
    ("beads", "field", "factor"),
    [
        (_beads(0.5), _field(), 0.5),
        (_beads(density=1.0), _field(), 0.5),
        (_beads(), _field(normal_stiffness_kPa=4e4), 0.5),
        (_beads(3.0), _field(), 3.0),
    ],
    ids=["half the size", "a quarter of the mass", "four times stiffer", "three times the size"],
)
def test_step_scales_with_size_mass_and_stiffness(
    beads: Beads, field: ForceField, factor: float
) -> None:
    plain = critical_step_us(_beads(), _field())
    assert critical_step_us(beads, field) == pytest.approx(factor * plain, rel=1e-6)
    assert time_step_us(1e6, beads, field) == pytest.approx(SHARE_OF_CRITICAL * factor * plain)
    assert time_step_us(1e-3, beads, field) == 1e-6


def test_heavier_inertia_allows_a_longer_step() -> None:
    plain = critical_step_us(_beads(), _field())
    heavy = critical_step_us(_beads(), _field(), 9 * float(_beads().active_material_pg[0]))
    assert heavy == pytest.approx(3 * plain)


def test_balance_of_attraction_decides_where_it_is_deeper() -> None:
    field = _field()
    sticky = LennardJones(epsilon_fJ_um=5000, sigma_per_diameter=0.78, cutoff_per_diameter=1.2)
    stuck = field.model_copy(update={"active_material": sticky})
    assert critical_step_us(_beads(), stuck) < 0.5 * critical_step_us(_beads(), field)


def test_a_pair_diverges_beyond_its_critical_step() -> None:
    """Two beads that stick together vibrate in LAMMPS as the formula says."""
    apart_um, found_um = _vibrated(0.9)
    assert abs(found_um - apart_um) < 2e-3
    with pytest.raises(PhysicsFailure, match="particles_lost"):
        _vibrated(1.1)


def _vibrated(share: float) -> tuple[float, float]:
    """Distance of a pair in balance, and after 500 steps of this share of the critical one."""
    field = _field().model_copy(
        update={
            "active_material": LennardJones(
                epsilon_fJ_um=5000, sigma_per_diameter=0.78, cutoff_per_diameter=1.2
            )
        }
    )
    beads = _beads()
    step_us = share * critical_step_us(beads, field)
    apart_um = _balance_um(field)
    middle = np.array([10.0, 10.0, 10.0])
    offset = np.array([apart_um / 2 + 1e-4, 0.0, 0.0])
    mass = float(beads.active_material_pg[0])
    film = Electrode(
        positions_um=np.array([middle - offset, middle + offset, [2.0, 2.0, 3.0]]),
        radii_um=np.ones(3),
        species=np.array([ACTIVE_MATERIAL, ACTIVE_MATERIAL, CBD]),
        masses_pg=np.full(3, mass),
        lateral_um=(20.0, 20.0),
    )
    with FilmSimulation(
        film,
        field,
        cbd_reference_diameter_um=2.0,
        time_step_us=step_us,
        drag_time_us=1e6,
        plane_um=20.0,
    ) as simulation:
        simulation.run(500)
        positions = simulation.electrode().positions_um
    return apart_um, float(np.linalg.norm(positions[1] - positions[0]))


def _balance_um(field: ForceField) -> float:
    """Distance of two beads of 2 um at which attraction and contact balance."""
    from scipy.optimize import brentq

    attraction = field.active_material
    epsilon, sigma = attraction.epsilon_fJ_um * 2, attraction.sigma_per_diameter * 2
    cutoff, stiffness = attraction.cutoff_per_diameter * 2, field.hertz.normal_stiffness_kPa

    def plain(r: float) -> float:
        return 24 * epsilon / r * (2 * (sigma / r) ** 12 - (sigma / r) ** 6)

    def net(r: float) -> float:
        return plain(r) - plain(cutoff) + stiffness * float(np.sqrt(0.5) * (2.0 - r) ** 1.5)

    return float(brentq(net, 0.8 * sigma, 1.24 * sigma))
