"""What dried films do with their recipe, on films of a fifth of the full size."""

from __future__ import annotations

import pytest

from mesocast.characterization.voxels import PORE, voxelize
from mesocast.config.campaign import Campaign
from mesocast.electrode import CBD
from mesocast.simulation.composition import compose
from mesocast.simulation.drying import dry
from mesocast.simulation.slurry import mix_slurry

CAMPAIGN = Campaign(campaign="trends")


def _porosity_total(am_pct: float, sc_pct: float) -> float:
    """Porosity of a film as dried, nanopores of the CBD included."""
    materials, fields = CAMPAIGN.materials, CAMPAIGN.force_fields
    film = compose(materials, am_pct=am_pct, sc_pct=sc_pct, mass_ug=0.02, mass_loading_mg_cm2=6.7)
    slurry = mix_slurry(film, fields.slurry, CAMPAIGN.slurry, seed=1)
    dried = dry(slurry.electrode, film, fields, CAMPAIGN.drying)
    assert (slurry.status, dried.status) == ("ok", "ok")
    assert dried.electrode.mass_pg == pytest.approx(film.dry_mass_pg, rel=1e-9)
    image = voxelize(dried.electrode, 0.25, dried.electrode.thickness_um)
    return image.fraction(PORE) + materials.cbd.nanoporosity * image.fraction(CBD)


@pytest.mark.slow
def test_dried_porosity_falls_with_active_material_and_with_solid_content() -> None:
    """As measured: from 0.52 to 0.60 at 90 % over 0.49 at 94/60 to 0.42 at 96/69."""
    rich_in_cbd, dilute, rich_in_am = (
        _porosity_total(*recipe) for recipe in ((90, 57), (94, 60), (96, 69))
    )
    assert rich_in_cbd > dilute + 0.02
    assert dilute > rich_in_am + 0.02
