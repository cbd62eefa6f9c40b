from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.image
import numpy as np
from matplotlib.colors import to_rgb

from mesocast.characterization.sections import PHASE_COLOURS, draw_sections
from mesocast.characterization.voxels import PORE, VoxelImage
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
