"""Spheres of other programs: text dumps of LAMMPS, LIGGGHTS and what writes like them.

The format is https://docs.lammps.org/dump.html ("atom"-like items with named columns, in any
order). Only the last time step is read. Lengths are in the units of the file.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.files.voxel_size import unit_um
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from mesocast.characterization.labels import PhaseLabels

# Length and mass of LAMMPS's unit styles, https://docs.lammps.org/units.html, in um and pg.
_STYLES = {
    "micro": ("um", 1.0),
    "si": ("m", 1e15),
    "cgs": ("cm", 1e12),
    "nano": ("nm", 1e-6),
    "real": ("angstrom", None),
    "metal": ("angstrom", None),
}
_GZIP = b"\x1f\x8b"
_SPECIES = {"active_material": ACTIVE_MATERIAL, "cbd": CBD}
# Beads of an electrode; a dump in other units than thought lies far outside.
_PLAUSIBLE_RADIUS_UM = (1e-3, 1e3)
_AXES = "xyz"
_SHOWN = 5


@dataclass(frozen=True)
class Packing:
    """Spheres of a file.

    Parameters
    ----------
    electrode
        The spheres, with the thickness along z and the collector at z = 0. Its masses are 0 where
        the file has none.
    has_mass
        Whether the file says the masses.
    read
        What was read, as JSON.
    remarks
        What a person should know of how it was read.
    """

    electrode: Electrode
    has_mass: bool
    read: dict[str, Any]
    remarks: tuple[str, ...]


def is_dump(path: Path) -> bool:
    """Whether a file starts as a dump does."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as stream:
            start = stream.read(5)
        if start[:2] == _GZIP:
            with gzip.open(path, "rb") as packed:
                start = packed.read(5)
    except (OSError, EOFError, zlib.error):
        return False
    return start == b"ITEM:"


def read_packing(
    path: Path,
    labels: PhaseLabels | None = None,
    length_unit: str | None = None,
    thickness_axis: str = "z",
) -> Packing:
    """Read the last time step of a dump.

    Parameters
    ----------
    path
        Text, as it is or compressed by gzip; columns ``type``, ``x y z`` (also unwrapped,
        ``xu``, or scaled, ``xs``, ``xsu``), ``radius`` or ``diameter``, and perhaps ``mass``.
    labels
        Types of ``active_material`` and ``cbd``, and of what to ``ignore``; without them 1 and 2.
    length_unit
        Unit of lengths, where the file does not say its units; without both, um.
    thickness_axis
        Axis from the collector to the surface; along the two others the packing is periodic.

    Raises
    ------
    InputError
        The file is truncated, lacks a column, has a tilted box or a type of no phase, or radii
        that no bead of an electrode has.
    """
    lines = _lines(path)
    try:
        frame = _Frame.last(lines, path)
        table = frame.table(path)
    except (ValueError, IndexError) as error:
        raise InputError(f"{path}: cannot be read as a dump ({error})") from error
    unit = length_unit or _STYLES.get(frame.units or "", ("um", 1.0))[0]
    scale = unit_um(unit)
    if scale is None:
        raise InputError(f"--length-unit {unit}: allowed are um, nm, mm, cm, m, angstrom")
    positions, periods, remarks = _place(frame, table, thickness_axis, path)
    radii_um = scale * table.get("radius", table.get("diameter", np.empty(0)) / 2)
    low, high = _PLAUSIBLE_RADIUS_UM
    if not ((radii_um > low) & (radii_um < high)).all():
        raise InputError(
            f"{path}: radii are {radii_um.min():.3g} to {radii_um.max():.3g} um, taken in {unit}; "
            f"allowed are {low:g} to {high:g} um: give --length-unit, as m or mm"
        )
    species, kept = _species(table["type"], labels, path)
    # Without its units, a dump is of the style whose length was given.
    by_length = dict(_STYLES.values())
    mass_pg = _STYLES.get(frame.units, ("", None))[1] if frame.units else by_length.get(unit)
    has_mass = "mass" in table and mass_pg is not None
    masses = table["mass"] * (mass_pg or 0.0) if has_mass else np.zeros_like(radii_um)
    electrode = _on_collector(
        positions[kept] * scale, radii_um[kept], species[kept], masses[kept], periods * scale
    )
    if not has_mass:
        remarks.append("the file has no masses, so that density and loading are missing")
    return Packing(
        electrode,
        has_mass,
        {
            "format": "dump",
            "beads": int(kept.sum()),
            "beads_in_file": len(kept),
            "step": frame.step,
            "steps_in_file": frame.count,
            "length_unit": unit,
            "columns": frame.columns,
        },
        tuple(remarks),
    )


def _lines(path: Path) -> list[str]:
    try:
        raw = path.read_bytes()
        if raw[:2] == _GZIP:
            raw = gzip.decompress(raw)
        return raw.decode().splitlines()
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read as a dump ({error})") from error


