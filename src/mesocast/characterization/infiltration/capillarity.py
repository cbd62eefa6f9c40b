r"""Quasi-static wetting and draining of the pores, with PoreSpy.

Gostick et al., J. Open Source Softw. 4, 1296 (2019). Gas fills every sphere that fits between the
walls and whose capillary pressure (Young and Laplace),

.. math:: p_c = \frac{2 \gamma \cos\theta}{r},

is at most the one applied; electrolyte fills the rest, corners first. As the pressure falls,
electrolyte spreads from the surface (imbibition). The collector is closed, so that gas leaves
through the surface, too; gas that spheres of gas no longer connect with it is trapped. As it rises
again, gas pushes electrolyte out from the surface (drainage).

PoreSpy knows no periodic sides: the image is continued over them by a margin, and what it finds in
the middle counts.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from mesocast.characterization.voxels import PORE
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mesocast.characterization.voxels import VoxelImage
    from mesocast.config.characterization import InfiltrationSettings

AMBIENT_KPA = 101.325
# Pressures from the narrowest pore to the widest, evenly on a logarithmic scale.
STEPS = 60
# The margin in radii of the largest sphere that fits between the walls.
_MARGIN = 2


@dataclass(frozen=True, eq=False)
class Capillarity:
    """What electrolyte and gas fill at which capillary pressure.

    Parameters
    ----------
    imbibition_kPa, drainage_kPa
        Shape (nx, ny, nz): highest pressure at which a voxel holds electrolyte while the pressure
        falls, were no gas trapped; lowest one at which it holds gas while it rises. 0 and infinity
        where that does not happen; without meaning in solids.
    trapped
        Shape (nx, ny, nz): pores that hold gas when the pressure has fallen to 0, at the pressure
        of filling.
    pores
        Shape (nx, ny, nz).
    """

    imbibition_kPa: NDArray[np.float64]
    drainage_kPa: NDArray[np.float64]
    trapped: NDArray[np.bool_]
    pores: NDArray[np.bool_]

    @property
    def trapped_share(self) -> float:
        """Share of the pore volume that holds trapped gas."""
        return float(np.count_nonzero(self.trapped) / np.count_nonzero(self.pores))

    def imbibed_at_kPa(self, share: float) -> float:
        """Pressure at which electrolyte has entered a share of the pore volume, no gas trapped."""
        return float(np.quantile(self.imbibition_kPa[self.pores], 1 - share, method="lower"))

    def drained_at_kPa(self, share: float) -> float:
        """Pressure at which gas has entered a share of the pore volume; infinite where it never."""
        return float(np.quantile(self.drainage_kPa[self.pores], share, method="higher"))

    def curve(self) -> dict[str, NDArray[np.float64]]:
        """Saturation with electrolyte against capillary pressure, by column of a table."""
        finite = self.imbibition_kPa[self.pores]
        pressures = np.unique(finite[finite > 0])
        gas = self.trapped[self.pores]
        drained = self.drainage_kPa[self.pores]

        def saturation(filled: NDArray[np.bool_]) -> float:
            return float(np.count_nonzero(filled) / finite.size)

        return {
            "capillary_pressure_kPa": pressures,
            "saturation_imbibition": np.array([saturation(finite >= p) for p in pressures]),
            "saturation_imbibition_with_trapped_gas": np.array(
                [saturation((finite >= p) & ~gas) for p in pressures]
            ),
            "saturation_drainage": np.array([saturation(drained > p) for p in pressures]),
        }


def capillarity(image: VoxelImage, liquid: InfiltrationSettings) -> Capillarity:
    """Let electrolyte enter the dry pores from the surface, and gas push it out again.

    Parameters
    ----------
    image
        Voxel image with cubic voxels, or nearly so.
    liquid
        The electrolyte.

    Raises
    ------
    InputError
        PoreSpy is not installed.
    PhysicsFailure
        ``no_pores``, or ``pore_not_open`` where no pore reaches the surface.
    """
    pores = image.labels == PORE
    if not pores.any():
        raise PhysicsFailure("no_pores", "the image has no pore volume")
    if not pores[:, :, -1].any():
        raise PhysicsFailure("pore_not_open", "no pore reaches the surface")
    edge_um = float(np.prod(image.voxel_size_um)) ** (1 / 3)
    # mN/m over um is kPa.
    young_laplace_kPa = (
        2 * liquid.surface_tension_mN_m * np.cos(np.radians(liquid.contact_angle_deg)) / edge_um
    )
    with _porespy() as ps:
        block, core = _with_margin(pores, ps, periodic=image.periodic)
        wet_kPa, gas_kPa, trapped = _displace(block, young_laplace_kPa, ps)
    imbibition_kPa, gas = wet_kPa[core], trapped[core]
    if liquid.fill_pressure_kPa < AMBIENT_KPA:
        gas = _shrunk(gas, imbibition_kPa, liquid.fill_pressure_kPa / AMBIENT_KPA)
    return Capillarity(imbibition_kPa, gas_kPa[core], gas, pores)


def _with_margin(
    pores: NDArray[np.bool_], ps: Any, *, periodic: bool
) -> tuple[NDArray[np.bool_], tuple[slice, slice, slice]]:
    """Add the collector below and, of a periodic image, its continuation; say where it is."""
    nx, ny, _ = pores.shape
    floor = np.pad(pores, ((0, 0), (0, 0), (1, 0)))
    mx = my = 0
    if periodic:
        largest = float(ps.tools.get_edt()(floor).max())
        margin = int(np.ceil(_MARGIN * largest))
        mx, my = min(margin, nx // 2), min(margin, ny // 2)
        floor = np.pad(floor, ((mx, mx), (my, my), (0, 0)), mode="wrap")
    return floor, (slice(mx, mx + nx), slice(my, my + ny), slice(1, None))


def _displace(
    pores: NDArray[np.bool_], young_laplace_kPa: float, ps: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Pressures of imbibition and drainage, and trapped gas; see ``Capillarity``."""
    distance = ps.tools.get_edt()(pores)
    pressure_kPa = np.zeros(pores.shape)
    pressure_kPa[pores] = young_laplace_kPa / distance[pores].astype(np.float64)
    inside = pressure_kPa[pores]
    # Just above and below: at the end all is electrolyte, or gas.
    steps_kPa = np.geomspace(1.01 * inside.max(), 0.99 * inside.min(), STEPS)
    surface = np.zeros_like(pores)
    surface[:, :, -1] = pores[:, :, -1]
    common = {"im": pores, "dt": distance, "inlets": surface, "steps": steps_kPa}
    wet = ps.simulations.imbibition(pc=pressure_kPa.copy(), **common)
    # The other method takes every pore that does not span the block for trapped.
    trapped = ps.filters.find_trapped_clusters(
        im=pores, seq=wet.im_seq.copy(), outlets=surface, method="queue"
    )
    dry = ps.simulations.drainage(pc=pressure_kPa.copy(), smooth=False, **common)
    reached = np.isfinite(wet.im_pc) & pores
    trapped = (trapped | ~reached) & pores
    return np.where(reached, wet.im_pc, 0.0), np.where(pores, dry.im_pc, np.inf), trapped


