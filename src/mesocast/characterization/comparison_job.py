"""The comparison of two files: reading both, measuring both the same way, writing the result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mesocast.characterization.comparison import (
    make_alike,
    measure_structure,
    paint_like,
    side_by_side,
)
from mesocast.characterization.files.curves import write_curves
from mesocast.characterization.files.spheres import is_dump, read_packing
from mesocast.characterization.image import Phases
from mesocast.characterization.image_file import announce, describe, measure_sample, prepare_folder
from mesocast.characterization.measure import characterize_image
from mesocast.characterization.pictures.comparison import draw_comparison
from mesocast.characterization.sample import ImageRequest, read_sample
from mesocast.electrode import Electrode
from mesocast.errors import InputError
from mesocast.storage.files import write_json
from mesocast.storage.layout import CALENDERING, CHARACTERIZATION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mesocast.characterization.voxels import VoxelImage
    from mesocast.config.campaign import Campaign


def compare_files(
    tomogram: Path,
    simulated: Path,
    campaign: Campaign,
    request: ImageRequest,
    *,
    folder: Path | None = None,
    emit: Callable[[dict[str, Any]], None] | None = None,
    report: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure a tomogram and a simulated electrode the same way.

    Parameters
    ----------
    tomogram, request
        The image, and how to read it; one thickness axis.
    simulated
        Folder of a condition or a dump, whose spheres are painted on voxels of the tomogram's
        edges, or an image that Mesocast wrote.
    campaign
        Gives materials and methods.
    folder
        Where to write ``comparison.json``, ``two_point.csv``, ``chords.csv`` and
        ``comparison.png``; None writes nothing.
    emit
        Given the answer before any file is written.
    report
        See ``image_columns``.

    Returns
    -------
    dict
        ``table``: of each column its unit, both values and their ratio; both rows; remarks.

    Raises
    ------
    InputError
        A file cannot be read, or several thickness axes are asked for.
    OSError
        A file cannot be written; the answer was given to `emit`.
    """
    sample = read_sample(tomogram, request)
    if len(sample.axes) > 1:
        raise InputError("--thickness-axis: of a comparison, allowed is one axis")
    (axis,) = sample.axes
    if 1 in sample.codes.shape:
        raise InputError(
            f"{tomogram}: is a single image, whose paths are longer than those of a volume; "
            "allowed: a volume"
        )
    image = sample.image(axis)
    own, source = _read_simulated(simulated, image)
    other, remarks = make_alike(own, image, has_cbd="cbd" in sample.record["labels"])
    if folder is not None:
        prepare_folder(folder, 0)
    announce(image.labels.size + other.labels.size, fields=False)
    settings = campaign.characterization
    first = measure_sample(sample, axis, campaign, report)
    # Fields are large, and only compared in numbers.
    first = replace(first, fields={})
    method = settings.transport_method
    second = characterize_image(
        other,
        Phases.of(campaign),
        transport_method="multigrid" if method == "aperture" else method,
        conductivity_method=settings.conductivity_method,
        report=report,
    )
    second = replace(second, fields={})
    structures = {"tomogram": measure_structure(image), "simulated": measure_structure(other)}
    answer = {
        "table": side_by_side((first, structures["tomogram"]), (second, structures["simulated"])),
        "remarks": [*sample.record["remarks"], *remarks],
        "tomogram": describe(sample, axis, campaign, first),
        "simulated": {
            "status": second.status,
            "reason": second.reason,
            "source": source,
            "sides": "periodic" if other.periodic else "walls",
            "voxels": list(other.labels.shape),
            "voxel_edges_um": list(other.voxel_size_um),
            **second.row(),
        },
    }
    if emit is not None:
        emit(answer)
    if folder is not None:
        write_json(folder / "comparison.json", answer)
        write_curves(structures, folder)
        draw_comparison(
            {
                "tomogram": (structures["tomogram"], first.pore_sizes),
                "simulated": (structures["simulated"], second.pore_sizes),
            },
            folder / "comparison.png",
        )
    return answer


def _read_simulated(path: Path, like: VoxelImage) -> tuple[VoxelImage, dict[str, Any]]:
    """Voxel image of a simulated electrode, as like another one as its file allows."""
    film = path / CALENDERING.film
    if film.is_file():
        electrode = Electrode.read_dump(film)
        painted = paint_like(electrode, like.voxel_size_um, periodic=like.periodic)
        return painted, {"file": str(film), "painted": True}
    if path.is_dir():
        path = path / "microstructure.tif"
        if not path.is_file():
            raise InputError(
                f"{path.parent}: holds neither {CALENDERING.film} nor {path.name}; allowed: the "
                f"folder of a condition, a dump, or an image (beside {CHARACTERIZATION.record})"
            )
    if is_dump(path):
        packing = read_packing(path)
        painted = paint_like(packing.electrode, like.voxel_size_um, periodic=like.periodic)
        return painted, {"file": path.name, "painted": True, **packing.read}
    sample = read_sample(path, ImageRequest(periodic=like.periodic))
    return sample.image(sample.axes[0]), {**sample.record["source"], "painted": False}
