"""Measuring anything that shows a microstructure: spheres, an array, a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.further import Wanted
from mesocast.characterization.image import Phases
from mesocast.characterization.image_file import measure_sample
from mesocast.characterization.measure import characterize as characterize_electrode
from mesocast.characterization.measure import characterize_image
from mesocast.characterization.voxels import VoxelImage
from mesocast.electrode import Electrode
from mesocast.errors import InputError
from mesocast.simulation.chain import SimulatedElectrode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.characterization.result import Measured
    from mesocast.characterization.sample import Sample
    from mesocast.config.campaign import Campaign


def characterize(
    source: Electrode | SimulatedElectrode | VoxelImage | NDArray[np.integer] | str | Path,
    campaign: Campaign | None = None,
    *,
    voxel_size_um: float | tuple[float, float, float] | None = None,
    labels: Mapping[str, int | Sequence[int]] | None = None,
    thickness_axis: str = "z",
    periodic: bool = False,
) -> Measured:
    """Measure an electrode, a simulated one, a segmented array, or an image file of any format.

    Parameters
    ----------
    source
        Spheres; or labels of a segmented volume: an array of shape (layers, rows, columns), as
        TIFF stacks are read, or the path of a file that ``read_stack`` knows.
    campaign
        Gives materials and methods; the default materials if it is left out.
    voxel_size_um
        Edge of a voxel, or its edges along x (columns), y (rows) and z (layers). An array needs
        it; a file may say it; spheres are painted with the campaign's.
    labels
        Value or values of each phase in an array or a file, as
        ``{"pore": 0, "active_material": (1, 2), "other": 3}``.
    thickness_axis
        Axis of an array or a file that runs from the collector to the surface.
    periodic
        Whether an array or a file repeats across the thickness; simulated electrodes do.

    Returns
    -------
    Measured
        All that could be measured: of spheres a `Characterization`, which has mass and exact
        surfaces, too; of voxels `ImageProperties`, whose tortuosity factors have other names,
        because sharp voxels narrow the pores.

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
    >>> found.porosity_bulk, round(found.tortuosity_factor_voxel, 6)
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
            wanted=Wanted.of(settings),
        )
    if isinstance(source, VoxelImage):
        method = settings.transport_method
        return characterize_image(
            source,
            phases,
            transport_method="multigrid" if method == "aperture" else method,
            conductivity_method=settings.conductivity_method,
            wanted=Wanted.of(settings),
        )
    sample = _sample(source, voxel_size_um, labels, thickness_axis, periodic=periodic)
    return measure_sample(sample, thickness_axis, campaign)


def _sample(
    source: NDArray[np.integer] | str | Path,
    voxel_size_um: float | tuple[float, float, float] | None,
    labels: Mapping[str, int | Sequence[int]] | None,
    thickness_axis: str,
    *,
    periodic: bool,
) -> Sample:
    from mesocast.characterization.files.arrays import plain_stack
    from mesocast.characterization.files.stack import Edges
    from mesocast.characterization.labels import OWN_LABELS, PhaseLabels
    from mesocast.characterization.sample import ImageRequest, make_sample, read_sample

    edges = (voxel_size_um,) * 3 if isinstance(voxel_size_um, int | float) else voxel_size_um
    if labels is None:
        known = OWN_LABELS
    else:
        known = PhaseLabels(
            {
                name: (value,) if isinstance(value, int) else tuple(value)
                for name, value in labels.items()
            }
        )
    request = ImageRequest(
        voxel_size_um=edges, labels=known, thickness_axes=(thickness_axis,), periodic=periodic
    )
    if isinstance(source, str | Path):
        return read_sample(Path(source), request)
    if edges is None:
        raise InputError("voxel_size_um: is missing; allowed: the edge of the array's voxels in um")
    layers = np.asarray(source)
    if labels is None:
        # By default a phase may be missing, and one that is named is said to be.
        present = set(np.unique(layers).tolist())
        names = [name for name, values in OWN_LABELS.values.items() if present & set(values)]
        if len(names) > 1:
            known = PhaseLabels({name: OWN_LABELS.values[name] for name in names})
            request = replace(request, labels=known)
    stack = plain_stack("array", layers, "array", Edges())
    return make_sample(stack, "array", request, {})
