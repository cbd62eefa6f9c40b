"""Gaussian process: what is possible without the wish for an equation.

Where recipes have choices, its kernel is the product of that over the numbers and of BoTorch's
categorical kernel, ``exp(-d / length)`` with d = 0 for the same word and 1 for another one: what is
learned of one choice tells as much of another as the rows say, and all shapes are shared. (The sum
and product of kernels of `MixedSingleTaskGP` has twice as many lengths, for which campaigns have
too few slurries.) That product is a squared-exponential kernel over numbers and words as 0 and 1,
so all else here is the same.
"""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.box import check_rows, is_inside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from mesocast.surrogates.training import TrainingData

# Rows of a prediction that are held against all training rows at once.
_BLOCK = 4096
# Variance, as a share of the prior's, from which on a drawn function is known by the others.
_SINGULAR = 1e-10
# Shortest length of words: from there on nothing is shared between them.
_SHORTEST_OF_WORDS = 1e-3


@dataclass(frozen=True)
class GaussianProcess:
    """Mean of a Gaussian process with a squared-exponential kernel.

    Parameters
    ----------
    property_name, inputs, box, unit
        As for :class:`mesocast.surrogates.equations.equation.Equation`; the box scales the inputs
        to [0, 1].
    x, y
        Training rows in the units of the columns: ``x`` row by row.
    length_scales
        One per scaled input.
    mean, noise_variance
        Of the standardized property.
    offset, scale
        Standardization: property = offset + scale * standardized property.
    choices
        Of each input, of how many words it is the place; 0 of a number. Empty: all are numbers.
    """

    property_name: str
    inputs: tuple[str, ...]
    box: tuple[tuple[float, float], ...]
    unit: str
    x: tuple[tuple[float, ...], ...]
    y: tuple[float, ...]
    length_scales: tuple[float, ...]
    mean: float
    noise_variance: float
    offset: float
    scale: float
    choices: tuple[int, ...] = ()

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Posterior mean at recipes of shape (n, inputs), in the units of the columns.

        Equation 2.25 of Rasmussen and Williams, *Gaussian processes for machine learning* (2006).

        Raises
        ------
        InputError
            ``x`` has another shape.
        """
        rows = self._checked(x)
        blocks = [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
        means = [self._covariance(self._scaled(block)) @ self._weights for block in blocks]
        standardized = self.mean + np.concatenate([np.empty(0), *means])
        return np.asarray(self.offset + self.scale * standardized)

    def sample(self, x: ArrayLike, count: int, random: np.random.Generator) -> NDArray[np.float64]:
        """Draw functions from the posterior, without the noise of single electrodes.

        Equation 2.26 of Rasmussen and Williams (2006).

        Returns
        -------
        ndarray
            Shape (count, n), in the unit of the property; the columns belong together.

        Raises
        ------
        InputError
            ``x`` has another shape.
        """
        from scipy.linalg import cho_factor, cho_solve
        from scipy.linalg.lapack import dpstrf
        from scipy.spatial.distance import cdist

        rows = self._scaled(self._checked(x))
        noisy = self._covariance(self._training)
        noisy[np.diag_indices_from(noisy)] += self.noise_variance
        cross = self._covariance(rows)
        known = cross @ cho_solve(cho_factor(noisy), cross.T)
        # The covariance of many close recipes is singular to rounding, and of low rank: a Cholesky
        # factor with pivots ends there. All numbers are drawn, since rounding decides where.
        factor, pivots, rank, _ = dpstrf(
            np.exp(-0.5 * cdist(rows, rows, "sqeuclidean")) - known, tol=_SINGULAR
        )
        root = np.empty((rank, len(rows)))
        root[:, pivots - 1] = np.triu(factor)[:rank]
        standardized = self.mean + cross @ self._weights
        standardized = standardized + random.standard_normal((count, len(rows)))[:, :rank] @ root
        return np.asarray(self.offset + self.scale * standardized)

    def javascript(self) -> str:
        """Give the text of a JavaScript function of :attr:`inputs`, in their order."""
        low, high = np.array(self.box).T
        if any(self.choices):
            return self._javascript_of_choices()
        unit = (high - low) * np.array(self.length_scales)
        numbers = {
            "x": self._training.tolist(),
            "weights": (self.scale * self._weights).tolist(),
            "low": low.tolist(),
            "unit": unit.tolist(),
        }
        given = ", ".join(f"{name} = {json.dumps(value)}" for name, value in numbers.items())
        return (
            f"(...recipe) => {{ const {given}; "
            "const at = recipe.map((value, i) => (value - low[i]) / unit[i]); "
            "return x.reduce((sum, row, n) => sum + weights[n] * Math.exp(-0.5 * row.reduce("
            "(square, value, i) => square + (value - at[i]) ** 2, 0)), "
            f"{self.offset + self.scale * self.mean!r}); }}"
        )

    def _javascript_of_choices(self) -> str:
        """Text of the function where some inputs are the places of words."""
        low, high = np.array(self.box).T
        is_word = np.array(self.choices) > 0
        unit = (high - low) * np.array(self.length_scales)
        low, unit = np.where(is_word, 0.0, low), np.where(is_word, 1.0, unit)
        lengths = np.array(self.length_scales)
        numbers = {
            "x": ((np.array(self.x) - low) / unit).tolist(),
            "weights": (self.scale * self._weights).tolist(),
            "low": low.tolist(),
            "unit": unit.tolist(),
            "other": np.where(is_word, 2 / lengths**2, 0.0).tolist(),
        }
        given = ", ".join(f"{name} = {json.dumps(value)}" for name, value in numbers.items())
        return (
            f"(...recipe) => {{ const {given}; "
            "const at = recipe.map((value, i) => (value - low[i]) / unit[i]); "
            "const apart = (value, i) => other[i] ? (value === at[i] ? 0 : other[i]) : "
            "(value - at[i]) ** 2; "
            "return x.reduce((sum, row, n) => sum + weights[n] * Math.exp(-0.5 * row.reduce("
            "(square, value, i) => square + apart(value, i), 0)), "
            f"{self.offset + self.scale * self.mean!r}); }}"
        )

    def is_inside(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Say for each row of ``x``, shape (n, inputs), whether it lies in the box."""
        return is_inside(self._checked(x), self.box)

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers, strings and lists; JSON keeps every digit of the floats."""
        return {
            "property": self.property_name,
            "unit": self.unit,
            "inputs": [
                {
                    "name": name,
                    "lower": low,
                    "upper": high,
                    "length_scale": length,
                    **({"choices": count} if count else {}),
                }
                for name, (low, high), length, count in zip(
                    self.inputs,
                    self.box,
                    self.length_scales,
                    self.choices or (0,) * len(self.inputs),
                    strict=True,
                )
            ],
            "mean": self.mean,
            "noise_variance": self.noise_variance,
            "offset": self.offset,
            "scale": self.scale,
            "x": [list(row) for row in self.x],
            "y": list(self.y),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> GaussianProcess:
        """Read what :meth:`to_dict` gave.

        Raises
        ------
        InputError
            A key is missing, or a value has the wrong type.
        """
        try:
            return cls(
                property_name=str(data["property"]),
                inputs=tuple(str(entry["name"]) for entry in data["inputs"]),
                box=tuple((float(i["lower"]), float(i["upper"])) for i in data["inputs"]),
                unit=str(data["unit"]),
                x=tuple(tuple(map(float, row)) for row in data["x"]),
                y=tuple(map(float, data["y"])),
                length_scales=tuple(float(entry["length_scale"]) for entry in data["inputs"]),
                mean=float(data["mean"]),
                noise_variance=float(data["noise_variance"]),
                offset=float(data["offset"]),
                scale=float(data["scale"]),
                choices=_counts(int(entry.get("choices", 0)) for entry in data["inputs"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"gaussian process: {type(error).__name__} {error} in the file"
            ) from error

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        covariance = self._covariance(self._training)
        covariance[np.diag_indices_from(covariance)] += self.noise_variance
        residual = (np.array(self.y) - self.offset) / self.scale - self.mean
        return np.asarray(np.linalg.solve(covariance, residual))

    @cached_property
    def _training(self) -> NDArray[np.float64]:
        return self._scaled(np.array(self.x))

    def _scaled(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Inputs over the box and in units of the length scales."""
        low, high = np.array(self.box).T
        scaled = np.asarray((rows - low) / (high - low) / np.array(self.length_scales))
        if not any(self.choices):
            return scaled
        columns = []
        for number, count in enumerate(self.choices):
            if count:  # a column per word, so that all words are as far apart
                is_word = np.rint(rows[:, [number]]) == np.arange(count)
                columns.append(is_word / self.length_scales[number])
            else:
                columns.append(scaled[:, [number]])
        return np.concatenate(columns, axis=1)

    def _covariance(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        from scipy.spatial.distance import cdist

        return np.asarray(np.exp(-0.5 * cdist(scaled, self._training, "sqeuclidean")))

    def _checked(self, x: ArrayLike) -> NDArray[np.float64]:
        return check_rows(x, self.inputs, f"gaussian process of {self.property_name}")


def _counts(counts: Iterable[int]) -> tuple[int, ...]:
    """Numbers of words per input; empty where there are none."""
    found = tuple(counts)
    return found if any(found) else ()


def _kernel(choices: tuple[int, ...]) -> Any:
    """BoTorch's kernel over numbers, times its kernel over words."""
    from botorch.models.kernels.categorical import CategoricalKernel
    from botorch.models.utils.gpytorch_modules import get_covar_module_with_dim_scaled_prior
    from gpytorch.constraints import GreaterThan

    numbers = [place for place, count in enumerate(choices) if not count]
    words = [place for place, count in enumerate(choices) if count]
    categorical = CategoricalKernel(
        ard_num_dims=len(words),
        active_dims=words,
        lengthscale_constraint=GreaterThan(_SHORTEST_OF_WORDS),
    )
    if not numbers:
        return categorical
    return categorical * get_covar_module_with_dim_scaled_prior(
        ard_num_dims=len(numbers), active_dims=numbers
    )


def _lengths(kernel: Any, choices: tuple[int, ...]) -> tuple[float, ...]:
    """Length scales of all inputs; those of words for the squares of their columns of 0 and 1.

    `CategoricalKernel` takes the mean over its inputs of (word is another one) / length.
    """
    if not any(choices):
        return tuple(kernel.lengthscale.detach()[0].tolist())
    parts = list(getattr(kernel, "kernels", [kernel]))
    words = parts[0].lengthscale.detach()[0].tolist()
    own = iter([math.sqrt(len(words) * length) for length in words])
    others = iter(parts[1].lengthscale.detach()[0].tolist() if len(parts) > 1 else [])
    return tuple(next(own) if count else next(others) for count in choices)


def fit_gaussian_process(data: TrainingData) -> tuple[GaussianProcess, dict[str, Any]]:
    """Fit the hyper-parameters by maximum a posteriori, with BoTorch's kernel and priors.

    The length scales' prior is that of Hvarfner, Hellsten and Nardi, ICML 2024 (arXiv 2402.02229);
    the noise is inferred. The fit starts from the priors' modes, so that it depends on the rows
    only.

    Returns
    -------
    tuple
        The model, and the inferred standard deviation of the noise in the unit of the property.
    """
    import torch
    from botorch.exceptions.warnings import OptimizationWarning
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import SingleTaskGP
    from botorch.utils.sampling import manual_seed
    from gpytorch.mlls import ExactMarginalLogLikelihood

    low, high = np.array(data.box).T
    choices = _counts(len(data.words.get(name, ())) for name in data.inputs)
    offset, scale = float(data.y.mean()), float(data.y.std(ddof=1))
    with manual_seed(0), warnings.catch_warnings():
        # BoTorch retries a line search that ends abnormally and warns each time; when no try
        # converges, it raises.
        warnings.filterwarnings("ignore", category=OptimizationWarning)
        process = SingleTaskGP(
            torch.as_tensor((data.x - low) / (high - low)),
            torch.as_tensor((data.y - offset) / scale)[:, None],
            covar_module=_kernel(choices) if choices else None,
            outcome_transform=None,
        )
        fit_gpytorch_mll(ExactMarginalLogLikelihood(process.likelihood, process))
    model = GaussianProcess(
        property_name=data.property_name,
        inputs=data.inputs,
        box=data.box,
        unit=data.unit,
        x=tuple(map(tuple, data.x.tolist())),
        y=tuple(data.y.tolist()),
        length_scales=_lengths(process.covar_module, choices),
        mean=float(process.mean_module.constant.detach()),
        noise_variance=float(process.likelihood.noise.detach()),
        offset=offset,
        scale=scale,
        choices=choices,
    )
    return model, {"noise_standard_deviation": scale * float(np.sqrt(model.noise_variance))}