@dataclass(frozen=True)
class _Frame:
    """One time step."""

    lines: list[str]
    step: int
    count: int
    units: str | None
    flags: list[str]
    bounds: NDArray[np.float64]
    columns: list[str]
    beads: int

    @classmethod
    def last(cls, lines: list[str], path: Path) -> _Frame:
        starts = [n for n, line in enumerate(lines) if line.startswith("ITEM: TIMESTEP")]
        if not starts:
            raise InputError(f"{path}: holds no time step")
        lines_of = lines[starts[-1] :]
        items = {
            line.removeprefix("ITEM: "): n
            for n, line in enumerate(lines_of)
            if line.startswith("ITEM:")
        }
        box = next((item for item in items if item.startswith("BOX BOUNDS")), None)
        atoms = next((item for item in items if item.startswith("ATOMS")), None)
        if box is None or atoms is None or "NUMBER OF ATOMS" not in items:
            raise InputError(f"{path}: its last time step has no box or no beads; it is truncated")
        words = box.split()[2:]
        if "xy" in words or "abc" in words:
            raise InputError(f"{path}: its box is tilted; allowed: a box of right angles")
        first = items[atoms] + 1
        beads = int(lines_of[items["NUMBER OF ATOMS"] + 1])
        units = [n for n, line in enumerate(lines) if line.startswith("ITEM: UNITS")]
        return cls(
            lines=lines_of[first : first + beads],
            step=int(lines_of[1]),
            count=len(starts),
            units=lines[units[-1] + 1].strip() if units else None,
            flags=words,
            bounds=np.array(
                [[float(w) for w in lines_of[items[box] + k].split()] for k in (1, 2, 3)]
            ),
            columns=atoms.split()[1:],
            beads=beads,
        )

    def table(self, path: Path) -> dict[str, NDArray[np.float64]]:
        """Columns by their names."""
        if len(self.lines) < self.beads:
            raise InputError(f"{path}: holds {len(self.lines)} of {self.beads} beads; truncated")
        if self.beads == 0:
            raise InputError(f"{path}: its last time step has no beads")
        if "type" not in self.columns or not {"radius", "diameter"} & set(self.columns):
            raise InputError(
                f"{path}: has the columns {' '.join(self.columns)}; needed are type, x, y, z, and "
                "radius or diameter"
            )
        wanted = [n for n, name in enumerate(self.columns) if name not in ("element", "mol")]
        rows = [line.split() for line in self.lines]
        if any(len(row) != len(self.columns) for row in rows):
            raise InputError(f"{path}: a bead has not {len(self.columns)} columns; truncated")
        return {
            self.columns[n]: np.array([row[n] for row in rows], dtype=np.float64) for n in wanted
        }


def _place(
    frame: _Frame, table: dict[str, NDArray[np.float64]], axis: str, path: Path
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Positions from the corner of the box with the thickness along z, and the box's edges."""
    if axis not in _AXES:
        raise InputError(f"thickness axis {axis}: allowed are x, y, z")
    edges = frame.bounds[:, 1] - frame.bounds[:, 0]
    columns = []
    for n, name in enumerate(_AXES):
        if name in table or f"{name}u" in table:
            columns.append(table.get(name, table.get(f"{name}u")) - frame.bounds[n, 0])
        elif f"{name}s" in table or f"{name}su" in table:
            columns.append(table.get(f"{name}s", table.get(f"{name}su")) * edges[n])
        else:
            raise InputError(f"{path}: has no column {name}, {name}u, {name}s or {name}su")
    order = [n for n in range(3) if _AXES[n] != axis] + [_AXES.index(axis)]
    remarks = []
    walls = [_AXES[n] for n in order[:2] if n < len(frame.flags) and frame.flags[n] != "pp"]
    if walls:
        remarks.append(
            f"the box is not periodic along {' and '.join(walls)}, but is measured as if it were"
        )
    return np.column_stack([columns[n] for n in order]), edges[order], remarks


def _species(
    types: NDArray[np.float64], labels: PhaseLabels | None, path: Path
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Our species of each bead, and which beads belong to the electrode."""
    named = {"active_material": (1,), "cbd": (2,)} if labels is None else dict(labels.values)
    wrong = sorted(set(named) - {*_SPECIES, "ignore"})
    if wrong:
        raise InputError(f"phase {wrong[0]}: of spheres, allowed are active_material, cbd, ignore")
    species = np.zeros(len(types), dtype=np.int64)
    for name, code in _SPECIES.items():
        species[np.isin(types, named.get(name, ()))] = code
    kept = species > 0
    stray = ~kept & ~np.isin(types, named.get("ignore", ()))
    if stray.any():
        numbers, counts = np.unique(types[stray], return_counts=True)
        found = ", ".join(
            f"{number:g} ({count} beads)"
            for number, count in zip(numbers[:_SHOWN], counts[:_SHOWN], strict=True)
        )
        raise InputError(
            f"{path}: types of no phase: {found}; allowed: --labels active_material=1 cbd=2 "
            "ignore=3 with the file's types"
        )
    if not kept.any():
        raise InputError(f"{path}: has no bead of active material or CBD")
    return species, kept


def _on_collector(
    positions_um: NDArray[np.float64],
    radii_um: NDArray[np.float64],
    species: NDArray[np.int64],
    masses_pg: NDArray[np.float64],
    periods_um: NDArray[np.float64],
) -> Electrode:
    """Spheres with the collector at z = 0: the box's end, or the lowest sphere above it."""
    placed = positions_um.copy()
    placed[:, :2] %= periods_um[:2]
    placed[:, 2] -= max(0.0, float((placed[:, 2] - radii_um).min()))
    return Electrode(
        positions_um=placed,
        radii_um=radii_um,
        species=species,
        masses_pg=masses_pg,
        lateral_um=(float(periods_um[0]), float(periods_um[1])),
    )
