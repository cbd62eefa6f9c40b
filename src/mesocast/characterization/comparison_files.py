"""The files of a comparison: tables of the curves, and a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.files.tables import write_table
from mesocast.characterization.pictures.sections import save_png

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from mesocast.characterization.comparison import Structure
    from mesocast.characterization.geometry.pore_size import PoreSizes

    Measured = tuple[Structure, PoreSizes | None]

COMPARISON_FILES = ("comparison.json", "two_point.csv", "chords.csv", "comparison.png")
_COLOURS = {"tomogram": "#0072b2", "simulated": "#d55e00"}
_STYLES = {"in_plane": "-", "through": "--"}


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


def draw_comparison(found: dict[str, Measured], path: Path) -> None:
    """Write a PNG: two-point correlation and chords of each phase, and pore sizes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 7), layout="constrained")
    panels = figure.subplots(2, 3)
    for column, (phase, title) in enumerate(
        (("pore", "pores"), ("active_material", "active material"))
    ):
        for source, (structure, _) in found.items():
            for direction, style in _STYLES.items():
                name, words = f"{phase}_{direction}", direction.replace("_", " ")
                look = {"color": _COLOURS[source], "ls": style, "label": f"{source}, {words}"}
                distances = structure.distances_um[direction]
                panels[0, column].plot(distances, structure.correlations[name], **look)
                chords = structure.chords[name]
                total = max(int(chords.counts.sum()), 1)
                rising = np.cumsum(chords.counts) / total
                panels[1, column].step(chords.lengths_um, rising, where="post", **look)
        panels[0, column].set(
            title=title, xlabel="distance (um)", ylabel="two-point probability", ylim=(0, None)
        )
        panels[1, column].set(xlabel="chord (um)", ylabel="share of shorter chords")
    _draw_sizes(panels[0, 2], found)
    panels[1, 2].set_axis_off()
    handles, labels = panels[0, 0].get_legend_handles_labels()
    panels[1, 2].legend(handles, labels, loc="center", frameon=False)
    save_png(figure, path)


def _draw_sizes(axes: Axes, found: dict[str, Measured]) -> None:
    for source, (_, sizes) in found.items():
        if sizes is not None:
            axes.step(
                sizes.diameters_um,
                np.cumsum(sizes.volume_shares),
                where="post",
                color=_COLOURS[source],
            )
    axes.set(title="pore sizes", xlabel="diameter (um)", ylabel="share of smaller pores")
