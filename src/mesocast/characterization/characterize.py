"""Measuring anything that shows a microstructure: spheres, an array, a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.image import Phases
from mesocast.characterization.measure import characterize as characterize_electrode
from mesocast.characterization.measure import characterize_image
from mesocast.characterization.voxels import VoxelImage
from mesocast.electrode import Electrode
from mesocast.errors import InputError
from mesocast.simulation.chain import SimulatedElectrode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mesocast.characterization.result import ImageProperties
    from mesocast.config.campaign import Campaign


def characterize(
    source: Electrode | SimulatedElectrode | VoxelImage | NDArray[np.integer] | str | Path,
    campaign: Campaign | None = None,
    *,
    voxel_size_um: float | tuple[float, float, float] | None = None,
    labels: Mapping[str, int] | None = None,
    thickness_axis: str = "z",
    periodic: bool = False,
) -> ImageProperties:
    """Measure an electrode, a simulated one, a segmented array, or a TIFF stack.

    Parameters
    ----------
    source
        Spheres; or labels of a segmented volume: an array of shape (layers, rows, columns), as
        TIFF stacks are read, or the path of one.
    campaign
        Gives materials and methods; the default materials if it is left out.
    voxel_size_um
        Edge of a voxel, or its edges along x (columns), y (rows) and z (layers). An array needs
        it; a file may say it; spheres are painted with the campaign's.
    labels
        Value of each phase in an array or a file: ``{"pore": 0, "active_material": 1, "cbd": 2}``.
    thickness_axis
        Axis of an array or a file that runs from the collector to the surface.
    periodic
        Whether an array or a file repeats across the thickness; simulated electrodes do.

    Returns
    -------
    ImageProperties
        All that could be measured; a `Characterization`, which has mass and exact surfaces too, of
        spheres.

    Raises
    ------
    InputError
        The source is no microstructure, or a parameter is missing or out of range.

    Examples
    --------
    >>> import numpy as np
    >>> import mesocast as mc
    >>> layers = np.zeros((12, 8, 8), dtype=np.uint8)
    >>> layers[:, :4] = 1  # a wall of active material beside a straight channel
    >>> found = mc.characterize(layers, voxel_size_um=0.5)
    >>> found.porosity_bulk, round(found.tortuosity_factor, 6)
    (0.5, 1.0)
    """
    from mesocast.config.campaign import Campaign

    campaign = campaign or Campaign(campaign="defaults")
    settings, phases = campaign.characterization, Phases.of(campaign)
    if isinstance(source, SimulatedElectrode):
        source = source.electrode
    if isinstance(source, Electrode):
        return characterize_electrode(
            source,
            phases,
            voxel_size_um=settings.voxel_size_um,
            coverage_tolerance_um=settings.coverage_tolerance_um,
            transport_method=settings.transport_method,
            conductivity_method=settings.conductivity_method,
        )
    method = settings.transport_method
    return characterize_image(
        _image(source, voxel_size_um, labels, thickness_axis, periodic=periodic),
        phases,
        transport_method="multigrid" if method == "aperture" else method,
        conductivity_method=settings.conductivity_method,
    )


def _image(
    source: VoxelImage | NDArray[np.integer] | str | Path,
    voxel_size_um: float | tuple[float, float, float] | None,
    labels: Mapping[str, int] | None,
    thickness_axis: str,
    *,
    periodic: bool,
) -> VoxelImage:
    from mesocast.characterization.files.tiff import PHASE_CODES, image_of_layers, read_tiff

    if isinstance(source, VoxelImage):
        return source
    edges = (voxel_size_um,) * 3 if isinstance(voxel_size_um, int | float) else voxel_size_um
    if isinstance(source, str | Path):
        return read_tiff(
            Path(source),
            labels=labels,
            voxel_size_um=edges,
            thickness_axis=thickness_axis,
            periodic=periodic,
        )
    layers = np.asarray(source)
    if layers.ndim != 3 or not np.issubdtype(layers.dtype, np.integer):
        raise InputError(
            f"array: shape {layers.shape} of {layers.dtype}; allowed: whole numbers of shape "
            "(layers, rows, columns)"
        )
    if edges is None:
        raise InputError("voxel_size_um: is missing; allowed: the edge of the array's voxels in um")
    present = set(np.unique(layers).tolist())
    return image_of_layers(
        layers,
        "array",
        # By default a phase may be missing; one that is named may not.
        labels=labels or {name: code for name, code in PHASE_CODES.items() if code in present},
        voxel_size_um=edges,
        thickness_axis=thickness_axis,
        periodic=periodic,
    )
