"""A tomogram and a simulated electrode side by side, measured the same way.

Sharp voxels, the same edges, the same sides, the same phases: only then do two images compare.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.characterization.geometry.chords import Chords, chords
from mesocast.characterization.geometry.two_point import correlation_length, two_point
from mesocast.characterization.voxels import PORE, WALL, VoxelImage, sample_phases
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.characterization.geometry.pore_size import PoreSizes
    from mesocast.characterization.result import ImageProperties
    from mesocast.electrode import Electrode

_PHASES = {"pore": PORE, "active_material": ACTIVE_MATERIAL}
_DIRECTIONS = {"in_plane": (0, 1), "through": (2,)}
_QUANTILES = (0.1, 0.5, 0.9)
# Edges that differ by less are the same grid.
_SAME = 0.01

# What is shown side by side: columns of ``ImageProperties`` and of ``structure_columns``.
COMPARED = {
    "porosity_bulk": "",
    "am_fraction": "",
    "cbd_fraction": "",
    "tortuosity_factor_voxel": "",
    "tortuosity_factor_permeable_cbd_voxel": "",
    "pore_percolating_voxel_pct": "%",
    "electronic_conductivity_S_m": "S/m",
    "active_surface_voxel_faces_pct": "%",
    "specific_active_surface_voxel_faces_1_um": "1/um",
    "pore_euler_1_um3": "1/um3",
    "mean_pore_diameter_um": "um",
    "pore_diameter_d10_um": "um",
    "pore_diameter_d50_um": "um",
    "pore_diameter_d90_um": "um",
    **{
        f"{quantity}_{phase}_{direction}_um": "um"
        for quantity in ("mean_chord", "correlation_length")
        for phase in _PHASES
        for direction in _DIRECTIONS
    },
}


@dataclass(frozen=True)
class Structure:
    """What an image's phases look like, beside what they transport.

    Parameters
    ----------
    distances_um
        Of the two-point correlations, by direction (``in_plane``, ``through``).
    correlations
        By phase and direction, as ``pore_through``: S2 at these distances.
    chords
        By phase and direction.
    """

    distances_um: dict[str, NDArray[np.float64]]
    correlations: dict[str, NDArray[np.float64]]
    chords: dict[str, Chords]


def measure_structure(image: VoxelImage) -> Structure:
    """Measure two-point correlations and chords up to half of the image.

    In the plane both axes count together, where their edges are the same within 1 %; else x does.
    """
    valid = image.labels != WALL
    distances: dict[str, NDArray[np.float64]] = {}
    correlations: dict[str, NDArray[np.float64]] = {}
    lengths: dict[str, Chords] = {}
    for direction, axes in _DIRECTIONS.items():
        used = [axis for axis in axes if image.labels.shape[axis] > 1]
        if len(used) == 2 and not _same(image.voxel_size_um[0], image.voxel_size_um[1]):
            used = used[:1]
        edge_um = image.voxel_size_um[used[0]]
        longest = min(image.labels.shape[axis] for axis in used) // 2
        distances[direction] = np.arange(longest + 1) * edge_um
        for phase, code in _PHASES.items():
            mask = image.labels == code
            name = f"{phase}_{direction}"
            correlations[name] = np.mean(
                [two_point(mask, valid, axis, longest) for axis in used], axis=0
            )
            lengths[name] = _together([chords(mask, valid, axis, edge_um) for axis in used])
    return Structure(distances, correlations, lengths)


def _same(one: float, other: float) -> bool:
    return abs(one / other - 1) < _SAME


def _together(parts: list[Chords]) -> Chords:
    values, where = np.unique(
        np.concatenate([part.lengths_um for part in parts]), return_inverse=True
    )
    counts = np.bincount(
        where, weights=np.concatenate([part.counts for part in parts]), minlength=len(values)
    )
    return Chords(values, counts.astype(np.int64))


def structure_columns(structure: Structure, sizes: PoreSizes | None) -> dict[str, float | None]:
    """Summarize a structure in the columns of ``COMPARED``."""
    columns: dict[str, float | None] = {}
    for quantile in _QUANTILES:
        name = f"pore_diameter_d{round(100 * quantile)}_um"
        columns[name] = None if sizes is None else _quantile(sizes, quantile)
    for name, found in structure.chords.items():
        columns[f"mean_chord_{name}_um"] = found.mean_um
    for name, values in structure.correlations.items():
        distances = structure.distances_um["through" if name.endswith("through") else "in_plane"]
        step_um = float(distances[1]) if len(distances) > 1 else math.nan
        columns[f"correlation_length_{name}_um"] = correlation_length(values, step_um)
    return columns


def _quantile(sizes: PoreSizes, share: float) -> float:
    """Diameter below which a share of the pore volume lies."""
    place = int(np.searchsorted(np.cumsum(sizes.volume_shares), share))
    return float(sizes.diameters_um[min(place, len(sizes.diameters_um) - 1)])


def paint_like(
    electrode: Electrode, edges_um: tuple[float, float, float], *, periodic: bool
) -> VoxelImage:
    """Paint spheres on voxels of an image's edges, as far as they fit the box.

    Raises
    ------
    InputError
        An axis would have less than two voxels.
    """
    lengths = (*electrode.lateral_um, electrode.thickness_um)
    counts = [round(length / edge) for length, edge in zip(lengths, edges_um, strict=True)]
    if min(counts) < 2:
        raise InputError(
            f"voxels of {edges_um} um: leave {counts} voxels of the simulated electrode of "
            f"{lengths} um; at least 2 along each axis are needed"
        )
    nx, ny, nz = counts
    hx, hy, hz = (length / count for length, count in zip(lengths, counts, strict=True))
    labels = sample_phases(electrode, (nx, ny, nz), (hx, hy, hz), (0.5, 0.5, 0.5))
    return VoxelImage(labels, (hx, hy, hz), periodic)


def make_alike(
    simulated: VoxelImage, tomogram: VoxelImage, *, has_cbd: bool
) -> tuple[VoxelImage, list[str]]:
    """See a simulated image as the tomogram is seen.

    Parameters
    ----------
    simulated, tomogram
        Both images.
    has_cbd
        Whether the tomogram's labels name CBD; where they do not, the contrast did not show it,
        and the simulated CBD counts as pore.

    Returns
    -------
    tuple
        The simulated image, and remarks on what still differs.
    """
    remarks = []
    labels = simulated.labels
    if not has_cbd and (labels == CBD).any():
        labels = np.where(labels == CBD, np.uint8(PORE), labels)
        remarks.append("the tomogram shows no CBD, so that the simulated CBD counts as pore")
    if not all(map(_same, simulated.voxel_size_um, tomogram.voxel_size_um)):
        remarks.append(
            f"voxels differ: {_edges(tomogram)} um and {_edges(simulated)} um, and tortuosity "
            "factors depend on them; name the condition's folder, whose spheres are painted anew"
        )
    return replace(simulated, labels=labels, periodic=tomogram.periodic), remarks


def _edges(image: VoxelImage) -> str:
    return " x ".join(f"{edge:.3g}" for edge in image.voxel_size_um)


def side_by_side(
    tomogram: tuple[ImageProperties, Structure], simulated: tuple[ImageProperties, Structure]
) -> dict[str, dict[str, float | str | None]]:
    """Table of the columns of ``COMPARED``: unit, both values, and simulated over tomogram."""
    values: list[dict[str, Any]] = [
        {**result.row(), **structure_columns(structure, result.pore_sizes)}
        for result, structure in (tomogram, simulated)
    ]
    table: dict[str, dict[str, float | str | None]] = {}
    for name, unit in COMPARED.items():
        one, other = (row[name] for row in values)
        known = one is not None and other is not None and one != 0
        table[name] = {
            "unit": unit,
            "tomogram": one,
            "simulated": other,
            "ratio": other / one if known else None,
        }
    return table
