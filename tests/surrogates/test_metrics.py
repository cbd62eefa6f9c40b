from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

Y = np.array([1.0, 2.0, 4.0])
PREDICTION = np.array([1.1, 1.8, 4.0])


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        # relative errors 0.1, 0.1, 0
        (metrics.rmse_pct, 100 * np.sqrt(0.02 / 3)),
        # residuals 0.1, 0.2, 0; the mean of y is 7/3, its total sum of squares 14/3
        (metrics.r2, 1 - 0.05 / (14 / 3)),
        (metrics.rmse, np.sqrt(0.05 / 3)),
        (metrics.max_absolute_error, 0.2),
    ],
)
def test_closed_form(function: Callable[..., float], expected: Any) -> None:
    assert function(Y, PREDICTION) == pytest.approx(expected, rel=1e-14)


def test_mean_predicts_nothing() -> None:
    assert metrics.r2(Y, np.full(3, Y.mean())) == pytest.approx(0, abs=1e-15)


def test_perfect() -> None:
    assert metrics.rmse_pct(Y, Y) == 0
    assert metrics.r2(Y, Y) == 1


@pytest.mark.parametrize(
    ("function", "y", "prediction", "message"),
    [
        (metrics.rmse_pct, [0.0, 0.0], [1.0, 1.0], "0 everywhere"),
        (metrics.r2, [2.0, 2.0], [1.0, 2.0], "equal"),
        (metrics.rmse, [1.0, 2.0], [1.0], "one length"),
        (metrics.rmse, [], [], "at least 1"),
        (metrics.rmse, [[1.0]], [[1.0]], "vectors"),
        (metrics.r2, [1.0, np.nan], [1.0, 1.0], "finite"),
        (metrics.r2, [1.0, 2.0], [1.0, np.inf], "finite"),
    ],
)
def test_bad_input(function: Callable[..., float], y: Any, prediction: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        function(y, prediction)
