"""The files beside the row of an electrode or an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.characterization.files.tables import (
    particle_columns,
    pore_size_columns,
    profile_columns,
    write_table,
)
from mesocast.characterization.files.tiff import write_tiff
from mesocast.characterization.pictures.fields import draw_fields
from mesocast.characterization.pictures.sections import draw_block, draw_nothing, draw_sections
from mesocast.storage.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.characterization.result import Characterization, Measured
    from mesocast.electrode import Electrode

PICTURES = ("sections.png", "block.png", "fields.png")
IMAGE_FILES = (*PICTURES, "profiles.csv", "pore_sizes.csv")
# With infiltration among the measurements.
CURVE_FILE = "infiltration.csv"
ELECTRODE_FILES = (*IMAGE_FILES, "microstructure.tif", "particles.csv")


def write_image_files(result: Measured, folder: Path) -> None:
    """Write ``IMAGE_FILES``: what any voxel image gives; and ``CURVE_FILE``, where it was asked."""
    draw_sections(result.image, folder / "sections.png")
    draw_block(result.image, folder / "block.png")
    draw_fields(result.fields, folder / "fields.png")
    write_table(folder / "profiles.csv", profile_columns(result.profile))
    if result.pore_sizes is None:
        write_text(folder / "pore_sizes.csv", "")
    else:
        write_table(folder / "pore_sizes.csv", pore_size_columns(result.pore_sizes))
    if result.further.curve is not None:
        write_table(folder / CURVE_FILE, result.further.curve)


def write_electrode_files(electrode: Electrode, result: Characterization, folder: Path) -> None:
    """Write ``ELECTRODE_FILES``."""
    write_image_files(result, folder)
    write_tiff(result.image, folder / "microstructure.tif")
    write_table(folder / "particles.csv", particle_columns(electrode, result.surface))


def write_placeholders(reason: str, folder: Path) -> None:
    """Write ``ELECTRODE_FILES`` without content, where there is no electrode."""
    for name in ELECTRODE_FILES:
        if name in PICTURES:
            draw_nothing(folder / name, f"No electrode: {reason}")
        else:
            write_text(folder / name, "")
