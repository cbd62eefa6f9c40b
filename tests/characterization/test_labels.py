from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.characterization.files.stack import Edges, Stack
from mesocast.characterization.labels import PhaseLabels, find_phases
from mesocast.characterization.voxels import OTHER, PORE, WALL
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATH = Path("a.tif")


def codes(image: NDArray[Any], words: str) -> NDArray[np.uint8]:
    return find_phases(Stack(image, Edges(), {}), PhaseLabels.parse(words.split()), PATH)[0]


@pytest.mark.parametrize("kind", ["u1", "u2", "i2", "i4", "u8", "f4", "f8"])
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("pore=0 active_material=1,2 cbd=3..5", [0, 1, 1, 2, 2, 2]),
        ("pore=0 active_material=1 active_material=2 other=3,4,5", [0, 1, 1, 3, 3, 3]),
        ("pore=5 cbd=0 active_material=1..3 ignore=4", [2, 1, 1, 1, 255, 0]),
    ],
)
def test_several_labels_for_one_phase(kind: str, words: str, expected: list[int]) -> None:
    image = np.arange(6).reshape(1, 2, 3).astype(kind)
    assert codes(image, words).ravel().tolist() == expected


def test_codes_are_those_of_the_phases() -> None:
    image = np.arange(5, dtype=np.uint8).reshape(1, 1, 5)
    found = codes(image, "pore=0 active_material=1 cbd=2 other=3 ignore=4")
    assert found.ravel().tolist() == [PORE, ACTIVE_MATERIAL, CBD, OTHER, WALL]


def test_negative_labels() -> None:
    image = np.array([[[-1, 0, 7]]], dtype=np.int16)
    assert codes(image, "pore=-1 active_material=0,7").ravel().tolist() == [0, 1, 1]


def test_voxels_are_counted_for_each_phase_also_one_without() -> None:
    stack = Stack(np.array([[[0, 0, 9]]], dtype=np.uint8), Edges(), {})
    labels = PhaseLabels.parse(["pore=0", "active_material=9", "cbd=3"])
    assert find_phases(stack, labels, PATH)[1] == {"pore": 2, "active_material": 1, "cbd": 0}


@pytest.mark.parametrize("kind", ["u1", "u2", "i4", "f4"])
def test_stray_labels_are_named_with_their_voxels(kind: str) -> None:
    image = np.array([0] * 90 + [1] * 5 + [7] * 3 + [9, 11]).reshape(4, 5, 5).astype(kind)
    with pytest.raises(
        InputError, match=r"a\.tif: 5 of 100 voxels \(5 %\).*: 7 \(3 voxels\), 9 \(1 voxels\), 11"
    ):
        codes(image, "pore=0 active_material=1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("binder=1 pore=0", "phase binder: allowed are pore, active_material, cbd, other, ignore"),
        ("pore=0", "at least two phases"),
        ("pore=0 cbd=0", "label 0: is given to pore and to cbd"),
        ("pore=0 cbd=0..3", "label 0: is given to pore and to cbd"),
        ("pore=zero cbd=1", "labels pore=zero; allowed: a phase and its numbers"),
        ("pore=0.5 cbd=1", "labels pore=0.5"),
        ("pore=5..3 cbd=1", r"labels pore=5\.\.3"),
        ("pore cbd=1", "labels pore;"),
    ],
)
def test_impossible_labels_are_refused(words: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        PhaseLabels.parse(words.split())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.5, "1 voxels .* are no whole numbers, for example 0.5.*segment the image first"),
        (np.nan, "1 voxels are NaN or infinite"),
        (np.inf, "1 voxels are NaN or infinite"),
    ],
)
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_floats_that_hold_no_labels(value: float, message: str, kind: str) -> None:
    image = np.zeros((3, 4, 5), dtype=kind)
    image[2, 1, 1] = value
    with pytest.raises(InputError, match=message):
        codes(image, "pore=0 active_material=1")


def test_voxels_that_are_no_numbers() -> None:
    with pytest.raises(InputError, match="complex128"):
        codes(np.zeros((1, 2, 2), dtype=complex), "pore=0 active_material=1")
