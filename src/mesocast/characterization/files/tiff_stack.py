"""Segmented TIFF stacks of any program: all pages are read, or it is said why not.

TIFF 6.0 knows pages only; what they mean stands in descriptions that programs add. tifffile puts
pages into "series" by those, or by their likeness, so that a stack may fall into several series of
which the first is only a part. Here the pages of a file are counted and compared with what a
series covers.
"""

from __future__ import annotations

import logging
import math
import struct
import zlib
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.files.axes import layers_of
from mesocast.characterization.files.stack import ALL_SERIES, Stack, shape_text
from mesocast.characterization.files.tiff_pages import (
    join_pages,
    name_of,
    page_kind,
    white_is_zero,
)
from mesocast.characterization.files.voxel_size import tiff_edges
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tifffile import TiffFile, TiffPage, TiffPageSeries

    from mesocast.characterization.files.stack import Choices

_SHOWN = 6
_LOSSY = ("JPEG", "OJPEG", "JPEG_LOSSY")


def read_tiff_stack(path: Path, choices: Choices) -> Stack:
    """Read a stack of numbers.

    Parameters
    ----------
    path
        TIFF file.
    choices
        What to take of a file with several series, channels or frames.

    Raises
    ------
    InputError
        The file is missing, truncated or not a TIFF; it holds several series, channels, colours
        or frames and nothing says which are the layers.
    """
    import tifffile

    try:
        with _complaints(tifffile.logger()) as complaints, tifffile.TiffFile(path) as tiff:
            every: list[Any] = list(tiff.pages)
            pages = [page for page in every if not _is_extra(page)] or every
            stack = _read(path, tiff, pages, choices)
    # RuntimeError: imagecodecs' own errors.
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, struct.error, zlib.error) as e:
        raise InputError(f"{path}: cannot be read as a TIFF image ({_line(e)})") from e
    if complaints:
        raise InputError(f"{path}: is damaged or truncated ({_line(complaints[0])})")
    return stack


def _is_extra(page: Any) -> bool:
    """Whether a page is a thumbnail or a mask of another one (NewSubfileType)."""
    return bool(page.is_reduced or page.is_mask)


def _read(path: Path, tiff: TiffFile, pages: list[TiffPage], choices: Choices) -> Stack:
    if any(name_of(page.compression) in _LOSSY for page in pages):
        raise InputError(
            f"{path}: is compressed with loss (JPEG), so that its labels are not what was saved; "
            "allowed: LZW, deflate, zstd, group 4 and other compression without loss"
        )
    series = list(tiff.series)
    described = bool(tiff.is_ome or tiff.is_imagej or tiff.is_shaped)
    chosen = _chosen(path, series, pages, choices, described=described)
    remarks: list[str] = []
    white = None
    if chosen is None:
        voxels, white, remarks = join_pages(path, pages, stored_values=choices.stored_values)
        axes, read_pages = "IYX", len(pages)
    else:
        voxels, axes = np.asarray(chosen.asarray()), chosen.axes
        read_pages = min(_planes(chosen), len(pages))
        if white_is_zero(chosen.keyframe) is not None:
            white = white_is_zero(chosen.keyframe)
    stated = (tiff.imagej_metadata or {}).get("images")
    if isinstance(stated, int) and chosen is not None and _planes(chosen) != stated:
        raise InputError(f"{path}: holds {_planes(chosen)} of {stated} layers; it is truncated")
    layers, said = layers_of(path, voxels, axes, choices)
    kind = "OME" if tiff.is_ome else "ImageJ" if tiff.is_imagej else "pages"
    return Stack(
        voxels=layers,
        edges=tiff_edges(
            {
                name: pages[0].tags[name].value
                for name in ("XResolution", "YResolution", "ResolutionUnit")
                if name in pages[0].tags
            },
            tiff.imagej_metadata if tiff.is_imagej else None,
            _ome_pixels(tiff, max(choices.series or 0, 0)),
        ),
        read={
            "format": f"TIFF ({kind})",
            "pages": read_pages,
            "pages_in_file": len(pages),
            "series_in_file": len(series),
            "axes": axes,
            "shape": list(voxels.shape),
            "type": str(voxels.dtype),
            "compression": sorted({name_of(page.compression) for page in pages}),
            "photometric": sorted({name_of(page.photometric) for page in pages}),
        },
        white_is_zero=None if choices.stored_values else white,
        remarks=(*remarks, *said),
    )


