r"""By how much measured electrodes differ from what the simulations' surrogates say.

The measured property is the predicted one plus a discrepancy (Kennedy and O'Hagan, J. R. Stat.
Soc. B 63 (2001) 425) plus scatter. The discrepancy is a Gaussian process over the recipe: a
constant, a slope along each parameter, and a smooth rest,

.. math:: k(u, u') = c^2 + s^2\, u \cdot u' + a^2 \exp(-|u - u'|^2 / 2 l^2),

with the parameters scaled to [-1, 1] by the bounds, and choices by indicators whose distance is
that of two bounds, whatever words they are. All of them have mean zero: what the electrodes
do not show is shrunk to no discrepancy. Standard deviations have log-normal priors in units of the
differences' root mean square, so that a dozen electrodes carry the fit.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: With fewer values the priors speak alone.
FEWEST = 3


class Prior(NamedTuple):
    """Median of a positive number, and standard deviation of its logarithm."""

    median: float
    spread: float


# Of the constant, the slopes, the smooth rest and the scatter, in units of the differences' root
# mean square; of the length, in units of half of a parameter's range. They serve any number of
# parameters: of six, 12 electrodes of a line with slopes and curvature give intervals that hold
# 97 % of new ones.
_CONSTANT = Prior(0.7, 0.7)
_SLOPE = Prior(0.3, 1.0)
_AMPLITUDE = Prior(0.3, 1.0)
_LENGTH = Prior(1.5, 0.5)
# What scatters beyond the told standard deviations, in units of their root mean square; and where
# they are not told: then a dozen values tell noise from a discrepancy badly, and the prior keeps
# the noise from vanishing.
_SCATTER_BEYOND = Prior(0.3, 0.7)
_SCATTER = Prior(0.4, 0.7)
# Variance that keeps the matrix regular, in the same unit.
_JITTER = 1e-6
_LEAST_SCATTER = 1e-8


@dataclass(frozen=True)
class Discrepancy:
    """A discrepancy that was fitted to differences.

    Parameters
    ----------
    box
        Bounds of the design variables, in the units of their columns.
    x
        Recipes of the measured electrodes, in the same units.
    differences
        Measured minus predicted, or the logarithm of their ratio; all further numbers are in this
        unit.
    told
        Standard deviation of each measurement; 0 where it is not told.
    constant, slope, amplitude, scatter
        Standard deviations of the parts, and of what is neither discrepancy nor told.
    length
        Of the smooth part, in units of half of a parameter's range.
    choices
        Number of words of each parameter, 0 for a number; empty for numbers alone.
    """

    box: tuple[tuple[float, float], ...]
    x: tuple[tuple[float, ...], ...]
    differences: tuple[float, ...]
    told: tuple[float, ...]
    constant: float
    slope: float
    amplitude: float
    length: float
    scatter: float
    choices: tuple[int, ...] = ()

    def __call__(
        self, recipes_pct: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of the discrepancy at recipes, each of shape (n,).

        Equations 2.25 and 2.26 of Rasmussen and Williams (2006).
        """
        u = self._scaled(recipes_pct)
        cross = self._covariance(u, self._training)
        variance = self.constant**2 + self.slope**2 * (u**2).sum(axis=1) + self.amplitude**2
        variance = variance - np.einsum("ij,ji->i", cross, self._inverse @ cross.T)
        mean = cross @ (self._inverse @ np.array(self.differences))
        return mean, np.sqrt(np.maximum(variance, 0.0))

    def sample(
        self, recipes_pct: NDArray[np.float64], count: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Draw discrepancies that belong together, shape (count, n)."""
        u = self._scaled(recipes_pct)
        cross = self._covariance(u, self._training)
        covariance = self._covariance(u, u) - cross @ self._inverse @ cross.T
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        mean = cross @ (self._inverse @ np.array(self.differences))
        return np.asarray(mean + random.standard_normal((count, len(u))) @ root.T)

    @property
    def noise(self) -> float:
        """Standard deviation of a new measurement around prediction and discrepancy."""
        told = [value for value in self.told if value > 0]
        return math.hypot(self.scatter, math.sqrt(float(np.mean(np.square(told)))) if told else 0.0)

    @property
    def quantile(self) -> float:
        """Standard deviations to either side that hold 95 %.

        Where the noise is known from the differences only, that of Student's distribution.
        """
        from scipy.stats import norm, t

        freedom = len(self.x) - 1
        if freedom < 1 or all(value > 0 for value in self.told):
            return float(norm.ppf(0.975))
        return float(t.ppf(0.975, freedom))

    def constant_part(self) -> tuple[float, float]:
        """Mean and standard deviation of the constant: the discrepancy amid the box."""
        ones = np.ones((len(self.x), 1))
        mean, deviation = self._part(self.constant, ones)
        return float(mean[0]), float(deviation[0])

    def slopes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Change of the discrepancy from the lower to the upper bound of each parameter.

        Of a choice from its first word to its last.

        Returns
        -------
        tuple
            Means and standard deviations, each of shape (inputs,).
        """
        low, high = np.array(self.box).T
        ends = np.stack([np.where(np.eye(len(low), dtype=bool), end, low) for end in (high, low)])
        steps = self._scaled(ends[0]) - self._scaled(ends[1])
        sizes = np.sqrt((steps**2).sum(axis=1))
        mean, deviation = self._part(self.slope, self._training @ (steps / sizes[:, None]).T)
        return sizes * mean, sizes * deviation

    def left_out(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of each difference by the others, each of shape (n,).

        Equations 5.12 of Rasmussen and Williams (2006); the standard deviations of the parts stay
        those of all.
        """
        inverse = np.diag(self._inverse)
        differences = np.array(self.differences)
        return differences - self._inverse @ differences / inverse, 1 / np.sqrt(inverse)

    def _part(
        self, deviation: float, basis: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Posterior of independent coefficients of a basis, shape (n, m)."""
        mean = deviation**2 * basis.T @ self._inverse @ np.array(self.differences)
        reduction = deviation**4 * np.einsum("im,ij,jm->m", basis, self._inverse, basis)
        return mean, np.sqrt(np.maximum(deviation**2 - reduction, 0.0))

    @cached_property
    def _training(self) -> NDArray[np.float64]:
        return self._scaled(np.array(self.x).reshape(-1, len(self.box)))

    @cached_property
    def _inverse(self) -> NDArray[np.float64]:
        covariance = self._covariance(self._training, self._training)
        noise = np.square(self.told) + self.scatter**2
        return np.asarray(np.linalg.inv(covariance + np.diag(noise)))

    def _scaled(self, recipes_pct: NDArray[np.float64]) -> NDArray[np.float64]:
        return _scaled(recipes_pct, self.box, self.choices)

    def _covariance(
        self, first: NDArray[np.float64], second: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        from scipy.spatial.distance import cdist

        squares = cdist(first, second, "sqeuclidean")
        return np.asarray(
            self.constant**2
            + self.slope**2 * first @ second.T
            + self.amplitude**2 * np.exp(-squares / (2 * self.length**2))
        )


def fit_discrepancy(
    recipes_pct: NDArray[np.float64],
    differences: NDArray[np.float64],
    told: NDArray[np.float64],
    box: Sequence[tuple[float, float]],
    *,
    expected: float,
    choices: Sequence[int] = (),
) -> Discrepancy:
    """Fit the parts by maximum a posteriori, in logarithms.

    Parameters
    ----------
    recipes_pct
        Shape (n, inputs).
    differences
        Measured minus predicted, or the logarithm of their ratio, shape (n,).
    told
        Standard deviation of each, shape (n,); NaN where it is not told.
    box
        Bounds of the parameters.
    expected
        Size of a discrepancy before anything is measured; with fewer than `FEWEST` values the
        parts are the priors' medians in this unit, or in that of the differences if they are
        larger.
    choices
        See `Discrepancy`.

    Returns
    -------
    Discrepancy
        It depends on the arguments only: the fit starts at the priors' medians.
    """
    told = np.where(np.isfinite(told), told, 0.0)
    is_told = len(told) > 0 and bool((told > 0).all())
    size, spread = (math.sqrt(float(np.mean(x**2))) if len(x) else 0.0 for x in (differences, told))
    is_enough = len(differences) >= FEWEST
    # A line that is simulated to rounding still has its noise.
    scale = max(size, spread, 1e-6 * expected) if is_enough else max(size, expected)
    beyond = Prior(_SCATTER_BEYOND.median * spread / scale, _SCATTER_BEYOND.spread)
    scatter = beyond if is_told else _SCATTER
    if not is_enough:
        parts = [prior.median for prior in (_CONSTANT, _SLOPE, _AMPLITUDE, _LENGTH, scatter)]
    else:
        scaled = _scaled(recipes_pct, box, choices)
        parts = _fitted(scaled, differences / scale, (told / scale) ** 2, scatter)
    constant, slope, amplitude, length, rest = parts
    return Discrepancy(
        box=tuple((float(low), float(high)) for low, high in box),
        x=tuple(map(tuple, recipes_pct.tolist())),
        differences=tuple(differences.tolist()),
        told=tuple(told.tolist()),
        constant=scale * constant,
        slope=scale * slope,
        amplitude=scale * amplitude,
        length=length,
        scatter=scale * rest,
        choices=tuple(choices),
    )


def _scaled(
    recipes_pct: NDArray[np.float64],
    box: Sequence[tuple[float, float]],
    choices: Sequence[int],
) -> NDArray[np.float64]:
    """Parameters from -1 to 1; for a choice, as many indicators as it has words.

    Two words are as far apart as two bounds, and of two words one counts 1 and the other -1 along
    the line between them, as a number of two levels does.
    """
    low, high = np.array(box, dtype=float).T
    scaled = 2 * (np.asarray(recipes_pct, dtype=float) - low) / (high - low) - 1
    if not any(choices):
        return np.asarray(scaled)
    columns = []
    for axis, words in enumerate(choices):
        if not words:
            columns.append(scaled[:, axis, None])
            continue
        places = np.rint(np.asarray(recipes_pct)[:, axis]).astype(int)
        columns.append(math.sqrt(2) * (np.eye(words)[places] - 1 / words))
    return np.concatenate(columns, axis=1)


def _fitted(
    u: NDArray[np.float64], z: NDArray[np.float64], variances: NDArray[np.float64], scatter: Prior
) -> list[float]:
    """Constant, slope, amplitude, length and scatter, in units of the differences' size."""
    import torch
    from botorch.exceptions.warnings import InputDataWarning, OptimizationWarning
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import SingleTaskGP
    from botorch.utils.sampling import manual_seed
    from gpytorch.constraints import GreaterThan
    from gpytorch.kernels import ConstantKernel, LinearKernel, RBFKernel, ScaleKernel
    from gpytorch.likelihoods import FixedNoiseGaussianLikelihood
    from gpytorch.means import ZeroMean
    from gpytorch.mlls import ExactMarginalLogLikelihood
    from linear_operator.utils.warnings import NumericalWarning

    constant = ConstantKernel(constant_prior=_variance(_CONSTANT))
    slope = LinearKernel(variance_prior=_variance(_SLOPE))
    rest = ScaleKernel(
        RBFKernel(lengthscale_prior=_prior(_LENGTH)), outputscale_prior=_variance(_AMPLITUDE)
    )
    constant.initialize(constant=torch.tensor([_CONSTANT.median**2]))
    slope.initialize(variance=_SLOPE.median**2)
    rest.initialize(outputscale=_AMPLITUDE.median**2)
    rest.base_kernel.initialize(lengthscale=_LENGTH.median)
    # GPyTorch's own bound of the noise is above what is told of a line that is measured well.
    likelihood = FixedNoiseGaussianLikelihood(
        noise=torch.as_tensor(variances).clamp_min(_JITTER),
        learn_additional_noise=True,
        noise_constraint=GreaterThan(_LEAST_SCATTER),
    )
    further: Any = likelihood.second_noise_covar
    further.register_prior("noise_prior", _variance(scatter), "noise")
    further.initialize(noise=max(scatter.median**2, 2 * _LEAST_SCATTER))
    with manual_seed(0), warnings.catch_warnings():
        # BoTorch retries a line search that ends abnormally and warns each time; when no try
        # converges, it raises. The differences have their own unit.
        warnings.filterwarnings("ignore", category=OptimizationWarning)
        warnings.filterwarnings("ignore", category=InputDataWarning)
        warnings.filterwarnings("ignore", category=NumericalWarning)
        process = SingleTaskGP(
            torch.as_tensor(u),
            torch.as_tensor(z)[:, None],
            likelihood=likelihood,
            covar_module=constant + slope + rest,
            mean_module=ZeroMean(),
            outcome_transform=None,
        )
        fit_gpytorch_mll(ExactMarginalLogLikelihood(process.likelihood, process))
    return [
        math.sqrt(float(constant.constant.detach())),
        math.sqrt(float(slope.variance.detach())),
        math.sqrt(float(rest.outputscale.detach())),
        float(rest.base_kernel.lengthscale.detach()),
        math.sqrt(float(further.noise.detach())),
    ]


def _prior(of: Prior) -> Any:
    """Prior whose density per logarithm is highest at the median.

    The fit seeks the highest density per unit, which for a wide log-normal lies far below its
    median; shifted by its variance, the log-normal has the one density in place of the other.
    """
    from gpytorch.priors import LogNormalPrior

    return LogNormalPrior(math.log(of.median) + of.spread**2, of.spread)


def _variance(of: Prior) -> Any:
    """Prior of the square of a number."""
    return _prior(Prior(of.median**2, 2 * of.spread))
