"""Characterization as jobs: of a condition's folder, and of an image file."""

from __future__ import annotations

import hashlib
import logging
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mesocast import __version__
from mesocast.characterization.effort import LARGE_VOXELS, available_bytes, estimate
from mesocast.characterization.files.reading import read_stack
from mesocast.characterization.files.stack import Choices
from mesocast.characterization.files.voxel_size import resolve_edges
from mesocast.characterization.files.vtk import vti_bytes, write_vti
from mesocast.characterization.files.write import write_image_files
from mesocast.characterization.image import Phases
from mesocast.characterization.labels import OWN_LABELS, find_phases
from mesocast.characterization.measure import characterize_image
from mesocast.characterization.region import Crop, rebin, trim, voxel_image
from mesocast.characterization.result import Failure
from mesocast.errors import InputError
from mesocast.simulation.jobs import _read_film
from mesocast.storage.files import write_json
from mesocast.storage.once import file_digest, run_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from mesocast.characterization.labels import PhaseLabels
    from mesocast.characterization.result import ImageProperties
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.config.campaign import Campaign
    from mesocast.electrode import Electrode

CHARACTERIZATION_OUTPUTS = (
    "properties.json",
    "microstructure.tif",
    "sections.png",
    "block.png",
    "fields.png",
    "profiles.csv",
    "pore_sizes.csv",
    "particles.csv",
)


def run_characterization(campaign: Campaign, folder: Path) -> None:
    """Measure the electrode of a condition's folder: properties, voxel image, pictures, tables.

    Raises
    ------
    InputError
        The electrode's files are missing or broken.
    """
    before, electrode = _read_film(
        folder, "characterization", folder / "calendering.json", folder / "electrode.dump.gz"
    )

    def produce(scratch: Path) -> None:
        _characterize(campaign, before, electrode, scratch)

    run_once(
        folder,
        "characterization",
        {
            "physics": campaign.physics("characterization"),
            "electrode": file_digest(folder / "electrode.dump.gz"),
            "calendering": before["measured"],
            "recipe": before["recipe"],
            "status": before["status"],
            "reason": before["reason"],
        },
        CHARACTERIZATION_OUTPUTS,
        produce,
    )


def _compression(measured: dict[str, float], collector_um: float) -> dict[str, float | None]:
    """What calendering did to the film, for its row."""
    names = ("cr_imposed_pct", "cr_retained_pct", "pressure_max_MPa", "inertial_number")
    found: dict[str, float | None] = {name: measured.get(name) for name in names}
    if "gap_um" in measured:
        before_um = measured["thickness_before_um"]
        found["cr_gross_pct"] = 100 * (before_um - measured["gap_um"]) / (before_um + collector_um)
    return found


def _characterize(
    campaign: Campaign, before: dict[str, Any], electrode: Electrode, scratch: Path
) -> None:
    from mesocast.characterization.files.write import write_electrode_files, write_placeholders
    from mesocast.characterization.image import Phases
    from mesocast.characterization.measure import characterize
    from mesocast.columns import check_row

    measured = before["measured"]
    row: dict[str, Any] = {
        **before["recipe"],
        "status": before["status"],
        "reason": before["reason"],
        **_compression(measured, campaign.characterization.collector_thickness_um),
    }
    if len(electrode.radii_um) == 0:
        write_placeholders(before["reason"], scratch)
    else:
        settings, materials = campaign.characterization, campaign.materials
        result = characterize(
            electrode,
            Phases(
                materials.active_material.electronic_conductivity_S_m,
                materials.cbd.electronic_conductivity_S_m,
                materials.cbd.nanoporosity,
                settings.cbd_relative_diffusivity,
            ),
            voxel_size_um=settings.voxel_size_um,
            coverage_tolerance_um=settings.coverage_tolerance_um,
            transport_method=settings.transport_method,
            conductivity_method=settings.conductivity_method,
        )
        if before["status"] == "ok":
            row |= {**result.row(), "status": result.status, "reason": result.reason}
        write_electrode_files(electrode, result, scratch)
    write_json(scratch / "properties.json", check_row(row, "properties").model_dump())


_LOGGER = logging.getLogger(__name__)
_NETWORKS = 2
# Pictures and tables beside the fields.
_SMALL_FILES_BYTES = 5_000_000


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
        The file or folder.
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

    path: Path
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
    labels = request.labels or OWN_LABELS
    block = replace(stack, voxels=request.crop.apply(stack.voxels, path))
    codes, counts, remarks = find_phases(block, labels, path)
    edges_um, about_edges = resolve_edges(
        path, stack.edges, request.voxel_size_um, layers=len(stack.voxels)
    )
    codes, about_trim = trim(codes)
    if codes.size == 0:
        raise InputError(f"{path}: all voxels are ignored; nothing is left to measure")
    codes, about_rebin = rebin(codes, request.rebin, path)
    hx, hy, hz = edges_um
    factors = [request.rebin if count > 1 else 1 for count in stack.voxels.shape[::-1]]
    edges_um = (hx * factors[0], hy * factors[1], hz * factors[2])
    sample = Sample(
        path=path,
        codes=codes,
        edges_um=edges_um,
        axes=request.thickness_axes or (("y",) if len(codes) == 1 else ("z",)),
        periodic=request.periodic,
        record={
            "remarks": [*stack.remarks, *remarks, *about_edges, *about_trim, *about_rebin],
            "source": {"file": path.name, "sha256": _digest(stack.files or (path,)), **stack.read},
            "labels": labels.words(),
            "label_voxels": counts,
            "crop": {axis: list(ends) for axis, ends in request.crop.ranges.items()},
            "rebin": request.rebin,
        },
        missing=tuple(name for name, count in counts.items() if count == 0),
    )
    for axis in sample.axes:
        sample.image(axis)  # an impossible one is refused before the first is measured
    return sample


