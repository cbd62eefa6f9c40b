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

    Returns
    -------
    ndarray
        Shape (count, coefficients), in the unit cube.
    """
    step = max(len(posterior.unit) // _CANDIDATES, 1)
    candidates = np.asarray(posterior.unit[::step])
    chosen = [posterior.best]
    emulators = emulators.with_pending(as_input(chosen[0][None])[0], noise)
    while len(chosen) < count:
        _, variance = emulators(as_input(candidates))
        score = np.log1p(variance / error_variance).sum(axis=1)
        distance = np.min(
            np.linalg.norm(candidates[:, None] - np.array(chosen)[None], axis=-1), axis=1
        )
        if (distance > _LEAST_DISTANCE).any():
            score[distance <= _LEAST_DISTANCE] = -np.inf
        chosen.append(candidates[int(np.argmax(score))])
        emulators = emulators.with_pending(as_input(chosen[-1][None])[0], noise)
    return np.array(chosen)
