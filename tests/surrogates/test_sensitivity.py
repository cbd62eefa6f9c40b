from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.sensitivity import sobol_indices

NAMES = ("a", "b", "c")
BOX = ((-np.pi, np.pi),) * 3


def ishigami(x: Any) -> Any:
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_ishigami_function() -> None:
    # Exact indices: Ishigami and Homma, ISUMA 1990.
    found = sobol_indices(ishigami, NAMES, BOX, samples=4096, seed=1)
    for values, widths, exact in (
        (found.first_order, found.first_order_half_width, (0.3139, 0.4424, 0.0)),
        (found.total, found.total_half_width, (0.5576, 0.4424, 0.2437)),
    ):
        assert values == pytest.approx(exact, abs=0.02)
        for value, width, true in zip(values, widths, exact, strict=True):
            assert 0 < width < 0.1
            assert abs(value - true) < 2 * width


@pytest.mark.parametrize("seed", [0, 5])
def test_same_seed_same_numbers(seed: int) -> None:
    settings = {"samples": 64, "seed": seed}
    assert sobol_indices(ishigami, NAMES, BOX, **settings) == sobol_indices(
        ishigami, NAMES, BOX, **settings
    )


def test_box_counts() -> None:
    found = sobol_indices(lambda x: x.sum(axis=1), ("a", "b"), ((0, 1), (0, 3)), samples=1024)
    assert found.first_order == pytest.approx((0.1, 0.9), abs=0.02)


@pytest.mark.parametrize(
    ("function", "samples", "message"),
    [
        (ishigami, 100, "samples = 100"),
        (lambda x: np.ones(len(x)), 64, "constant"),
        (lambda x: x[:, 0] / 0, 64, "not finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_wrong_input(function: Any, samples: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        sobol_indices(function, NAMES, BOX, samples=samples)
