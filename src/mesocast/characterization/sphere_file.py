"""Packings of spheres from other programs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from mesocast.characterization.files.spheres import read_packing
from mesocast.characterization.files.write import write_electrode_files
from mesocast.characterization.further import Wanted
from mesocast.characterization.image import Phases
from mesocast.characterization.image_file import prepare_folder
from mesocast.characterization.measure import characterize
from mesocast.storage.files import write_json
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mesocast.characterization.labels import PhaseLabels
    from mesocast.config.campaign import Campaign

_OF_MASS = ("density_g_cm3", "mass_loading_mg_cm2")


def characterize_packing(
    path: Path,
    campaign: Campaign,
    *,
    labels: PhaseLabels | None = None,
    length_unit: str | None = None,
    thickness_axis: str = "z",
    folder: Path | None = None,
    emit: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """Measure a packing as a simulated electrode.

    Parameters
    ----------
    path, labels, length_unit, thickness_axis
        See ``read_packing``.
    campaign
        Gives materials and methods.
    folder
        Where to write ``properties.json`` and ``ELECTRODE_FILES``; None writes nothing.
    emit
        Given the row before any file is written.

    Returns
    -------
    dict
        Status, reason and the properties, and what they were measured from.

    Raises
    ------
    InputError
        The packing or the folder cannot be used.
    OSError
        A file cannot be written; the row was given to `emit`.
    """
    packing = read_packing(path, labels, length_unit, thickness_axis)
    if folder is not None:
        prepare_folder(folder, 0)
    settings, phases = campaign.characterization, Phases.of(campaign)
    result = characterize(
        packing.electrode,
        phases,
        voxel_size_um=settings.voxel_size_um,
        coverage_tolerance_um=settings.coverage_tolerance_um,
        transport_method=settings.transport_method,
        conductivity_method=settings.conductivity_method,
        wanted=Wanted.of(settings),
    )
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    row = {
        "status": result.status,
        "reason": result.reason,
        "remarks": list(packing.remarks),
        "source": {"file": path.name, "sha256": digest, **packing.read},
        "thickness_axis": thickness_axis,
        "sides": "periodic",
        "voxel_edges_um": list(result.image.voxel_size_um),
        "am_conductivity_S_m": phases.am_conductivity_S_m,
        "cbd_conductivity_S_m": phases.cbd_conductivity_S_m,
        "cbd_nanoporosity": phases.cbd_nanoporosity,
        "mesocast": VERSION,
        **result.row(),
    }
    if not packing.has_mass:
        row |= dict.fromkeys(_OF_MASS)
    if emit is not None:
        emit(row)
    if folder is not None:
        write_json(folder / "properties.json", row)
        write_electrode_files(packing.electrode, result, folder)
    return row
