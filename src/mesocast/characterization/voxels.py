"""The voxel image of an electrode: painting it, writing it, reading it."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError
from mesocast.files import replacing

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.electrode import Electrode

PORE = 0
PHASES = (PORE, ACTIVE_MATERIAL, CBD)

_MICROMETRE_NAMES = ("um", "µm", "μm", "\\u00B5m", "micron", "microns", "micrometer", "micrometre")


@dataclass(frozen=True)
class VoxelImage:
    """Three phases on a regular grid, periodic along x and y.

    Parameters
    ----------
    labels
        Shape (nx, ny, nz), uint8: ``PORE``, ``ACTIVE_MATERIAL`` or ``CBD``. Layer 0 along z lies
        on the current collector.
    voxel_size_um
        Edges (hx, hy, hz) of a voxel, um.
    """

    labels: NDArray[np.uint8]
    voxel_size_um: tuple[float, float, float]

    @property
    def thickness_um(self) -> float:
        """Height of the image."""
        return float(self.labels.shape[2] * self.voxel_size_um[2])

    def fraction(self, phase: int) -> float:
        """Volume fraction of a phase."""
        return float(np.count_nonzero(self.labels == phase) / self.labels.size)


def voxelize(electrode: Electrode, voxel_size_um: float, thickness_um: float) -> VoxelImage:
    """Paint the spheres of an electrode on a grid.

    A voxel belongs to a sphere when its centre lies in it (true radius, not the contact radius).
    Where spheres overlap, active material wins over CBD. The grid fits the box exactly: the voxel
    edge is the length divided by the nearest whole number of voxels along z, and by the nearest
    even number along x and y (a chequerboard must close across the periodic sides). So the three
    edges differ slightly from `voxel_size_um` and from each other.

    Parameters
    ----------
    electrode
        Spheres, periodic along x and y.
    voxel_size_um
        Voxel edge that is asked for, um.
    thickness_um
        Upper end of the image, um; what lies above it or below z = 0 is cut off.

    Raises
    ------
    InputError
        A length is not positive, an axis has less than two voxels, or a bead is neither active
        material nor CBD.
    """
    lengths_um = (*electrode.lateral_um, thickness_um)
    if not (voxel_size_um > 0 and np.isfinite((voxel_size_um, *lengths_um)).all()):
        raise InputError(
            f"voxel size {voxel_size_um} um, box {lengths_um} um: must be positive lengths"
        )
    nx, ny = (2 * round(length / voxel_size_um / 2) for length in electrode.lateral_um)
    nz = round(thickness_um / voxel_size_um)
    if min(nx, ny, nz) < 2:
        raise InputError(
            f"voxel size {voxel_size_um} um: gives {nx} x {ny} x {nz} voxels in a box of "
            f"{lengths_um} um; each axis needs at least 2"
        )
    if not np.isin(electrode.species, (ACTIVE_MATERIAL, CBD)).all():
        raise InputError(
            f"species {sorted(set(electrode.species.tolist()))}: allowed are {ACTIVE_MATERIAL} "
            f"(active material) and {CBD} (CBD)"
        )
    hx, hy, hz = (length / count for length, count in zip(lengths_um, (nx, ny, nz), strict=True))
    labels = sample_phases(electrode, (nx, ny, nz), (hx, hy, hz), (0.5, 0.5, 0.5))
    return VoxelImage(labels, (hx, hy, hz))


def sample_phases(
    electrode: Electrode,
    counts: tuple[int, int, int],
    spacing_um: tuple[float, float, float],
    offset: tuple[float, float, float],
) -> NDArray[np.uint8]:
    """Phases at the points (index + offset) * spacing of a grid that is periodic along x and y.

    Where spheres overlap, active material wins over CBD.
    """
    labels = np.zeros(counts, dtype=np.uint8)
    for species in (CBD, ACTIVE_MATERIAL):  # the later one wins where they overlap
        selected = electrode.species == species
        _paint(
            labels,
            np.column_stack(
                [electrode.positions_um[selected], electrode.radii_um[selected]]
            ).astype(np.float64),
            np.uint8(species),
            spacing_um,
            offset,
        )
    return labels


@njit(cache=True)
def _paint(
    labels: NDArray[np.uint8],
    spheres_um: NDArray[np.float64],
    label: np.uint8,
    spacing_um: tuple[float, float, float],
    offset: tuple[float, float, float],
) -> None:
    """Paint each sphere (x, y, z, radius) as one chord along z per column of points."""
    nx, ny, nz = labels.shape
    hx, hy, hz = spacing_um
    ox, oy, oz = offset
    for sphere in range(len(spheres_um)):
        x, y, z, radius = spheres_um[sphere]
        for i in range(int(np.ceil((x - radius) / hx - ox)), int((x + radius) // hx) + 1):
            dx = (i + ox) * hx - x
            for j in range(int(np.ceil((y - radius) / hy - oy)), int((y + radius) // hy) + 1):
                dy = (j + oy) * hy - y
                half_chord_squared = radius**2 - dx**2 - dy**2
                if half_chord_squared < 0:
                    continue
                half_chord = np.sqrt(half_chord_squared)
                first = max(int(np.ceil((z - half_chord) / hz - oz)), 0)
                last = min(int(np.floor((z + half_chord) / hz - oz)), nz - 1)
                for k in range(first, last + 1):
                    labels[i % nx, j % ny, k] = label


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


def read_tiff(path: Path) -> VoxelImage:
    """Read a z-stack as ``write_tiff`` writes it.

    Raises
    ------
    InputError
        The file is missing, truncated or not a TIFF; it is not a stack of 8-bit layers with the
        labels 0, 1 and 2 and at least two voxels along each axis; or it does not say its voxel
        size in micrometres.
    """
    import tifffile

    try:
        with _quiet(tifffile.logger()), tifffile.TiffFile(path) as tiff:
            description = tiff.imagej_metadata or {}
            tags = tiff.pages.first.tags
            layers = np.asarray(tiff.asarray())
            resolution = [
                tags[name].value for name in ("XResolution", "YResolution") if name in tags
            ]
    except (OSError, ValueError, IndexError, struct.error, zlib.error) as error:
        raise InputError(f"{path}: cannot be read as a TIFF image ({error})") from error
    if layers.dtype != np.uint8:
        raise InputError(f"{path}: voxels are {layers.dtype}; allowed is uint8")
    if layers.ndim != 3 or min(layers.shape) < 2:
        raise InputError(
            f"{path}: shape is {layers.shape}; a stack needs at least 2 voxels along z, y and x"
        )
    if description.get("images", len(layers)) != len(layers):
        raise InputError(
            f"{path}: holds {len(layers)} of {description['images']} layers; it is truncated"
        )
    unknown = sorted(set(np.unique(layers).tolist()) - set(PHASES))
    if unknown:
        raise InputError(
            f"{path}: labels {unknown} are unknown; allowed are 0 pore, 1 active material, 2 CBD"
        )
    return VoxelImage(
        np.ascontiguousarray(layers.transpose(2, 1, 0)),
        _voxel_size_um(path, description, resolution),
    )


def _voxel_size_um(
    path: Path, description: dict[str, Any], resolution: list[tuple[int, int]]
) -> tuple[float, float, float]:
    """Edges (hx, hy, hz) of a voxel from the tags of a TIFF file."""
    unit, spacing = description.get("unit"), description.get("spacing")
    if unit not in _MICROMETRE_NAMES or not isinstance(spacing, int | float) or len(resolution) < 2:
        raise InputError(
            f"{path}: voxel size is missing (unit {unit}, spacing {spacing}); the TIFF needs the "
            "resolution tags and the ImageJ entries unit=um and spacing"
        )
    pixels, micrometres = np.array(resolution, dtype=float).T
    if not (pixels > 0).all() or not (micrometres > 0).all() or not 0 < spacing < np.inf:
        raise InputError(f"{path}: voxel size {resolution}, spacing {spacing} must be positive")
    hx, hy = (micrometres / pixels).tolist()
    return hx, hy, float(spacing)


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep a library from logging what becomes one InputError."""
    disabled = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = disabled
