from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.optimization.optimum.partial_dependence import partial_dependence

if TYPE_CHECKING:
    from numpy.typing import NDArray


def polynomial(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x[:, 0] * x[:, 1] + x[:, 2] ** 3


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        # Means over [0, 1], [2, 4], [0, 2]: E[x] = 1/2, E[y] = 3, E[z^3] = 2.
        ((0, 1), lambda x, y: x * y + 2),
        ((0, 2), lambda x, z: 3 * x + z**3),
        ((1, 2), lambda y, z: y / 2 + z**3),
    ],
)
def test_closed_form(pair: tuple[int, int], expected: np.ufunc) -> None:
    first, second, values = partial_dependence(polynomial, [0, 2, 0], [1, 4, 2], pair, points=7)
    assert values.shape == (7, 7)
    np.testing.assert_allclose(values, expected(first[:, None], second[None, :]), rtol=1e-12)
    assert (first[0], first[-1]) == [(0, 1), (2, 4), (0, 2)][pair[0]]
