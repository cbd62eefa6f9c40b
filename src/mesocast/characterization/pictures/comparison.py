"""A picture of two structures side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.pictures.sections import save_png

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from mesocast.characterization.comparison import Structure
    from mesocast.characterization.geometry.pore_size import PoreSizes

    Measured = tuple[Structure, PoreSizes | None]

_COLOURS = {"tomogram": "#0072b2", "simulated": "#d55e00"}
_STYLES = {"in_plane": "-", "through": "--"}


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
