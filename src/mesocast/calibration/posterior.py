"""What measured electrodes say of the coefficients, and what that says of electrodes.

Kennedy and O'Hagan, J. R. Stat. Soc. B 63 (2001) 425, with one term of model error per quantity:
what is measured is the simulation at the true coefficients, plus what the model misses, plus the
error of the measurement. What the model misses, and what the emulators get wrong, goes together in
the electrodes of one recipe as chance does, since a pressed film was a dried one: they are no
independent witnesses. The coefficients are even over their bounds beforehand, but for those with
which films cannot be made (:mod:`mesocast.calibration.feasibility`); the size of what
the model misses has a half-Cauchy prior of the measurements' own error (Gelman, Bayesian Anal. 1
(2006) 515), so that a model that cannot meet all data says so by wide intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Emulation = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]

# Bounds of the model error, in measurement errors.
_LEAST_ERROR, _LARGEST_ERROR = 0.01, 100.0
_WALKERS, _BURN_IN, _STEPS, _THIN = 48, 500, 1000, 10
#: Standard deviation of what is even over the unit interval.
PRIOR_DEVIATION = 12**-0.5


@dataclass(frozen=True)
class Data:
    """Measured values and which outputs they are of.

    Parameters
    ----------
    outputs
        Place of each datum among the emulators' outputs, shape (data,).
    values, deviations
        Measured, and standard deviations of the measurement, shape (data,); logarithms where the
        output is one.
    kinds
        Quantity of each datum as a number from 0, shape (data,).
    """

    outputs: NDArray[np.int64]
    values: NDArray[np.float64]
    deviations: NDArray[np.float64]
    kinds: NDArray[np.int64]

    def without(self, left_out: NDArray[np.bool_]) -> Data:
        """Data that are not left out."""
        keep = ~left_out
        return Data(self.outputs[keep], self.values[keep], self.deviations[keep], self.kinds[keep])


@dataclass(frozen=True)
class Posterior:
    """Draws from the posterior.

    Parameters
    ----------
    unit
        Coefficients in the unit cube, shape (draws, coefficients).
    errors
        Standard deviation of what the model misses by quantity, shape (draws, kinds).
    log_probability
        Shape (draws,), up to a constant.
    effective_draws
        How many independent draws they are worth.
    """

    unit: NDArray[np.float64]
    errors: NDArray[np.float64]
    log_probability: NDArray[np.float64]
    effective_draws: float

    @property
    def best(self) -> NDArray[np.float64]:
        """The most probable coefficients among the draws."""
        return np.asarray(self.unit[int(np.argmax(self.log_probability))])


def sample_posterior(
    emulate: Emulation,
    data: Data,
    *,
    coefficients: int,
    error_scales: NDArray[np.float64],
    seed: int,
    correlation: NDArray[np.float64] | None = None,
    measurement_correlation: NDArray[np.float64] | None = None,
    feasible: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
) -> Posterior:
    """Draw coefficients and model errors given data.

    Parameters
    ----------
    emulate
        Mean and variance of all outputs at points of the unit cube.
    data
        What was measured.
    coefficients
        How many are sought.
    error_scales
        Scale of the prior of the model error by quantity, shape (kinds,).
    seed
        The same seed gives the same draws.
    correlation
        Of what model and emulators miss of the outputs, shape (outputs, outputs); None: none.
    measurement_correlation
        Of the errors of the measurements, shape (outputs, outputs); None: none.
    feasible
        Logarithm of the probability that films can be made at points of the unit cube; None: 0.
    """
    import emcee

    kinds, dimensions = len(error_scales), coefficients + len(error_scales)
    together, of_measurement = (
        np.eye(len(data.outputs)) if matrix is None else matrix[np.ix_(data.outputs, data.outputs)]
        for matrix in (correlation, measurement_correlation)
    )
    measured = of_measurement * np.outer(data.deviations, data.deviations)
    lowest, highest = np.log(_LEAST_ERROR), np.log(_LARGEST_ERROR)

    def log_probability(state: NDArray[np.float64]) -> NDArray[np.float64]:
        unit, logs = state[:, :coefficients], state[:, coefficients:]
        inside = ((unit >= 0) & (unit <= 1)).all(axis=1)
        inside &= ((logs >= lowest) & (logs <= highest)).all(axis=1)
        found = np.full(len(state), -np.inf)
        if inside.any():
            found[inside] = _log_likelihood(
                emulate, data, together, measured, unit[inside], error_scales * np.exp(logs[inside])
            )
            if feasible is not None:
                found[inside] += feasible(unit[inside])
            # Half-Cauchy in the error, so with its Jacobian in the logarithm.
            found[inside] += np.sum(logs[inside] - np.log1p(np.exp(2 * logs[inside])), axis=1)
        return found

    random = np.random.default_rng(seed)
    start = np.column_stack(
        [random.random((4096, coefficients)), random.uniform(-1, 3, (4096, kinds))]
    )
    # Walkers begin where it is likely, each elsewhere, and find the valleys in between.
    walkers = max(_WALKERS, 4 * dimensions)
    start = start[np.argsort(-log_probability(start))[:walkers]]
    sampler = emcee.EnsembleSampler(
        walkers,
        dimensions,
        log_probability,
        vectorize=True,
        # Ter Braak 2006, Stat. Comput. 16, 239: long steps now and then, from mode to mode.
        moves=[(emcee.moves.DEMove(), 0.9), (emcee.moves.DEMove(gamma0=1.0), 0.1)],
    )
    state = emcee.State(start, random_state=np.random.RandomState(seed % 2**32).get_state())
    sampler.run_mcmc(state, _BURN_IN + _STEPS)
    chain = sampler.get_chain(discard=_BURN_IN, thin=_THIN, flat=True)
    steps = float(np.max(sampler.get_autocorr_time(discard=_BURN_IN, tol=0)))
    return Posterior(
        unit=np.asarray(chain[:, :coefficients]),
        errors=np.asarray(error_scales * np.exp(chain[:, coefficients:])),
        log_probability=np.asarray(sampler.get_log_prob(discard=_BURN_IN, thin=_THIN, flat=True)),
        effective_draws=float(min(walkers * _STEPS / max(steps, 1.0), len(chain))),
    )


def _log_likelihood(
    emulate: Emulation,
    data: Data,
    together: NDArray[np.float64],
    measured: NDArray[np.float64],
    unit: NDArray[np.float64],
    errors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Of the data at points of the unit cube.

    `together` is the correlation of what model and emulators miss of the data, `measured` the
    covariance of their measurements' errors.
    """
    if not len(data.outputs):
        return np.zeros(len(unit))
    mean, variance = emulate(unit)
    missed = np.sqrt(variance[:, data.outputs] + errors[:, data.kinds] ** 2)
    total = together * missed[:, :, None] * missed[:, None, :] + measured
    residual = mean[:, data.outputs] - data.values
    factor = np.linalg.cholesky(total)
    white = np.linalg.solve(factor, residual[:, :, None])[:, :, 0]
    logarithm = np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    return np.asarray(-0.5 * np.sum(white**2, axis=1) - logarithm)


