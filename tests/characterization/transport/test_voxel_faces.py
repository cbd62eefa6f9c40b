from __future__ import annotations

import numpy as np
import pytest

from mesocast.characterization.transport.voxel_faces import voxel_faces


def test_a_face_is_two_half_voxels_in_series() -> None:
    hx, hy, hz = 0.3, 0.4, 0.5
    sigma = np.array([0.0, 2.0, 0.01])
    phases = np.random.default_rng(4).integers(0, 3, (5, 4, 6), dtype=np.uint8)
    faces = voxel_faces(phases, (2.0, 0.01), (hx, hy, hz))
    value = sigma[phases]
    with np.errstate(divide="ignore"):
        for axis, (area, edge) in enumerate(((hy * hz, hx), (hx * hz, hy), (hx * hy, hz))):
            half = edge / 2 / (value * area)
            between = 1 / (half + np.roll(half, 1, axis))
            if axis == 2:
                between = np.concatenate(
                    [1 / half[..., :1], between[..., 1:], 1 / half[..., -1:]], 2
                )
            np.testing.assert_allclose(faces[axis], between, rtol=1e-6)


@pytest.mark.parametrize("axis", [0, 1])
def test_an_insulating_voxel_closes_its_faces(axis: int) -> None:
    phases = np.ones((4, 4, 4), dtype=np.uint8)
    phases.swapaxes(0, axis)[0] = 0  # the face between the last and the first closes the period
    closed = (voxel_faces(phases, (1.0,), (1.0, 1.0, 1.0))[axis] == 0).swapaxes(0, axis)
    np.testing.assert_array_equal(closed.all(axis=(1, 2)), [True, True, False, False])
