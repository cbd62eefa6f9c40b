"""From recipe to beads: masses, volumes, densities."""

from __future__ import annotations

import numpy as np
import pytest

from mesocast.config.materials import CarbonBinderDomain, Materials
from mesocast.errors import InputError
from mesocast.simulation.composition import compose

RECIPES = [(86, 45), (86, 71), (96, 45), (96, 71), (90.4, 58.2)]


@pytest.mark.parametrize(("am_pct", "sc_pct"), RECIPES)
@pytest.mark.parametrize("mass_ug", [0.02, 0.1])
def test_the_film_has_the_recipe_the_mass_and_the_loading(
    am_pct: float, sc_pct: float, mass_ug: float
) -> None:
    film = compose(
        Materials(), am_pct=am_pct, sc_pct=sc_pct, mass_ug=mass_ug, mass_loading_mg_cm2=6.7
    )
    assert film.dry_mass_pg == pytest.approx(mass_ug * 1e6, rel=0.005)
    assert film.am_pct == pytest.approx(am_pct, abs=0.01)
    assert film.sc_pct == pytest.approx(sc_pct, abs=1e-9)
    assert film.dry_mass_pg / film.area_um2 == pytest.approx(67.0)  # 6.7 mg/cm2


@pytest.mark.parametrize(("am_pct", "sc_pct"), RECIPES)
def test_slurry_density_is_that_of_ideal_mixing(am_pct: float, sc_pct: float) -> None:
    film = compose(Materials(), am_pct=am_pct, sc_pct=sc_pct, mass_ug=0.1, mass_loading_mg_cm2=6.7)
    active, solids = am_pct / 100, sc_pct / 100
    # Carbon to binder 60:40, volumes of 1 g of slurry.
    volume = (
        solids * (active / 4.65 + (1 - active) * (0.6 / 1.9 + 0.4 / 1.78)) + (1 - solids) / 1.03
    )
    assert film.slurry_density_g_cm3 == pytest.approx(1 / volume, rel=2e-4)


def test_size_classes_follow_the_distribution_at_full_size() -> None:
    film = compose(Materials(), am_pct=96, sc_pct=60, mass_ug=1.0, mass_loading_mg_cm2=6.7)
    wanted = np.array(Materials().active_material.number_fractions)
    np.testing.assert_allclose(film.counts / film.counts.sum(), wanted, atol=0.01)


def test_dry_bead_is_half_pores_and_the_wet_one_holds_its_solvent() -> None:
    film = compose(Materials(), am_pct=90, sc_pct=58, mass_ug=0.02, mass_loading_mg_cm2=6.7)
    dry_density = film.cbd_dry_mass_pg / (np.pi / 6 * 1.3**3)
    assert dry_density == pytest.approx(0.5 * 2.5 / (1.5 / 1.9 + 1 / 1.78))
    solvent = film.cbd_wet_mass_pg - film.cbd_dry_mass_pg
    assert film.cbd_count * solvent == pytest.approx(film.dry_mass_pg * 42 / 58)
    # The bead sized by its true volume: about 2.5 um at 90/58.
    assert film.cbd_wet_diameter_um == pytest.approx(2.5, abs=0.05)


def test_coarser_cbd_beads_are_fewer_but_weigh_the_same_together() -> None:
    fine = compose(Materials(), am_pct=90, sc_pct=58, mass_ug=0.02, mass_loading_mg_cm2=6.7)
    coarse = compose(
        Materials(cbd=CarbonBinderDomain(dry_diameter_um=2.0)),
        am_pct=90,
        sc_pct=58,
        mass_ug=0.02,
        mass_loading_mg_cm2=6.7,
    )
    assert coarse.cbd_count < 0.3 * fine.cbd_count
    assert coarse.dry_mass_pg == pytest.approx(fine.dry_mass_pg, rel=1e-3)


@pytest.mark.parametrize(
    ("mass_ug", "loading", "words"),
    [(1e-5, 6.7, "too small"), (0.02, 100.0, "um wide")],
)
def test_films_that_cannot_be_built_are_refused(mass_ug: float, loading: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        compose(Materials(), am_pct=90, sc_pct=58, mass_ug=mass_ug, mass_loading_mg_cm2=loading)