def _shrunk(
    gas: NDArray[np.bool_], imbibition_kPa: NDArray[np.float64], share: float
) -> NDArray[np.bool_]:
    """Keep a share of the gas, where the pores are widest."""
    places = np.flatnonzero(gas)
    order = np.argsort(imbibition_kPa.ravel()[places], kind="stable")
    kept = np.zeros(gas.size, dtype=np.bool_)
    kept[places[order[: round(share * len(places))]]] = True
    return kept.reshape(gas.shape)


@contextlib.contextmanager
def _porespy() -> Iterator[Any]:
    """PoreSpy on one thread, without its bars.

    Raises
    ------
    InputError
        It is not installed.
    """
    try:
        import porespy
    except ImportError as error:
        raise InputError(
            "infiltration: the package porespy is not installed; allowed: pip install "
            "'mesocast[cell]' with Python below 3.14, or characterization.measurements without "
            "infiltration"
        ) from error
    threads, shown = numba.get_num_threads(), porespy.settings.tqdm["disable"]
    cores = porespy.settings.ncores
    numba.set_num_threads(1)
    porespy.settings.tqdm["disable"] = True
    porespy.settings.ncores = 1
    try:
        yield porespy
    finally:
        numba.set_num_threads(threads)
        porespy.settings.tqdm["disable"] = shown
        porespy.settings.ncores = cores
