from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.image
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from mesocast.characterization.pictures.sections import PHASE_COLOURS, draw_block, draw_sections
from mesocast.characterization.voxels import OTHER, PORE, WALL, VoxelImage
from mesocast.electrode import ACTIVE_MATERIAL

if TYPE_CHECKING:
    from pathlib import Path


def test_the_picture_shows_the_phases_of_the_middle_and_is_reproducible(tmp_path: Path) -> None:
    labels = np.full((8, 8, 8), PORE, dtype=np.uint8)
    labels[:, :, :4] = ACTIVE_MATERIAL  # x-z: the lower half; x-y at the middle (layer 4): none
    image = VoxelImage(labels, (0.5, 0.5, 0.5))
    for name in ("a.png", "b.png"):
        draw_sections(image, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]

    picture = matplotlib.image.imread(tmp_path / "a.png")[..., :3]
    blue = np.abs(picture - to_rgb(PHASE_COLOURS[ACTIVE_MATERIAL])).max(axis=-1) < 0.01
    grey = np.abs(picture - to_rgb(PHASE_COLOURS[PORE])).max(axis=-1) < 0.01
    # Half of one of two equal squares is blue (a scale bar covers a little of it).
    assert 0.25 < blue.sum() / grey.sum() < 0.36
    left = picture.shape[1] // 2
    assert blue[:, :left].sum() > 0.9 * blue.sum()


def test_the_block_shows_its_top_and_two_sides(tmp_path: Path) -> None:
    labels = np.full((8, 8, 8), PORE, dtype=np.uint8)
    labels[:, :, -1] = ACTIVE_MATERIAL  # the top is blue, and a strip of the sides
    draw_block(VoxelImage(labels, (0.5, 0.5, 0.5)), tmp_path / "block.png")
    picture = matplotlib.image.imread(tmp_path / "block.png")[..., :3]

    def seen(phase: int, light: float) -> int:
        colour = light * np.array(to_rgb(PHASE_COLOURS[phase]))
        return int((np.abs(picture - colour).max(axis=-1) < 0.01).sum())

    top, right, left = (
        seen(ACTIVE_MATERIAL, 1.0),
        seen(PORE, 0.85),
        seen(PORE, 0.7),
    )
    # In an isometric view all faces of a cube are equal; one layer of eight is the strip's.
    assert right == pytest.approx(7 / 8 * top, rel=0.05)
    assert left == pytest.approx(7 / 8 * top, rel=0.05)


@pytest.mark.parametrize(("phase", "colour"), [(OTHER, "#7f7f7f"), (WALL, "#ffffff")])
def test_what_is_no_phase_of_an_electrode_has_its_own_colour(
    phase: int, colour: str, tmp_path: Path
) -> None:
    counts = {}
    for name, value in (("with", phase), ("without", ACTIVE_MATERIAL)):
        labels = np.full((8, 8, 8), PORE, dtype=np.uint8)
        labels[:, :, :4] = value
        draw_sections(VoxelImage(labels, (0.5, 0.5, 0.5)), tmp_path / f"{name}.png")
        draw_block(VoxelImage(labels, (0.5, 0.5, 0.5)), tmp_path / "block.png")
        picture = matplotlib.image.imread(tmp_path / f"{name}.png")[..., :3]
        counts[name] = (np.abs(picture - to_rgb(colour)).max(axis=-1) < 0.01).sum()
    assert counts["with"] > counts["without"] + 10_000
