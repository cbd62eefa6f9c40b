"""Spheres of an electrode: thickness, volumes, file."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def _film(count: int = 4000) -> Electrode:
    """An even film of small beads, 40 um high."""
    positions = np.random.default_rng(0).uniform([0, 0, 0.1], [15, 20, 39.9], (count, 3))
    species = np.where(np.arange(count) % 5 == 0, ACTIVE_MATERIAL, CBD)
    return Electrode(
        positions, np.full(count, 0.1), species, np.where(species == CBD, 0.5, 2.5), (15.0, 20.0)
    )


def test_thickness_of_an_even_film_is_its_height() -> None:
    assert _film().thickness_um == pytest.approx(40.0, rel=0.01)


def test_a_bead_that_stands_up_does_not_set_the_thickness() -> None:
    film = _film()
    film.positions_um[7, 2] = 80.0
    assert film.highest_um == 80.1
    assert film.thickness_um == pytest.approx(_film().thickness_um, rel=1e-3)


def test_volume_below_a_height_is_that_of_spherical_caps() -> None:
    film = Electrode(
        np.array([[1.0, 1.0, 2.0]]), np.array([1.0]), np.array([CBD]), np.array([1.0]), (5.0, 5.0)
    )
    sphere = 4 / 3 * np.pi
    assert film.volume_below_um3(1.0) == 0
    assert film.volume_below_um3(2.0) == pytest.approx(sphere / 2)
    assert film.volume_below_um3(2.5) == pytest.approx(sphere - np.pi * 0.25 * (1 - 0.5 / 3))
    assert film.volume_below_um3(9.0) == pytest.approx(sphere) == film.sphere_volume_um3


def test_the_box_may_start_anywhere(tmp_path: Path) -> None:
    film = _film()
    film.write_dump(tmp_path / "a.dump.gz")
    text = gzip.decompress((tmp_path / "a.dump.gz").read_bytes()).decode()
    lines = text.splitlines()
    at = lines.index("ITEM: BOX BOUNDS pp pp ff")
    assert lines[at + 1] == "0 15.0"
    lines[at + 1 : at + 3] = ["-10 5.0", "3.5 23.5"]
    first = next(n for n, line in enumerate(lines) if line.startswith("ITEM: ATOMS")) + 1
    for n in range(first, len(lines)):
        words = lines[n].split()
        words[2], words[3] = repr(float(words[2]) - 10), repr(float(words[3]) + 3.5)
        lines[n] = " ".join(words)
    (tmp_path / "b.dump.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    moved = Electrode.read_dump(tmp_path / "b.dump.gz")
    assert moved.lateral_um == (15.0, 20.0)
    np.testing.assert_allclose(moved.positions_um, film.positions_um, atol=1e-9)


def test_a_dump_begins_with_its_time_step_and_one_with_units_is_read(tmp_path: Path) -> None:
    """MDAnalysis takes the first item for the time step; dumps of before named their units."""
    film = _film()
    film.write_dump(tmp_path / "a.dump.gz")
    text = gzip.decompress((tmp_path / "a.dump.gz").read_bytes()).decode()
    items = [line for line in text.splitlines() if line.startswith("ITEM:")]
    assert [item.split()[1] for item in items] == ["TIMESTEP", "NUMBER", "BOX", "ATOMS"]
    assert text.startswith(items[0])
    before = f"ITEM: UNITS\nmicro\n{text}"
    (tmp_path / "b.dump.gz").write_bytes(gzip.compress(before.encode()))
    again = Electrode.read_dump(tmp_path / "b.dump.gz")
    np.testing.assert_allclose(again.positions_um, film.positions_um, rtol=1e-11)


def test_dump_round_trip_and_same_bytes(tmp_path: Path) -> None:
    film = _film()
    for name in ("a.dump.gz", "b.dump.gz"):
        film.write_dump(tmp_path / name)
    assert (tmp_path / "a.dump.gz").read_bytes() == (tmp_path / "b.dump.gz").read_bytes()
    assert not list(tmp_path.glob(".*"))
    again = Electrode.read_dump(tmp_path / "a.dump.gz")
    np.testing.assert_allclose(again.positions_um, film.positions_um, rtol=1e-11)
    np.testing.assert_allclose(again.masses_pg, film.masses_pg, rtol=1e-11)
    np.testing.assert_array_equal(again.species, film.species)
    assert again.lateral_um == film.lateral_um


def test_film_without_beads_survives_its_file(tmp_path: Path) -> None:
    nothing = Electrode(
        np.empty((0, 3)), np.empty(0), np.empty(0, dtype=np.int64), np.empty(0), (5.0, 5.0)
    )
    nothing.write_dump(tmp_path / "a.dump.gz")
    assert len(Electrode.read_dump(tmp_path / "a.dump.gz").radii_um) == 0


@pytest.mark.parametrize("cut", [0, 20, 400, -5])
def test_truncated_file_is_refused(tmp_path: Path, cut: int) -> None:
    _film(200).write_dump(tmp_path / "a.dump.gz")
    whole = (tmp_path / "a.dump.gz").read_bytes()
    (tmp_path / "a.dump.gz").write_bytes(whole[:cut])
    with pytest.raises(InputError, match=r"a\.dump\.gz"):
        Electrode.read_dump(tmp_path / "a.dump.gz")


def test_damaged_file_is_refused(tmp_path: Path) -> None:
    _film(200).write_dump(tmp_path / "a.dump.gz")
    whole = bytearray((tmp_path / "a.dump.gz").read_bytes())
    whole[300:600] = bytes(300)
    (tmp_path / "a.dump.gz").write_bytes(whole)
    with pytest.raises(InputError, match=r"a\.dump\.gz"):
        Electrode.read_dump(tmp_path / "a.dump.gz")


def test_file_with_fewer_beads_than_it_says_is_refused(tmp_path: Path) -> None:
    _film(200).write_dump(tmp_path / "a.dump.gz")
    text = gzip.decompress((tmp_path / "a.dump.gz").read_bytes()).decode()
    (tmp_path / "a.dump.gz").write_bytes(gzip.compress("\n".join(text.split("\n")[:-9]).encode()))
    with pytest.raises(InputError, match="of 200 beads"):
        Electrode.read_dump(tmp_path / "a.dump.gz")


def test_missing_file_and_other_content_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none"):
        Electrode.read_dump(tmp_path / "none.dump.gz")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(InputError, match="text"):
        Electrode.read_dump(tmp_path / "text")
