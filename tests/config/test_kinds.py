"""Several kinds of active material in one electrode: the config's part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.config.campaign import Campaign
from mesocast.errors import InputError

if TYPE_CHECKING:
    from mesocast.config.materials import ActiveMaterial

HEAVY = {
    "name": "heavy",
    "density_g_cm3": 6.0,
    "electronic_conductivity_S_m": 1.0,
    "diameters_um": [4.0],
    "number_fractions": [1.0],
}
LIGHT = {
    "name": "light",
    "density_g_cm3": 2.0,
    "electronic_conductivity_S_m": 0.01,
    "diameters_um": [2.0, 3.0],
    "number_fractions": [0.5, 0.5],
}


def _campaign(*kinds: dict[str, Any], **more: Any) -> Campaign:
    return load(
        {
            "campaign": "own",
            "cell": {"enabled": False},
            "materials": {"active_material": {"kinds": list(kinds), **more}},
        }
    )


def _material(*kinds: dict[str, Any]) -> ActiveMaterial:
    return _campaign(*kinds).materials.active_material


def test_shares_are_of_the_mass_and_the_density_is_that_of_both() -> None:
    material = _material({**HEAVY, "mass_share": 0.75}, LIGHT)
    # 0.75 g of 6 g/cm3 and 0.25 g of 2 g/cm3 take 0.125 cm3 each.
    assert material.density_g_cm3 == pytest.approx(4.0)
    assert material.electronic_conductivity_S_m == pytest.approx(0.505)
    assert material.diameters_um == (2.0, 3.0, 4.0)
    assert material.class_densities_g_cm3 == (2.0, 2.0, 6.0)
    assert material.class_conductivities_S_m == (0.01, 0.01, 1.0)
    numbers = np.array(material.number_fractions)
    masses = numbers * np.array(material.diameters_um) ** 3 * material.class_densities_g_cm3
    assert masses[2] / masses.sum() == pytest.approx(0.75, rel=1e-4)
    assert numbers[0] == numbers[1]
    assert material.name == "75 % heavy + 25 % light"


def test_kinds_of_one_size_stay_apart() -> None:
    same = {**HEAVY, "name": "other", "density_g_cm3": 5.0, "mass_share": 0.5}
    material = _material(same, HEAVY)
    first, second = material.diameters_um
    assert first < second < first * 1.0001
    assert set(material.class_densities_g_cm3) == {5.0, 6.0}


def test_kinds_come_from_the_library() -> None:
    material = _material({"material": "graphite"}, {**LIGHT, "name": "SiOx", "mass_share": 0.1})
    assert material.name == "90 % graphite + 10 % SiOx"
    assert material.density_g_cm3 == pytest.approx(1 / (0.9 / 2.26 + 0.1 / 2.0))
    assert material.percentile_um(50) == pytest.approx(8.2, abs=0.4)


def test_identity_is_that_of_the_numbers() -> None:
    first = _campaign({**HEAVY, "mass_share": 0.75}, LIGHT)
    named = _campaign({**HEAVY, "mass_share": 0.75, "name": "x"}, {**LIGHT, "mass_share": 0.25})
    assert named.physics("slurry") == first.physics("slurry")
    swapped = {"density_g_cm3": 2.0}, {"density_g_cm3": 6.0}
    for_mass = _campaign({**HEAVY, **swapped[0], "mass_share": 0.25}, {**LIGHT, **swapped[1]})
    assert for_mass.physics("slurry") != first.physics("slurry")
    conducting = _campaign(
        {**HEAVY, "mass_share": 0.75, "electronic_conductivity_S_m": 0.01},
        {**LIGHT, "electronic_conductivity_S_m": 1.0},
    )
    assert conducting.physics("slurry") == first.physics("slurry")
    # Their mean is the same.
    assert conducting.physics("characterization") != first.physics("characterization")


def test_resolved_config_is_the_same_and_a_share_in_it_counts() -> None:
    campaign = _campaign({**HEAVY, "mass_share": 0.75}, LIGHT)
    content = campaign.model_dump(mode="json")
    assert Campaign.model_validate(content) == campaign
    content["materials"]["active_material"]["kinds"][0]["mass_share"] = 0.5
    assert load(content).materials.active_material.density_g_cm3 == pytest.approx(3.0)


WRONG: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
    "shares": (
        [{**HEAVY, "mass_share": 0.8}, {**LIGHT, "mass_share": 0.8}],
        {},
        "kinds: mass_share of all add up to 1.6",
    ),
    "no density": (
        [HEAVY, {k: v for k, v in LIGHT.items() if k != "density_g_cm3"}],
        {},
        r"kinds\.1\.density_g_cm3: is missing",
    ),
    "unknown": ([HEAVY, {"material": "Si"}], {}, r"kinds\.1\.material = 'Si': unknown material"),
    "with another key": ([HEAVY], {"density_g_cm3": 3.0}, "kinds and density_g_cm3 are both"),
    "in kg/m3": ([{**HEAVY, "density_g_cm3": 6000}], {}, "density_g_cm3 = 6000"),
}


@pytest.mark.parametrize(("kinds", "more", "told"), WRONG.values(), ids=WRONG)
def test_what_is_no_blend_is_refused_in_one_line(
    kinds: list[dict[str, Any]], more: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told) as refused:
        _campaign(*kinds, **more)
    assert "\n" not in str(refused.value)


def _in_cells(*kinds: dict[str, Any], **content: Any) -> Campaign:
    return load({"campaign": "own", "materials": {"active_material": {"kinds": kinds}}, **content})


def test_cell_of_a_blend_needs_the_electrochemistry_of_each() -> None:
    """And particles of one size each; of more than two kinds every electrode gets a status."""
    pytest.importorskip("pybamm")
    shares = ({**HEAVY, "mass_share": 0.5}, LIGHT)
    with pytest.raises(
        InputError, match="is one material, and the electrode is of heavy and light"
    ):
        _in_cells(*shares)
    with pytest.raises(InputError, match=r"particle_sizes = distribution with .*kinds"):
        _in_cells(*shares, cell={"particle_sizes": "distribution"})
    third = {**HEAVY, "name": "third", "mass_share": 0.1}
    assert _in_cells(*shares, third).cell.enabled
    with pytest.raises(
        InputError, match="3 kinds, of which there is no cell, but the optimum needs"
    ):
        _in_cells(*shares, third, optimum={"application": "high_energy"})
