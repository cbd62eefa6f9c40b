from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mesocast.surrogates.equations.domain import Domain


@pytest.mark.parametrize("n_inputs", [1, 2, 3, 5, 11])
def test_cells_tile_the_box(n_inputs: int) -> None:
    box = tuple((float(i), i + 2.0) for i in range(n_inputs))
    domain = Domain.of_box(box)
    assert domain.lower.shape == (n_inputs, 512)
    assert np.prod(domain.upper - domain.lower, axis=0).sum() == pytest.approx(2.0**n_inputs)
    assert len(np.unique(domain.lower, axis=1).T) == 512
    low, high = np.array(box).T
    assert np.array_equal(domain.lower.min(axis=1), low)
    assert np.array_equal(domain.upper.max(axis=1), high)
    assert ((domain.lower <= domain.points) & (domain.points <= domain.upper)).all()


def test_same_box_same_object() -> None:
    assert Domain.of_box(((0.0, 1.0),)) is Domain.of_box(((0.0, 1.0),))


def test_points() -> None:
    points = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    domain = Domain.of_points(points)
    assert np.array_equal(domain.lower, points.T)
    assert np.array_equal(domain.upper, points.T)


@pytest.mark.parametrize(
    ("tree", "is_finite"),
    [
        (2.0, True),
        (("inverse", 0), True),
        (("inverse", ("-", 0, 1.5)), False),
        (("inverse", ("+", 0, 1.5)), True),
        (("log", ("-", 0, 0.5)), True),
        (("log", ("-", 0, 1.0)), False),
        (("log", ("*", 2.0, 0)), True),
        (("sqrt", ("-", 0, 1.0)), True),
        (("sqrt", ("-", 0, 1.1)), False),
        (("exp", ("exp", ("*", 4.0, 0))), False),
        (("/", 1, ("cube", ("-", 1.0, 1))), False),
    ],
)
def test_a_pole_is_not_overlooked(tree: Any, is_finite: bool) -> None:
    domain = Domain.of_box(((1.0, 2.0), (0.0, 1.0)))
    assert domain.proves_finite(tree) is is_finite
