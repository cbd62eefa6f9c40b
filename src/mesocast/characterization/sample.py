"""A segmented image as it is to be measured: what was read, which part, seen along which axes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mesocast.characterization.files.reading import read_stack
from mesocast.characterization.files.stack import Choices
from mesocast.characterization.files.voxel_size import resolve_edges
from mesocast.characterization.labels import OWN_LABELS, find_phases
from mesocast.characterization.region import Crop, rebin, rebin_steps, trim, voxel_image
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.characterization.files.stack import Stack
    from mesocast.characterization.labels import PhaseLabels
    from mesocast.characterization.voxels import VoxelImage


@dataclass(frozen=True)
class ImageRequest:
    """How an image is to be read and measured.

    Parameters
    ----------
    voxel_size_um
        Edges of a voxel along the file's x, y and z; without it, the file must say them.
    labels
        Numbers of each phase; without them, those of Mesocast's own images.
    thickness_axes
        The file's axes that run from the collector to the surface, each measured; empty: z, or y
        of a single image.
    periodic
        See ``VoxelImage``.
    crop
        The block to measure, in voxels of the file.
    rebin
        Voxels along each edge of a cube that becomes one voxel.
    choices
        What to take of a file that holds more than one stack.
    """

    voxel_size_um: tuple[float, float, float] | None = None
    labels: PhaseLabels | None = None
    thickness_axes: tuple[str, ...] = ()
    periodic: bool = False
    crop: Crop = field(default_factory=lambda: Crop({}))
    rebin: int = 1
    choices: Choices = field(default_factory=Choices)


@dataclass(frozen=True)
class Sample:
    """A segmented image before it is turned and measured.

    Parameters
    ----------
    path
        The file or folder, or what an array is called.
    codes
        Phases, shape (nz, ny, nx).
    edges_um
        Of a voxel along the file's x, y and z, um.
    axes
        Thickness axes to measure along.
    periodic
        See ``VoxelImage``.
    record
        What was read and how, as JSON.
    missing
        Phases that were named and that no voxel has.
    """

    path: Path | str
    codes: NDArray[Any]
    edges_um: tuple[float, float, float]
    axes: tuple[str, ...]
    periodic: bool
    record: dict[str, Any]
    missing: tuple[str, ...]

    def image(self, axis: str) -> VoxelImage:
        """See the sample along a thickness axis."""
        return voxel_image(self.codes, self.edges_um, axis, periodic=self.periodic, path=self.path)


def read_sample(path: Path, request: ImageRequest) -> Sample:
    """Read a segmented image of any format.

    Raises
    ------
    InputError
        The file cannot be read as a whole, a voxel has no phase, or the size of the voxels is not
        known.
    """
    stack = read_stack(path, request.choices)
    return make_sample(
        stack, path, request, {"file": path.name, "sha256": _digest(stack.files or (path,))}
    )


def make_sample(
    stack: Stack, path: Path | str, request: ImageRequest, source: dict[str, Any]
) -> Sample:
    """Understand numbers as phases, and take the part of them that is asked for.

    Parameters
    ----------
    stack, path
        The numbers, and what they are called in messages.
    request
        What of them to measure.
    source
        Where they are from, for the record.

    Raises
    ------
    InputError
        A voxel has no phase, the size of the voxels is not known, or nothing is left to measure.
    """
    labels = request.labels or OWN_LABELS
    block = replace(stack, voxels=request.crop.apply(stack.voxels, path))
    codes, counts, remarks = find_phases(block, labels, path)
    edges_um, about_edges = resolve_edges(
        path, stack.edges, request.voxel_size_um, layers=len(stack.voxels)
    )
    codes, about_trim = trim(codes)
    if codes.size == 0:
        raise InputError(f"{path}: all voxels are ignored; nothing is left to measure")
    steps = rebin_steps(codes, request.rebin, path)
    codes, about_rebin = rebin(codes, steps)
    hx, hy, hz = (edge * step for edge, step in zip(edges_um, steps[::-1], strict=True))
    sample = Sample(
        path=path,
        codes=codes,
        edges_um=(hx, hy, hz),
        axes=request.thickness_axes or (("y",) if len(codes) == 1 else ("z",)),
        periodic=request.periodic,
        record={
            "remarks": [*stack.remarks, *remarks, *about_edges, *about_trim, *about_rebin],
            "source": source | stack.read,
            "labels": labels.words(),
            "label_voxels": counts,
            "crop": {axis: list(ends) for axis, ends in request.crop.ranges.items()},
            "rebin": request.rebin,
        },
        missing=tuple(
            name
            for name, count in counts.items()
            if count == 0 and name in ("pore", "active_material", "cbd")
        ),
    )
    for axis in sample.axes:
        sample.image(axis)  # an impossible one is refused before the first is measured
    return sample


def _digest(files: tuple[Path, ...]) -> str:
    """SHA-256 of a file, or of the digests of several."""
    digests = []
    for one in files:
        with one.open("rb") as stream:
            digests.append(hashlib.file_digest(stream, "sha256"))
    if len(files) == 1:
        return digests[0].hexdigest()
    return hashlib.sha256(b"".join(one.digest() for one in digests)).hexdigest()
