"""Pictures of a voxel image: two cross-sections, and the block from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.voxels import OTHER, PORE, WALL
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.storage.files import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from mesocast.characterization.voxels import VoxelImage

# Okabe and Ito's colours, which people with any colour vision tell apart.
PHASE_COLOURS = {PORE: "#f4f4f4", ACTIVE_MATERIAL: "#0072b2", CBD: "#e69f00"}
PHASE_NAMES = {PORE: "pore", ACTIVE_MATERIAL: "active material", CBD: "CBD"}
# What only an image of another source has.
_OTHER_COLOURS = {OTHER: "#7f7f7f", WALL: "#ffffff"}
_OTHER_NAMES = {OTHER: "other", WALL: "outside"}


def draw_sections(image: VoxelImage, path: Path) -> None:
    """Write a PNG of the x-z and the x-y section through the middle of the image.

    The same image gives the same bytes with the same matplotlib; the file appears complete or
    not at all.
    """
    save_png(section_figure(image), path)


def section_figure(image: VoxelImage) -> Figure:
    """Draw the x-z and the x-y section through the middle of the image."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from mpl_toolkits.axes_grid1.anchored_artists import (  # type: ignore[import-untyped]
        AnchoredSizeBar,
    )

    nx, ny, nz = image.labels.shape
    hx, hy, hz = image.voxel_size_um
    width_um, depth_um, height_um = nx * hx, ny * hy, nz * hz
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2)
    panels = (
        (axes[0], "z", image.labels[:, ny // 2], height_um, f"y = {(ny // 2 + 0.5) * hy:.1f} um"),
        (axes[1], "y", image.labels[:, :, nz // 2], depth_um, f"z = {(nz // 2 + 0.5) * hz:.1f} um"),
    )
    tallest_um = max(height_um, depth_um)
    colours = _colour_table()
    for panel, vertical, section, extent_um, title in panels:
        panel.imshow(
            colours[section.T],
            origin="lower",
            extent=(0, width_um, 0, extent_um),
            interpolation="nearest",
        )
        panel.set(xlabel="x (um)", ylabel=f"{vertical} (um)", title=title)
        panel.set_ylim(0, tallest_um)  # both sections at the same scale
        panel.set_yticks([tick for tick in panel.get_yticks() if 0 <= tick <= extent_um])
        panel.spines[:].set_visible(False)
    length_um = _round_length_um(width_um / 3)
    axes[0].add_artist(
        AnchoredSizeBar(
            axes[0].transData,
            length_um,
            f"{length_um:g} um",
            "lower right",
            sep=4,
            size_vertical=length_um / 12,
        )
    )
    _add_legend(figure, image)
    return figure


def draw_block(image: VoxelImage, path: Path) -> None:
    """Write a PNG of the block as seen from above an edge (isometric): two sides and the top.

    The same image gives the same bytes with the same matplotlib; the file appears complete or
    not at all.
    """
    from matplotlib.figure import Figure

    edges = [
        np.arange(count + 1) * edge
        for count, edge in zip(image.labels.shape, image.voxel_size_um, strict=True)
    ]
    top_um, front_um, left_um = edges[2][-1], edges[1][0], edges[0][0]
    colours = _colour_table()
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    # Less light from the sides tells them from the top.
    for labels, light, (x, y, z) in (
        (image.labels[:, :, -1], 1.0, (edges[0][:, None], edges[1][None, :], top_um)),
        (image.labels[:, 0], 0.85, (edges[0][:, None], front_um, edges[2][None, :])),
        (image.labels[0], 0.7, (left_um, edges[1][:, None], edges[2][None, :])),
    ):
        across, up = np.broadcast_arrays((x - y) * 3**0.5 / 2, z + (x + y) / 2)
        axes.pcolormesh(across, up, light * colours[labels])
    axes.set_aspect("equal")
    axes.set_axis_off()
    lengths = " x ".join(f"{edge[-1]:.1f}" for edge in edges)
    axes.set_title(f"{lengths} um (x, y, z)")
    _add_legend(figure, image)
    save_png(figure, path)


def _colour_table() -> NDArray[np.float64]:
    """Red, green and blue of every label."""
    from matplotlib.colors import to_rgb

    table = np.ones((256, 3))
    for phase, colour in (PHASE_COLOURS | _OTHER_COLOURS).items():
        table[phase] = to_rgb(colour)
    return table


def _add_legend(figure: Figure, image: VoxelImage) -> None:
    from matplotlib.patches import Patch

    names = PHASE_NAMES | {
        phase: name for phase, name in _OTHER_NAMES.items() if (image.labels == phase).any()
    }
    colours = PHASE_COLOURS | _OTHER_COLOURS
    figure.legend(
        handles=[
            Patch(facecolor=colours[phase], edgecolor="black", label=name)
            for phase, name in names.items()
        ],
        loc="outside lower center",
        ncols=len(names),
        frameon=False,
    )


def save_png(figure: Figure, path: Path) -> None:
    """Write a figure that appears complete or not at all, without the program's name in it."""
    with replacing(path) as temporary, temporary.open("wb") as stream:
        figure.savefig(stream, format="png", dpi=150, metadata={"Software": None})


def draw_nothing(path: Path, reason: str) -> None:
    """Write a PNG that says why there is nothing to look at."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 2))
    figure.text(0.5, 0.5, reason, ha="center", va="center", wrap=True)
    save_png(figure, path)


def _round_length_um(longest_um: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is not longer."""
    power = 10.0
    while power > longest_um:
        power /= 10
    while power * 10 <= longest_um:
        power *= 10
    return max(step * power for step in (1, 2, 5) if step * power <= longest_um)
