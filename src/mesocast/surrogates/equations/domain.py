"""The region of inputs in which every feature must be finite."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mesocast.surrogates.equations.operators import OPERATORS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.surrogates.equations.expressions import Expression
    from mesocast.surrogates.equations.operators import Bounds

_CELLS_LOG2 = 9


@dataclass(frozen=True, eq=False)
class Domain:
    """Where features must be finite: cells that cover the box, or single points.

    Parameters
    ----------
    lower, upper
        Bounds of the cells, shape (inputs, cells).
    points
        One point of each cell, shape (inputs, cells).
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    points: NDArray[np.float64]

    @classmethod
    @lru_cache(maxsize=16)
    def of_box(cls, box: tuple[tuple[float, float], ...]) -> Domain:
        """Cover a box by 512 cells, each side halved as often as the others or once more.

        The same box gives the same object, so that spaces over it can be kept.
        """
        halvings = [_CELLS_LOG2 // len(box) + (i < _CELLS_LOG2 % len(box)) for i in range(len(box))]
        index = np.indices([2**n for n in halvings]).reshape(len(box), -1)
        edges = [
            np.linspace(low, high, 2**n + 1) for (low, high), n in zip(box, halvings, strict=True)
        ]
        lower = np.stack([edge[i] for edge, i in zip(edges, index, strict=True)])
        upper = np.stack([edge[i + 1] for edge, i in zip(edges, index, strict=True)])
        # Random within the cell: features that agree by symmetry on a grid differ here.
        share = np.random.default_rng(0).random(lower.shape)
        return cls(lower, upper, lower + share * (upper - lower))

    @classmethod
    def of_points(cls, points: NDArray[np.float64]) -> Domain:
        """Only these points, shape (points, inputs), as the reference SISSO program does."""
        return cls(points.T, points.T, points.T)

    def proves_finite(self, expression: Expression) -> bool:
        """Say whether interval arithmetic proves that an expression is finite everywhere."""
        with np.errstate(all="ignore"):
            return self._enclose(expression) is not None

    def _enclose(self, expression: Expression) -> Bounds | None:
        """Bounds in each cell; None where a pole or an invalid argument is not excluded."""
        if isinstance(expression, int):
            return self.lower[expression], self.upper[expression]
        if isinstance(expression, float):
            constant = np.full(self.lower.shape[1], expression)
            return constant, constant
        operator = OPERATORS[expression[0]]
        arguments = [self._enclose(argument) for argument in expression[1:]]
        bounds = [argument for argument in arguments if argument is not None]
        if len(bounds) < len(arguments) or not _is_valid(operator.domain, bounds[-1]):
            return None
        lower, upper = operator.enclose(*bounds)
        return (lower, upper) if np.isfinite(lower).all() and np.isfinite(upper).all() else None


def _is_valid(domain: str, bounds: Bounds) -> bool:
    lower, upper = bounds
    valid = {
        "all": np.isfinite(lower),
        "nonzero": (lower > 0) | (upper < 0),
        "positive": lower > 0,
        "nonnegative": lower >= 0,
    }
    return bool(valid[domain].all())
