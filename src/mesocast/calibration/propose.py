"""Which coefficients to simulate next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mesocast.calibration.emulator import Emulators
    from mesocast.calibration.posterior import Posterior

_CANDIDATES = 512
# Closer points, in the unit cube, tell nothing new.
_LEAST_DISTANCE = 0.02


def propose_points(
    posterior: Posterior,
    emulators: Emulators,
    as_input: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    count: int,
    error_variance: NDArray[np.float64],
    noise: NDArray[np.float64],
    failed: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Choose points of a round one after the other, each knowing those before as pending.

    The first is the most probable point; each further one is, of draws from the posterior, that at
    which the emulators know least of the measured outputs, counted in errors of model and
    measurement. So a round looks where the data may be met, and no two of its points look for the
    same thing.

    Parameters
    ----------
    posterior, emulators
        By all films so far.
    as_input
        Makes inputs of the emulators, with the mass of the round's films, of points of the unit
        cube.
    count
        Points of the round.
    error_variance
        Of model and measurement, shape (outputs,); infinite where an output is not measured.
    noise
        Variance of what a new point gives, shape (outputs,).
    failed
        Points whose films could not be made, shape (n, coefficients): none is asked for again.

    Returns
    -------
    ndarray
        Shape (count, coefficients), in the unit cube.
    """
    away = _distance(posterior.unit, failed) > _LEAST_DISTANCE
    if not away.any():
        away[:] = True
    unit = posterior.unit[away]
    step = max(len(unit) // _CANDIDATES, 1)
    candidates = np.asarray(unit[::step])
    chosen = [np.asarray(unit[int(np.argmax(posterior.log_probability[away]))])]
    emulators = emulators.with_pending(as_input(chosen[0][None])[0], noise)
    while len(chosen) < count:
        _, variance = emulators(as_input(candidates))
        score = np.log1p(variance / error_variance).sum(axis=1)
        distance = _distance(candidates, np.array(chosen))
        if (distance > _LEAST_DISTANCE).any():
            score[distance <= _LEAST_DISTANCE] = -np.inf
        chosen.append(candidates[int(np.argmax(score))])
        emulators = emulators.with_pending(as_input(chosen[-1][None])[0], noise)
    return np.array(chosen)


def _distance(points: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each point from the nearest of others; infinite where there are none."""
    from scipy.spatial.distance import cdist

    return np.asarray(np.min(cdist(points, others), axis=1, initial=np.inf))
