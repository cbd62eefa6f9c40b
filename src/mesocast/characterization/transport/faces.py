"""Conductances of a grid's faces: what the multigrid solver is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Faces(NamedTuple):
    """Conductance of every face of a grid that is periodic along x and y.

    Parameters
    ----------
    x, y
        Shape (nx, ny, nz), float32: face i lies between the cells i - 1 and i; face 0 closes the
        period.
    z
        Shape (nx, ny, nz + 1), float32: face k lies between the cells k - 1 and k; the faces 0 and
        nz lead to the end planes.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    z: NDArray[np.float32]
