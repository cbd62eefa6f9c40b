"""Proposals of the three acquisition functions of the portfolio, for minimization."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING

import torch
from botorch.acquisition import LogExpectedImprovement, UpperConfidenceBound
from botorch.acquisition.analytic import LogProbabilityOfImprovement
from botorch.models.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from torch import Tensor

ACQUISITIONS = ("LCB", "EI", "PI")

_GLOBAL_CANDIDATES = 1024
_LOCAL_CANDIDATES = 32
# Standard deviations of the clouds around the best candidates, in the unit cube.
_CLOUDS = (0.1, 0.02, 0.004)
# Closer points add no information but make the covariance matrix singular.
_MINIMUM_DISTANCE = 1e-4


def propose(
    posterior: Callable[[Tensor], tuple[Tensor, Tensor]],
    points: Tensor,
    values: Tensor,
    *,
    kappa: float,
    xi: float,
    random: np.random.Generator,
) -> Tensor:
    """Find the best candidate of each acquisition function.

    All three look at the same candidates: random ones in the whole cube and around the best value,
    then ever narrower clouds around the best candidate of each.

    Parameters
    ----------
    posterior
        Maps candidates of shape (m, d) to mean and variance, each of shape (m,).
    points, values
        Evaluations so far, shapes (n, d) in the unit cube and (n,).
    kappa
        LCB = mean - kappa * standard deviation.
    xi
        Improvement that EI and PI ask for.
    random
        Source of the candidates.

    Returns
    -------
    Tensor
        Shape (3, d), in the order of ``ACQUISITIONS``.
    """
    best = values.min()
    leaders = points[values.argmin()][None]
    pool = torch.from_numpy(random.random((_GLOBAL_CANDIDATES, points.shape[-1])))
    pool = torch.cat([pool, _clouds(leaders, _CLOUDS, random)])
    leader_scores = torch.full((len(ACQUISITIONS),), -math.inf, dtype=torch.float64)
    leaders = leaders.expand(len(ACQUISITIONS), -1)
    for width in (*_CLOUDS, None):
        pool = pool[torch.cdist(pool, points).min(-1).values > _MINIMUM_DISTANCE]
        scores = _scores(_KnownPosterior(*posterior(pool)), pool, kappa=kappa, goal=best - xi)
        top_scores, top = scores.max(-1)
        leaders = torch.where((top_scores > leader_scores)[:, None], pool[top], leaders)
        leader_scores = torch.maximum(top_scores, leader_scores)
        if width is not None:
            pool = _clouds(leaders, (width,), random)
    return leaders


def _clouds(centres: Tensor, widths: Sequence[float], random: np.random.Generator) -> Tensor:
    """Points scattered normally around each centre, kept in the unit cube: shape (m, d)."""
    shape = (len(widths), len(centres), _LOCAL_CANDIDATES, centres.shape[-1])
    offsets = torch.from_numpy(random.standard_normal(shape))
    spread = torch.tensor(widths, dtype=torch.float64)[:, None, None, None]
    return (centres[:, None] + spread * offsets).clamp(0.0, 1.0).flatten(end_dim=-2)


class _KnownPosterior(Model):  # type: ignore[misc] # BoTorch has no types
    """Lets BoTorch's acquisition functions share one posterior that is already computed."""

    num_outputs = 1

    def __init__(self, mean: Tensor, variance: Tensor) -> None:
        super().__init__()
        self._moments = SimpleNamespace(mean=mean[:, None, None], variance=variance[:, None, None])

    def posterior(self, X: Tensor, **_: object) -> SimpleNamespace:  # noqa: ARG002 - BoTorch's signature
        return self._moments


def _scores(model: Model, pool: Tensor, *, kappa: float, goal: Tensor) -> Tensor:
    """Value of each acquisition at each candidate, larger is better: shape (3, m)."""
    beta = torch.tensor(kappa**2, dtype=pool.dtype)  # BoTorch keeps a float in single precision
    acquisitions = (
        UpperConfidenceBound(model, beta=beta, maximize=False),
        LogExpectedImprovement(model, best_f=goal, maximize=False),
        LogProbabilityOfImprovement(model, best_f=goal, maximize=False),
    )
    with torch.no_grad():
        return torch.stack([acquisition(pool[:, None]) for acquisition in acquisitions])
