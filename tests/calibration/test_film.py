"""What is measured of a simulated film."""

from __future__ import annotations

import numpy as np
import pytest

from mesocast.calibration.film import observe
from mesocast.config.campaign import Campaign
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode

CAMPAIGN = Campaign.model_validate(
    {"campaign": "line", "characterization": {"voxel_size_um": 0.5}, "cell": {"enabled": False}}
)
PRESSED = {"cr_imposed_pct": 20.0, "cr_retained_pct": 15.0, "pressure_model_kPa": 900.0}
DRIED = {"cr_imposed_pct": 0.0, "cr_retained_pct": 0.0, "pressure_model_kPa": 0.0}


@pytest.fixture(scope="module")
def electrode() -> Electrode:
    """Stand active material on active material, with CBD beside it."""
    positions = np.array([[2, 2, 2], [2, 2, 6], [5, 5, 1], [5, 5, 3], [5, 5, 5], [5, 5, 7.0]])
    radii = np.array([2, 2, 1, 1, 1, 1.0])
    species = np.array([ACTIVE_MATERIAL] * 2 + [CBD] * 4)
    return Electrode(positions, radii, species, 3.0 * radii**3, (6.0, 6.0))


def test_volumes_and_mass_of_a_film(electrode: Electrode) -> None:
    found = observe(electrode, DRIED, CAMPAIGN, has_voxels=False)
    assert set(found) == {"density_g_cm3", "porosity_by_mass", "porosity_total", "porosity_bulk"}
    volume_um3 = 36 * electrode.thickness_um
    assert found["density_g_cm3"] == pytest.approx(electrode.mass_pg / volume_um3)
    solid_um3 = electrode.sphere_volume_um3
    assert found["porosity_bulk"] == pytest.approx(1 - solid_um3 / volume_um3, abs=0.01)
    cbd = 4 * 4 / 3 * np.pi / volume_um3
    # Masses here are not those of the densities: what counts is the mass of each phase.
    active = electrode.species == ACTIVE_MATERIAL
    materials = CAMPAIGN.materials
    by_mass_um3 = (
        electrode.masses_pg[active].sum() / materials.active_material.density_g_cm3
        + electrode.masses_pg[~active].sum() / materials.cbd.solid_density_g_cm3
    )
    assert found["porosity_by_mass"] == pytest.approx(1 - by_mass_um3 / volume_um3)
    nanopores = CAMPAIGN.materials.cbd.nanoporosity * cbd
    assert found["porosity_total"] - found["porosity_bulk"] == pytest.approx(nanopores, abs=0.01)


def test_pressing_adds_springback_and_pressure_at_the_scale(electrode: Electrode) -> None:
    found = observe(electrode, PRESSED, CAMPAIGN, has_voxels=False)
    assert found["springback_pct"] == pytest.approx(25)
    assert CAMPAIGN.calendering.pressure_scale == 24
    assert found["pressure_max_MPa"] == pytest.approx(21.6)


def test_transport_is_measured_where_it_is_wanted(electrode: Electrode) -> None:
    found = observe(electrode, PRESSED, CAMPAIGN, has_voxels=True)
    volumes = observe(electrode, PRESSED, CAMPAIGN, has_voxels=False)
    assert {name: found[name] for name in volumes} == pytest.approx(volumes)
    assert found["electronic_conductivity_S_m"] > 0
    assert found["tortuosity_factor"] > 1
    assert 50 < found["active_surface_pct"] <= 100
