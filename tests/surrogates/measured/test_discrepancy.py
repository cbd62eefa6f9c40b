"""The discrepancy between measured and simulated electrodes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import qmc

from mesocast.surrogates.measured.discrepancy import Discrepancy, fit_discrepancy

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LOW, HIGH = np.array(BOX).T
NOISE = 0.05


def _recipes(count: int, seed: int) -> NDArray[np.float64]:
    return np.asarray(qmc.scale(qmc.Sobol(3, rng=seed).random(count), LOW, HIGH))


def _line(recipes: NDArray[np.float64]) -> NDArray[np.float64]:
    """A constant, and a slope along the active material of 0.8 from bound to bound."""
    u = 2 * (recipes - LOW) / (HIGH - LOW) - 1
    return np.asarray(0.5 + 0.4 * u[:, 0])


def _fit(told: float, count: int = 16, seed: int = 1) -> Discrepancy:
    recipes = _recipes(count, seed)
    noise = NOISE * np.random.default_rng(seed).standard_normal(count)
    spread = np.full(count, told)
    return fit_discrepancy(recipes, _line(recipes) + noise, spread, BOX, expected=1.0)


@pytest.fixture(scope="module")
def fitted() -> Discrepancy:
    return _fit(NOISE)


def test_constant_and_slope_are_found(fitted: Discrepancy) -> None:
    mean, deviation = fitted.slopes()
    assert abs(mean[0] - 0.8) < 3 * deviation[0] < 0.4
    assert np.all(np.abs(mean[1:]) < 3 * deviation[1:])
    recipes = _recipes(64, 7)
    found, spread = fitted(recipes)
    assert np.abs(found - _line(recipes)).max() < 0.2
    assert np.mean(np.abs(found - _line(recipes)) < 2 * spread) > 0.8


def test_left_out_electrodes_are_predicted_by_the_others(fitted: Discrepancy) -> None:
    mean, deviation = fitted.left_out()
    without = replace(
        fitted, x=fitted.x[1:], differences=fitted.differences[1:], told=fitted.told[1:]
    )
    there, spread = without(np.array([fitted.x[0]]))
    assert mean[0] == pytest.approx(there[0])
    noise = np.hypot(fitted.scatter, fitted.told[0])
    assert deviation[0] == pytest.approx(np.hypot(spread[0], noise))


def test_samples_have_mean_and_spread_of_the_process(fitted: Discrepancy) -> None:
    recipes = _recipes(4, 3)
    drawn = fitted.sample(recipes, 4000, np.random.default_rng(1))
    mean, deviation = fitted(recipes)
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=5 * deviation.max() / 4000**0.5)
    assert drawn.std(axis=0) == pytest.approx(deviation, rel=0.1)


def test_nothing_but_noise_is_no_discrepancy() -> None:
    recipes = _recipes(16, 1)
    noise = NOISE * np.random.default_rng(1).standard_normal(16)
    found = fit_discrepancy(recipes, noise, np.full(16, NOISE), BOX, expected=1.0)
    mean, _ = found(_recipes(64, 7))
    assert np.abs(mean).max() < NOISE


def test_noise_that_is_not_told_widens_the_interval(fitted: Discrepancy) -> None:
    untold = _fit(np.nan)
    assert untold.quantile > fitted.quantile == pytest.approx(1.96, abs=0.001)
    assert 0.5 * NOISE < untold.noise < 3 * NOISE


def test_what_few_electrodes_cannot_show_stays_as_wide_as_expected() -> None:
    found = _fit(NOISE, count=4)
    size = np.sqrt(np.mean(np.square(found.differences)))
    assert 0.15 * size < found.amplitude < 0.6 * size
    assert 0.15 * NOISE < found.scatter < 0.6 * NOISE


def test_before_anything_is_measured_nothing_is_known() -> None:
    none = np.empty(0)
    found = fit_discrepancy(np.empty((0, 3)), none, none, BOX, expected=2.0)
    mean, deviation = found(_recipes(4, 1))
    assert not mean.any()
    assert deviation.min() > 1.0


def test_the_fit_depends_on_its_arguments_only() -> None:
    assert _fit(NOISE) == _fit(NOISE)


def test_a_choice_of_two_words_is_a_number_of_two_levels() -> None:
    random = np.random.default_rng(2)
    recipes = np.column_stack([random.random(12), np.tile([0.0, 1.0], 6)])
    differences = 0.3 + 0.5 * recipes[:, 1] + 0.05 * random.standard_normal(12)
    told, box = np.full(12, np.nan), [(0.0, 1.0)] * 2
    by_number = fit_discrepancy(recipes, differences, told, box, expected=0.5)
    by_word = fit_discrepancy(recipes, differences, told, box, expected=0.5, choices=(0, 2))
    for number, word in zip(by_number(recipes), by_word(recipes), strict=True):
        np.testing.assert_allclose(word, number, rtol=1e-2, atol=1e-3)
    assert by_word.slopes()[0][1] == pytest.approx(by_number.slopes()[0][1], rel=0.02)
    assert by_word.slopes()[0][1] == pytest.approx(0.5, abs=0.1)


def test_the_order_of_words_tells_nothing() -> None:
    """The second of three materials is off; a number from 0 to 2 would see no slope there."""
    random = np.random.default_rng(3)
    places = np.tile([0.0, 1.0, 2.0], 6)
    recipes = np.column_stack([random.random(18), places])
    differences = (places == 1) * 1.0 + 0.03 * random.standard_normal(18)
    box, told = [(0.0, 1.0), (0.0, 2.0)], np.full(18, 0.03)
    found = fit_discrepancy(recipes, differences, told, box, expected=0.5, choices=(0, 3))
    mean, _ = found(np.array([[0.5, 0.0], [0.5, 1.0], [0.5, 2.0]]))
    np.testing.assert_allclose(mean, [0, 1, 0], atol=0.05)
    other = recipes.copy()
    other[:, 1] = np.array([2.0, 0.0, 1.0])[places.astype(int)]
    again = fit_discrepancy(other, differences, told, box, expected=0.5, choices=(0, 3))
    mean, _ = again(np.array([[0.5, 2.0], [0.5, 0.0], [0.5, 1.0]]))
    np.testing.assert_allclose(mean, [0, 1, 0], atol=0.05)
    assert found.slopes()[0].shape == (2,)


def test_intervals_hold_new_electrodes_of_six_parameters() -> None:
    """Constant, slopes and curvature in six parameters, from 16 electrodes without told errors."""
    random, held = np.random.default_rng(5), []
    box = [(-1.0, 1.0)] * 6

    def line(u: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(0.5 + 0.4 * u[:, 0] - 0.3 * u[:, 3] + 0.25 * u[:, 2] * u[:, 4])

    for seed in range(3):
        recipes = 2 * qmc.Sobol(6, rng=seed).random(16) - 1
        measured = line(recipes) + 0.05 * random.standard_normal(16)
        found = fit_discrepancy(recipes, measured, np.full(16, np.nan), box, expected=0.5)
        new = 2 * random.random((300, 6)) - 1
        mean, deviation = found(new)
        width = found.quantile * np.hypot(deviation, found.noise)
        truth = line(new) + 0.05 * random.standard_normal(300)
        held.append(float((np.abs(truth - mean) < width).mean()))
        assert np.abs(truth - mean).mean() < 0.5 * np.abs(truth).mean()
    assert 0.9 <= np.mean(held) <= 0.995
