"""Segmented images of any source, measured and written: tomograms, other programs' output."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mesocast.characterization.effort import LARGE_VOXELS, available_bytes, estimate
from mesocast.characterization.files.vtk import vti_bytes, write_vti
from mesocast.characterization.files.write import write_image_files
from mesocast.characterization.further import Wanted
from mesocast.characterization.image import Phases
from mesocast.characterization.measure import characterize_image
from mesocast.characterization.result import Failure
from mesocast.characterization.sample import read_sample
from mesocast.errors import InputError
from mesocast.storage.files import write_json
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mesocast.characterization.result import ImageProperties
    from mesocast.characterization.sample import ImageRequest, Sample
    from mesocast.config.campaign import Campaign

_LOGGER = logging.getLogger(__name__)
_NETWORKS = 2
# Pictures and tables beside the fields.
_SMALL_FILES_BYTES = 5_000_000


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
    announce(size, fields=fields and folder is not None)
    fault: OSError | None = None
    rows = []
    for axis in sample.axes:
        result = measure_sample(sample, axis, campaign, report)
        row = describe(sample, axis, campaign, result)
        rows.append(row)
        if emit is not None:
            emit(row)
        if folder is not None and fault is None:
            try:
                _write(
                    folder / axis if len(sample.axes) > 1 else folder, row, result, fields=fields
                )
            except OSError as error:
                fault = error
        del result  # its fields are as large as the next measurement
    if fault is not None:
        raise fault
    return rows


def measure_sample(
    sample: Sample,
    axis: str,
    campaign: Campaign,
    report: Callable[[str], None] | None = None,
) -> ImageProperties:
    """Measure a sample along a thickness axis; a phase that it lacks is a failure with a status."""
    settings = campaign.characterization
    method = settings.transport_method
    result = characterize_image(
        sample.image(axis),
        Phases.of(campaign),
        transport_method="multigrid" if method == "aperture" else method,
        conductivity_method=settings.conductivity_method,
        wanted=Wanted.of(settings),
        report=report,
    )
    counts = ", ".join(f"{n} {name}" for name, n in sample.record["label_voxels"].items())
    missing = tuple(
        Failure(
            "image",
            "no_pores" if name == "pore" else f"no_{name}",
            f"no voxel is {name} (voxels: {counts})",
        )
        for name in sample.missing
    )
    return replace(result, failures=(*missing, *result.failures))


def describe(
    sample: Sample, axis: str, campaign: Campaign, result: ImageProperties
) -> dict[str, Any]:
    """Row of a result, with all that it depends on."""
    phases = Phases.of(campaign)
    return {
        "status": result.status,
        "reason": result.reason,
        **sample.record,
        "thickness_axis": axis,
        "sides": "periodic" if sample.periodic else "walls",
        "voxels": list(result.image.labels.shape),
        "voxel_edges_um": list(result.image.voxel_size_um),
        "am_conductivity_S_m": phases.am_conductivity_S_m,
        "cbd_conductivity_S_m": phases.cbd_conductivity_S_m,
        "cbd_nanoporosity": phases.cbd_nanoporosity,
        "mesocast": VERSION,
        **result.row(),
    }


def prepare_folder(folder: Path, large_bytes: int) -> None:
    """Find out before a measurement whether its files can be written.

    Parameters
    ----------
    folder
        Made if it is not there.
    large_bytes
        What the files may need beside pictures and tables.

    Raises
    ------
    InputError
        It cannot be written to, or has no room.
    """
    probe = folder / ".mesocast-writes-here"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror})") from error
    if free < large_bytes + _SMALL_FILES_BYTES:
        raise InputError(
            f"{folder}: has {free / 1e6:.0f} MB of room; its files may need "
            f"{(large_bytes + _SMALL_FILES_BYTES) / 1e6:.0f} MB"
        )


def announce(voxels: int, *, fields: bool) -> None:
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
