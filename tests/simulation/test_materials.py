"""Each material of the library makes a film."""

from __future__ import annotations

import pytest

from mesocast.campaign.checks import load
from mesocast.characterization.characterize import characterize
from mesocast.config.library import material_names
from mesocast.electrode import ACTIVE_MATERIAL
from mesocast.recipe import Recipe
from mesocast.simulation.chain import simulate
from mesocast.simulation.composition import compose

# CBD beads as of the demo; smaller ones where the particles are as small as they.
CBD_UM = {"LFP": 1.3}
# Of a film with some particles of each size class, where the particles are smaller than others'.
MASS_UG = {"LFP": 0.003, "NMC811": 0.008}


@pytest.mark.slow
@pytest.mark.parametrize("name", material_names())
def test_small_film_goes_through_all_stages_without_lost_particles(name: str) -> None:
    cbd_um = CBD_UM.get(name, 2.0)
    campaign = load(
        {
            "campaign": "one",
            "electrode": {"mass_ug": MASS_UG.get(name, 0.02)},
            "materials": {
                "active_material": {"material": name},
                "cbd": {"dry_diameter_um": cbd_um},
            },
            "characterization": {"voxel_size_um": 0.4},
        }
    )
    recipe = Recipe(92, 60, 20)
    film = simulate(campaign, recipe)  # a PhysicsFailure where particles are lost
    wanted = compose(campaign.materials, am_pct=92, sc_pct=60, **campaign.electrode.model_dump())
    active = film.electrode.species == ACTIVE_MATERIAL
    assert active.sum() == wanted.counts.sum()
    assert (~active).sum() == wanted.cbd_count
    assert film.electrode.mass_pg == pytest.approx(wanted.dry_mass_pg, rel=1e-6)
    measured = film.calendering.measured
    assert measured["cr_imposed_pct"] == pytest.approx(20, abs=0.3)
    assert 0 < measured["cr_retained_pct"] < 25
    found = characterize(film.electrode, campaign=campaign)
    assert 0.2 < found.porosity_total < 0.65
