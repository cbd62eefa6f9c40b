"""The size of a voxel: who says it, in which unit, and whether two sources agree.

A TIFF may say it in three ways: OME-XML (https://docs.openmicroscopy.org/ome-model/, default unit
um), ImageJ's description (unit, yunit, zunit, spacing beside the resolution tags,
https://imagej.net/ij/developer/api/ij/ij/io/FileInfo.html), and the resolution tags of TIFF 6.0
alone, which know no distance between pages.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from mesocast.characterization.files.stack import Edges
from mesocast.columns.units import refusal
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Micrometres in one unit.
UNITS_UM = {
    "pm": 1e-6,
    "A": 1e-4,
    "\u00c5": 1e-4,
    "\u212b": 1e-4,
    "angstrom": 1e-4,
    "angstroms": 1e-4,
    "nm": 1e-3,
    "nanometer": 1e-3,
    "nanometers": 1e-3,
    "nanometre": 1e-3,
    "nanometres": 1e-3,
    "um": 1.0,
    "µm": 1.0,
    "μm": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "micrometers": 1.0,
    "micrometre": 1.0,
    "micrometres": 1.0,
    "mm": 1e3,
    "millimeter": 1e3,
    "millimeters": 1e3,
    "millimetre": 1e3,
    "millimetres": 1e3,
    "cm": 1e4,
    "centimeter": 1e4,
    "centimeters": 1e4,
    "centimetre": 1e4,
    "centimetres": 1e4,
    "m": 1e6,
    "meter": 1e6,
    "meters": 1e6,
    "metre": 1e6,
    "metres": 1e6,
    "in": 25400.0,
    "inch": 25400.0,
    "inches": 25400.0,
}
# ImageJ writes what is not ASCII as Java does.
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_TAG_UNITS = {2: "inch", 3: "cm"}
# Coarser than any image of an electrode's pores: 72 dots per inch (353 um) and the like are what
# image programs write when nobody told them.
_COARSEST_TAG_UM = 10.0
# Voxels of any image of an electrode: from single atoms to a hundredth of a pouch cell's height.
_FINEST_UM, _COARSEST_UM = 1e-4, 100.0
# A file and an option that differ by less say the same, rounded.
_SAME = 0.01


def unit_um(unit: object) -> float | None:
    """Micrometres in a unit by any of its names; None for no unit of length."""
    word = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(unit)).strip().strip('"')
    return UNITS_UM.get(word, UNITS_UM.get(word.lower()))


def tiff_edges(
    tags: Mapping[str, Any], imagej: Mapping[str, Any] | None, ome: Mapping[str, Any] | None
) -> Edges:
    """Edges that a TIFF says.

    Parameters
    ----------
    tags
        Values of the first page's tags ``XResolution``, ``YResolution`` (numerator, denominator)
        and ``ResolutionUnit``, as far as it has them.
    imagej
        ImageJ's description, or None.
    ome
        Attributes of the ``Pixels`` of the series, or None.
    """
    if ome is not None and any(f"PhysicalSize{axis}" in ome for axis in "XYZ"):
        return _ome_edges(ome)
    densities = [_density(tags.get(f"{axis}Resolution")) for axis in "XY"]
    tag_unit = _TAG_UNITS.get(int(tags.get("ResolutionUnit", 0)))
    if imagej is not None:
        return _imagej_edges(densities, tag_unit, imagej)
    stored = ", ".join(f"{density:g}" for density in densities if density is not None)
    found = f"resolution tags {stored or 'none'} per {tag_unit or 'unknown unit'}"
    if tag_unit is None:
        return Edges(found=found)
    x, y = (None if not density else unit_um(tag_unit) / density for density in densities)  # type: ignore[operator]
    if x is None or y is None or max(x, y) > _COARSEST_TAG_UM:
        return Edges(found=f"{found}, which is no size of a voxel")
    return Edges((x, y, None), found)


def _ome_edges(pixels: Mapping[str, Any]) -> Edges:
    edges: list[float | None] = []
    words = []
    for axis in "XYZ":
        size, unit = pixels.get(f"PhysicalSize{axis}"), pixels.get(f"PhysicalSize{axis}Unit", "µm")
        words.append("none" if size is None else f"{size} {unit}")
        edges.append(_length(size, unit))
    return Edges((edges[0], edges[1], edges[2]), f"OME-XML {', '.join(words)}")


def _imagej_edges(
    densities: list[float | None], tag_unit: str | None, description: Mapping[str, Any]
) -> Edges:
    unit = description.get("unit", tag_unit)
    units = [unit, description.get("yunit", unit), description.get("zunit", unit)]
    spacing = description.get("spacing")
    sizes = [None if not density else 1 / density for density in densities]
    edges = [_length(size, name) for size, name in zip([*sizes, spacing], units, strict=True)]
    shown = ", ".join(dict.fromkeys(str(name) for name in units))
    density = ", ".join(f"{value:g}" for value in densities if value is not None)
    found = f"ImageJ: unit {shown}, pixels per unit {density or 'none'}, spacing {spacing}"
    return Edges((edges[0], edges[1], edges[2]), found)


def _density(value: Any) -> float | None:
    """Pixels per unit of a resolution tag."""
    try:
        above, below = value
        density = float(above) / float(below)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return density if 0 < density < math.inf else None


def _length(size: Any, unit: object) -> float | None:
    """Convert a length to um; None for what is no positive length."""
    factor = unit_um(unit)
    try:
        length = float(size)
    except (TypeError, ValueError):
        return None
    return length * factor if factor is not None and 0 < length < math.inf else None


def resolve_edges(
    path: Path | str, said: Edges, given_um: tuple[float, float, float] | None, *, layers: int
) -> tuple[tuple[float, float, float], list[str]]:
    """Edges along x, y and z from what the file says and what was given.

    Parameters
    ----------
    path
        For messages.
    said, given_um
        By the file, and by the user, who wins.
    layers
        How many there are; a single image needs no distance between layers, and is taken as one
        pixel deep.

    Returns
    -------
    tuple
        Edges in um, and remarks where file and user disagree.

    Raises
    ------
    InputError
        An edge is not positive, or nobody says it.
    """
    if given_um is not None:
        if not all(0 < edge < math.inf for edge in given_um):
            raise InputError(f"voxel size {given_um} um: must be positive lengths")
        off = [edge for edge in given_um if not _FINEST_UM <= edge <= _COARSEST_UM]
        if off:
            told = refusal(off[0], _FINEST_UM, _COARSEST_UM, "um")
            raise InputError(f"{path}: voxel size {off[0]:g} um: {told}")
        differing = [
            f"{axis} {told:g}, not {edge:g}"
            for axis, edge, told in zip("xyz", given_um, said.um, strict=True)
            if told is not None and abs(told / edge - 1) > _SAME
        ]
        if differing:
            remark = f"the given voxel size counts, but the file says {'; '.join(differing)} um"
            return given_um, [f"{remark} ({said.found})"]
        return given_um, []
    for axis, edge in zip("xyz", said.um, strict=True):
        if edge is not None and not _FINEST_UM <= edge <= _COARSEST_UM:
            raise InputError(
                f"{path}: voxel size {edge:g} um along {axis} is that of no electrode's image; the "
                f"file says: {said.found}; allowed: --voxel-size-um with one edge or three"
            )
    x, y, z = said.um
    if layers == 1 and x is not None and y is not None:
        return (x, y, z or x), []
    if x is None or y is None or z is None:
        missing = [name for name, edge in zip("xyz", said.um, strict=True) if edge is None]
        known = ", ".join(
            f"{name} {edge:g} um"
            for name, edge in zip("xyz", said.um, strict=True)
            if edge is not None
        )
        raise InputError(
            f"{path}: voxel size is missing along {', '.join(missing)}"
            f"{f' ({known} is known)' if known else ''}; the file says: {said.found}; allowed: "
            "--voxel-size-um with one edge or three, OME-XML, or ImageJ's unit and spacing"
        )
    return (x, y, z), []
