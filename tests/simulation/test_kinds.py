"""A film of two kinds of active material, from its recipe to its measurement."""

from __future__ import annotations

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.characterization.characterize import characterize
from mesocast.electrode import ACTIVE_MATERIAL, Electrode
from mesocast.recipe import Recipe
from mesocast.simulation.chain import simulate
from mesocast.simulation.composition import compose, solid_density_g_cm3
from mesocast.simulation.packing import well_mixed
from mesocast.simulation.time_step import Beads
from tests.conftest import TINY

HEAVY = {
    "name": "heavy",
    "mass_share": 0.6,
    "density_g_cm3": 5.0,
    "electronic_conductivity_S_m": 0.05,
    "diameters_um": [4.0],
    "number_fractions": [1.0],
}
LIGHT = {
    "name": "light",
    "density_g_cm3": 2.5,
    "electronic_conductivity_S_m": 50.0,
    "diameters_um": [3.0],
    "number_fractions": [1.0],
}
CAMPAIGN = load(
    {
        **TINY,
        "cell": {"enabled": False},
        "materials": {
            "active_material": {"kinds": [HEAVY, LIGHT]},
            "cbd": TINY["materials"]["cbd"],
        },
    }
)
FILM = compose(CAMPAIGN.materials, am_pct=90, sc_pct=58, **CAMPAIGN.electrode.model_dump())


def _mass_pg(film: Electrode, diameter_um: float) -> float:
    of_kind = (film.species == ACTIVE_MATERIAL) & np.isclose(2 * film.radii_um, diameter_um)
    return float(film.masses_pg[of_kind].sum())


def test_recipe_is_met_with_the_mass_of_both_kinds() -> None:
    assert FILM.am_pct == pytest.approx(90, abs=0.3)
    film = well_mixed(FILM, seed=1)
    heavy, light = _mass_pg(film, 4.0), _mass_pg(film, 3.0)
    assert heavy + light == pytest.approx(FILM.active_material_mass_pg)
    # Whole particles: a heavy one has a tenth of the mass.
    assert heavy / (heavy + light) == pytest.approx(0.6, abs=0.1)
    assert film.mass_pg == pytest.approx(FILM.wet_mass_pg)


def test_time_step_follows_the_mass_of_each_kind() -> None:
    beads = Beads.of_composition(FILM, 1.0)
    volumes = np.pi / 6 * np.array([3.0, 4.0]) ** 3
    np.testing.assert_allclose(beads.active_material_pg, volumes * [2.5, 5.0])
    found = Beads.of_film(well_mixed(FILM, seed=1), FILM.cbd_dry_diameter_um)
    np.testing.assert_allclose(found.active_material_pg, beads.active_material_pg)


def test_film_keeps_its_kinds_through_all_stages_and_is_measured_with_them() -> None:
    found = simulate(CAMPAIGN, Recipe(90, 58, 15))
    film = found.electrode
    wet = well_mixed(FILM, seed=1)
    for diameter_um in (3.0, 4.0):
        assert _mass_pg(film, diameter_um) == pytest.approx(_mass_pg(wet, diameter_um))
    assert film.mass_pg == pytest.approx(FILM.dry_mass_pg)
    density = found.calendering.measured["density_g_cm3"]
    solid = solid_density_g_cm3(CAMPAIGN.materials, film)
    assert found.calendering.measured["porosity_by_mass"] == pytest.approx(1 - density / solid)
    blend = characterize(film, CAMPAIGN)
    content = CAMPAIGN.model_dump(mode="json")
    content["materials"]["active_material"]["kinds"][1]["electronic_conductivity_S_m"] = 0.05
    poor = characterize(film, load(content))
    assert blend.electronic_conductivity_S_m is not None
    assert poor.electronic_conductivity_S_m is not None
    assert blend.electronic_conductivity_S_m > 1.2 * poor.electronic_conductivity_S_m
    assert blend.porosity_bulk == poor.porosity_bulk
