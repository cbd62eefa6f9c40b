"""Segmented images of any source: tomograms, or the output of another program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.characterization.image_columns import Phases
from mesocast.characterization.measure import characterize_image
from mesocast.characterization.outputs import write_image_files
from mesocast.characterization.tiff import read_tiff
from mesocast.characterization.vtk import write_vti
from mesocast.files import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mesocast.config import Campaign


def characterize_file(
    path: Path,
    campaign: Campaign,
    *,
    voxel_size_um: tuple[float, float, float] | None,
    labels: Mapping[str, int] | None,
    thickness_axis: str,
    periodic: bool,
    folder: Path | None,
) -> dict[str, Any]:
    """Measure a segmented TIFF stack.

    Parameters
    ----------
    path, voxel_size_um, labels, thickness_axis, periodic
        See ``read_tiff``.
    campaign
        Gives materials and methods; apertures need spheres, so multigrid takes their place.
    folder
        Where to write ``properties.json``, the pictures and tables of ``IMAGE_FILES`` and the
        fields for ParaView, ``fields.vti``; None writes nothing.

    Returns
    -------
    dict
        Status, reason and the properties of the image.

    Raises
    ------
    InputError
        The image cannot be used; see ``read_tiff``.
    """
    image = read_tiff(
        path,
        labels=labels,
        voxel_size_um=voxel_size_um,
        thickness_axis=thickness_axis,
        periodic=periodic,
    )
    settings, materials = campaign.characterization, campaign.materials
    method = settings.transport_method
    result = characterize_image(
        image,
        Phases(
            materials.active_material.electronic_conductivity_S_m,
            materials.cbd.electronic_conductivity_S_m,
            materials.cbd.nanoporosity,
            settings.cbd_relative_diffusivity,
        ),
        transport_method="multigrid" if method == "aperture" else method,
        conductivity_method=settings.conductivity_method,
    )
    properties = {"status": result.status, "reason": result.reason, **result.row()}
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        write_image_files(result, folder)
        write_vti(folder / "fields.vti", image, result.fields)
        write_json(folder / "properties.json", properties)
    return properties
