"""Pictures of the transport solves: potential and flux on a section through the thickness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.pictures.sections import draw_nothing, save_png

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.characterization.transport.field import Field

_TITLES = {
    "pore": ("concentration in the pores", "diffusive flux over its mean"),
    "solid": ("electric potential in the solid", "current density over its mean"),
}
# Above this share of the cells, the flux has the last colour: a few throats carry far more.
_BRIGHTEST = 0.99


def draw_fields(fields: Mapping[str, Field], path: Path) -> None:
    """Write a PNG of the x-z section through the middle: one row of two panels per network.

    Parameters
    ----------
    fields
        By the name of the network, ``pore`` or ``solid``; without any, the picture says so.
    path
        File to write; it appears complete or not at all.
    """
    from matplotlib.figure import Figure

    if not fields:
        draw_nothing(path, "Nothing percolates, or the method gives no fields.")
        return
    figure = Figure(figsize=(9, 4.2 * len(fields)), layout="constrained")
    panels = figure.subplots(len(fields), 2, squeeze=False)
    for row, (network, field) in zip(panels, fields.items(), strict=True):
        nx, ny, nz = field.potential.shape
        hx, hy, hz = field.cell_size_um
        outside = ~field.conducting[:, ny // 2]
        flux = np.linalg.norm(field.flux(slice(ny // 2, ny // 2 + 1))[:, 0], axis=-1)
        # A network need not meet this section.
        bright = np.quantile(flux[~outside], _BRIGHTEST, method="higher") if flux.any() else 1.0
        sections: list[tuple[NDArray[np.float32], str, float]] = [
            (field.potential[:, ny // 2], "viridis", 1.0),
            (flux, "inferno", float(bright)),
        ]
        for axes, title, (values, colours, largest) in zip(
            row, _TITLES[network], sections, strict=True
        ):
            shown = axes.imshow(
                np.ma.masked_array(values, outside).T,
                origin="lower",
                extent=(0, nx * hx, 0, nz * hz),
                cmap=colours,
                vmin=0,
                vmax=largest,
                interpolation="nearest",
            )
            axes.set_facecolor("#d9d9d9")
            axes.set(xlabel="x (um)", ylabel="z (um)", title=title)
            figure.colorbar(shown, ax=axes, shrink=0.8)
    figure.suptitle(f"y = {(ny // 2 + 0.5) * hy:.1f} um; grey: outside of the network")
    save_png(figure, path)