def _digest(files: tuple[Path, ...]) -> str:
    digest = hashlib.sha256()
    for one in files:
        with one.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    if len(files) > 1:
        return digest.hexdigest()
    with files[0].open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def characterize_file(
    path: Path,
    campaign: Campaign,
    request: ImageRequest,
    *,
    folder: Path | None = None,
    fields: bool = False,
    emit: Callable[[dict[str, Any]], None] | None = None,
    report: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Measure a segmented image along one or more axes.

    Parameters
    ----------
    path, request
        The image, and how to read it.
    campaign
        Gives materials and methods; apertures need spheres, so multigrid takes their place.
    folder
        Where to write ``properties.json``, and the pictures and tables of ``IMAGE_FILES``; with
        several axes in a folder of each, named after it. None writes nothing.
    fields
        Whether to write the potentials and fluxes for ParaView, ``fields.vti``: large.
    emit
        Given each row before any of its files is written, so that a full disk loses none.
    report
        See ``image_columns``.

    Returns
    -------
    list of dict
        Status, reason and the properties, and what they were measured from, along each axis.

    Raises
    ------
    InputError
        The image cannot be used, or the folder.
    OSError
        A file cannot be written; the rows were all given to `emit`.
    """
    sample = read_sample(path, request)
    size = sample.codes.size
    if folder is not None:
        prepare_folder(folder, len(sample.axes) * (vti_bytes(size, _NETWORKS) if fields else 0))
    _announce(size, fields=fields and folder is not None)
    fault: OSError | None = None
    rows = []
    for axis, row, result in _measure(sample, campaign, report):
        rows.append(row)
        if emit is not None:
            emit(row)
        if folder is not None and fault is None:
            target = folder / axis if len(sample.axes) > 1 else folder
            try:
                _write(target, row, result, fields=fields)
            except OSError as error:
                fault = error
    if fault is not None:
        raise fault
    return rows


def _measure(
    sample: Sample, campaign: Campaign, report: Callable[[str], None] | None
) -> Iterator[tuple[str, dict[str, Any], ImageProperties]]:
    settings = campaign.characterization
    phases = conducting_phases(campaign)
    method = settings.transport_method
    for axis in sample.axes:
        image = sample.image(axis)
        result = characterize_image(
            image,
            phases,
            transport_method="multigrid" if method == "aperture" else method,
            conductivity_method=settings.conductivity_method,
            report=report,
        )
        missing = tuple(
            Failure(
                "image",
                "no_pores" if name == "pore" else f"no_{name}",
                f"no voxel has a label of {name} ({_counts(sample.record['label_voxels'])})",
            )
            for name in sample.missing
            if name not in ("other", "ignore")
        )
        result = replace(result, failures=(*missing, *result.failures))
        yield axis, _row(sample, axis, image, phases, result), result


def conducting_phases(campaign: Campaign) -> Phases:
    """What the phases of a campaign are to transport."""
    settings, materials = campaign.characterization, campaign.materials
    return Phases(
        materials.active_material.electronic_conductivity_S_m,
        materials.cbd.electronic_conductivity_S_m,
        materials.cbd.nanoporosity,
        settings.cbd_relative_diffusivity,
    )


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count} voxels" for name, count in counts.items())


def _row(
    sample: Sample, axis: str, image: VoxelImage, phases: Phases, result: ImageProperties
) -> dict[str, Any]:
    return {
        "status": result.status,
        "reason": result.reason,
        **sample.record,
        "thickness_axis": axis,
        "sides": "periodic" if sample.periodic else "walls",
        "voxels": list(image.labels.shape),
        "voxel_edges_um": list(image.voxel_size_um),
        "am_conductivity_S_m": phases.am_conductivity_S_m,
        "cbd_conductivity_S_m": phases.cbd_conductivity_S_m,
        "cbd_nanoporosity": phases.cbd_nanoporosity,
        "mesocast": __version__,
        **result.row(),
    }


def prepare_folder(folder: Path, fields_bytes: int) -> None:
    """Find out before the measurement whether a folder can be written to.

    Raises
    ------
    InputError
        It cannot, or has no room.
    """
    probe = folder / ".mesocast-writes-here"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error
    if free < fields_bytes + _SMALL_FILES_BYTES:
        raise InputError(
            f"{folder}: has {free / 1e6:.0f} MB of room; its files may need "
            f"{(fields_bytes + _SMALL_FILES_BYTES) / 1e6:.0f} MB"
        )


def _announce(voxels: int, *, fields: bool) -> None:
    """Say before a large measurement what it takes."""
    if fields:
        _LOGGER.info("fields.vti: at most %.0f MB", vti_bytes(voxels, _NETWORKS) / 1e6)
    if voxels < LARGE_VOXELS:
        return
    effort = estimate(voxels)
    _LOGGER.info("%s", effort)
    free = available_bytes()
    if free is not None and free < effort.memory_bytes:
        _LOGGER.warning(
            "only %.1f GB of memory are free, so the system may end the measurement; --crop and "
            "--rebin make the image smaller",
            free / 1e9,
        )


def _write(folder: Path, row: dict[str, Any], result: ImageProperties, *, fields: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "properties.json", row)
    write_image_files(result, folder)
    if fields:
        write_vti(folder / "fields.vti", result.image, result.fields)
