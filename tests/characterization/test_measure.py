from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.characterization.image import Phases
from mesocast.characterization.measure import characterize, characterize_image
from mesocast.characterization.transport.properties import pore_transport
from mesocast.characterization.voxels import voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.characterization.result import Characterization
    from mesocast.electrode import Electrode

    MakeElectrode = Callable[..., Electrode]

PHASES = Phases(am_conductivity_S_m=0.01, cbd_conductivity_S_m=5.0, cbd_nanoporosity=0.5)
# Names of an image's own for what comes from sharp voxels.
SHARP_ONLY = {
    "tortuosity_factor_percolating_voxel",
    "tortuosity_voxel",
    "bruggeman_exponent_voxel",
    "pore_percolating_voxel_pct",
    "tortuosity_factor_permeable_cbd_voxel",
    "tortuosity_permeable_cbd_voxel",
    "tortuosity_resolution_error_voxel",
    "other_fraction",
}
SETTINGS: dict[str, Any] = {"voxel_size_um": 0.4, "coverage_tolerance_um": 0.07}


@pytest.fixture(scope="module")
def result(packing: Electrode) -> Characterization:
    return characterize(packing, PHASES, **SETTINGS)


def test_every_property_is_a_plain_number_or_word(result: Characterization) -> None:
    assert result.status == "ok"
    row = result.row()
    assert {type(value) for value in row.values()} == {float, str}
    assert json.loads(json.dumps(row)) == row


def test_mass_and_volume_are_consistent(packing: Electrode, result: Characterization) -> None:
    volume_um3 = packing.area_um2 * result.thickness_um
    assert result.density_g_cm3 * volume_um3 == pytest.approx(packing.mass_pg)
    # All beads weigh 4 g/cm3, so overlap and cut volume lead from the nominal to the union.
    within = packing.sphere_volume_um3 * (1 - result.cut_volume_pct / 100)
    union = within * (1 - result.overlap_pct / 100)
    assert union / volume_um3 == pytest.approx(1 - result.porosity_bulk, rel=1e-9)
    assert result.mass_loading_mg_cm2 == pytest.approx(
        result.density_g_cm3 * result.thickness_um / 10
    )
    assert 0 < result.cut_volume_pct < 1


def test_fractions_and_shares_add_up(result: Characterization) -> None:
    assert result.am_fraction + result.cbd_fraction + result.porosity_bulk == pytest.approx(1)
    assert result.porosity_total == pytest.approx(result.porosity_bulk + 0.5 * result.cbd_fraction)
    shares = (
        result.active_surface_pct,
        result.am_surface_on_cbd_pct,
        result.am_surface_on_am_pct,
        result.am_surface_on_collector_pct,
    )
    assert sum(shares) == pytest.approx(100)


def test_transport_figures_agree_with_each_other(result: Characterization) -> None:
    assert result.tortuosity_factor is not None
    assert result.tortuosity is not None
    assert result.bruggeman_exponent is not None
    assert result.electronic_conductivity_S_m is not None
    diffusivity = result.porosity_image / result.tortuosity_factor
    assert result.tortuosity**2 == pytest.approx(result.tortuosity_factor)
    assert result.porosity_image**result.bruggeman_exponent == pytest.approx(diffusivity)
    assert result.electronic_conductivity_relative == pytest.approx(
        result.electronic_conductivity_S_m / 5.0
    )


def test_other_conventions_are_columns_of_their_own(result: Characterization) -> None:
    assert (result.transport_method, result.conductivity_method) == ("aperture", "multigrid")
    sharp = pore_transport(result.image, "taufactor")
    assert result.tortuosity_factor_voxel == pytest.approx(sharp.tortuosity_factor, rel=1e-3)
    assert result.tortuosity_factor is not None
    assert result.tortuosity_factor_voxel is not None
    assert result.tortuosity_factor < result.tortuosity_factor_voxel
    assert result.tortuosity_factor_permeable_cbd is not None
    assert result.tortuosity_permeable_cbd is not None
    assert result.tortuosity_permeable_cbd**2 == pytest.approx(
        result.tortuosity_factor_permeable_cbd
    )


def test_an_image_alone_gives_what_the_spheres_do_not_add(
    packing: Electrode, result: Characterization
) -> None:
    alone = characterize_image(result.image, PHASES)
    assert alone.status == "ok"
    assert set(alone.row()) - set(result.row()) == SHARP_ONLY
    same = (
        "electronic_conductivity_S_m",
        "tortuosity_factor_voxel",
        "mean_pore_diameter_um",
        "active_surface_voxel_faces_pct",
        "pore_euler_1_um3",
    )
    for name in same:
        assert getattr(alone, name) == getattr(result, name)
    assert "tortuosity_factor" not in alone.row()
    assert alone.transport_method == "multigrid"
    assert alone.porosity_bulk == pytest.approx(result.porosity_bulk, rel=0.02)


