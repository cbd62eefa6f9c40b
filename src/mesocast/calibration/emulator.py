"""Emulators: what a simulation would give at coefficients that were not simulated."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of a standardized output: keeps the covariance matrix regular where seeds happen to agree.
_LEAST_NOISE = 1e-6


@dataclass(frozen=True)
class Emulators:
    """Gaussian processes of several outputs over the same points, evaluated together.

    Parameters
    ----------
    x
        Points that were simulated, shape (n, inputs), in the unit cube.
    length_scales
        Shape (outputs, inputs).
    means
        Of the standardized outputs, shape (outputs,).
    noise
        Variance of each standardized value, shape (outputs, n); infinite where there is no value.
    standardized
        Values over offset and scale, shape (outputs, n); anything where there is none.
    offsets, scales
        Output = offset + scale * standardized output.
    """

    x: NDArray[np.float64]
    length_scales: NDArray[np.float64]
    means: NDArray[np.float64]
    noise: NDArray[np.float64]
    standardized: NDArray[np.float64]
    offsets: NDArray[np.float64]
    scales: NDArray[np.float64]

    @cached_property
    def _solved(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Inverse covariance and weights of each output, zero where it has no value."""
        inverse = np.zeros((len(self.means), len(self.x), len(self.x)))
        weights = np.zeros((len(self.means), len(self.x)))
        covariance = self._covariance(self.x)
        for j, noise in enumerate(self.noise):
            known = np.flatnonzero(np.isfinite(noise))
            block = np.ix_(known, known)
            inverse[j][block] = np.linalg.inv(covariance[j][block] + np.diag(noise[known]))
            residual = self.standardized[j, known] - self.means[j]
            weights[j, known] = inverse[j][block] @ residual
        return inverse, weights

    def _covariance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Squared-exponential covariance with the simulated points: (outputs, points, n)."""
        squared = (points[:, None, :] - self.x[None, :, :]) ** 2
        return np.asarray(
            np.exp(-0.5 * np.einsum("pnd,jd->jpn", squared, 1 / self.length_scales**2))
        )

    def __call__(
        self, points: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and variance of the outputs without seed noise, shapes (points, outputs).

        Equations 2.25 and 2.26 of Rasmussen and Williams, *Gaussian processes for machine learning*
        (2006).
        """
        inverse, weights = self._solved
        cross = self._covariance(points)
        mean = self.means[:, None] + np.einsum("jpn,jn->jp", cross, weights)
        variance = np.maximum(1 - np.sum((cross @ inverse) * cross, axis=-1), 0.0)
        return (
            np.asarray((self.offsets[:, None] + self.scales[:, None] * mean).T),
            np.asarray((self.scales[:, None] ** 2 * variance).T),
        )

    def with_pending(self, point: NDArray[np.float64], noise: NDArray[np.float64]) -> Emulators:
        """Emulators as if a point had been simulated and given what they expect there.

        Parameters
        ----------
        point
            Shape (inputs,).
        noise
            Variance of the value that it will give, shape (outputs,), in the outputs' units.
        """
        mean, _ = self(point[None])
        return Emulators(
            np.vstack([self.x, point]),
            self.length_scales,
            self.means,
            np.column_stack([self.noise, noise / self.scales**2 + _LEAST_NOISE]),
            np.column_stack([self.standardized, (mean[0] - self.offsets) / self.scales]),
            self.offsets,
            self.scales,
        )


def seed_variance(values: NDArray[np.float64], groups: NDArray[np.int64]) -> dict[int, float]:
    """Variance between seeds, pooled over the points of each group (films of one mass).

    Parameters
    ----------
    values
        Shape (n, seeds); NaN where there is none.
    groups
        Group of each point, shape (n,). One with fewer than four degrees of freedom has the
        variance of all.

    Returns
    -------
    dict
        Variance by group; 0 where no point has two seeds.
    """
    counts = np.isfinite(values).sum(axis=1)
    several = counts > 1
    sums = np.zeros(len(values))
    sums[several] = np.nansum(
        (values[several] - np.nanmean(values[several], axis=1, keepdims=True)) ** 2, axis=1
    )
    freedom = np.maximum(counts - 1, 0)
    total = float(sums.sum() / max(freedom.sum(), 1))
    found = {}
    for group in np.unique(groups).tolist():
        own = groups == group
        enough = freedom[own].sum() >= 4
        found[int(group)] = float(sums[own].sum() / freedom[own].sum()) if enough else total
    return found


def fit_emulators(
    x: NDArray[np.float64], values: NDArray[np.float64], groups: NDArray[np.int64]
) -> Emulators:
    """Fit BoTorch's ``SingleTaskGP`` to each output, with the measured noise between seeds.

    Parameters
    ----------
    x
        Simulated points in the unit cube, shape (n, inputs).
    values
        Shape (outputs, n, seeds); NaN where a film failed.
    groups
        Which points have the same noise, shape (n,).

    Returns
    -------
    Emulators
        The length scales maximize the posterior under the prior of Hvarfner, Hellsten and Nardi,
        ICML 2024 (arXiv 2402.02229).
    """
    outputs, points, _ = values.shape
    length_scales = np.ones((outputs, x.shape[1]))
    means, offsets, scales = np.zeros(outputs), np.zeros(outputs), np.ones(outputs)
    noise = np.full((outputs, points), np.inf)
    standardized = np.zeros((outputs, points))
    for j, found in enumerate(values):
        counts = np.isfinite(found).sum(axis=1)
        known = np.flatnonzero(counts)
        averages = np.nanmean(found[known], axis=1)
        offsets[j] = averages.mean()
        scales[j] = max(float(averages.std(ddof=1)), 1e-12)
        variances = seed_variance(found, groups)
        own = np.array([variances[int(group)] for group in groups[known]])
        noise[j, known] = own / counts[known] / scales[j] ** 2 + _LEAST_NOISE
        standardized[j, known] = (averages - offsets[j]) / scales[j]
        length_scales[j], means[j] = _fitted(x[known], standardized[j, known], noise[j, known])
    return Emulators(x, length_scales, means, noise, standardized, offsets, scales)


def _fitted(
    x: NDArray[np.float64], y: NDArray[np.float64], noise: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Length scales and mean of a standardized output."""
    import torch
    from botorch.exceptions.warnings import OptimizationWarning
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import SingleTaskGP
    from botorch.utils.sampling import manual_seed
    from gpytorch.mlls import ExactMarginalLogLikelihood

    with manual_seed(0), warnings.catch_warnings():
        # BoTorch retries a line search that ends abnormally and warns each time; when no try
        # converges, it raises.
        warnings.filterwarnings("ignore", category=OptimizationWarning)
        process = SingleTaskGP(
            torch.as_tensor(x),
            torch.as_tensor(y)[:, None],
            train_Yvar=torch.as_tensor(noise)[:, None],
            outcome_transform=None,
        )
        fit_gpytorch_mll(ExactMarginalLogLikelihood(process.likelihood, process))
    scales = process.covar_module.lengthscale.detach()[0].numpy()
    return np.asarray(scales, dtype=np.float64), float(process.mean_module.constant.detach())
