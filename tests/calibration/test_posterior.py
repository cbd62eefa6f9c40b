"""Emulators and posterior on functions whose answer is known."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import qmc

from mesocast.calibration.emulator import Emulators, fit_emulators, seed_variance
from mesocast.calibration.posterior import (
    PRIOR_DEVIATION,
    Data,
    Posterior,
    information,
    joint_ends,
    predict,
    sample_posterior,
    sensitivities,
)
from mesocast.calibration.propose import propose_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE = 0.01
TRUTH = np.array([0.3, 0.6, 0.5])


def line(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Three outputs of three coefficients, of which the last decides nothing."""
    a, b = x[..., 0], x[..., 1]
    return np.stack([a + 0.2 * b, np.sin(2 * b) + 0.1 * a, a * b], axis=0)


@pytest.fixture(scope="module")
def emulators() -> Emulators:
    x = qmc.Sobol(3, seed=1).random(32)
    random = np.random.default_rng(0)
    values = line(x)[:, :, None] + NOISE * random.standard_normal((3, 32, 2))
    values[0, 3] = np.nan  # a film that failed
    return fit_emulators(x, values, np.zeros(32, dtype=np.int64))


def measured(deviation: float = 0.01) -> Data:
    return Data(
        outputs=np.arange(3),
        values=line(TRUTH),
        deviations=np.full(3, deviation),
        kinds=np.zeros(3, dtype=np.int64),
    )


@pytest.fixture(scope="module")
def posterior(emulators: Emulators) -> Posterior:
    return sample_posterior(
        emulators, measured(), coefficients=3, error_scales=np.array([0.01]), seed=1
    )


def test_noise_between_seeds_is_measured_by_groups() -> None:
    random = np.random.default_rng(1)
    deviations = np.repeat([0.1, 0.5], 200)
    values = random.standard_normal((400, 1)) + deviations[:, None] * random.standard_normal(
        (400, 3)
    )
    values[0, 0] = np.nan
    found = seed_variance(values, np.repeat([0, 1], 200))
    assert found[0] == pytest.approx(0.01, rel=0.2)
    assert found[1] == pytest.approx(0.25, rel=0.2)
    assert seed_variance(np.full((3, 2), np.nan), np.zeros(3, dtype=np.int64)) == {0: 0.0}


def test_emulators_give_the_function_and_how_far_they_know_it(emulators: Emulators) -> None:
    x = np.random.default_rng(2).random((500, 3))
    mean, variance = emulators(x)
    error = mean - line(x).T
    assert np.abs(error).mean() < 0.02
    # Their errors are as large as they say: about a third lies outside of one deviation.
    assert np.mean(np.abs(error) < 2 * np.sqrt(variance)) > 0.8
    far, _ = emulators.with_pending(x[0], np.full(3, NOISE**2))(x[:1])
    np.testing.assert_allclose(far, mean[:1], atol=1e-8)


def test_a_pending_point_is_known_afterwards(emulators: Emulators) -> None:
    corner = np.zeros((1, 3))
    before = emulators(corner)[1]
    after = emulators.with_pending(corner[0], np.full(3, NOISE**2))(corner)[1]
    assert (after < before).all()
    assert (after <= NOISE**2 * 1.01).all()


def test_coefficients_are_recovered_and_what_decides_nothing_is_not(posterior: Posterior) -> None:
    low, high = np.quantile(posterior.unit, [0.05, 0.95], axis=0)
    assert ((low <= TRUTH) & (high >= TRUTH)).all()
    width = posterior.unit.std(axis=0) / PRIOR_DEVIATION
    assert (width[:2] < 0.4).all()
    assert width[2] > 0.8
    assert posterior.effective_draws > 200
    np.testing.assert_allclose(posterior.best[:2], TRUTH[:2], atol=0.08)


def test_without_data_the_posterior_is_the_prior(emulators: Emulators) -> None:
    none = measured().without(np.ones(3, dtype=bool))
    found = sample_posterior(emulators, none, coefficients=3, error_scales=np.array([0.01]), seed=2)
    np.testing.assert_allclose(found.unit.mean(axis=0), 0.5, atol=0.05)
    np.testing.assert_allclose(found.unit.std(axis=0), PRIOR_DEVIATION, rtol=0.1)


