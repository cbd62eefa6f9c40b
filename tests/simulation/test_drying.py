"""Beads that a wet film lost through its collector come back where there is room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.electrode import CBD, Electrode
from mesocast.simulation.composition import composition_of
from mesocast.simulation.drying import _above_collector, dry
from mesocast.simulation.slurry import mix_slurry
from tests.conftest import TINY


def _beads(heights_um: list[float], across_um: list[float]) -> Electrode:
    count = len(heights_um)
    positions_um = np.column_stack([across_um, np.full(count, 5.0), heights_um])
    return Electrode(
        positions_um, np.ones(count), np.full(count, CBD), np.full(count, 4.0), (10.0, 10.0)
    )


def test_a_film_without_fallen_beads_is_the_same_one() -> None:
    film = _beads([0.1, 3.0], [5.0, 5.0])
    assert _above_collector(film) is film


def test_a_bead_with_room_is_put_at_half_its_radius() -> None:
    film = _above_collector(_beads([-0.4, 3.0], [5.0, 5.0]))
    assert film.positions_um[:, 2].tolist() == [0.5, 3.0]


@pytest.mark.parametrize("across_um", [5.0, 4.5, 9.9])
def test_beads_are_put_where_no_other_is(across_um: float) -> None:
    """Also through a periodic side, onto a pile, and two of them at one place."""
    piled = _beads([-0.4, -0.2, 0.7, 2.0, 4.0], [across_um, across_um, across_um, 0.1, 5.0])
    film = _above_collector(piled)
    assert (film.positions_um[2:] == piled.positions_um[2:]).all()
    assert (film.positions_um[:, :2] == piled.positions_um[:, :2]).all()
    apart = film.positions_um[:, None] - film.positions_um[None]
    apart[..., :2] -= 10 * np.round(apart[..., :2] / 10)
    distances = np.linalg.norm(apart, axis=2)
    assert distances[~np.eye(5, dtype=bool)].min() >= 1.1 - 1e-9
    assert (film.positions_um[:2, 2] >= 0.5).all()


def test_a_film_is_dried_whose_fallen_bead_lies_below_another() -> None:
    """Put onto the other one, both had flown out of the film within a step."""
    campaign = load({**TINY, "campaign": "fallen"})
    composition = composition_of(campaign, {"am_pct": 88.0, "sc_pct": 60.0})
    slurry = mix_slurry(composition, campaign.force_fields.slurry, campaign.slurry, 3).electrode
    cbd = np.flatnonzero(slurry.species == CBD)
    lowest = cbd[np.argmin(slurry.positions_um[cbd, 2])]
    other = next(bead for bead in cbd if bead != lowest)
    positions_um = slurry.positions_um.copy()
    positions_um[lowest, 2] = slurry.radii_um[lowest] / 2 + 0.1
    positions_um[other] = positions_um[lowest] + [0.1, 0.1, 0.0]
    positions_um[other, 2] = -0.4
    film = dry(
        replace(slurry, positions_um=positions_um),
        composition,
        campaign.force_fields,
        campaign.drying,
    )
    assert film.status in ("ok", "not_converged")
    assert len(film.electrode.radii_um) == len(slurry.radii_um)
