r"""What impedance finds of the pores of a symmetric cell with a blocking electrolyte.

No charge passes the pore walls, so that the current through the electrolyte ends there in the
double layer; the collector closes the pores behind. At low frequency the potential is nearly even
over the electrode, every part of the wall takes the same current density :math:`j = I / S`, and
what is left in phase with the current is the loss in the electrolyte,

.. math:: \nabla \cdot \kappa \nabla \phi = 0,\quad
          -\kappa\, \partial_n \phi = j \text{ on the wall},\quad
          \phi = 0 \text{ at the surface},\quad
          \mathrm{Re}\, Z(\omega \to 0) = \frac{1}{I^2} \int \kappa\, |\nabla \phi|^2 .

The transmission line of a uniform electrode (de Levie, Electrochim. Acta 8, 751 (1963)) has a
third of its ionic resistance there and nothing at high frequency, so the measurement takes three
times the difference of the two as the ionic resistance, and from it the tortuosity factor
(Landesfeind et al., J. Electrochem. Soc. 163, A1373 (2016)). Done on a structure, that is the
electrode tortuosity factor (Nguyen et al., npj Comput. Mater. 6, 123 (2020); TauFactor 2's
``ElectrodeSolver``). Unlike diffusion from end to end it counts dead ends, and where along the
thickness the wall is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mesocast.characterization.transport import multigrid
from mesocast.characterization.transport.aperture import SAMPLES_PER_EDGE, aperture_faces
from mesocast.characterization.transport.faces import Faces
from mesocast.characterization.transport.percolation import reached_through_faces
from mesocast.characterization.transport.voxel_faces import voxel_faces
from mesocast.characterization.voxels import PORE
from mesocast.electrode import ACTIVE_MATERIAL, CBD
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.characterization.transport.properties import PermeableCbd
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.electrode import Electrode

# Inner wall of the CBD over its volume: carbon black of 62 m2/g (Super C65, maker's data sheet),
# 60 % by mass of a domain of 0.92 g/cm3. It is far more than the outside of all particles, so that
# its value hardly matters (docs/electrolyte.md).
CBD_SURFACE_1_UM = 34.0


@dataclass(frozen=True)
class BlockingImpedance:
    """Low-frequency impedance of the pores.

    Parameters
    ----------
    tortuosity_factor
        Porosity over effective conductivity, which is thickness over ionic resistance and area.
    porosity
        As ``PoreTransport.porosity``, closed pores included.
    charged_share
        Share of the wall that electrolyte from the surface reaches.
    solver_error
        See ``ConductionSolution.solver_error``.
    """

    tortuosity_factor: float
    porosity: float
    charged_share: float
    solver_error: float


class Problem(NamedTuple):
    """Electrolyte on a grid, open to the surface only.

    Parameters
    ----------
    faces
        Conductances over the conductivity of the electrolyte, um.
    wall_um2
        Shape (nx, ny, nz): wall in each cell.
    loss_um3
        Loss between the cells' centres and the wall at a current density of one.
    charged_share
        See ``BlockingImpedance``.
    """

    faces: Faces
    wall_um2: NDArray[np.float64]
    loss_um3: float
    charged_share: float


def blocking_impedance(
    image: VoxelImage,
    *,
    electrode: Electrode | None = None,
    cbd: PermeableCbd | None = None,
) -> BlockingImpedance:
    """Find what a blocking impedance measurement finds.

    Parameters
    ----------
    image
        Voxel image.
    electrode
        The spheres that the image shows: pores are then resolved by apertures; without them by the
        sharp voxels.
    cbd
        How permeable the CBD is: then most of the double layer is inside it. Without, the CBD is
        solid, and all solid takes charge at its surface.

    Raises
    ------
    PhysicsFailure
        ``no_pores``, ``pore_not_open`` where no wall is reached from the surface, or
        ``transport_not_converged``.
    """
    nanoporosity = cbd.nanoporosity if cbd is not None else 0.0
    porosity = image.fraction(PORE) + nanoporosity * image.fraction(CBD)
    if porosity == 0:
        raise PhysicsFailure("no_pores", "the image has no pore volume")
    problem = blocking_problem(image, electrode, cbd)
    current = float(problem.wall_um2.sum())
    if current == 0:
        raise PhysicsFailure("pore_not_open", "no pore wall is reached from the surface")
    solution = multigrid.solve_source(problem.faces, image.voxel_size_um, problem.wall_um2)
    resistance_1_um = (solution.power + problem.loss_um3) / current**2
    area_um2 = image.volume_um3 / image.thickness_um
    return BlockingImpedance(
        tortuosity_factor=3 * resistance_1_um * porosity * area_um2 / image.thickness_um,
        porosity=porosity,
        charged_share=problem.charged_share,
        solver_error=solution.relative_error,
    )


def blocking_problem(
    image: VoxelImage, electrode: Electrode | None, cbd: PermeableCbd | None
) -> Problem:
    """Put the electrolyte and the walls of a structure on its grid."""
    conductivities = {PORE: 1.0}
    if cbd is not None:
        conductivities[CBD] = cbd.relative_diffusivity
    labels = image.between_walls()
    if electrode is None:
        faces, wall_um2, loss_um3 = _of_voxels(labels, image.voxel_size_um, conductivities)
    else:
        shape = (labels.shape[0], labels.shape[1], labels.shape[2])
        faces = aperture_faces(electrode, shape, image.voxel_size_um, conductivities)
        wall_um2 = _of_apertures(electrode, shape, image.voxel_size_um, faces, conductivities)
        loss_um3 = np.zeros(shape)
    if cbd is not None:
        wall_um2[labels == CBD] += CBD_SURFACE_1_UM * float(np.prod(image.voxel_size_um))
    upside_down = Faces(*(np.ascontiguousarray(face[:, :, ::-1]) for face in faces))
    open_to_surface = reached_through_faces(upside_down)[0][:, :, ::-1]
    whole = float(wall_um2.sum())
    for field in (faces.x, faces.y, wall_um2, loss_um3):
        field[~open_to_surface] = 0
    faces.z[:, :, :-1][~open_to_surface] = faces.z[:, :, 1:][~open_to_surface] = 0
    faces.z[:, :, 0] = 0  # the collector
    share = float(wall_um2.sum()) / whole if whole > 0 else 0.0
    return Problem(faces, wall_um2, float(loss_um3.sum()), share)


def _of_voxels(
    labels: NDArray[np.uint8],
    edges_um: tuple[float, float, float],
    conductivities: dict[int, float],
) -> tuple[Faces, NDArray[np.float64], NDArray[np.float64]]:
    """Conductances, walls, and losses in half a voxel before the wall, of sharp voxels."""
    phases = np.zeros_like(labels)
    sigma = np.zeros(256)
    for number, (phase, value) in enumerate(conductivities.items(), start=1):
        phases[labels == phase] = number
        sigma[phase] = value
    faces = voxel_faces(phases, tuple(conductivities.values()), edges_um)
    takes_charge = np.isin(labels, [p for p in (ACTIVE_MATERIAL, CBD) if p not in conductivities])
    conducts = phases > 0
    wall_um2, loss_um3 = np.zeros(labels.shape), np.zeros(labels.shape)
    for axis, edge_um in enumerate(edges_um):
        area_um2 = float(np.prod(edges_um)) / edge_um
        walls = np.zeros(labels.shape)
        for step in (1, -1):
            beside = np.roll(takes_charge, step, axis)
            if axis == 2:
                beside[:, :, 0 if step == 1 else -1] = False  # no period along the thickness
            walls += conducts & beside
        wall_um2 += area_um2 * walls
        loss_um3[conducts] += (area_um2 * edge_um / 2 * walls / np.maximum(sigma[labels], 1e-300))[
            conducts
        ]
    return faces, wall_um2, loss_um3


def _of_apertures(
    electrode: Electrode,
    shape: tuple[int, int, int],
    edges_um: tuple[float, float, float],
    faces: Faces,
    conductivities: dict[int, float],
) -> NDArray[np.float64]:
    """Wall in each cell: what closes the open faces around it (their areas as vectors add to 0).

    A flat wall is found exactly; several in one cell partly cancel.
    """
    if len(conductivities) > 1:
        faces = aperture_faces(
            electrode, shape, edges_um, dict.fromkeys(conductivities, 1.0), SAMPLES_PER_EDGE
        )
    hx, hy, hz = edges_um
    open_x, open_y = faces.x.astype(float) * hx, faces.y.astype(float) * hy
    open_z = faces.z.astype(float) * hz
    open_z[:, :, [0, -1]] /= 2  # the end planes are half a cell away
    squares = (
        (np.roll(open_x, -1, 0) - open_x) ** 2
        + (np.roll(open_y, -1, 1) - open_y) ** 2
        + np.diff(open_z, axis=2) ** 2
    )
    return np.asarray(np.sqrt(squares))
