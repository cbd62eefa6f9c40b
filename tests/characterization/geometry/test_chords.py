from __future__ import annotations

import numpy as np
import pytest

from mesocast.characterization.geometry.chords import chords


def test_chords_that_an_end_cuts_are_left_out() -> None:
    row = np.array([1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1], dtype=bool)
    found = chords(row[None, None], np.ones((1, 1, 14), dtype=bool), 2, 0.5)
    assert found.lengths_um.tolist() == [0.5, 1.5]
    assert found.counts.tolist() == [1, 2]
    assert found.mean_um == pytest.approx((0.5 + 3.0) / 3)


def test_chords_that_the_samples_border_cuts_are_left_out() -> None:
    row = np.array([0, 1, 1, 0, 1, 1, 1, 0], dtype=bool)
    valid = np.array([1, 1, 1, 0, 1, 1, 1, 1], dtype=bool)
    found = chords(row[None, None], valid[None, None], 2, 1.0)
    assert found.counts.sum() == 0
    assert found.mean_um is None


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_they_are_porespys(axis: int) -> None:
    """On lines two voxels apart, because PoreSpy's chords must not touch."""
    porespy = pytest.importorskip("porespy")  # it allows no Python after 3.13

    mask = np.random.default_rng(5).random((21, 23, 25)) < 0.8
    apart = porespy.filters.apply_chords(mask, spacing=1, axis=axis, trim_edges=True)
    theirs = porespy.metrics.chord_counts(apart)
    lines = np.zeros_like(mask)
    others = [other for other in range(3) if other != axis]
    every = [slice(None)] * 3
    for other in others:
        # PoreSpy leaves out the lines on the sides, too.
        every[other] = slice(2, mask.shape[other] - 2, 2)
    lines[tuple(every)] = mask[tuple(every)]
    found = chords(lines, np.ones_like(mask), axis, 1.0)
    ours = np.repeat(found.lengths_um, found.counts)
    np.testing.assert_array_equal(np.sort(theirs), ours)