def test_data_that_no_coefficients_meet_widen_the_intervals(emulators: Emulators) -> None:
    data = measured()
    data.values[0] += 1.0  # out of reach beside the others
    found = sample_posterior(emulators, data, coefficients=3, error_scales=np.array([0.01]), seed=3)
    assert np.median(found.errors) > 0.1


def test_the_same_seed_gives_the_same_draws(emulators: Emulators, posterior: Posterior) -> None:
    again = sample_posterior(
        emulators, measured(), coefficients=3, error_scales=np.array([0.01]), seed=1
    )
    np.testing.assert_array_equal(again.unit, posterior.unit)


def test_predictions_cover_what_was_not_shown(emulators: Emulators) -> None:
    """Output 2 is predicted from the two others."""
    data = measured()
    shown = data.without(np.array([False, False, True]))
    found = sample_posterior(
        emulators, shown, coefficients=3, error_scales=np.array([0.01]), seed=4
    )
    draws = predict(found, emulators, kinds=data.kinds, deviations=data.deviations, seed=5)
    low, high = np.quantile(draws[:, 2], [0.05, 0.95])
    assert low <= line(TRUTH)[2] <= high
    assert high - low < 0.3


def test_it_is_told_what_informs_what(emulators: Emulators, posterior: Posterior) -> None:
    found = sensitivities(posterior, emulators)
    expected = PRIOR_DEVIATION * np.array([[1, 0.2], [0.1, 2 * np.cos(1.2)], [0.6, 0.3]])
    np.testing.assert_allclose(found[:, :2], expected, atol=0.04)
    assert (found[:, 2] < 0.03).all()


def test_a_measurement_of_what_is_known_tells_little(
    emulators: Emulators, posterior: Posterior
) -> None:
    ignorant = Posterior(
        np.random.default_rng(0).random(posterior.unit.shape),
        posterior.errors,
        posterior.log_probability,
        1.0,
    )
    kinds, deviations = np.zeros(3, dtype=np.int64), np.full(3, 0.01)
    new = np.zeros(3, dtype=np.bool_)
    known = information(posterior, emulators, kinds=kinds, deviations=deviations, is_measured=new)
    unknown = information(ignorant, emulators, kinds=kinds, deviations=deviations, is_measured=new)
    assert (known >= 0).all()
    assert (known < unknown).all()


@pytest.mark.parametrize(("missed", "deviation"), [(0.03, 0.005), (0.005, 0.03)])
def test_a_repeat_has_the_same_model_error(missed: float, deviation: float) -> None:
    """Against the closed form of a mean that two measurements with a common error tell."""

    def emulate(unit: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return unit, np.zeros_like(unit)

    once, twice = missed**2 + deviation**2, missed**2 + deviation**2 / 2
    draws = 0.5 + np.sqrt(once) * np.random.default_rng(1).standard_normal((20_000, 1))
    known = Posterior(draws, np.full((20_000, 1), missed), np.zeros(20_000), 20_000.0)
    kinds, deviations = np.zeros(1, dtype=np.int64), np.array([deviation])
    again, other = (
        information(
            known, emulate, kinds=kinds, deviations=deviations, is_measured=np.array([is_repeat])
        )[0]
        for is_repeat in (True, False)
    )
    # All that is known of the output is one measurement: variance before, and after two of them.
    assert again == pytest.approx(0.5 * np.log(once / twice), rel=0.03)
    assert other == pytest.approx(0.5 * np.log(2), rel=0.03)
    assert again < other


def test_a_round_begins_at_the_best_and_does_not_repeat_itself(
    emulators: Emulators, posterior: Posterior
) -> None:
    points = propose_points(
        posterior,
        emulators,
        lambda unit: unit,
        count=5,
        error_variance=np.array([1e-4, 1e-4, np.inf]),
        noise=np.full(3, NOISE**2 / 2),
        failed=np.empty((0, 3)),
    )
    assert points.shape == (5, 3)
    np.testing.assert_array_equal(points[0], posterior.best)
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)[np.triu_indices(5, 1)]
    assert distances.min() > 0.02
    # Of what only the emulators do not know yet: along the coefficient that decides nothing.
    assert np.ptp(points[:, 2]) > 0.3


