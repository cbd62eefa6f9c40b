from __future__ import annotations

import numpy as np
import pytest

from mesocast.characterization.transport.percolation import (
    clusters,
    reach,
    reached_through_faces,
    spanning,
)
from mesocast.characterization.transport.voxel_faces import voxel_faces


def test_only_clusters_that_touch_both_ends_are_kept() -> None:
    mask = np.zeros((6, 6, 5), dtype=bool)
    mask[1, 1, :] = True  # spans
    mask[3, 3, :4] = True  # dead end from the collector
    mask[3, 1, 2:] = True  # dead end from the surface
    mask[1, 3, 2] = True  # isolated
    expected = np.zeros_like(mask)
    expected[1, 1, :] = True
    np.testing.assert_array_equal(spanning(mask), expected)


def test_a_path_may_cross_the_periodic_sides() -> None:
    mask = np.zeros((6, 6, 4), dtype=bool)
    mask[0, 0, :2] = True
    mask[5, 0, 1] = True
    mask[5, 5, 1:] = True
    np.testing.assert_array_equal(spanning(mask), mask)
    assert len(np.unique(clusters(mask)[mask])) == 1


def test_the_collector_and_the_surface_are_no_periodic_sides() -> None:
    mask = np.zeros((4, 4, 6), dtype=bool)
    mask[1, 1, :2] = mask[1, 1, 4:] = True
    assert len(np.unique(clusters(mask)[mask])) == 2
    assert not spanning(mask).any()


def test_edges_and_corners_do_not_connect() -> None:
    mask = np.zeros((4, 4, 4), dtype=bool)
    mask[1, 1, :2] = mask[2, 2, 2:] = mask[1, 2, 2:] = True
    assert not spanning(mask).any()


def test_reach_counts_the_layers_connected_to_the_collector() -> None:
    mask = np.zeros((4, 4, 10), dtype=bool)
    mask[1, 1, :3] = mask[3, 1, 5:] = True
    mask[2, 3, :7] = True
    assert reach(mask) == 7
    assert reach(np.zeros_like(mask)) == 0


def test_empty_and_full_masks() -> None:
    full = np.ones((3, 3, 3), dtype=bool)
    assert spanning(full).all()
    assert not spanning(~full).any()


@pytest.mark.parametrize("share", [0.25, 0.35, 0.5])
def test_faces_of_voxels_connect_what_voxels_connect(share: float) -> None:
    mask = np.random.default_rng(8).random((12, 11, 10)) < share
    reached, both = reached_through_faces(
        voxel_faces(mask.astype(np.uint8), (1.0,), (1.0, 1.0, 1.0))
    )
    np.testing.assert_array_equal(both, spanning(mask))
    assert reached.any(axis=(0, 1)).sum() == reach(mask)
    numbers = clusters(mask)
    from_the_collector = np.isin(numbers, numbers[:, :, 0][mask[:, :, 0]])
    np.testing.assert_array_equal(reached, from_the_collector)


def test_closed_faces_separate_cells() -> None:
    faces = voxel_faces(np.ones((3, 3, 6), dtype=np.uint8), (1.0,), (1.0, 1.0, 1.0))
    assert reached_through_faces(faces)[1].all()
    faces.z[:, :, 4] = 0
    reached, both = reached_through_faces(faces)
    np.testing.assert_array_equal(reached.all(axis=(0, 1)), [True] * 4 + [False] * 2)
    assert not both.any()
