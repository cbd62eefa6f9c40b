"""Random placement that cannot succeed ends, and says so."""

from __future__ import annotations

import pytest

from mesocast.config.materials import CarbonBinderDomain, Materials
from mesocast.errors import InputError, PhysicsFailure
from mesocast.simulation.composition import Composition, compose
from mesocast.simulation.packing import check_height, well_mixed


def _film(mass_loading_mg_cm2: float, *, sc_pct: float = 60.0, dry_um: float = 1.3) -> Composition:
    return compose(
        Materials(cbd=CarbonBinderDomain(dry_diameter_um=dry_um)),
        am_pct=96,
        sc_pct=sc_pct,
        mass_ug=0.02,
        mass_loading_mg_cm2=mass_loading_mg_cm2,
    )


def test_drops_that_find_no_place_are_a_failure_of_physics() -> None:
    """Wet drops of 17 um do not fit between the particles, however long one tries."""
    with pytest.raises(PhysicsFailure, match="too_crowded: no place for CBD bead"):
        well_mixed(_film(6.7, sc_pct=71, dry_um=8), seed=1)


def test_a_film_thinner_than_its_largest_particle_is_wrong_input() -> None:
    thin = _film(0.6)
    largest_um = thin.diameters_um.max()
    assert thin.slurry_thickness_um < largest_um
    for refused in (lambda: check_height(thin), lambda: well_mixed(thin, seed=1)):
        with pytest.raises(InputError) as error:
            refused()
        line = str(error.value)
        assert "electrode.mass_loading_mg_cm2 = 0.6" in line
        assert f"{thin.slurry_thickness_um:.3g} um thick" in line
        assert f"{largest_um:.3g}" in line
        assert len(line.splitlines()) == 1
    just_enough = 0.6 * 1.01 * largest_um / thin.slurry_thickness_um
    check_height(_film(just_enough))
