"""Published conventions, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mesocast.characterization.conventions import published_conventions
from mesocast.characterization.further import Wanted
from mesocast.characterization.image import Phases
from mesocast.characterization.measure import characterize
from mesocast.characterization.voxels import voxelize
from mesocast.columns import FURTHER
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode


def _film(positions_um: list[list[float]], radii_um: list[float], species: list[int]) -> Electrode:
    count = len(radii_um)
    return Electrode(
        np.array(positions_um), np.array(radii_um), np.array(species), np.ones(count), (10.0, 10.0)
    )


def _measured(film: Electrode) -> dict[str, float | None]:
    return published_conventions(
        film,
        voxelize(film, 0.5, film.thickness_um),
        transport_method="multigrid",
        volume_voxel_size_um=0.1,
        cbd_nanoporosity=0.5,
    )


def test_film_ends_at_its_highest_centre() -> None:
    film = _film([[5.0, 5.0, 4.0], [1.0, 1.0, 1.0]], [3.0, 1.0], [ACTIVE_MATERIAL, CBD])
    found = _measured(film)
    assert found["thickness_to_highest_centre_um"] == 4.0
    active, cbd = 2 / 3 * math.pi * 27 / 400, 4 / 3 * math.pi / 400  # a half and a whole sphere
    bulk = 1 - active - cbd
    assert found["porosity_bulk_to_highest_centre"] == pytest.approx(bulk, abs=5e-4)
    assert found["porosity_total_to_highest_centre"] == pytest.approx(bulk + 0.5 * cbd, abs=5e-4)
    assert found["active_surface_voxel_faces_1um_pct"] == 100


def test_film_of_cbd_alone_has_the_transport_of_its_cbd() -> None:
    centres = np.stack(np.meshgrid(*[np.arange(10) + 0.5] * 3), axis=-1).reshape(-1, 3)
    film = _film(centres.tolist(), [1.0] * 1000, [CBD] * 1000)
    found = _measured(film)
    assert found["tortuosity_ngandjong_2021"] == pytest.approx(math.sqrt(0.47 / 0.33), rel=1e-6)
    assert found["active_surface_voxel_faces_1um_pct"] is None  # no active material


def test_faces_are_those_of_cubes_of_a_micrometre() -> None:
    # One cube of active material, with CBD in the voxel above it.
    film = _film([[2.5, 2.5, 0.5], [2.5, 2.5, 1.5]], [0.4, 0.4], [ACTIVE_MATERIAL, CBD])
    # Four sides face pore, one CBD; the collector below does not count.
    _, _, height_um = voxelize(film, 1.0, film.thickness_um).voxel_size_um
    expected = 100 * 4 * height_um / (4 * height_um + 1)
    assert _measured(film)["active_surface_voxel_faces_1um_pct"] == pytest.approx(expected)


def test_columns_are_there_when_asked_for_and_change_no_other() -> None:
    centres = np.random.default_rng(2).uniform(1, 9, (60, 3)).tolist()
    film = _film(centres, [1.2] * 60, [ACTIVE_MATERIAL, CBD] * 30)
    phases = Phases(am_conductivity_S_m=0.01, cbd_conductivity_S_m=5.0, cbd_nanoporosity=0.5)
    rows = [
        characterize(
            film, phases, voxel_size_um=0.5, coverage_tolerance_um=0.1, wanted=Wanted(names)
        ).row()
        for names in ((), ("conventions",))
    ]
    added = {column.name for column in FURTHER["conventions"]}
    assert set(rows[1]) - set(rows[0]) == added
    assert rows[0] == {name: value for name, value in rows[1].items() if name not in added}
