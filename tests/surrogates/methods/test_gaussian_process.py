from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.methods.gaussian_process import GaussianProcess, fit_gaussian_process
from mesocast.surrogates.training import TrainingData

INPUTS = ("am_pct", "sc_pct", "cr_pct")
BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]
X = np.random.default_rng(0).uniform(*LIMITS, (40, 3))
OTHER = np.random.default_rng(1).uniform(*LIMITS, (5000, 3))


def law(x: Any) -> Any:
    return 2 + np.sin(x[:, 2] / 10) + 0.05 * (x[:, 0] - 90)


def data(y: Any) -> TrainingData:
    return TrainingData("density_g_cm3", INPUTS, "g/cm3", BOX, X, y, None, seed=0)


@pytest.fixture(scope="module")
def model() -> GaussianProcess:
    return fit_gaussian_process(data(law(X)))[0]


def test_learns_a_smooth_law(model: GaussianProcess) -> None:
    assert np.sqrt(np.mean((model(OTHER) - law(OTHER)) ** 2)) < 0.03
    # The law does not depend on the second input.
    assert model.length_scales[1] > 3 * model.length_scales[2]


def _posterior_of_botorch(model: GaussianProcess, rows: Any) -> Any:
    import torch
    from botorch.models import SingleTaskGP

    low, high = LIMITS
    standardized = (law(X) - model.offset) / model.scale
    reference = SingleTaskGP(
        torch.as_tensor((X - low) / (high - low)),
        torch.as_tensor(standardized)[:, None],
        outcome_transform=None,
    )
    reference.covar_module.lengthscale = torch.tensor(model.length_scales, dtype=torch.float64)
    reference.mean_module.constant = torch.tensor(model.mean, dtype=torch.float64)
    reference.likelihood.noise = model.noise_variance
    reference.eval()
    with torch.no_grad():
        return reference.posterior(torch.as_tensor((rows - low) / (high - low)))


def test_closed_form_is_the_posterior_mean_of_botorch(model: GaussianProcess) -> None:
    posterior = _posterior_of_botorch(model, OTHER[:50])
    expected = model.offset + model.scale * posterior.mean.numpy()[:, 0]
    assert model(OTHER[:50]) == pytest.approx(expected, rel=1e-7)


def test_drawn_functions_have_the_covariance_of_botorch(model: GaussianProcess) -> None:
    # The same recipe twice: its functions are the same there, and the covariance is singular.
    rows = np.concatenate([OTHER[:200], OTHER[:1]])

    class Axes:
        """In place of random numbers those that show the factor of the covariance."""

        def standard_normal(self, shape: tuple[int, int]) -> Any:
            return np.eye(*shape)

    factor: Any = model.sample(rows, len(rows), Axes()) - model(rows)  # type: ignore[arg-type]
    covariance = _posterior_of_botorch(model, rows).mvn.covariance_matrix.numpy()
    assert factor.T @ factor == pytest.approx(model.scale**2 * covariance, abs=1e-8)
    assert np.abs(factor[:, 0] - factor[:, -1]).max() < 1e-4 * np.sqrt(covariance.max())


def test_noise_is_found() -> None:
    noise = 0.1 * np.random.default_rng(2).standard_normal(len(X))
    _, facts = fit_gaussian_process(data(law(X) + noise))
    assert 0.05 < facts["noise_standard_deviation"] < 0.2


def test_same_rows_same_numbers(model: GaussianProcess) -> None:
    assert fit_gaussian_process(data(law(X)))[0] == model


def test_json_round_trip_keeps_every_digit(model: GaussianProcess) -> None:
    again = GaussianProcess.from_dict(json.loads(json.dumps(model.to_dict())))
    assert again == model
    assert np.array_equal(again(OTHER), model(OTHER))
    # A block boundary changes nothing but rounding, and no rows give no values.
    assert model(OTHER[4090:4100]) == pytest.approx(model(OTHER)[4090:4100], rel=1e-12)
    assert model(OTHER[:0]).shape == (0,)


def test_box(model: GaussianProcess) -> None:
    assert model.is_inside([[86.0, 45.0, 0.0], [85.9, 50.0, 10.0]]).tolist() == [True, False]
    with pytest.raises(InputError, match=r"\(n, 3\) is needed"):
        model([1.0, 2.0, 3.0])


@pytest.mark.parametrize("name", ["x", "noise_variance", "inputs"])
def test_broken_file(name: str, model: GaussianProcess) -> None:
    content = model.to_dict()
    del content[name]
    with pytest.raises(InputError, match=f"'{name}' in the file"):
        GaussianProcess.from_dict(content)
