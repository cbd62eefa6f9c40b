"""What follows from the composition of the carbon-binder domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mesocast.campaign.checks import load
from mesocast.errors import InputError

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign
    from mesocast.config.materials import CarbonBinderDomain


def _campaign(**cbd: Any) -> Campaign:
    # With the scale of pressure that was the default when the versions below were written.
    scale = {"pressure_scale": 29.0}
    return load({"campaign": "own", "materials": {"cbd": cbd}, "calendering": scale})


def _cbd(**cbd: Any) -> CarbonBinderDomain:
    return _campaign(**cbd).materials.cbd


def test_published_bead_conducts_what_is_given() -> None:
    assert _cbd().conductivity_S_m == 2.0
    assert _cbd(electronic_conductivity_S_m=3.0).conductivity_S_m == 3.0


def test_density_is_mixed_by_volume() -> None:
    """One gram of each: two grams in the sum of their volumes."""
    cbd = _cbd(carbon_to_binder_mass_ratio=1.0, carbon_density_g_cm3=2.0, binder_density_g_cm3=1.0)
    assert cbd.solid_density_g_cm3 == pytest.approx(2 / 1.5)
    assert cbd.carbon_share == pytest.approx(1 / 3)


def test_carbon_raises_the_conductivity_by_percolation() -> None:
    """Equal densities make shares of mass those of volume: 60/40 to 88/12, 0.16 percolate."""
    same = {"carbon_density_g_cm3": 1.9, "binder_density_g_cm3": 1.9}
    before, after = _cbd(**same), _cbd(**same, carbon_to_binder_mass_ratio=0.88 / 0.12)
    ratio = after.conductivity_S_m / before.conductivity_S_m
    assert ratio == pytest.approx(((0.88 - 0.16) / (0.60 - 0.16)) ** 2)
    denser = _cbd(nanoporosity=0.25)
    assert denser.conductivity_S_m == pytest.approx(2.0 * 1.5**3)


def test_conductivity_that_a_config_gives_stays_unless_it_names_the_law() -> None:
    given = {"carbon_to_binder_mass_ratio": 1.0, "electronic_conductivity_S_m": 0.8}
    assert _cbd(**given).conductivity_S_m == 0.8
    by_law = _cbd(**given, conductivity_law="percolation").conductivity_S_m
    assert 0.3 < by_law < 0.8


def test_law_changes_the_measurement_and_no_simulation() -> None:
    """A campaign of before, with its conductivity given, is neither simulated nor measured anew."""
    default, plain = _campaign(), _campaign(carbon_to_binder_mass_ratio=1.0)
    given = _campaign(carbon_to_binder_mass_ratio=1.0, electronic_conductivity_S_m=2.0)
    assert default.physics("characterization") == "v4-4e0ebfe7334c"
    assert default.physics("slurry") == "v3-4c4a9a320b5a"
    assert given.physics("characterization") == "v4-ce3e9e430574"
    assert plain.physics("characterization") != given.physics("characterization")
    for stage in ("slurry", "drying", "calendering"):
        assert plain.physics(stage) == given.physics(stage)


def test_share_of_carbon_counts_in_a_resolved_config() -> None:
    """So that it can be varied or calibrated."""
    content = _campaign().model_dump(mode="json")
    content["materials"]["cbd"]["carbon_to_binder_mass_ratio"] = 3.0
    assert load(content).materials.cbd.conductivity_S_m > 2.5


def test_too_little_carbon_is_refused_before_any_job() -> None:
    with pytest.raises(InputError, match=r"materials\.cbd.*ratio = 0\.2.* 16 % percolate"):
        _campaign(carbon_to_binder_mass_ratio=0.2)
    assert _cbd(
        carbon_to_binder_mass_ratio=0.2, conductivity_law="as_given"
    ).conductivity_S_m == pytest.approx(2.0)
