"""Errors of a method over many divisions of the same rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates import metrics
from mesocast.surrogates.equations.expressions import python_source
from mesocast.surrogates.methods.indicated import equation_of
from mesocast.surrogates.predict import Interval
from mesocast.surrogates.registry import fit_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mesocast.surrogates.equations.equation import Equation
    from mesocast.surrogates.rows import Rows
    from mesocast.surrogates.splits import Split
    from mesocast.surrogates.surrogate import Surrogate
    from mesocast.surrogates.training import Model


@dataclass(frozen=True)
class Spread:
    """A number over all splits.

    Parameters
    ----------
    mean, standard_deviation
        Over the splits.
    mean_ci95
        ``mean +- 1.96 standard_deviation / sqrt(splits)``: the interval that is published. It says
        where the mean over many splits lies, and is too narrow even for that, since the splits
        share their rows (Nadeau and Bengio, Machine Learning 52 (2003) 239).
    percentiles95
        2.5 and 97.5 % percentile: where a single split falls.
    """

    mean: float
    standard_deviation: float
    mean_ci95: tuple[float, float]
    percentiles95: tuple[float, float]

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarize the values, at least one."""
        mean = float(np.mean(values))
        deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
        half = 1.96 * deviation / len(values) ** 0.5
        low, high = np.percentile(values, [2.5, 97.5]).tolist()
        return cls(mean, deviation, (mean - half, mean + half), (low, high))


@dataclass(frozen=True)
class SplitStudy:
    """Errors over many divisions of the same rows.

    Parameters
    ----------
    splits
        How many were fitted.
    left_out
        Splits that could not be fitted or judged, with the reason.
    train_r2, train_rmse_pct, test_r2, test_rmse_pct
        As defined in :mod:`mesocast.surrogates.metrics`.
    test_r2_values
        Test R2 of each split.
    pooled_test_r2
        R2 of all test predictions together; steadier than the mean where a test holds few rows.
    interval
        Where 95 % of the test rows of all splits lie around their prediction.
    selection
        Per descriptor the share of the splits that chose it, most frequent first. Only descriptors
        without fitted numbers inside can be counted.
    dimensions, transforms
        Share of the splits per number of descriptors and per transform of the target.
    """

    splits: int
    left_out: dict[str, int]
    train_r2: Spread
    train_rmse_pct: Spread
    test_r2: Spread
    test_rmse_pct: Spread
    test_r2_values: list[float]
    pooled_test_r2: float
    interval: Interval
    selection: dict[str, float]
    dimensions: dict[str, float]
    transforms: dict[str, float]


def study_splits(
    surrogate: Surrogate,
    rows: Rows,
    box: tuple[tuple[float, float], ...],
    splits: Sequence[Split],
) -> SplitStudy:
    """Fit the surrogate's method to the training rows of each split and judge it by the others.

    Parameters
    ----------
    surrogate
        Gives method, settings and seed.
    rows, box
        What it was fitted to.
    splits
        Training and test rows of each.

    Raises
    ------
    InputError
        No split can be fitted.
    """
    models: list[Model] = []
    scores: dict[str, list[float]] = {
        name: [] for name in ("train_r2", "train_rmse_pct", "test_r2", "test_rmse_pct")
    }
    simulated: list[NDArray[np.float64]] = []
    predicted: list[NDArray[np.float64]] = []
    left_out: Counter[str] = Counter()
    for number, (train, test) in enumerate(splits):
        seed = surrogate.seed + number
        try:
            data = rows.training_data(train, test, box=box, unit=surrogate.unit, seed=seed)
            model, _ = fit_model(surrogate.method, data, surrogate.settings)
            prediction = model(rows.x)
            found = {
                f"{part}_{name}": score(rows.y[chosen], prediction[chosen])
                for part, chosen in (("train", train), ("test", test))
                for name, score in (("r2", metrics.r2), ("rmse_pct", metrics.rmse_pct))
            }
        except InputError as error:
            left_out[str(error)] += 1
            continue
        models.append(model)
        simulated.append(rows.y[test])
        predicted.append(prediction[test])
        for name, value in found.items():
            scores[name].append(value)
    if not models:
        reason = next(iter(left_out), "there are none")
        raise InputError(f"validation of {rows.property_name}: no split can be fitted ({reason})")
    true, guess = np.concatenate(simulated), np.concatenate(predicted)
    equations = [one for model in models if (one := equation_of(model)) is not None]
    return SplitStudy(
        splits=len(models),
        left_out=dict(left_out),
        **{name: Spread.of(values) for name, values in scores.items()},
        test_r2_values=scores["test_r2"],
        pooled_test_r2=metrics.r2(true, guess),
        interval=Interval.of(true, guess),
        selection=_shares([name for e in equations for name in _descriptors(e)], len(equations)),
        dimensions=_shares([str(len(e.descriptors)) for e in equations], len(equations)),
        transforms=_shares([e.transform for e in equations], len(equations)),
    )


def _descriptors(equation: Equation) -> list[str]:
    """Text of the descriptors that can appear in another fit as well."""
    return [
        python_source(descriptor, equation.symbols).replace("numpy.", "")
        for descriptor in equation.descriptors
        if not _has_constant(descriptor)
    ]


def _has_constant(expression: Any) -> bool:
    if isinstance(expression, tuple):
        return any(_has_constant(argument) for argument in expression[1:])
    return isinstance(expression, float)


def _shares(names: list[str], total: int) -> dict[str, float]:
    counted = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))
    return {name: count / total for name, count in counted}
