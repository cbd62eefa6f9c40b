from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.image
import numpy as np
from matplotlib import colormaps

from mesocast.characterization.pictures.fields import draw_fields
from mesocast.characterization.transport.properties import pore_transport
from mesocast.characterization.voxels import PORE, VoxelImage
from mesocast.electrode import ACTIVE_MATERIAL

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def pixels(path: Path, colour: tuple[float, ...]) -> NDArray[np.bool_]:
    picture = matplotlib.image.imread(path)[..., :3]
    return np.asarray(np.abs(picture - colour[:3]).max(axis=-1) < 0.01)


def test_the_potential_is_high_at_the_collector_and_only_in_the_network(tmp_path: Path) -> None:
    labels = np.full((8, 8, 16), ACTIVE_MATERIAL, dtype=np.uint8)
    labels[:4] = PORE
    field = pore_transport(VoxelImage(labels, (0.5, 0.5, 0.5))).solution.field
    assert field is not None
    for name in ("a.png", "b.png"):
        draw_fields({"pore": field}, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    high = pixels(tmp_path / "a.png", colormaps["viridis"](1 - 0.5 / 16))
    low = pixels(tmp_path / "a.png", colormaps["viridis"](0.5 / 16))
    assert high.sum() > 100
    # Below, and to the left: the right half of the block conducts nothing.
    assert np.argwhere(high)[:, 0].mean() > np.argwhere(low)[:, 0].mean() + 50
    grey = pixels(tmp_path / "a.png", (0.851, 0.851, 0.851))
    assert grey.sum() > 10 * high.sum()


def test_a_picture_is_there_also_when_nothing_percolates(tmp_path: Path) -> None:
    draw_fields({}, tmp_path / "fields.png")
    assert matplotlib.image.imread(tmp_path / "fields.png").shape[0] > 100


def test_a_network_beside_the_section_leaves_it_grey(tmp_path: Path) -> None:
    labels = np.full((8, 8, 8), ACTIVE_MATERIAL, dtype=np.uint8)
    labels[:, 0] = PORE
    field = pore_transport(VoxelImage(labels, (0.5, 0.5, 0.5), periodic=False)).solution.field
    assert field is not None
    draw_fields({"pore": field}, tmp_path / "a.png")
    assert pixels(tmp_path / "a.png", (0.851, 0.851, 0.851)).sum() > 10_000
