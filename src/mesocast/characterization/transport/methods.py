"""Conduction between the end planes of a grid, by a named method.

All methods solve the same problem: div(sigma grad phi) = 0 with fixed potentials on the two end
planes z = 0 and z = thickness (half a voxel before the first and behind the last voxel centre)
and periodic sides, or sides that nothing passes where the image is not periodic. Clusters that do
not connect the two planes are removed first.

``multigrid`` and ``taufactor`` work on voxels: two voxels conduct into each other through a shared
face, with the harmonic mean of their conductivities. They are two solvers of the same equations.
``aperture`` takes the pores from the spheres: a face conducts in proportion to its open share.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.transport import multigrid
from mesocast.characterization.transport.aperture import aperture_faces
from mesocast.characterization.transport.field import Field
from mesocast.characterization.transport.grid import ConductionSolution
from mesocast.characterization.transport.percolation import reach, reached_through_faces, spanning
from mesocast.characterization.transport.voxel_faces import voxel_faces
from mesocast.characterization.voxels import OTHER
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from mesocast.characterization.transport.faces import Faces
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.electrode import Electrode

    # (phases, conductivities, voxel_size_um) -> solution. `phases` has shape (nx, ny, nz): 0
    # insulates, i conducts with conductivities[i - 1]; every conducting voxel is in a cluster
    # that spans. The effective conductivity has the unit of the conductivities.
    Method = Callable[
        [NDArray[np.uint8], tuple[float, ...], tuple[float, float, float]], "ConductionSolution"
    ]


def conduct_voxels(
    image: VoxelImage, conductivities: Mapping[int, float], method: str, network: str
) -> tuple[ConductionSolution, NDArray[np.bool_]]:
    """Solve on the voxels that span.

    Parameters
    ----------
    image
        Voxel image.
    conductivities
        By phase; a phase that is left out, or has 0, insulates.
    method
        A name in ``METHODS``.
    network
        What conducts, for messages.

    Returns
    -------
    tuple
        The solution, and the voxels that span.

    Raises
    ------
    PhysicsFailure
        ``<network>_not_percolating`` or ``transport_not_converged``.
    """
    conducting = {phase: value for phase, value in conductivities.items() if value > 0}
    labels = image.between_walls()
    mask = np.isin(labels, list(conducting))
    kept = spanning(mask)
    nx, ny, _ = image.labels.shape
    if not kept.any():
        share = float(np.count_nonzero(mask) / image.voxels)
        raise _not_percolating(network, share, reach(mask), image)
    # Scaled to at most 1, because solvers may work in single precision.
    scale = max(conducting.values())
    values = tuple(sorted({value / scale for value in conducting.values()}))
    phases = np.zeros_like(labels)
    for phase, value in conducting.items():
        phases[kept & (labels == phase)] = values.index(value / scale) + 1
    solution = METHODS[method](phases, values, image.voxel_size_um)
    # What the walls add to the area, and what is no part of the sample, conducts nothing.
    area_ratio = phases.size / image.voxels
    return dataclasses.replace(
        solution,
        effective_conductivity=solution.effective_conductivity * scale * area_ratio,
        field=solution.field and solution.field.within(nx, ny),
    ), kept[:nx, :ny]


def conduct_apertures(
    electrode: Electrode,
    image: VoxelImage,
    conductivities: Mapping[int, float],
    network: str,
    samples_per_edge: int,
) -> tuple[ConductionSolution, NDArray[np.bool_]]:
    """Solve on the cells that span through open faces.

    Parameters
    ----------
    electrode
        Spheres.
    image
        Its voxel image, which gives the grid; cells that it shows as ``OTHER`` are closed.
    conductivities, network
        As for ``conduct_voxels``.
    samples_per_edge
        See ``aperture_faces``.

    Returns
    -------
    tuple
        The solution, and the cells that span.

    Raises
    ------
    PhysicsFailure
        ``<network>_not_percolating`` or ``transport_not_converged``.
    """
    nx, ny, nz = image.labels.shape
    faces = aperture_faces(
        electrode, (nx, ny, nz), image.voxel_size_um, conductivities, samples_per_edge
    )
    closed = image.labels == OTHER
    if closed.any():
        _close(faces, closed)
    reached, kept = reached_through_faces(faces)
    if not kept.any():
        share = float(np.isin(image.labels, list(conductivities)).mean())
        raise _not_percolating(network, share, int(reached.any(axis=(0, 1)).sum()), image)
    _close(faces, ~kept)
    return _solve_faces(faces, image.voxel_size_um), kept


def _close(faces: Faces, cells: NDArray[np.bool_]) -> None:
    """Let nothing pass some cells."""
    faces.x[cells] = faces.y[cells] = 0
    faces.x[np.roll(cells, 1, 0)] = faces.y[np.roll(cells, 1, 1)] = 0
    faces.z[:, :, :-1][cells] = faces.z[:, :, 1:][cells] = 0


def _not_percolating(network: str, share: float, layers: int, image: VoxelImage) -> PhysicsFailure:
    return PhysicsFailure(
        f"{network}_not_percolating",
        f"the {network.replace('_', ' ')} network ({share:.4f} of the volume) reaches "
        f"{layers * image.voxel_size_um[2]:.2f} um from the collector, the film is "
        f"{image.thickness_um:.2f} um thick",
    )


def _solve_faces(faces: Faces, cell_size_um: tuple[float, float, float]) -> ConductionSolution:
    """Effective conductivity of a grid by multigrid."""
    solution = multigrid.solve(faces, cell_size_um)
    nx, ny, nz = faces.x.shape
    hx, hy, hz = cell_size_um
    return ConductionSolution(
        effective_conductivity=solution.conductance * nz * hz / (nx * hx * ny * hy),
        iterations=solution.iterations,
        flux_imbalance=solution.flux_imbalance,
        solver_error=solution.relative_error,
        solver_tolerance=multigrid.TOLERANCE,
        field=Field(solution.potential.astype(np.float32), faces, cell_size_um),
    )


def _multigrid(
    phases: NDArray[np.uint8],
    conductivities: tuple[float, ...],
    voxel_size_um: tuple[float, float, float],
) -> ConductionSolution:
    return _solve_faces(voxel_faces(phases, conductivities, voxel_size_um), voxel_size_um)


def _taufactor(
    phases: NDArray[np.uint8],
    conductivities: tuple[float, ...],
    voxel_size_um: tuple[float, float, float],
) -> ConductionSolution:
    # Imports torch: seconds.
    from mesocast.characterization.transport.taufactor_method import solve

    return solve(phases, conductivities, voxel_size_um)


METHODS: dict[str, Method] = {"multigrid": _multigrid, "taufactor": _taufactor}
