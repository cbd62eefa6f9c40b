"""An electrode's columns as what a cell model needs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mesocast.cell.porous_electrode import NEEDED, PorousElectrode, particle_radius
from mesocast.config.materials import ActiveMaterial
from mesocast.errors import InputError, PhysicsFailure
from mesocast.storage.rows import read_file
from tests.conftest import ELECTRODES

if TYPE_CHECKING:
    from mesocast.cell.chemistry import Chemistry


@pytest.fixture(scope="module")
def row() -> dict[str, Any]:
    table = read_file(ELECTRODES).set_index("condition_id", drop=False)
    return {str(key): value for key, value in table.loc["S018-C02"].items()}


def test_a_row_gives_the_numbers_of_its_columns(row: dict[str, Any]) -> None:
    found = PorousElectrode.of(row, ActiveMaterial())

    assert found.porosity == row["porosity_total"]
    assert found.transport_efficiency == pytest.approx(
        row["porosity_total"] / row["tortuosity_factor_permeable_cbd"]
    )
    assert found.wetted_share == row["active_surface_pct"] / 100
    assert found.loading_mg_cm2 == pytest.approx(row["mass_loading_mg_cm2"], rel=1e-9)
    # The surface that the model has is the surface that was measured on the spheres.
    surface_1_um = 3 * found.active_fraction / found.particle_radius_um * found.wetted_share
    assert surface_1_um == pytest.approx(row["specific_active_surface_1_um"], rel=0.03)


def test_the_active_fraction_is_that_of_the_known_mass(row: dict[str, Any]) -> None:
    found = PorousElectrode.of(row, ActiveMaterial())
    mass_mg_cm2 = found.active_fraction * found.thickness_um * 4.65 / 10

    assert mass_mg_cm2 == pytest.approx(row["mass_loading_mg_cm2"] * row["am_pct"] / 100, rel=1e-9)
    assert found.active_fraction == pytest.approx(row["am_fraction"], rel=0.015)


def test_an_image_without_a_recipe_has_the_counted_fraction(row: dict[str, Any]) -> None:
    image = {name: row[name] for name in NEEDED}
    found = PorousElectrode.of(image, ActiveMaterial())

    assert found.active_fraction == row["am_fraction"]
    assert found.active_loading_mg_cm2 == pytest.approx(
        row["am_fraction"] * row["thickness_um"] * 4.65 / 10
    )


GAS = {"gas_trapped_pct": 20.0, "surface_wetted_pct": 90.0, "transport_wetted_relative": 0.7}


def test_trapped_gas_takes_porosity_transport_and_surface(row: dict[str, Any]) -> None:
    dry = PorousElectrode.of(row, ActiveMaterial())
    wet = PorousElectrode.of(row | GAS, ActiveMaterial(), trapped_gas=True)

    assert wet.porosity == pytest.approx(dry.porosity - 0.2 * row["porosity_bulk"])
    assert wet.transport_efficiency == pytest.approx(0.7 * dry.transport_efficiency)
    assert wet.wetted_share == pytest.approx(0.9 * dry.wetted_share)
    for name in ("thickness_um", "active_fraction", "density_g_cm3", "conductivity_S_m"):
        assert getattr(wet, name) == getattr(dry, name)
    # Only when asked.
    assert PorousElectrode.of(row | GAS, ActiveMaterial()) == dry
    none = {"gas_trapped_pct": 0.0, "surface_wetted_pct": 100.0, "transport_wetted_relative": 1.0}
    assert PorousElectrode.of(row | none, ActiveMaterial(), trapped_gas=True) == dry


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"gas_trapped_pct": None}, "has no gas_trapped_pct"),
        ({"transport_wetted_relative": 0.0}, "leaves no transport"),
        ({"surface_wetted_pct": 0.0}, "leaves no wetted surface"),
    ],
)
def test_gas_that_leaves_no_cell_is_a_reason(
    row: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    with pytest.raises(PhysicsFailure, match=words):
        PorousElectrode.of(row | GAS | change, ActiveMaterial(), trapped_gas=True)


def test_stacking_changes_nothing_but_the_thickness(row: dict[str, Any]) -> None:
    found = PorousElectrode.of(row, ActiveMaterial())
    stacked = found.stacked(20)

    assert stacked.loading_mg_cm2 == pytest.approx(20)
    assert stacked.thickness_um == pytest.approx(20 / 6.7 * found.thickness_um, rel=1e-6)
    assert replace(stacked, thickness_um=found.thickness_um) == found


def test_the_radius_is_volume_over_surface() -> None:
    material = ActiveMaterial(diameters_um=(2.0, 6.0), number_fractions=(0.5, 0.5))
    radius, spread = particle_radius(material)

    assert radius == pytest.approx((1 + 27) / (1 + 9))
    second = (1 * 1**2 + 9 * 3**2) / 10
    assert spread == pytest.approx(math.sqrt(second - radius**2) / radius)
    one = ActiveMaterial(diameters_um=(5.0,), number_fractions=(1.0,))
    assert particle_radius(one) == (2.5, 0.0)


def test_a_failed_electrode_has_no_cell(row: dict[str, Any]) -> None:
    with pytest.raises(PhysicsFailure, match=r"no_electrode.*not_percolating: too thin"):
        PorousElectrode.of(
            {**row, "status": "not_percolating", "reason": "too thin"}, ActiveMaterial()
        )
    with pytest.raises(PhysicsFailure, match="has no porosity_total, electronic_conductivity_S_m"):
        PorousElectrode.of(
            {**row, "porosity_total": None, "electronic_conductivity_S_m": float("nan")},
            ActiveMaterial(),
        )


@pytest.mark.parametrize(
    "change",
    [
        {"porosity": 1.0},
        {"active_fraction": 0.0},
        {"wetted_share": 1.2},
        {"thickness_um": 0.0},
        {"conductivity_S_m": math.inf},
        {"tortuosity_factor": 0.9},
    ],
)
def test_what_no_electrode_has_is_refused(
    electrode: PorousElectrode, change: dict[str, Any]
) -> None:
    (name,) = change
    with pytest.raises(InputError, match=f"cell: {name} = .*; allowed: "):
        replace(electrode, **change)


def test_a_loading_must_be_above_zero(electrode: PorousElectrode, chemistry: Chemistry) -> None:
    with pytest.raises(InputError, match=r"loading_mg_cm2 = 0; allowed: above 0"):
        electrode.stacked(0)
