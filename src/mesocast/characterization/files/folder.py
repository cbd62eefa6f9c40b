"""A folder of slices, one image per layer."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.files.axes import layers_of
from mesocast.characterization.files.stack import Edges, Stack, shape_text
from mesocast.characterization.files.tiff_stack import read_tiff_stack
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.characterization.files.stack import Choices

_TIFF = (".tif", ".tiff")
SLICES = (*_TIFF, ".png", ".bmp", ".pgm", ".gif")
_DIGITS = re.compile(r"(\d+)")


def read_folder(path: Path, choices: Choices) -> Stack:
    """Read the images of a folder as layers, in the order of the numbers in their names.

    Parameters
    ----------
    path
        Folder of TIFF, PNG, BMP, PGM or GIF files of one size, numbered without a gap.
    choices
        See ``read_tiff_stack``.

    Raises
    ------
    InputError
        There are no slices; their names are of several kinds or a number is missing; a slice is
        unequal to the others or no single layer.
    """
    try:
        files = [one for one in path.iterdir() if one.is_file() and one.name[0] != "."]
    except OSError as error:
        raise InputError(f"{path}: cannot be read as a folder ({error})") from error
    slices = sorted((one for one in files if one.suffix.lower() in SLICES), key=_order)
    if not slices:
        raise InputError(f"{path}: holds no slices; allowed are files {', '.join(SLICES)}")
    _check_names(path, slices)
    first = _read_slice(slices[0], choices)
    layers = np.empty((len(slices), *first.voxels.shape[1:]), dtype=first.voxels.dtype)
    tops = set()
    for number, one in enumerate(slices):
        read = first if number == 0 else _read_slice(one, choices)
        if read.voxels.shape != first.voxels.shape:
            raise InputError(
                f"{one}: is {shape_text(read.voxels.shape)}, {slices[0].name} is "
                f"{shape_text(first.voxels.shape)}; allowed: slices of one size, one layer each"
            )
        if read.voxels.dtype != layers.dtype:
            layers = layers.astype(np.result_type(layers.dtype, read.voxels.dtype))
        layers[number] = read.voxels[0]
        tops.add(read.white_is_zero)
    if len(tops) > 1:
        raise InputError(
            f"{path}: some slices say that 0 is white, others that it is black; allowed: one kind, "
            "or --stored-values"
        )
    left = [one.name for one in files if one not in slices]
    x_um, y_um, _ = first.edges.um
    return Stack(
        voxels=layers,
        edges=Edges((x_um, y_um, None), f"{first.edges.found} in {slices[0].name}"),
        read={
            "format": f"folder of {slices[0].suffix.lower()[1:].upper()}",
            "pages": len(slices),
            "pages_in_file": len(slices),
            "files": [slices[0].name, slices[-1].name],
            "axes": "ZYX",
            "shape": list(layers.shape),
            "type": str(layers.dtype),
        },
        white_is_zero=tops.pop(),
        remarks=(f"{len(left)} other files were left out, as {sorted(left)[0]}",) if left else (),
        files=tuple(slices),
    )


def _order(path: Path) -> tuple[str, list[int], str]:
    """Sort by what stands around the numbers, then by the numbers: 2 comes before 10."""
    return _pattern(path), [int(word) for word in _DIGITS.findall(path.stem)], path.name


def _pattern(path: Path) -> str:
    return _DIGITS.sub("#", path.stem) + path.suffix.lower()


def _check_names(path: Path, slices: list[Path]) -> None:
    kinds = Counter(_pattern(one) for one in slices)
    if len(kinds) > 1:
        parts = [f"{count} of {kind}" for kind, count in kinds.most_common(4)]
        raise InputError(
            f"{path}: holds several kinds of slices: {', '.join(parts)}; allowed: one kind"
        )
    numbers = [[int(word) for word in _DIGITS.findall(one.stem)] for one in slices]
    if len(slices) < 3 or not numbers[0]:
        return
    varying = [k for k in range(len(numbers[0])) if len({row[k] for row in numbers}) > 1]
    steps = Counter(
        numbers[k + 1][varying[-1]] - numbers[k][varying[-1]] for k in range(len(slices) - 1)
    )
    if len(varying) == 1 and len(steps) > 1:
        usual = steps.most_common(1)[0][0]
        for k in range(len(slices) - 1):
            if numbers[k + 1][varying[0]] - numbers[k][varying[0]] != usual:
                raise InputError(
                    f"{path}: a slice is missing or there twice between {slices[k].name} and "
                    f"{slices[k + 1].name}; allowed: numbers in equal steps"
                )


def _read_slice(path: Path, choices: Choices) -> Stack:
    if path.suffix.lower() in _TIFF:
        return read_tiff_stack(path, choices)
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            frames = int(getattr(image, "n_frames", 1))
            array: NDArray[Any] = np.asarray(image)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise InputError(f"{path}: cannot be read as an image ({error})") from error
    if frames > 1:
        raise InputError(f"{path}: holds {frames} images; allowed: one per slice")
    axes = "YX" if array.ndim == 2 else "YXS"
    layers, remarks = layers_of(path, array, axes, choices)
    return Stack(layers, Edges(), {}, None, tuple(remarks))
