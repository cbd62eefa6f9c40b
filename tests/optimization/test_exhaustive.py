from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.optimization.exhaustive import global_minimum

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def test_hartmann(hartmann: Function) -> None:
    found = global_minimum(hartmann, [0, 0, 0], [1, 1, 1])
    assert found.value == pytest.approx(-3.8627797, abs=1e-6)
    np.testing.assert_allclose(found.point, [0.114614, 0.555649, 0.852547], atol=1e-4)
    assert found.span == pytest.approx(3.8627797, abs=1e-3)


def test_many_minima_in_the_units_of_the_function() -> None:
    """Rastrigin's function, shifted: 1000 local minima, the lowest off the grid."""
    centre = np.array([91.23, 58.07, 20.6])

    def rastrigin(x: NDArray[np.float64]) -> NDArray[np.float64]:
        z = x - centre
        return np.asarray((z**2 + 10 - 10 * np.cos(2 * np.pi * z)).sum(-1))

    found = global_minimum(rastrigin, [86, 53, 15], [96, 63, 25])
    np.testing.assert_allclose(found.point, centre, atol=1e-6)
    assert found.value == pytest.approx(0, abs=1e-9)


def test_minimum_in_a_corner_and_with_a_kink() -> None:
    def slope(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x[:, 0] - x[:, 1] + abs(x[:, 2] - 0.5)

    found = global_minimum(slope, [1, 2, 0], [3, 5, 1])
    assert found.point == pytest.approx((1.0, 5.0, 0.5))
    assert found.value == pytest.approx(-4.0)
    assert found.span == pytest.approx(5.5)
