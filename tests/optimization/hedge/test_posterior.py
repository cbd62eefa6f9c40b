from __future__ import annotations

import torch
from botorch.models import SingleTaskGP

from mesocast.optimization.hedge.posterior import Posterior, fit_prior


def _data(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    points = torch.rand(count, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    return points, 40 + 5 * torch.sin(3 * points[:, 0]) + points[:, 1] * points[:, 2]


def test_posterior_interpolates_and_predicts() -> None:
    points, values = _data(40)
    posterior = Posterior(fit_prior(points, values), points, values)
    mean, variance = posterior(points)
    torch.testing.assert_close(mean, values, rtol=0, atol=1e-3)
    assert (variance >= 0).all()
    new_points, new_values = _data(80)
    mean, variance = posterior(new_points[40:])
    assert (mean - new_values[40:]).abs().max() < 0.3
    assert (variance > 0).all()


def test_posterior_is_that_of_botorch() -> None:
    points, values = _data(20)
    prior = fit_prior(points[:12], values[:12])
    standardized = ((values - prior.offset) / prior.scale)[:, None]
    model = SingleTaskGP(
        points,
        standardized,
        train_Yvar=torch.full_like(standardized, 1e-6),
        covar_module=prior.kernel,
        outcome_transform=None,
    )
    model.mean_module.constant.data.fill_(prior.mean)
    model.eval()
    candidates = torch.rand(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = model.posterior(candidates)
    mean, variance = Posterior(prior, points, values)(candidates)
    # BoTorch does not take a noise below 1e-6; the difference stays of that order.
    torch.testing.assert_close(
        mean, prior.offset + prior.scale * expected.mean[:, 0].detach(), rtol=0, atol=1e-3
    )
    torch.testing.assert_close(
        variance, prior.scale**2 * expected.variance[:, 0].detach(), rtol=1e-2, atol=1e-4
    )


def test_a_constant_function_can_be_fitted() -> None:
    points, values = _data(10)
    values = torch.full_like(values, 3.0)
    mean, variance = Posterior(fit_prior(points, values), points, values)(
        torch.rand(5, 3, dtype=torch.float64)
    )
    torch.testing.assert_close(mean, torch.full_like(mean, 3.0))
    assert torch.isfinite(variance).all()
