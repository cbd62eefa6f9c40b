"""CBD in a wet film whose surface falls."""

from __future__ import annotations

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.config.campaign import Campaign
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.simulation import migration
from mesocast.simulation.composition import compose
from mesocast.simulation.drying import dry
from mesocast.simulation.migration import Migration
from mesocast.simulation.slurry import mix_slurry
from tests.conftest import TINY

HEIGHTS = tuple(np.linspace(1.0, 0.5, 11))
HEIGHTS_UM = tuple(50.0 * height for height in HEIGHTS)


def test_slow_evaporation_leaves_the_gradient_of_the_first_order() -> None:
    """Where diffusion is fast, C = x + Pe h (x^3 - x) / 6 with x = z / h solves the equation."""
    peclet = 0.05
    found = Migration(peclet, HEIGHTS_UM)
    x = found.places
    np.testing.assert_allclose(found.shares[0], x, atol=1e-6)
    for height, share in zip(HEIGHTS[4:], found.shares[4:], strict=True):
        expected = peclet * height * (x**3 - x) / 6
        np.testing.assert_allclose(share - x, expected, atol=0.02 * abs(expected).max())


def test_fast_evaporation_sweeps_up_what_the_surface_meets() -> None:
    found = Migration(100.0, HEIGHTS_UM)
    below = found.places < 0.8
    # What is below the surface has not moved: z stays, so x = z / h.
    np.testing.assert_allclose(found.shares[-1][below], 0.5 * found.places[below], atol=2e-3)
    assert found.shares[-1][-1] == pytest.approx(1)
    assert (np.diff(found.shares, axis=1) >= 0).all()


def test_finer_grid_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    coarse = Migration(20.0, HEIGHTS_UM).shares[-1]
    monkeypatch.setattr(migration, "_INTERVALS", 400)
    fine = Migration(20.0, HEIGHTS_UM).shares[-1]
    np.testing.assert_allclose(coarse, fine[::2], atol=1e-4)


def test_each_bead_stays_where_as_much_of_the_cbd_is_below_it() -> None:
    heights_um = np.linspace(0.5, 49.5, 50)
    count = len(heights_um)
    film = Electrode(
        np.column_stack([np.zeros(count), np.zeros(count), heights_um]),
        np.ones(count),
        np.array([CBD, ACTIVE_MATERIAL] * (count // 2)),
        np.ones(count),
        (10.0, 10.0),
    )
    found = Migration(5.0, (50.0, 40.0, 30.0))
    moved = found.move(film, 1)
    is_cbd = film.species == CBD
    np.testing.assert_array_equal(moved.positions_um[~is_cbd, 2], 0.8 * heights_um[~is_cbd])
    place = moved.positions_um[is_cbd, 2] / 40
    share = np.interp(place, found.places, found.shares[1])
    # But those that would stand out of the surface.
    inside = heights_um[is_cbd] < 45
    np.testing.assert_allclose(share[inside], heights_um[is_cbd][inside] / 50, atol=1e-4)
    assert moved.positions_um[is_cbd, 2].max() <= 40 - 1 + 1e-9
    assert (moved.positions_um[is_cbd, 2] > 0.8 * heights_um[is_cbd]).all()


def test_no_migration_is_the_physics_of_before_and_some_is_another() -> None:
    still, moving = (
        Campaign.model_validate({"campaign": "x", "drying": {"peclet_number": number}})
        for number in (0.0, 5.0)
    )
    assert still.physics("drying") == Campaign(campaign="x").physics("drying")
    assert moving.physics("drying") != still.physics("drying")
    assert moving.physics("slurry") == still.physics("slurry")


@pytest.mark.slow
def test_binder_of_a_film_that_dries_fast_is_at_its_top() -> None:
    recipe = {"am_pct": 90, "sc_pct": 55}
    design = {"recipes": [{**recipe, "cr_pct": [0]}]}
    campaign = load({**TINY, "electrode": {"mass_ug": 0.004}, "design": design})
    film = compose(campaign.materials, **recipe, **campaign.electrode.model_dump())
    slurry = mix_slurry(film, campaign.force_fields.slurry, campaign.slurry, seed=2)
    tops = []
    for number in (0.0, 20.0):
        settings = campaign.drying.model_copy(update={"peclet_number": number})
        dried = dry(slurry.electrode, film, campaign.force_fields, settings)
        assert dried.status == "ok"
        electrode = dried.electrode
        assert electrode.mass_pg == pytest.approx(film.dry_mass_pg, rel=1e-9)
        height = electrode.positions_um[electrode.species == CBD, 2] / electrode.thickness_um
        tops.append(float(np.mean(height > 2 / 3)))
    assert tops[1] > tops[0] + 0.05