def _chosen(
    path: Path,
    series: list[TiffPageSeries],
    pages: list[TiffPage],
    choices: Choices,
    *,
    described: bool,
) -> TiffPageSeries | None:
    """Choose a series that holds all pages, or None: the pages are to be joined."""
    full = [one for one in series if not _is_extra(one.keyframe)]
    if choices.series is not None and choices.series != ALL_SERIES:
        if not 0 <= choices.series < len(full):
            raise InputError(f"{path}: series {choices.series}: allowed are 0 to {len(full) - 1}")
        return full[choices.series]
    if choices.series == ALL_SERIES:
        return None if len(pages) > 1 else full[0]
    covered = sum(_planes(one) for one in full)
    if len(full) == 1 and len(pages) <= covered:
        alike = len({page_kind(page) for page in pages}) == 1
        return full[0] if described or alike else None
    # A program that saves a stack page by page tells nothing of series, and pages that differ in
    # compression, or were appended one by one, are still one stack. What is described as several
    # volumes of several layers may be an image and its mask.
    volumes = described and any(_planes(one) > 1 for one in full)
    shapes = Counter((page.shape, page.samplesperpixel) for page in pages)
    if not volumes and len(shapes) == 1:
        return None
    raise InputError(_several(path, full, pages, shapes))


def _several(
    path: Path, series: list[TiffPageSeries], pages: list[TiffPage], shapes: Counter[Any]
) -> str:
    parts = [
        f"{number} is {shape_text(one.shape)} ({one.axes}, {one.dtype})"
        for number, one in enumerate(series[:_SHOWN])
    ]
    more = f" and {len(series) - _SHOWN} more" if len(series) > _SHOWN else ""
    allowed = "--series with its number"
    if len(shapes) == 1:
        allowed += ", or --series all for one stack of all pages"
    if len(series) == 1:
        return (
            f"{path}: its description covers {_planes(series[0])} of {len(pages)} pages; "
            f"allowed: {allowed}"
        )
    return (
        f"{path}: holds {len(series)} series, of which the first has {_planes(series[0])} of "
        f"{len(pages)} pages: {', '.join(parts)}{more}; allowed: {allowed}"
    )


def _planes(series: TiffPageSeries) -> int:
    """How many pages a series covers, also where only the first has an entry in the file."""
    return math.prod(
        count for count, axis in zip(series.shape, series.axes, strict=True) if axis not in "YXS"
    )


def _ome_pixels(tiff: TiffFile, number: int) -> dict[str, Any] | None:
    """Attributes of the pixels of one image of the OME-XML."""
    import tifffile

    if not tiff.is_ome or tiff.ome_metadata is None:
        return None
    content: Any = tifffile.xml2dict(tiff.ome_metadata).get("OME", {})
    images = content.get("Image", [])
    images = images if isinstance(images, list) else [images]
    pixels = images[number].get("Pixels", {}) if number < len(images) else {}
    return pixels if isinstance(pixels, dict) else None


def _line(message: object) -> str:
    return " ".join(str(message).split())


@contextmanager
def _complaints(logger: logging.Logger) -> Iterator[list[str]]:
    """Collect what a library logs as an error, and keep it from saying it."""
    complaints: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        if record.levelno >= logging.ERROR:
            complaints.append(record.getMessage())
        return False

    logger.addFilter(keep)
    try:
        yield complaints
    finally:
        logger.removeFilter(keep)
