from __future__ import annotations

import numpy as np
import pytest

from mesocast.surrogates.evidence.noise_ceiling import noise_ceiling, replicates


def test_without_replicates_nothing_is_known() -> None:
    assert noise_ceiling(np.arange(6.0).reshape(3, 2), np.array([1.0, 2.0, 4.0])) is None


def test_by_hand() -> None:
    x = np.array([[1.0, 2.0], [1.0, 2.0], [3.0, 2.0], [3.0, 2.0], [5.0, 5.0]])
    y = np.array([1.0, 3.0, 10.0, 14.0, 20.0])
    found = noise_ceiling(x, y)
    assert found is not None
    assert (found.recipes, found.rows) == (2, 4)
    assert found.standard_deviation == pytest.approx(np.sqrt((2 + 8) / 2))
    relative = (0.5**2 * 2 + (2 / 12) ** 2 * 2) / 2
    assert found.relative_standard_deviation_pct == pytest.approx(100 * np.sqrt(relative))
    assert found.r2 == pytest.approx(1 - 5 / np.var(y, ddof=1))


@pytest.mark.parametrize(
    ("pairs", "seeds", "rates", "slurry_noise", "electrode_noise", "share_made"),
    [
        (20, 3, 1, 0.0, 1.0, 1.0),
        (8, 2, 3, 0.0, 1.0, 1.0),
        (8, 2, 3, 1.0, 1.0, 1.0),
        # The design of config/validation.yaml and config/demo.yaml: slurries repeat, and each is
        # pressed several times.
        (8, 2, 3, 5.0, 1.0, 1.0),
        (6, 3, 6, 2.0, 1.0, 1.0),
        (10, 2, 6, 3.0, 1.0, 0.6),
    ],
)
def test_interval_holds_the_truth_in_95_of_100_cases(
    pairs: int,
    seeds: int,
    rates: int,
    slurry_noise: float,
    electrode_noise: float,
    share_made: float,
) -> None:
    rng = np.random.default_rng(0)
    pair, seed, rate = (
        numbers.ravel()
        for numbers in np.meshgrid(range(pairs), range(seeds), range(rates), indexing="ij")
    )
    cases, hits = 600, 0
    for _ in range(cases):
        made = rng.random(len(pair)) < share_made
        x = np.column_stack([pair, rate])[made].astype(float)
        slurries = (pair * seeds + seed)[made]
        y = 10 * x[:, 0] + 3 * x[:, 1] + electrode_noise * rng.standard_normal(made.sum())
        y += slurry_noise * rng.standard_normal(pairs * seeds)[slurries]
        found = noise_ceiling(x, y, slurries)
        assert found is not None
        ceiling = 1 - (slurry_noise**2 + electrode_noise**2) / np.var(y, ddof=1)
        hits += int(found.r2_ci95[0] <= ceiling <= found.r2_ci95[1])
    assert 0.90 <= hits / cases <= 0.99


def test_degrees_of_freedom_of_the_extremes() -> None:
    """Those of the slurries' means where only slurries scatter, else those of the rows."""
    pair, seed, rate = (n.ravel() for n in np.meshgrid(range(8), range(3), range(4), indexing="ij"))
    x, slurries = np.column_stack([pair, rate]).astype(float), pair * 3 + seed
    rng = np.random.default_rng(1)
    shared = noise_ceiling(x, rng.standard_normal(24)[slurries], slurries)
    assert shared is not None
    assert shared.freedom == pytest.approx(8 * (3 - 1))
    assert (shared.recipes, shared.rows, shared.slurries) == (32, 96, 24)
    # Electrode noise that sums to 0 over each slurry: nothing is shared.
    own = rng.standard_normal((24, 4))
    own -= own.mean(axis=1, keepdims=True)
    alone = noise_ceiling(x, own.ravel(), slurries)
    assert alone is not None
    assert alone.freedom == 32 * (3 - 1)


def test_electrodes_of_one_slurry_are_no_replicates() -> None:
    x = np.array([[1.0], [1.0], [1.0], [2.0], [2.0]])
    y = np.array([1.0, 3.0, 6.0, 10.0, 14.0])
    found = replicates(x, y, ["S1", "S1", "S2", "S3", "S3"])
    assert found is not None
    assert (found.recipes, found.rows) == (1, 2)
    assert found.deviation.tolist() == [-2.0, 2.0]
    assert noise_ceiling(x[3:], y[3:], ["S3", "S3"]) is None


def test_values_that_are_missing_do_not_count() -> None:
    x = np.array([[1.0], [1.0], [1.0], [3.0], [3.0]])
    found = replicates(x, np.array([1.0, 3.0, np.nan, 10.0, np.inf]))
    assert found is not None
    assert (found.recipes, found.rows) == (1, 2)
    assert found.standard_deviation == pytest.approx(np.sqrt(2))
