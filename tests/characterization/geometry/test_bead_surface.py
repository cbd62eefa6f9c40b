from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.geometry.bead_surface import active_surface
from mesocast.electrode import ACTIVE_MATERIAL, CBD

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.electrode import Electrode

    MakeElectrode = Callable[..., Electrode]


def cap_share(radius: float, other: float, distance: float) -> float:
    """Share of a sphere's surface that lies inside another sphere."""
    return (1 - (distance**2 + radius**2 - other**2) / (2 * distance * radius)) / 2


def test_a_single_sphere_faces_only_pore(make_electrode: MakeElectrode) -> None:
    surface = active_surface(make_electrode([(5, 5, 5)], [2.0]), 0.1)
    assert surface.area_um2 == pytest.approx(16 * np.pi)
    assert surface.pore_share == 1.0


@pytest.mark.parametrize("direction", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0.48, 0.64)])
@pytest.mark.parametrize("start", [(5, 5, 5), (9.5, 9.0, 5)])
def test_cbd_covers_a_cap_in_any_direction_and_across_the_sides(
    make_electrode: MakeElectrode,
    direction: tuple[float, float, float],
    start: tuple[float, float, float],
) -> None:
    centres = [start, tuple(np.array(start) + 2.2 * np.array(direction))]
    electrode = make_electrode(centres, [2.0, 0.7], [ACTIVE_MATERIAL, CBD])
    surface = active_surface(electrode, 0.0, points_per_um2=2000)
    assert surface.cbd_share == pytest.approx(cap_share(2.0, 0.7, 2.2), abs=2e-4)
    assert surface.pore_share == pytest.approx(1 - surface.cbd_share)


def test_the_tolerance_enlarges_cbd_only(make_electrode: MakeElectrode) -> None:
    electrode = make_electrode(
        [(3, 5, 5), (6, 5, 5), (3, 5, 7.2)],
        [1.4, 1.4, 0.7],
        [ACTIVE_MATERIAL, ACTIVE_MATERIAL, CBD],
    )
    assert active_surface(electrode, 0.0).pore_share == 1.0
    surface = active_surface(electrode, 0.3)
    assert surface.active_material_share == 0.0
    assert surface.cbd_share == pytest.approx(cap_share(1.4, 1.0, 2.2) / 2, abs=5e-4)


def test_two_overlapping_active_spheres(make_electrode: MakeElectrode) -> None:
    surface = active_surface(make_electrode([(4, 5, 5), (6.5, 5, 5)], [2.0, 1.0]), 0.1)
    covered = 16 * np.pi * cap_share(2.0, 1.0, 2.5) + 4 * np.pi * cap_share(1.0, 2.0, 2.5)
    assert surface.active_material_share == pytest.approx(covered / (20 * np.pi), abs=5e-4)


def test_a_large_sphere_touches_two_images_of_its_neighbour_and_itself(
    make_electrode: MakeElectrode,
) -> None:
    """Row of spheres of radius 2.2 um along x, 4 um apart: two caps each, whatever the box."""
    expected = 2 * cap_share(2.2, 2.2, 4.0)
    pair = make_electrode([(1, 10, 5), (5, 10, 5)], [2.2, 2.2], lateral_um=(8.0, 20.0))
    single = make_electrode([(1, 10, 5)], [2.2], lateral_um=(4.0, 20.0))
    for electrode in (pair, single):
        surface = active_surface(electrode, 0.0)
        assert surface.active_material_share == pytest.approx(expected, abs=5e-4)


def test_surface_below_the_collector_plane_is_not_active(make_electrode: MakeElectrode) -> None:
    surface = active_surface(make_electrode([(5, 5, 1.5)], [2.0]), 0.0)
    assert surface.collector_share == pytest.approx(0.5 / 4, abs=5e-4)
    assert surface.pore_share == pytest.approx(1 - 0.5 / 4, abs=5e-4)


def test_shares_add_up_and_do_not_depend_on_where_the_box_begins(packing: Electrode) -> None:
    surface = active_surface(packing, 0.07)
    shares = (
        surface.pore_share,
        surface.cbd_share,
        surface.active_material_share,
        surface.collector_share,
    )
    assert sum(shares) == pytest.approx(1)
    moved = type(packing)(
        packing.positions_um + np.array([31.3, -12.7, 0]),
        packing.radii_um,
        packing.species,
        packing.masses_pg,
        packing.lateral_um,
    )
    assert active_surface(moved, 0.07).pore_share == pytest.approx(surface.pore_share, abs=1e-4)


def test_shares_of_a_packing_agree_with_many_more_points(packing: Electrode) -> None:
    coarse, fine = active_surface(packing, 0.07), active_surface(packing, 0.07, 2000)
    assert coarse.pore_share == pytest.approx(fine.pore_share, abs=1e-3)


def test_without_active_material_there_is_no_surface(make_electrode: MakeElectrode) -> None:
    assert active_surface(make_electrode([(5, 5, 5)], [1.0], [CBD]), 0.1).area_um2 == 0.0
