from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.transport.aperture import aperture_faces
from mesocast.characterization.voxels import PORE
from mesocast.electrode import ACTIVE_MATERIAL, CBD

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesocast.electrode import Electrode

    MakeElectrode = Callable[..., Electrode]

COUNTS = (20, 24, 25)
CELL_UM = (0.5, 10 / 24, 0.4)
OPEN = {PORE: 1.0}


def open_area_um2(electrode: Electrode, axis: int, samples: int) -> np.ndarray:
    """Open area of each plane of faces; end planes carry twice the conductance."""
    faces = aperture_faces(electrode, COUNTS, CELL_UM, OPEN, samples)[axis].astype(float)
    if axis == 2:
        faces[:, :, [0, -1]] /= 2
    others = tuple(other for other in range(3) if other != axis)
    return np.asarray(faces.sum(axis=others) * CELL_UM[axis])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_open_area_is_that_around_the_spheres_sections(
    make_electrode: MakeElectrode, axis: int
) -> None:
    centre, radius = np.array([9.3, 1.1, 5.2]), 3.0  # reaches across both periods
    electrode = make_electrode([centre.tolist()], [radius])
    planes = np.arange(COUNTS[axis] + (axis == 2)) * CELL_UM[axis]
    distance = planes - centre[axis]
    if axis < 2:
        distance -= 10 * np.round(distance / 10)
    exact = 100 - np.pi * np.clip(radius**2 - distance**2, 0, None)
    np.testing.assert_allclose(open_area_um2(electrode, axis, 8), exact, atol=0.15)
    # Two samples per edge are still right on average.
    assert open_area_um2(electrode, axis, 2).mean() == pytest.approx(exact.mean(), rel=2e-3)


def test_a_grid_without_solids_is_a_uniform_conductor(make_electrode: MakeElectrode) -> None:
    electrode = make_electrode([(5, 5, 50)], [1.0])
    x, y, z = aperture_faces(electrode, COUNTS, CELL_UM, {PORE: 3.0})
    hx, hy, hz = CELL_UM
    np.testing.assert_allclose(x, 3 * hy * hz / hx, rtol=1e-6)
    np.testing.assert_allclose(y, 3 * hx * hz / hy, rtol=1e-6)
    np.testing.assert_allclose(z[:, :, 1:-1], 3 * hx * hy / hz, rtol=1e-6)
    np.testing.assert_allclose(z[:, :, [0, -1]], 6 * hx * hy / hz, rtol=1e-6)


def test_a_face_conducts_like_the_mean_of_its_phases(packing: Electrode) -> None:
    grid = (16, 16, 16), (0.5, 0.5, 0.5)
    parts = [aperture_faces(packing, *grid, {phase: 1.0}) for phase in (PORE, CBD)]
    both = aperture_faces(packing, *grid, {PORE: 1.0, CBD: 0.05})
    everything = aperture_faces(packing, *grid, {PORE: 1.0, CBD: 1.0, ACTIVE_MATERIAL: 1.0})
    for axis in range(3):
        np.testing.assert_allclose(both[axis], parts[0][axis] + 0.05 * parts[1][axis], atol=1e-6)
        assert (both[axis] <= everything[axis] + 1e-6).all()
