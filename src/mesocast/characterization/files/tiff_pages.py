"""Pages of a TIFF that are one stack though they differ: in bits, in what is black, in layout."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.files.stack import shape_text
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from tifffile import TiffPage

_WHITE_IS_ZERO = 0
# Neighbouring layers of a structure are alike; below this lead of one reading over the other the
# layers do not tell whether numbers were stored or shown.
_LIKENESS = 0.1
_SHOWN = 6


def join_pages(
    path: Path, pages: list[TiffPage], *, stored_values: bool
) -> tuple[NDArray[Any], int | None, list[str]]:
    """Read pages one after the other as layers, where they are of one shape.

    Parameters
    ----------
    path, pages
        The file, and its pages.
    stored_values
        Take numbers as they are stored, whatever a page says of black and white.

    Returns
    -------
    tuple
        Layers, the number shown as black where all pages have 0 as white, and remarks.

    Raises
    ------
    InputError
        The pages are unequal or coloured, or do not tell what is black.
    """
    shapes = Counter(page.shape for page in pages)
    if len(shapes) > 1:
        parts = [f"{count} of {shape_text(shape)}" for shape, count in shapes.most_common(_SHOWN)]
        raise InputError(f"{path}: its {len(pages)} pages are unequal: {', '.join(parts)}")
    if len(pages[0].shape) != 2:
        raise InputError(
            f"{path}: its {len(pages)} pages have {pages[0].samplesperpixel} colours per pixel "
            f"({name_of(pages[0].photometric)}) and differ; allowed: labels, one number per voxel"
        )
    kinds = Counter(page_kind(page) for page in pages)
    remarks = []
    if len(kinds) > 1:
        parts = [f"{count} {bits}-bit {name}" for (bits, name), count in kinds.most_common()]
        remarks.append(f"its {len(pages)} pages differ ({', '.join(parts)}) and were joined")
    elif len(pages) > 1:
        remarks.append(f"its {len(pages)} pages lie in several series and were joined")
    types = {np.dtype(page.dtype) for page in pages if page.dtype is not None}
    deepest = np.result_type(*types)
    layers = np.empty((len(pages), *pages[0].shape), dtype=deepest)
    tops = [white_is_zero(page) for page in pages]
    for number, page in enumerate(pages):
        layer = page.asarray()
        if layer.dtype == np.bool_ and deepest.kind in "ui":
            # A page with two grey values that a program squeezed into bits: shown the same.
            highest = int(np.iinfo(deepest).max)
            layer = layer * np.array(highest, dtype=deepest)
            tops[number] = None if tops[number] is None else highest
        layers[number] = layer
    inverted = {number: top for number, top in enumerate(tops) if top is not None}
    if stored_values or not inverted:
        return layers, None, remarks
    if len(inverted) == len(pages):
        return layers, max(inverted.values()), remarks
    if _shown_is_smoother(path, layers, inverted):
        for number, top in inverted.items():
            layers[number] = _shown(layers[number], top)
        remarks.append(f"{len(inverted)} pages say that 0 is white, and were inverted")
    else:
        remarks.append(
            f"{len(inverted)} pages say that 0 is white, but go on as the others do; all were "
            "taken as stored"
        )
    return layers, None, remarks


def _shown(layer: NDArray[Any], top: int) -> NDArray[Any]:
    """Values as they are shown, of values stored with 0 as white."""
    return np.asarray(~layer if layer.dtype == np.bool_ else (top - layer).astype(layer.dtype))


def _shown_is_smoother(path: Path, layers: NDArray[Any], inverted: Mapping[int, int]) -> bool:
    """Whether layers go on from page to page as shown, or as stored.

    `inverted` has what is shown as black of each page that shows 0 as white.

    Raises
    ------
    InputError
        They do neither, so that nothing tells which is meant.
    """
    scores = {False: [], True: []}  # type: dict[bool, list[float]]
    for number in range(1, len(layers)):
        if (number in inverted) == (number - 1 in inverted):
            continue
        top = inverted[number if number in inverted else number - 1]
        before, here = layers[number - 1], layers[number]
        scores[False].append(float((before == here).mean()))
        scores[True].append(float((before == _shown(here, top)).mean()))
    stored, shown = (float(np.mean(scores[key])) for key in (False, True))
    if abs(shown - stored) < _LIKENESS:
        raise InputError(
            f"{path}: {len(inverted)} of {len(layers)} pages say that 0 is white, and neighbouring "
            "pages do not tell whether their numbers are meant as stored or as shown; allowed: "
            "--stored-values, or pages of one kind"
        )
    return shown > stored


def page_kind(page: TiffPage) -> tuple[int, str]:
    """What makes the numbers of two pages comparable: bits and photometric interpretation."""
    bits = page.bitspersample
    return (int(bits[0]) if isinstance(bits, tuple) else int(bits)), name_of(page.photometric)


def white_is_zero(page: Any) -> int | None:
    """Number that is shown as black, where 0 is shown as white; None for all other pages."""
    whole = page.dtype is not None and np.dtype(page.dtype).kind in "bu"
    if page.photometric != _WHITE_IS_ZERO or not whole:
        return None
    return int(2 ** page_kind(page)[0] - 1)


def name_of(code: Any) -> str:
    """Name of a code of the format."""
    return str(getattr(code, "name", code))
