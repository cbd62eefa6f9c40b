from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import ndimage

from mesocast.characterization.geometry.two_point import correlation_length, two_point

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def mask() -> NDArray[np.bool_]:
    field = ndimage.gaussian_filter(np.random.default_rng(2).normal(size=(40, 41, 42)), 2)
    return np.asarray(field > 0)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("share", [1.0, 0.7])
def test_it_counts_every_pair(axis: int, share: float, mask: NDArray[np.bool_]) -> None:
    valid = np.random.default_rng(1).random(mask.shape) < share
    found = two_point(mask & valid, valid, axis, 20)
    rows, known = np.moveaxis(mask & valid, axis, 0), np.moveaxis(valid, axis, 0)
    for steps in (0, 1, 7, 20):
        end = len(rows) - steps
        pairs = (rows[:end] & rows[steps:]).sum()
        assert found[steps] == pytest.approx(pairs / (known[:end] & known[steps:]).sum())


def test_it_is_porespys_radial_mean_of_an_isotropic_structure(mask: NDArray[np.bool_]) -> None:
    metrics = pytest.importorskip("porespy.metrics")  # PoreSpy allows no Python after 3.13

    theirs = metrics.two_point_correlation(mask, bins=np.arange(12) + 0.5)
    ours = np.mean([two_point(mask, mask | True, axis, 10) for axis in range(3)], axis=0)
    # Theirs is over that at no distance; bins of one step hold longer distances, too.
    np.testing.assert_array_equal(theirs.distance[:10], np.arange(1, 11))
    np.testing.assert_allclose(ours[3:], mask.mean() * theirs.probability[2:10], atol=0.01)


def test_the_length_of_an_exponential() -> None:
    steps = np.arange(50)
    share = 0.3
    values = share**2 + (share - share**2) * np.exp(-steps * 0.5 / 3.0)
    assert correlation_length(values, 0.5) == pytest.approx(3.0, rel=0.01)


@pytest.mark.parametrize("values", [[0.0, 0.0], [1.0, 1.0], [0.5, 0.49]])
def test_no_length_without_an_end(values: list[float]) -> None:
    assert correlation_length(np.array(values), 1.0) is None
