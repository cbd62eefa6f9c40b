"""Curves of a comparison as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.files.tables import write_table

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.characterization.comparison import Structure


def write_curves(found: dict[str, Structure], folder: Path) -> None:
    """Write ``two_point.csv`` and ``chords.csv``, one block of columns per image and curve.

    Columns of unequal lengths end in empty cells.
    """
    correlations: dict[str, NDArray[np.float64]] = {}
    lengths: dict[str, NDArray[np.float64]] = {}
    for source, structure in found.items():
        for direction, distances in structure.distances_um.items():
            correlations[f"{source}_{direction}_distance_um"] = distances
            for name, values in structure.correlations.items():
                if name.endswith(direction):
                    correlations[f"{source}_{name}"] = values
        for name, chords in structure.chords.items():
            lengths[f"{source}_{name}_um"] = chords.lengths_um
            lengths[f"{source}_{name}_count"] = chords.counts.astype(np.float64)
    for path, columns in (("two_point.csv", correlations), ("chords.csv", lengths)):
        longest = max(len(column) for column in columns.values())
        write_table(
            folder / path,
            {
                name: np.concatenate([column, np.full(longest - len(column), np.nan)])
                for name, column in columns.items()
            },
        )
