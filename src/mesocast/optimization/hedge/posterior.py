"""Gaussian process of a deterministic function: BoTorch's fit, closed-form posterior."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gpytorch
import torch
from botorch.exceptions.warnings import OptimizationWarning
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.utils.gpytorch_modules import get_covar_module_with_dim_scaled_prior
from botorch.utils.sampling import manual_seed
from gpytorch.mlls import ExactMarginalLogLikelihood

if TYPE_CHECKING:
    from torch import Tensor

# Variance of the noise in units of the variance of the values. A surrogate has no noise; an
# inferred one would not fall below 1e-4 and would limit the regret.
_NOISE = 1e-8


@dataclass(frozen=True)
class Prior:
    """A Gaussian process with fitted hyper-parameters, before it sees any value.

    Parameters
    ----------
    kernel
        Covariance of the standardized values.
    mean
        Mean of the standardized values.
    offset, scale
        Standardization: value = offset + scale * standardized value.
    """

    kernel: gpytorch.kernels.Kernel
    mean: Tensor
    offset: Tensor
    scale: Tensor


def fit_prior(points: Tensor, values: Tensor) -> Prior:
    """Fit the hyper-parameters by maximum a posteriori.

    A Matern-5/2 kernel with one length scale per dimension, as in the published rule, with
    BoTorch's priors. The fit starts cold, so that it depends on its arguments only.

    Parameters
    ----------
    points
        Shape (n, d), in the unit cube.
    values
        Shape (n,).
    """
    offset = values.mean()
    scale = values.std()
    if not scale > 0:  # a constant function
        scale = torch.ones_like(offset)
    standardized = ((values - offset) / scale)[:, None]
    with gpytorch.settings.min_fixed_noise(double_value=_NOISE), manual_seed(0):
        model = SingleTaskGP(
            points,
            standardized,
            train_Yvar=torch.full_like(standardized, _NOISE),
            covar_module=get_covar_module_with_dim_scaled_prior(
                ard_num_dims=points.shape[-1], use_rbf_kernel=False
            ),
            outcome_transform=None,
        )
        with warnings.catch_warnings():
            # BoTorch retries a line search that ends abnormally and warns each time; when no try
            # converges, it raises.
            warnings.filterwarnings("ignore", category=OptimizationWarning)
            fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
    model.eval()
    return Prior(model.covar_module, model.mean_module.constant.detach(), offset, scale)


class Posterior:
    """The process conditioned on values, in closed form.

    Algorithm 2.1 of Rasmussen and Williams, *Gaussian processes for machine learning* (2006).
    GPyTorch gives the same numbers; this is faster for the few thousand independent candidates
    that each iteration looks at.

    Parameters
    ----------
    prior
        Hyper-parameters; they need not come from the same values.
    points
        Shape (n, d), in the unit cube.
    values
        Shape (n,).
    """

    def __init__(self, prior: Prior, points: Tensor, values: Tensor) -> None:
        self._prior = prior
        self._points = points
        with torch.no_grad():
            covariance = prior.kernel(points).to_dense()
            covariance = covariance + _NOISE * torch.eye(len(points), dtype=points.dtype)
            residual = (values - prior.offset) / prior.scale - prior.mean
            self._cholesky = torch.linalg.cholesky(covariance)
            self._weights = torch.cholesky_solve(residual[:, None], self._cholesky)[:, 0]

    def __call__(self, candidates: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance at candidates of shape (m, d): two tensors of shape (m,)."""
        prior = self._prior
        with torch.no_grad():
            cross = prior.kernel(self._points, candidates).to_dense()
            half = torch.linalg.solve_triangular(self._cholesky, cross, upper=False)
            variance = prior.kernel(candidates, diag=True) - half.square().sum(0)
            mean = prior.mean + self._weights @ cross
            return prior.offset + prior.scale * mean, prior.scale**2 * variance.clamp_min(0.0)
