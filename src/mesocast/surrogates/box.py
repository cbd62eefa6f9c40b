"""Rows of inputs, and the box in which a surrogate was fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


def check_rows(x: ArrayLike, inputs: Sequence[str], where: str) -> NDArray[np.float64]:
    """Give the rows as an array of shape (n, inputs).

    Raises
    ------
    InputError
        ``x`` has another shape.
    """
    rows = np.asarray(x, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(inputs):
        raise InputError(
            f"{where}: found inputs of shape {rows.shape}; "
            f"(n, {len(inputs)}) is needed, with the columns {', '.join(inputs)}"
        )
    return rows


def is_inside(rows: NDArray[np.float64], box: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    """Say for each row, shape (n, inputs), whether it lies in the box, bounds included."""
    low, high = np.array(box).T
    return np.asarray(((rows >= low) & (rows <= high)).all(axis=1))
