"""Voxel images as TIFF files: our own, and segmented images of any source."""

from __future__ import annotations

import logging
import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.voxels import PORE, VoxelImage
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError
from mesocast.storage.files import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

PHASE_CODES = {"pore": PORE, "active_material": ACTIVE_MATERIAL, "cbd": CBD}
AXES = ("x", "y", "z")

_MICROMETRE_NAMES = ("um", "µm", "μm", "\\u00B5m", "micron", "microns", "micrometer", "micrometre")
_SHOWN = 5


def write_tiff(image: VoxelImage, path: Path) -> None:
    """Write a z-stack that ImageJ, Fiji and ParaView open at the right scale.

    One page per layer along z, with y down and x to the right, zlib compressed. The resolution
    tags hold 1/hx and 1/hy, the ImageJ description holds hz ("spacing") and the unit. The same
    image always gives the same bytes; the file appears complete or not at all.
    """
    import tifffile

    hx, hy, hz = image.voxel_size_um
    with replacing(path) as temporary, temporary.open("wb") as stream:
        tifffile.imwrite(
            stream,
            np.ascontiguousarray(image.labels.transpose(2, 1, 0)),
            imagej=True,
            compression="zlib",
            resolution=(1 / hx, 1 / hy),
            metadata={"axes": "ZYX", "spacing": hz, "unit": "um"},
        )


def read_tiff(
    path: Path,
    *,
    labels: Mapping[str, int] | None = None,
    voxel_size_um: tuple[float, float, float] | None = None,
    thickness_axis: str = "z",
    periodic: bool = True,
) -> VoxelImage:
    """Read a segmented stack.

    Parameters
    ----------
    path
        TIFF of whole numbers; its pages are the layers along z, with y down and x to the right.
    labels
        Label of each phase in the file, by the names ``pore``, ``active_material`` and ``cbd``;
        a phase that the image does not have is left out. Without it, the labels of ``write_tiff``.
    voxel_size_um
        Edges of a voxel along the file's x, y and z; without it, the file must say them.
    thickness_axis
        The file's axis that runs from the collector to the surface.
    periodic
        See ``VoxelImage``.

    Raises
    ------
    InputError
        The file is missing, truncated or not a TIFF; it is no stack of segmented layers with at
        least two voxels along each axis; a label is unknown or a phase is empty; the size of the
        voxels is not known.
    """
    known = dict(labels) if labels is not None else PHASE_CODES
    _check_labels(known)
    if thickness_axis not in AXES:
        raise InputError(f"thickness axis {thickness_axis}: allowed are {', '.join(AXES)}")
    layers, description, resolution = _read(path)
    codes = _codes(layers, known, path)
    size_um = voxel_size_um or _voxel_size_um(path, description, resolution)
    if not all(0 < edge < np.inf for edge in size_um):
        raise InputError(f"voxel size {size_um} um: must be positive lengths")
    # The thickness becomes the last axis; the other two keep their order.
    order = [axis for axis in range(3) if AXES[axis] != thickness_axis]
    order.append(AXES.index(thickness_axis))
    hx, hy, hz = (float(size_um[axis]) for axis in order)
    return VoxelImage(
        np.ascontiguousarray(codes.transpose(2, 1, 0).transpose(order)), (hx, hy, hz), periodic
    )


def _check_labels(labels: Mapping[str, int]) -> None:
    unknown = sorted(set(labels) - set(PHASE_CODES))
    if unknown:
        raise InputError(f"phase {unknown[0]}: allowed are {', '.join(PHASE_CODES)}")
    if len(set(labels.values())) < len(labels) or len(labels) < 2:
        raise InputError(f"labels {dict(labels)}: allowed are at least two phases, each its own")


def _read(path: Path) -> tuple[NDArray[Any], dict[str, Any], list[tuple[int, int]]]:
    """Layers, ImageJ description and resolution tags of a stack; damaged files are refused."""
    import tifffile

    try:
        with _complaints(tifffile.logger()) as complaints, tifffile.TiffFile(path) as tiff:
            description = tiff.imagej_metadata or {}
            tags = tiff.pages.first.tags
            layers = np.asarray(tiff.asarray())
            resolution = [
                tags[name].value for name in ("XResolution", "YResolution") if name in tags
            ]
    except (OSError, ValueError, IndexError, RuntimeError, struct.error, zlib.error) as error:
        raise InputError(f"{path}: cannot be read as a TIFF image ({_line(error)})") from error
    if complaints:
        raise InputError(f"{path}: is damaged or truncated ({_line(complaints[0])})")
    if layers.ndim != 3 or min(layers.shape) < 2:
        raise InputError(
            f"{path}: shape is {layers.shape}; a stack needs at least 2 voxels along z, y and x"
        )
    if description.get("images", len(layers)) != len(layers):
        raise InputError(
            f"{path}: holds {len(layers)} of {description['images']} layers; it is truncated"
        )
    return layers, description, resolution


def _codes(layers: NDArray[Any], labels: Mapping[str, int], path: Path) -> NDArray[np.uint8]:
    """Our codes for the phases in place of the file's labels."""
    allowed = ", ".join(f"{label} {name}" for name, label in labels.items())
    if layers.dtype.kind == "f" and np.isnan(layers).any():
        raise InputError(
            f"{path}: {np.isnan(layers).sum()} voxels are NaN; allowed are the labels {allowed}"
        )
    if layers.dtype.kind not in "uib":
        raise InputError(
            f"{path}: voxels are {layers.dtype}; allowed are whole numbers, the labels {allowed}"
        )
    found, counts = np.unique(layers, return_counts=True)
    unknown = [int(label) for label in found if label not in labels.values()]
    if unknown:
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        raise InputError(
            f"{path}: labels {unknown[:_SHOWN]}{more} are unknown; allowed are {allowed}"
        )
    for name, label in labels.items():
        if label not in found:
            raise InputError(
                f"{path}: no voxel has the label {label} of {name}; found are "
                f"{dict(zip(found.tolist(), counts.tolist(), strict=True))} (label: voxels)"
            )
    codes = np.empty(layers.shape, dtype=np.uint8)
    for name, label in labels.items():
        codes[layers == label] = PHASE_CODES[name]
    return codes


def _voxel_size_um(
    path: Path, description: dict[str, Any], resolution: list[tuple[int, int]]
) -> tuple[float, float, float]:
    """Edges (hx, hy, hz) of a voxel from the tags of a TIFF file."""
    unit, spacing = description.get("unit"), description.get("spacing")
    if unit not in _MICROMETRE_NAMES or not isinstance(spacing, int | float) or len(resolution) < 2:
        raise InputError(
            f"{path}: voxel size is missing (unit {unit}, spacing {spacing}); give it, or write "
            "the TIFF with the resolution tags and the ImageJ entries unit=um and spacing"
        )
    pixels, micrometres = np.array(resolution, dtype=float).T
    if not (pixels > 0).all() or not (micrometres > 0).all() or not 0 < spacing < np.inf:
        raise InputError(f"{path}: voxel size {resolution}, spacing {spacing} must be positive")
    hx, hy = (micrometres / pixels).tolist()
    return hx, hy, float(spacing)


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