@pytest.mark.parametrize("correlation", [0.0, 0.99])
def test_joint_intervals_hold_all_outputs_at_once(correlation: float) -> None:
    """Against new draws: independent ones are held by wider intervals, alike ones by their own."""
    random = np.random.default_rng(3)
    covariance = np.full((4, 4), correlation) + (1 - correlation) * np.eye(4)

    def draw(count: int) -> NDArray[np.float64]:
        normal = random.multivariate_normal(np.zeros(4), covariance, count)
        return np.asarray(np.exp(0.5 * normal))  # skewed: either side has a width of its own

    draws, new = draw(20_000), draw(20_000)
    low, high = joint_ends(draws, (0.05, 0.95))
    held = ((new >= low) & (new <= high)).all(axis=1).mean()
    assert held == pytest.approx(0.9, abs=0.01)
    own_low, own_high = np.quantile(draws, [0.05, 0.95], axis=0)
    own = ((new >= own_low) & (new <= own_high)).all(axis=1).mean()
    assert own == pytest.approx(0.9**4 if correlation == 0 else 0.88, abs=0.015)
    assert (low <= own_low).all()
    assert (high >= own_high).all()


def _two_witnesses(
    correlation: NDArray[np.float64] | None = None,
    measurement_correlation: NDArray[np.float64] | None = None,
    *,
    emulator: float = 0.1,
    deviation: float = 1e-3,
) -> Posterior:
    """Two outputs of one coefficient."""

    def emulate(unit: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        mean = np.column_stack([unit[:, 0], unit[:, 0]])
        return mean, np.full_like(mean, emulator**2)

    data = Data(np.arange(2), np.full(2, 0.5), np.full(2, deviation), np.zeros(2, dtype=np.int64))
    return sample_posterior(
        emulate,
        data,
        coefficients=1,
        error_scales=np.array([1e-4]),
        correlation=correlation,
        measurement_correlation=measurement_correlation,
        seed=1,
    )


def test_what_goes_together_is_no_second_witness() -> None:
    """Two independent values tell a mean by the root of two better; two alike tell it as one."""
    alike = np.array([[1.0, 0.98], [0.98, 1.0]])
    assert _two_witnesses().unit.std() == pytest.approx(0.1 / 2**0.5, rel=0.1)
    assert _two_witnesses(alike).unit.std() == pytest.approx(0.1 * 0.99**0.5, rel=0.1)
    # So are two values of one weighing.
    inexact = partial(_two_witnesses, emulator=1e-3, deviation=0.1)
    assert inexact().unit.std() == pytest.approx(0.1 / 2**0.5, rel=0.1)
    weighed = inexact(measurement_correlation=alike)
    assert weighed.unit.std() == pytest.approx(0.1 * 0.99**0.5, rel=0.1)


def test_what_goes_together_is_predicted_together(emulators: Emulators) -> None:
    kinds, deviations = np.zeros(3, dtype=np.int64), np.full(3, 1e-6)
    correlation = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]])
    one = Posterior(
        np.tile(TRUTH, (4000, 1)), np.full((4000, 1), 0.05), np.zeros(4000), effective_draws=4000
    )
    apart, together = (
        predict(one, emulators, kinds=kinds, deviations=deviations, seed=5, correlation=c)
        for c in (None, correlation)
    )
    assert np.atleast_2d(np.corrcoef(apart, rowvar=False))[0, 1] == pytest.approx(0.0, abs=0.05)
    assert np.atleast_2d(np.corrcoef(together, rowvar=False))[0, 1] == pytest.approx(0.9, abs=0.02)
    assert together.std(axis=0) == pytest.approx(apart.std(axis=0), rel=0.05)
