from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    MakeElectrode = Callable[..., Electrode]


@pytest.fixture(scope="session")
def make_electrode() -> MakeElectrode:
    """Build an electrode of given spheres, active material unless said otherwise, 4 g/cm3."""

    def make(
        positions_um: Sequence[Sequence[float]],
        radii_um: Sequence[float],
        species: Sequence[int] | None = None,
        lateral_um: tuple[float, float] = (10.0, 10.0),
    ) -> Electrode:
        radii = np.array(radii_um, dtype=float)
        return Electrode(
            positions_um=np.array(positions_um, dtype=float).reshape(-1, 3),
            radii_um=radii,
            species=np.array(species or [ACTIVE_MATERIAL] * len(radii)),
            masses_pg=4.0 * 4 / 3 * np.pi * radii**3,
            lateral_um=lateral_um,
        )

    return make


@pytest.fixture(scope="session")
def packing(make_electrode: MakeElectrode) -> Electrode:
    """Spheres dropped at random into 8 x 8 x 8 um; they overlap, and both networks percolate."""
    generator = np.random.default_rng(7)
    radii = [1.8] * 12 + [0.6] * 220
    positions = generator.random((len(radii), 3)) * 8
    positions[:, 2] = np.clip(positions[:, 2], radii, 8 - np.array(radii))
    return make_electrode(
        positions.tolist(), radii, [ACTIVE_MATERIAL] * 12 + [CBD] * 220, (8.0, 8.0)
    )
