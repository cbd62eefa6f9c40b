"""Where the electrodes lie to which a surrogate was fitted, and how far a recipe is from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

# Near is up to this multiple of the largest squared distance of an electrode of the data.
_SLACK = 1.25
# Smallest spread of the data in any direction, in widths of the box. Inputs that move together have
# none across their line; leaving it is leaving the data all the same.
_LEAST_SPREAD = 0.02
# Inputs move together where their correlation matrix is this near to singular: two inputs at a
# correlation of 0.99.
_COLLINEAR = 0.01


@dataclass(frozen=True)
class DataRegion:
    """An ellipsoid around the data, within the box of the fit.

    Squared distances are those of Mahalanobis (Proc. Natl. Inst. Sci. India 2 (1936) 49): how many
    standard deviations of the data a recipe is from their centre, with the inputs' correlation.

    Parameters
    ----------
    box
        Lower and upper bound of each input, in percent.
    centre
        Mean of the data, where the box runs from 0 to 1.
    precision
        Inverse of the covariance of the data there, each direction at least 2 % of the box wide.
    limit
        Squared distance up to which a recipe is near: 1.25 times that of the farthest electrode.
    """

    box: tuple[tuple[float, float], ...]
    centre: tuple[float, ...]
    precision: tuple[tuple[float, ...], ...]
    limit: float

    @classmethod
    def of(cls, x: NDArray[np.float64], box: Sequence[tuple[float, float]]) -> Self:
        """Take it from rows of inputs, shape (rows, inputs), in the unit of the box."""
        low, high = np.array(box).T
        unit = (x - low) / (high - low)
        values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(unit.T)))
        precision = (vectors / np.maximum(values, _LEAST_SPREAD**2)) @ vectors.T
        centre = unit.mean(axis=0)
        return cls(
            tuple((float(lower), float(upper)) for lower, upper in box),
            tuple(centre.tolist()),
            tuple(map(tuple, precision.tolist())),
            _SLACK * float(_squared(unit - centre, precision).max()),
        )

    def growth(self, x: ArrayLike) -> NDArray[np.float64]:
        """How much wider intervals are at recipes of shape (n, inputs) than among the data.

        1 near the data; beyond, the squared distance over the limit, or over that of the box's
        faces from its middle where that is more. The variance of a linear fit grows as much.
        """
        low, high = np.array(self.box).T
        unit = (np.asarray(x, dtype=np.float64) - low) / (high - low)
        near = _squared(unit - np.array(self.centre), np.array(self.precision)) / self.limit
        faces = np.square(2 * unit - 1).max(axis=1)
        return np.asarray(np.maximum(1.0, np.maximum(near, _rounded(faces))))

    def is_inside(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Whether recipes of shape (n, inputs) lie in the box and near the data."""
        return np.asarray(self.growth(x) <= 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers and lists."""
        return {
            "box": [list(bounds) for bounds in self.box],
            "centre": list(self.centre),
            "precision": [list(row) for row in self.precision],
            "limit": self.limit,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what :meth:`to_dict` gave."""
        return cls(
            tuple((float(low), float(high)) for low, high in data["box"]),
            tuple(map(float, data["centre"])),
            tuple(tuple(map(float, row)) for row in data["precision"]),
            float(data["limit"]),
        )


def _squared(apart: NDArray[np.float64], precision: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("ni,ij,nj->n", apart, precision, apart))


def _rounded(faces: NDArray[np.float64]) -> NDArray[np.float64]:
    """A recipe on a face of the box is in it, also by the last digit of a division."""
    return np.where(faces <= 1 + 1e-12, 1.0, faces)


def collinear(x: NDArray[np.float64], inputs: Sequence[str]) -> tuple[str, ...]:
    """Inputs of rows, shape (rows, inputs), that move together; empty where none do.

    No fit can tell what is due to one of them and what to another, so the rows say nothing about
    recipes in which they move apart.
    """
    values, vectors = np.linalg.eigh(np.atleast_2d(np.corrcoef(x.T)))
    if values[0] > _COLLINEAR:
        return ()
    return tuple(name for name, part in zip(inputs, vectors[:, 0], strict=True) if abs(part) > 0.2)
