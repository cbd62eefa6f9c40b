"""Which number of a segmented image is which phase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.voxels import OTHER, PORE, WALL
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.characterization.files.stack import Stack

# `other` fills volume and insulates (foil, separator, crack filling); `ignore` is no part of the
# sample (what lies around a cylinder).
CODES = {
    "pore": PORE,
    "active_material": ACTIVE_MATERIAL,
    "cbd": CBD,
    "other": OTHER,
    "ignore": WALL,
}
_UNKNOWN = 200
_SHOWN = 5
_LONGEST_RANGE = 100_000


@dataclass(frozen=True)
class PhaseLabels:
    """The numbers of each phase.

    Parameters
    ----------
    values
        By the names in ``CODES``; a phase that the image does not have is left out.

    Raises
    ------
    InputError
        A name is unknown, a number belongs to two phases, or there are fewer than two phases.
    """

    values: Mapping[str, tuple[int, ...]]

    def __post_init__(self) -> None:
        owner: dict[int, str] = {}
        for name, numbers in self.values.items():
            if name not in CODES:
                raise InputError(f"phase {name}: allowed are {', '.join(CODES)}")
            for number in numbers:
                if owner.setdefault(number, name) != name:
                    raise InputError(
                        f"label {number}: is given to {owner[number]} and to {name}; allowed: one"
                    )
        if len([name for name, numbers in self.values.items() if numbers]) < 2:
            raise InputError(f"labels {self}: allowed are at least two phases")

    @classmethod
    def parse(cls, words: Sequence[str]) -> PhaseLabels:
        """Read ``pore=0 active_material=1,2 cbd=10..20``; a phase may be named more than once."""
        values: dict[str, tuple[int, ...]] = {}
        for word in words:
            name, _, numbers = word.partition("=")
            try:
                found = tuple(n for part in numbers.split(",") for n in _numbers(part))
            except ValueError as error:
                raise InputError(
                    f"--labels {word}; allowed: a phase and its numbers, as pore=0, "
                    "active_material=1,2 or cbd=10..20"
                ) from error
            values[name] = (*values.get(name, ()), *found)
        return cls(values)

    def words(self) -> dict[str, str]:
        """Numbers of each phase as ``parse`` reads them, ``1,2`` or ``10..20``."""
        return {name: _word(numbers) for name, numbers in self.values.items()}

    def __str__(self) -> str:
        """Write the labels as ``parse`` reads them."""
        return " ".join(f"{name}={numbers}" for name, numbers in self.words().items())


def _word(numbers: Sequence[int]) -> str:
    parts: list[list[int]] = []
    for number in sorted(set(numbers)):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ",".join(
        f"{part[0]}..{part[-1]}" if len(part) > 2 else ",".join(map(str, part)) for part in parts
    )


def _numbers(part: str) -> range:
    first, dots, last = part.partition("..")
    start = int(first)
    found = range(start, int(last) + 1 if dots else start + 1)
    if not 0 < len(found) <= _LONGEST_RANGE:
        raise ValueError(part)
    return found


OWN_LABELS = PhaseLabels({"pore": (0,), "active_material": (1,), "cbd": (2,)})


def find_phases(
    stack: Stack, labels: PhaseLabels, path: Path | str
) -> tuple[NDArray[np.uint8], dict[str, int], list[str]]:
    """Put our codes in place of the numbers of a stack.

    Parameters
    ----------
    stack
        Layers of numbers.
    labels
        Numbers of the phases.
    path
        For messages.

    Returns
    -------
    tuple
        Codes of shape (nz, ny, nx); how many voxels each named phase has; remarks.

    Raises
    ------
    InputError
        A voxel is no whole number, or has a number of no phase.
    """
    if stack.white_is_zero is None:
        return (*_codes(stack.voxels, labels, path, None), [])
    # TIFF 6.0: what is stored as 0 is shown as white. Some programs write the numbers that they
    # mean beside that tag, which shows where only these are known labels.
    try:
        codes, counts = _codes(stack.voxels, labels, path, stack.white_is_zero)
    except InputError as as_shown:
        try:
            codes, counts = _codes(stack.voxels, labels, path, None)
        except InputError:
            raise as_shown from None
        return codes, counts, ["the file says that 0 is white; its labels are those stored"]
    remark = (
        "the file says that 0 is white (MinIsWhite); labels are as shown, "
        f"{stack.white_is_zero} - stored (--stored-values takes them as stored)"
    )
    return codes, counts, [remark]


def _codes(
    layers: NDArray[Any], labels: PhaseLabels, path: Path | str, shown_from: int | None
) -> tuple[NDArray[np.uint8], dict[str, int]]:
    known = {
        number if shown_from is None else shown_from - number: CODES[name]
        for name, numbers in labels.values.items()
        for number in numbers
    }
    numbers = np.array(sorted(known), dtype=np.int64)
    phases = np.array([known[number] for number in sorted(known)], dtype=np.uint8)
    codes = np.empty(layers.shape, dtype=np.uint8)
    stray: dict[int, int] = {}
    table = _table(layers.dtype, numbers, phases)
    for place, layer in enumerate(layers):
        whole = _whole(layers, layer, labels, path)
        if table is not None:
            codes[place] = table[whole]
            unknown = codes[place] == _UNKNOWN
        else:
            wide = whole.astype(np.int64)
            where = np.minimum(np.searchsorted(numbers, wide), len(numbers) - 1)
            codes[place] = phases[where]
            unknown = numbers[where] != wide
        if unknown.any():
            for number, count in zip(*np.unique(whole[unknown], return_counts=True), strict=True):
                shown = int(number) if shown_from is None else shown_from - int(number)
                stray[shown] = stray.get(shown, 0) + int(count)
    if stray:
        raise InputError(_stray(path, stray, codes.size, labels))
    amounts = np.bincount(codes.ravel(), minlength=256)
    return codes, {name: int(amounts[CODES[name]]) for name in labels.values}


def _table(
    kind: np.dtype[Any], numbers: NDArray[np.int64], phases: NDArray[np.uint8]
) -> NDArray[np.uint8] | None:
    """Code of each value of a small unsigned type; None for all other types."""
    if kind.kind not in "bu" or kind.itemsize > 2:
        return None
    table = np.full(2 if kind.kind == "b" else 2 ** (8 * kind.itemsize), _UNKNOWN, np.uint8)
    possible = (numbers >= 0) & (numbers < len(table))
    table[numbers[possible]] = phases[possible]
    return table


def _whole(
    layers: NDArray[Any], layer: NDArray[Any], labels: PhaseLabels, path: Path | str
) -> NDArray[Any]:
    """Give a layer as whole numbers, also where floats hold them."""
    if layer.dtype.kind == "b":
        return layer.astype(np.uint8)
    if layer.dtype.kind in "ui":
        return layer
    if layer.dtype.kind != "f":
        raise InputError(
            f"{path}: voxels are {layer.dtype}; allowed are whole numbers, the labels {labels}"
        )
    with np.errstate(invalid="ignore"):
        rounded = np.rint(layer)
    if np.array_equal(rounded, layer) and np.isfinite(layer).all():
        return np.asarray(rounded.astype(np.int64))
    missing = int(np.count_nonzero(~np.isfinite(layers)))
    if missing:
        raise InputError(f"{path}: {missing} voxels are NaN or infinite; allowed are {labels}")
    broken = layer[rounded != layer]
    count = sum(int(np.count_nonzero(np.rint(one) != one)) for one in layers)
    raise InputError(
        f"{path}: {count} voxels ({layer.dtype}) are no whole numbers, for example "
        f"{broken.flat[0]:g}; allowed are the labels {labels}: segment the image first"
    )


def _stray(path: Path | str, stray: Mapping[int, int], size: int, labels: PhaseLabels) -> str:
    parts = [
        f"{number} ({count} voxels)"
        for number, count in sorted(stray.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    ]
    more = f" and {len(stray) - _SHOWN} more" if len(stray) > _SHOWN else ""
    total = sum(stray.values())
    return (
        f"{path}: {total} of {size} voxels ({100 * total / size:.3g} %) have labels of no phase: "
        f"{', '.join(parts)}{more}; allowed are {labels}, and more numbers per phase, as "
        "active_material=1,2; other=3 insulates, ignore=4 is no part of the sample"
    )
