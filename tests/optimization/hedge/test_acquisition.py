from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch
from scipy.stats import norm

from mesocast.optimization.hedge import acquisition


def test_scores_are_the_textbook_formulas_for_minimization() -> None:
    mean = np.array([0.3, 0.1, 0.5])
    deviation = np.array([0.2, 0.05, 0.4])
    goal, kappa = 0.15, 1.96
    model = acquisition._KnownPosterior(torch.tensor(mean), torch.tensor(deviation**2))
    pool = torch.zeros(3, 2, dtype=torch.float64)
    lcb, ei, pi = acquisition._scores(
        model, pool, kappa=kappa, goal=torch.tensor(goal, dtype=torch.float64)
    ).numpy()
    z = (goal - mean) / deviation
    np.testing.assert_allclose(lcb, -(mean - kappa * deviation))
    np.testing.assert_allclose(ei, np.log(deviation * (z * norm.cdf(z) + norm.pdf(z))))
    np.testing.assert_allclose(pi, norm.logcdf(z))


def test_proposals_find_the_maxima_of_the_acquisitions() -> None:
    """With constant variance, all three have their optimum where the mean is lowest."""
    lowest = torch.tensor([0.2, 0.9, 1.0], dtype=torch.float64)

    def posterior(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return (x - lowest).square().sum(-1), torch.full((len(x),), 0.01, dtype=torch.float64)

    points = torch.rand(10, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    proposals = acquisition.propose(
        posterior,
        points,
        posterior(points)[0],
        kappa=1.96,
        xi=0.01,
        random=np.random.default_rng(0),
    )
    assert proposals.shape == (3, 3)
    assert (proposals - lowest).abs().max() < 5e-3
    assert ((proposals >= 0) & (proposals <= 1)).all()


def test_a_visited_corner_is_not_proposed_again() -> None:
    """The clouds are clipped to the cube, so they hit its corners exactly."""
    corner = torch.ones(1, 2, dtype=torch.float64)

    def posterior(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return (x - corner).square().sum(-1), torch.full((len(x),), 0.01, dtype=torch.float64)

    def distances(visited: torch.Tensor) -> torch.Tensor:
        values = posterior(visited)[0]
        random = np.random.default_rng(0)
        proposals = acquisition.propose(
            posterior, visited, values, kappa=1.0, xi=0.0, random=random
        )
        return torch.cdist(proposals, corner)

    assert (distances(corner / 2) == 0).all()
    assert (distances(corner) > 1e-4).all()
    assert (distances(corner) < 1e-2).all()


def test_known_posterior_has_the_shape_that_botorch_expects() -> None:
    model = acquisition._KnownPosterior(torch.zeros(4), torch.ones(4))
    moments = model.posterior(torch.zeros(4, 1, 2))
    assert isinstance(moments, SimpleNamespace)
    assert moments.mean.shape == moments.variance.shape == (4, 1, 1)