def test_surfaces_of_voxels_stand_beside_the_exact_one(result: Characterization) -> None:
    assert result.active_surface_voxel_faces_pct is not None
    exact = result.specific_active_surface_1_um
    assert 1.2 < result.specific_active_surface_voxel_faces_1_um / exact < 1.6
    assert 0.8 < result.specific_active_surface_marching_cubes_1_um / exact < 1.2


def test_errors_travel_with_the_numbers(packing: Electrode, result: Characterization) -> None:
    coarse = characterize(packing, PHASES, **(SETTINGS | {"voxel_size_um": 0.8}))
    assert coarse.tortuosity_factor is not None
    assert result.tortuosity_factor is not None
    assert result.tortuosity_resolution_error == pytest.approx(
        abs(coarse.tortuosity_factor / result.tortuosity_factor - 1)
    )
    assert coarse.electronic_conductivity_S_m is not None
    assert result.electronic_conductivity_S_m is not None
    assert result.conductivity_resolution_error == pytest.approx(
        abs(coarse.electronic_conductivity_S_m / result.electronic_conductivity_S_m - 1)
    )
    for solver_error, tolerance in (
        (result.tortuosity_solver_error, result.tortuosity_solver_tolerance),
        (result.conductivity_solver_error, result.conductivity_solver_tolerance),
    ):
        assert solver_error is not None
        assert tolerance is not None
        assert 0 <= solver_error < tolerance


def test_a_film_of_few_voxels_has_no_resolution_error(make_electrode: MakeElectrode) -> None:
    electrode = make_electrode([(5, 5, 0.6)], [0.6])
    result = characterize(electrode, PHASES, **SETTINGS)
    assert result.image.labels.shape[2] == 3
    assert result.tortuosity_resolution_error is None
    assert result.tortuosity_factor is not None


def test_the_image_is_that_of_the_film(packing: Electrode, result: Characterization) -> None:
    expected = voxelize(packing, 0.4, packing.thickness_um)
    np.testing.assert_array_equal(result.image.labels, expected.labels)


def test_the_same_electrode_gives_the_same_numbers(
    packing: Electrode, result: Characterization
) -> None:
    assert characterize(packing, PHASES, **SETTINGS).row() == result.row()


def test_a_single_sphere_on_the_collector(make_electrode: MakeElectrode) -> None:
    """Closed forms; the solid does not percolate in itself only when it misses a layer."""
    electrode = make_electrode([(5, 5, 2)], [2.0])
    result = characterize(electrode, PHASES, **SETTINGS)
    area_um2, volume_um3 = 16 * np.pi, 32 / 3 * np.pi
    film_um3 = 100 * result.thickness_um
    assert result.active_surface_pct == pytest.approx(100)
    assert result.specific_active_surface_1_um == pytest.approx(area_um2 / film_um3)
    assert result.am_fraction == pytest.approx(
        volume_um3 * (1 - result.cut_volume_pct / 100) / film_um3, rel=2e-3
    )
    assert result.overlap_pct < 0.1


def test_other_properties_survive_a_network_that_does_not_percolate(
    make_electrode: MakeElectrode,
) -> None:
    electrode = make_electrode(
        [(3, 3, 1), (7, 7, 8.5), (3, 3, 3)],
        [1.0, 1.5, 0.6],
        [ACTIVE_MATERIAL, ACTIVE_MATERIAL, CBD],
    )
    result = characterize(electrode, PHASES, **SETTINGS)
    assert result.status == "solid_not_percolating"
    assert [failure.quantity for failure in result.failures] == ["electronic_conductivity"]
    assert "um from the collector" in result.failures[0].reason
    assert result.electronic_conductivity_S_m is None
    assert result.electronic_conductivity_relative is None
    assert result.tortuosity_factor is not None
    assert result.tortuosity_factor > 1
    assert result.mean_pore_diameter_um is not None
    assert result.active_surface_pct > 99


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cbd_nanoporosity", -0.1),
        ("cbd_nanoporosity", 1.0),
        ("cbd_relative_diffusivity", 0.0),
        ("coverage_tolerance_um", -0.1),
        ("coverage_tolerance_um", float("nan")),
        ("voxel_size_um", 0.0),
        ("transport_method", "magic"),
        ("conductivity_method", "aperture"),
        ("am_conductivity_S_m", -1.0),
    ],
)
def test_impossible_settings_are_refused(
    make_electrode: MakeElectrode, name: str, value: object
) -> None:
    settings, phases = dict(SETTINGS), PHASES
    if hasattr(PHASES, name):
        phases = replace(PHASES, **{name: value})  # type: ignore[arg-type]
    else:
        settings[name] = value
    with pytest.raises(InputError, match=name.removesuffix("_um").split("_")[0]):
        characterize(make_electrode([(5, 5, 2)], [2.0]), phases, **settings)


def test_an_electrode_without_beads_is_refused(make_electrode: MakeElectrode) -> None:
    with pytest.raises(InputError, match="no beads"):
        characterize(make_electrode([], []), PHASES, **SETTINGS)