def predict(
    posterior: Posterior,
    emulate: Emulation,
    *,
    kinds: NDArray[np.int64],
    deviations: NDArray[np.float64],
    seed: int,
    correlation: NDArray[np.float64] | None = None,
    measurement_correlation: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Draw what would be measured of every output, shape (draws, outputs).

    Parameters
    ----------
    posterior, emulate
        Coefficients, and the emulators.
    kinds, deviations
        Quantity of each output and the standard deviation of its measurement, shape (outputs,).
    seed
        Of the draws.
    correlation, measurement_correlation
        As in :func:`sample_posterior`.
    """
    mean, variance = emulate(posterior.unit)
    missed = np.sqrt(variance + posterior.errors[:, kinds] ** 2)
    of_model, of_measurement = np.random.default_rng(seed).standard_normal((2, *mean.shape))
    if correlation is not None:
        of_model = of_model @ np.linalg.cholesky(correlation).T
    if measurement_correlation is not None:
        of_measurement = of_measurement @ np.linalg.cholesky(measurement_correlation).T
    return np.asarray(mean + missed * of_model + deviations * of_measurement)


def joint_ends(
    draws: NDArray[np.float64], ends: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Intervals that hold all outputs at once as often as each output's own interval holds it.

    Each output's own interval is widened on either side by one factor for all, which the largest
    deviation over the outputs exceeds in the share of the draws that `ends` leave outside: the
    band by the largest standardized deviation (Montiel Olea and Plagborg-Moller, J. Appl. Econom.
    34 (2019) 1), with either side of an interval as its own standard.

    Parameters
    ----------
    draws
        Shape (draws, outputs), jointly drawn.
    ends
        Quantiles of the interval of a single output.

    Returns
    -------
    tuple
        Lower and upper ends, shape (outputs,).
    """
    low, middle, high = np.quantile(draws, [ends[0], 0.5, ends[1]], axis=0)
    deviation = draws - middle
    side = np.where(deviation < 0, middle - low, high - middle)
    largest = np.max(np.abs(deviation) / np.maximum(side, np.finfo(np.float64).tiny), axis=1)
    factor = max(float(np.quantile(largest, ends[1] - ends[0])), 1.0)
    return middle - factor * (middle - low), middle + factor * (high - middle)


def sensitivities(
    posterior: Posterior, emulate: Emulation, step: float = 0.05
) -> NDArray[np.float64]:
    """Change of each output when a coefficient moves by its deviation before any measurement.

    Parameters
    ----------
    posterior
        Averaged over its draws.
    emulate
        The emulators.
    step
        Of the difference, in the unit cube.

    Returns
    -------
    ndarray
        Mean absolute change, shape (outputs, coefficients), in the outputs' units.
    """
    unit = posterior.unit[:: max(len(posterior.unit) // 256, 1)]
    columns = []
    for i in range(unit.shape[1]):
        up, down = unit.copy(), unit.copy()
        up[:, i] = np.minimum(unit[:, i] + step, 1.0)
        down[:, i] = np.maximum(unit[:, i] - step, 0.0)
        slope = (emulate(up)[0] - emulate(down)[0]) / (up[:, i] - down[:, i])[:, None]
        columns.append(np.abs(slope).mean(axis=0) * PRIOR_DEVIATION)
    return np.stack(columns, axis=1)


def information(
    posterior: Posterior,
    emulate: Emulation,
    *,
    kinds: NDArray[np.int64],
    deviations: NDArray[np.float64],
    is_measured: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """What one more measurement of each output would tell, in nats, shape (outputs,).

    Expected gain of a Gaussian (Lindley, Ann. Math. Stat. 27 (1956) 986): half the logarithm of
    the variance of what is predicted, times the precision that the measurement adds, plus 1. What
    the model misses is the same when an output is measured again, so a repeat only halves the
    variance of the measurement's own error.
    """
    mean, _ = emulate(posterior.unit)
    missed = np.median(posterior.errors, axis=0)[kinds] ** 2
    once = 1 / (missed + deviations**2)
    again = 1 / (missed + deviations**2 / 2) - once
    return np.asarray(0.5 * np.log1p(mean.var(axis=0) * np.where(is_measured, again, once)))
