"""Coefficients with which films cannot be made are neither found nor asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import qmc

from mesocast.calibration.emulator import fit_emulators
from mesocast.calibration.feasibility import fit_feasibility, is_made
from mesocast.calibration.posterior import Data, Posterior, sample_posterior
from mesocast.calibration.propose import propose_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

X = qmc.Sobol(2, seed=1).random(32)
MADE = X[:, 0] < 0.6


def test_a_point_counts_as_made_by_most_of_what_was_wanted() -> None:
    values = np.array([[[1.0, 1.0], [1.0, np.nan], [np.nan, np.nan]], [[1.0, 1.0]] * 2 + [[0, 0]]])
    values[1, 2] = [np.nan, 1.0]
    assert is_made(values).tolist() == [True, True, False]


@pytest.mark.parametrize("made", [True, False])
def test_nothing_is_known_where_all_are_alike(made: bool) -> None:
    assert fit_feasibility(X, np.full(32, made)) is None


def test_probability_falls_where_films_fail() -> None:
    feasible = fit_feasibility(X, MADE)
    assert feasible is not None
    inside, outside = (np.exp(feasible(np.array([[x, 0.5]])))[0] for x in (0.2, 0.9))
    assert inside > 0.9
    assert outside < 0.1


def test_posterior_keeps_out_of_where_films_fail() -> None:
    """Of two coefficients that meet the data as well, the one whose films can be made is found."""

    def emulate(unit: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        mean = (unit[:, :1] - 0.55) ** 2
        return mean, np.full_like(mean, 1e-6)

    data = Data(np.zeros(1, np.int64), np.array([0.09]), np.array([0.005]), np.zeros(1, np.int64))

    def sample(*, knows: bool) -> Posterior:
        return sample_posterior(
            emulate,
            data,
            coefficients=2,
            error_scales=np.array([1e-4]),
            seed=1,
            feasible=fit_feasibility(X, MADE) if knows else None,
        )

    assert (sample(knows=False).unit[:, 0] > 0.55).mean() > 0.2
    assert (sample(knows=True).unit[:, 0] > 0.55).mean() < 0.06


def test_a_point_that_failed_is_not_asked_for_again() -> None:
    emulators = fit_emulators(X, X.T[:, :, None] * np.ones(2), np.zeros(32, dtype=np.int64))
    draws = np.random.default_rng(1).random((400, 2))
    likely = -np.abs(draws - 0.5).sum(axis=1)
    posterior = Posterior(draws, np.ones((400, 1)), likely, 400.0)

    def proposed(failed: NDArray[np.float64]) -> NDArray[np.float64]:
        return propose_points(
            posterior,
            emulators,
            lambda unit: unit,
            count=3,
            error_variance=np.full(2, 1e-4),
            noise=np.full(2, 1e-4),
            failed=failed,
        )

    np.testing.assert_array_equal(proposed(np.empty((0, 2)))[0], posterior.best)
    points = proposed(posterior.best[None])
    assert np.linalg.norm(points - posterior.best, axis=1).min() > 0.02
