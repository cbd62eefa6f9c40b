"""Electronic conduction where active materials of several kinds conduct differently.

A kind is told by the diameter of its particles: no two kinds share one (`mesocast.config.kinds`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.transport.methods import conduct_voxels
from mesocast.characterization.voxels import WALL, sample_phases
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.characterization.transport.grid import ConductionSolution
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.config.materials import ActiveMaterial
    from mesocast.electrode import Electrode

# Labels of the kinds in the image of this problem only; they meet no label of another image.
_FIRST_LABEL = 100
# Diameters agree within this share; those of two kinds are further apart.
_SAME = 2e-6


@dataclass(frozen=True)
class ConductingKind:
    """One kind of active material.

    Parameters
    ----------
    diameters_um
        Of its particles.
    conductivity_S_m
        Electronic conductivity.
    """

    diameters_um: tuple[float, ...]
    conductivity_S_m: float


def kinds_of(material: ActiveMaterial) -> tuple[ConductingKind, ...]:
    """Kinds of an active material; none where it is of one kind."""
    if not material.kinds:
        return ()
    classes = list(zip(material.diameters_um, material.class_conductivities_S_m, strict=True))
    values = dict.fromkeys(conductivity for _, conductivity in classes)
    return tuple(
        ConductingKind(tuple(size for size, found in classes if found == value), value)
        for value in values
    )


def kind_of_particles(
    diameters_um: NDArray[np.float64], kinds: tuple[ConductingKind, ...]
) -> NDArray[np.int64]:
    """Number of the kind of each particle, by its diameter.

    Raises
    ------
    InputError
        A particle is of no kind.
    """
    of_kind = np.full(len(diameters_um), -1)
    for number, kind in enumerate(kinds):
        apart = np.abs(diameters_um[:, None] / np.array(kind.diameters_um) - 1)
        of_kind[(apart < _SAME).any(axis=1)] = number
    stray_um = diameters_um[of_kind < 0]
    if len(stray_um):
        raise InputError(
            f"materials.active_material.kinds: a particle of {stray_um[0]:.6g} um is of none of "
            "them; allowed: the materials that the electrode was made with"
        )
    return of_kind


def paint_kinds(
    image: VoxelImage,
    electrode: Electrode,
    kinds: tuple[ConductingKind, ...],
    cbd_conductivity_S_m: float,
) -> tuple[VoxelImage, dict[int, float]]:
    """Give each kind a label of its own, and what each label conducts.

    Parameters
    ----------
    image
        The electrode's voxel image.
    electrode
        Its spheres.
    kinds, cbd_conductivity_S_m
        What conducts how well.

    Raises
    ------
    InputError
        A particle is of no kind.
    """
    species = electrode.species.copy()
    active = np.flatnonzero(species == ACTIVE_MATERIAL)
    of_kind = kind_of_particles(2 * electrode.radii_um[active], kinds)
    species[active] = _FIRST_LABEL + of_kind
    labels = [_FIRST_LABEL + number for number in range(len(kinds))]
    painted = sample_phases(
        replace(electrode, species=species),
        image.labels.shape,
        image.voxel_size_um,
        (0.5, 0.5, 0.5),
        (CBD, *labels),
    )
    painted[image.labels == WALL] = WALL
    conductivities = {
        label: kind.conductivity_S_m for label, kind in zip(labels, kinds, strict=True)
    }
    return replace(image, labels=painted), {**conductivities, CBD: cbd_conductivity_S_m}


def conduction_of_kinds(
    image: VoxelImage,
    electrode: Electrode,
    kinds: tuple[ConductingKind, ...],
    cbd_conductivity_S_m: float,
    method: str,
) -> ConductionSolution:
    """Effective electronic conductivity along z with a conductivity per kind.

    Parameters
    ----------
    image, electrode, kinds, cbd_conductivity_S_m
        As in :func:`paint_kinds`.
    method
        A name in ``transport.METHODS``.

    Raises
    ------
    InputError
        A particle is of no kind.
    PhysicsFailure
        ``solid_not_percolating`` or ``transport_not_converged``.
    """
    painted, conductivities = paint_kinds(image, electrode, kinds, cbd_conductivity_S_m)
    return conduct_voxels(painted, conductivities, method, "solid")[0]
