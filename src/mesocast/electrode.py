"""The spheres of an electrode and the file that holds them."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError, reading

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

ACTIVE_MATERIAL = 1
CBD = 2

_COLUMNS = ("id", "type", "x", "y", "z", "radius", "mass")

# Share of the solid volume that lies below the surface of the film. One per cent is left out so
# that a single bead that stands up does not set the thickness.
_SURFACE_QUANTILE = 0.99


@dataclass(frozen=True)
class Electrode:
    """Spheres on a collector plane, periodic in the plane.

    Parameters
    ----------
    positions_um
        Centres, shape (n, 3), um; z is the height above the collector plane at z = 0.
    radii_um
        True (not contact) radii, shape (n,), um.
    species
        Shape (n,): ``ACTIVE_MATERIAL`` or ``CBD`` (carbon-binder domain).
    masses_pg
        Mass of each bead, shape (n,), pg.
    lateral_um
        Period along x and y, um.
    """

    positions_um: NDArray[np.float64]
    radii_um: NDArray[np.float64]
    species: NDArray[np.int64]
    masses_pg: NDArray[np.float64]
    lateral_um: tuple[float, float]

    @property
    def area_um2(self) -> float:
        """Area of the film in the plane."""
        return self.lateral_um[0] * self.lateral_um[1]

    @property
    def mass_pg(self) -> float:
        """Mass of all beads."""
        return float(self.masses_pg.sum())

    @property
    def sphere_volume_um3(self) -> float:
        """Sum of the volumes of the spheres; overlaps count twice."""
        return float((4 / 3 * np.pi * self.radii_um**3).sum())

    @property
    def highest_um(self) -> float:
        """Height of the highest point of any sphere."""
        return float((self.positions_um[:, 2] + self.radii_um).max(initial=0.0))

    @property
    def thickness_um(self) -> float:
        """Net thickness of the film: the same definition in every stage.

        The height below which 99 % of the summed sphere volume lies, divided by 0.99. It is exact
        for a film of uniform density and does not follow single beads that stand up.
        """
        low, high = 0.0, self.highest_um
        goal = _SURFACE_QUANTILE * self.sphere_volume_um3
        while high - low > 1e-9 * max(self.highest_um, 1.0):
            middle = (low + high) / 2
            if self.volume_below_um3(middle) < goal:
                low = middle
            else:
                high = middle
        return high / _SURFACE_QUANTILE

    def stretched(self, factor: float) -> Electrode:
        """Return the film with every centre at this many times its height; beads keep size."""
        positions_um = self.positions_um.copy()
        positions_um[:, 2] *= factor
        return replace(self, positions_um=positions_um)

    def volume_below_um3(self, height_um: float) -> float:
        """Summed volume of the parts of the spheres that lie below a height (spherical caps)."""
        depth = np.clip(
            height_um - (self.positions_um[:, 2] - self.radii_um), 0.0, 2 * self.radii_um
        )
        return float((np.pi * depth**2 * (self.radii_um - depth / 3)).sum())

    def plot(self) -> Figure:
        """Draw the spheres that a vertical plane through the middle cuts."""
        from matplotlib.figure import Figure
        from matplotlib.patches import Circle

        figure = Figure(figsize=(6.0, 5.0), layout="constrained")
        axes = figure.subplots()
        offset_um = self.positions_um[:, 1] - self.lateral_um[1] / 2
        for i in np.flatnonzero(np.abs(offset_um) < self.radii_um):
            x, _, z = self.positions_um[i]
            radius = float(np.sqrt(self.radii_um[i] ** 2 - offset_um[i] ** 2))
            colour = "#0072b2" if self.species[i] == ACTIVE_MATERIAL else "#e69f00"
            axes.add_patch(Circle((x, z), radius, color=colour, linewidth=0))
        axes.axhline(self.thickness_um, color="0.4", linewidth=0.8)
        axes.set(
            xlim=(0, self.lateral_um[0]),
            ylim=(0, 1.02 * self.highest_um),
            aspect="equal",
            xlabel="x (µm)",
            ylabel="z (µm)",
        )
        return figure

    def _repr_html_(self) -> str:
        active = int((self.species == ACTIVE_MATERIAL).sum())
        density_g_cm3 = self.mass_pg / self.area_um2 / self.thickness_um
        return (
            f"<p>Electrode of {active} active-material particles and {len(self.species) - active} "
            f"CBD beads: {self.lateral_um[0]:.1f} × {self.lateral_um[1]:.1f} µm², "
            f"{self.thickness_um:.1f} µm thick, {density_g_cm3:.2f} g/cm³</p>"
        )

    def write_dump(self, path: Path | str) -> None:
        """Write a compressed LAMMPS text dump, which OVITO opens as it is.

        It names no units (they are LAMMPS `micro`): readers such as MDAnalysis take the first item
        for the time step.

        The same electrode always gives the same bytes.
        """
        top = self.highest_um
        head = (
            "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n"
            f"{len(self.radii_um)}\nITEM: BOX BOUNDS pp pp ff\n"
            f"0 {self.lateral_um[0]!r}\n0 {self.lateral_um[1]!r}\n0 {top!r}\n"
            f"ITEM: ATOMS {' '.join(_COLUMNS)}\n"
        )
        table = np.column_stack(
            [
                np.arange(1, len(self.radii_um) + 1),
                self.species,
                self.positions_um,
                self.radii_um,
                self.masses_pg,
            ]
        )
        text = io.StringIO()
        np.savetxt(text, table, fmt=["%d", "%d", *["%.12g"] * 5])
        with Path(path).open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as stream:
            stream.write((head + text.getvalue()).encode())

    @classmethod
    def read_dump(cls, path: Path | str) -> Electrode:
        """Read what ``write_dump`` wrote; positions count from the lower corner of the box.

        Raises
        ------
        InputError
            The file is missing, truncated or not a dump with the columns of ``write_dump``.
        """
        path = Path(path)
        with reading(path, "an electrode dump", EOFError, IndexError, StopIteration, zlib.error):
            with gzip.open(path, "rt") as stream:
                lines = stream.read().splitlines()
            count = int(lines[lines.index("ITEM: NUMBER OF ATOMS") + 1])
            bounds = next(i for i, line in enumerate(lines) if line.startswith("ITEM: BOX BOUNDS"))
            box = np.array([line.split()[:2] for line in lines[bounds + 1 : bounds + 4]], float)
            lower, upper = box.T
            start = next(i for i, line in enumerate(lines) if line.startswith("ITEM: ATOMS"))
            if lines[start].split()[2:] != list(_COLUMNS):
                raise InputError(f"{path}: the columns must be {' '.join(_COLUMNS)}")
            table = np.array([line.split() for line in lines[start + 1 :]], dtype=np.float64)
            table = table.reshape(-1, len(_COLUMNS))
        if len(table) != count:
            raise InputError(f"{path}: holds {len(table)} of {count} beads; it is truncated")
        return cls(
            positions_um=table[:, 2:5] - lower,
            radii_um=table[:, 5],
            species=table[:, 1].astype(np.int64),
            masses_pg=table[:, 6],
            lateral_um=(float(upper[0] - lower[0]), float(upper[1] - lower[1])),
        )
