"""Picture of two cross-sections of a voxel image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.characterization.voxels import PORE
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.files import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from mesocast.characterization.voxels import VoxelImage

# Okabe and Ito's colours, which people with any colour vision tell apart.
PHASE_COLOURS = {PORE: "#f4f4f4", ACTIVE_MATERIAL: "#0072b2", CBD: "#e69f00"}
PHASE_NAMES = {PORE: "pore", ACTIVE_MATERIAL: "active material", CBD: "CBD"}


def draw_sections(image: VoxelImage, path: Path) -> None:
    """Write a PNG of the x-z and the x-y section through the middle of the image.

    The same image gives the same bytes with the same matplotlib; the file appears complete or
    not at all.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
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
    for panel, vertical, section, extent_um, title in panels:
        panel.imshow(
            section.T,
            origin="lower",
            extent=(0, width_um, 0, extent_um),
            cmap=ListedColormap([PHASE_COLOURS[phase] for phase in sorted(PHASE_COLOURS)]),
            vmin=PORE,
            vmax=CBD,
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
    figure.legend(
        handles=[
            Patch(facecolor=PHASE_COLOURS[phase], edgecolor="black", label=PHASE_NAMES[phase])
            for phase in PHASE_NAMES
        ],
        loc="outside lower center",
        ncols=len(PHASE_NAMES),
        frameon=False,
    )
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    with replacing(path) as temporary, temporary.open("wb") as stream:
        figure.savefig(stream, format="png", dpi=150, metadata={"Software": None})


def draw_no_section(path: Path, reason: str) -> None:
    """Write a PNG that says why there is no electrode to look at."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 2))
    figure.text(0.5, 0.5, f"No electrode: {reason}", ha="center", va="center", wrap=True)
    _save(figure, path)


def _round_length_um(longest_um: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is not longer."""
    power = 10.0
    while power > longest_um:
        power /= 10
    while power * 10 <= longest_um:
        power *= 10
    return max(step * power for step in (1, 2, 5) if step * power <= longest_um)
