from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.transport.properties import electronic_conduction, pore_transport
from mesocast.characterization.voxels import PORE, VoxelImage, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD

if TYPE_CHECKING:
    from mesocast.characterization.transport.field import Field
    from mesocast.electrode import Electrode

EDGES_UM = (0.3, 0.4, 0.5)


def field_of(image: VoxelImage) -> Field:
    field = pore_transport(image).solution.field
    assert field is not None
    return field


def test_in_an_empty_block_the_potential_falls_evenly() -> None:
    image = VoxelImage(np.full((4, 4, 10), PORE, dtype=np.uint8), EDGES_UM)
    field = field_of(image)
    assert field.conducting.all()
    np.testing.assert_allclose(field.potential[1, 2], 1 - (np.arange(10) + 0.5) / 10, atol=1e-6)
    flux = field.flux()
    np.testing.assert_allclose(flux[..., 2], 1, rtol=1e-5)
    np.testing.assert_allclose(flux[..., :2], 0, atol=1e-5)


@pytest.mark.parametrize("periodic", [True, False])
def test_the_flux_of_a_strip_is_its_own(periodic: bool) -> None:
    labels = np.full((6, 6, 10), ACTIVE_MATERIAL, dtype=np.uint8)
    labels[:2] = PORE
    field = field_of(VoxelImage(labels, EDGES_UM, periodic))
    assert field.potential.shape == (6, 6, 10)
    np.testing.assert_array_equal(field.conducting, labels == PORE)
    np.testing.assert_allclose(field.flux()[:2, ..., 2], 3, rtol=1e-5)
    np.testing.assert_array_equal(field.flux()[2:], 0)


def test_layers_in_series_share_the_potential() -> None:
    labels = np.full((4, 4, 10), ACTIVE_MATERIAL, dtype=np.uint8)
    labels[:, :, 5:] = CBD
    field = electronic_conduction(VoxelImage(labels, EDGES_UM), 3.0, 1.0).field
    assert field is not None
    # Three quarters of the drop lie over the layer that conducts a third as well.
    drop = field.potential[:, :, 5] - field.potential[:, :, 9]
    np.testing.assert_allclose(drop, 0.75 * 4 / 5, atol=1e-5)


def test_the_flux_of_a_packing_is_conserved(packing: Electrode) -> None:
    image = voxelize(packing, 0.4, 8.0)
    for method in ("multigrid", "aperture"):
        field = pore_transport(image, method, electrode=packing).solution.field
        assert field is not None
        through = field.flux()[..., 2].mean(axis=(0, 1), dtype=float)
        np.testing.assert_allclose(through, 1, rtol=1e-3)


def test_taufactor_gives_no_field() -> None:
    image = VoxelImage(np.full((4, 4, 10), PORE, dtype=np.uint8), EDGES_UM)
    assert pore_transport(image, "taufactor").solution.field is None
