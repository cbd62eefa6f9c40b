"""Surface of the active material as it is measured on voxel images.

Beside the exact figures from the spheres (``surface.py``), for comparison with work that has
images only. The errors of both methods do not vanish with the size of the voxels: the faces of a
sphere's voxels have 1.5 times its area, its marching-cubes mesh of a binary image 1.1 times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from mesocast.characterization.voxels import PHASES, PORE
from mesocast.electrode import ACTIVE_MATERIAL, CBD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.characterization.voxels import VoxelImage


@dataclass(frozen=True)
class InterfaceAreas:
    """Areas between active material and the other phases inside an image, um2.

    Active material in contact with active material has no surface here. The image's end planes,
    and its sides unless it is periodic, count for nothing.
    """

    active_material_pore_um2: float
    active_material_cbd_um2: float

    @property
    def pore_share(self) -> float | None:
        """Share of the surface that faces pore; None without surface."""
        total = self.active_material_pore_um2 + self.active_material_cbd_um2
        return self.active_material_pore_um2 / total if total > 0 else None


def area_by_voxel_faces(image: VoxelImage) -> InterfaceAreas:
    """Count the faces between voxels of different phases."""
    hx, hy, hz = image.voxel_size_um
    # Whatever is no phase of the electrode is one kind, behind them.
    labels = np.minimum(image.labels, len(PHASES)).astype(np.uint8)
    counts = _face_counts(labels, len(PHASES) + 1, image.periodic)
    areas = np.einsum("aij,a->ij", counts + counts.transpose(0, 2, 1), (hy * hz, hx * hz, hx * hy))
    return InterfaceAreas(float(areas[ACTIVE_MATERIAL, PORE]), float(areas[ACTIVE_MATERIAL, CBD]))


def area_by_marching_cubes(image: VoxelImage) -> InterfaceAreas:
    """Mesh each phase of the image by scikit-image's marching cubes (Lewiner et al. 2003).

    The mesh of a binary image is made of one of 256 pieces in each cube of eight voxels, so its
    area follows from how often each one occurs. The area between two phases is half of what their
    meshes have more than that of all the rest, which is the third phase of an electrode.
    """
    pieces = _piece_areas_um2(image.voxel_size_um)

    def area_um2(mask: NDArray[np.bool_]) -> float:
        return float(_cube_counts(mask, image.periodic) @ pieces)

    is_active = image.labels == ACTIVE_MATERIAL
    active = area_um2(is_active)

    def between_um2(phase: int) -> float:
        is_phase = image.labels == phase
        return max(0.0, (active + area_um2(is_phase) - area_um2(~(is_active | is_phase))) / 2)

    return InterfaceAreas(between_um2(PORE), between_um2(CBD))


def marching_cubes_area_um2(
    mask: NDArray[np.bool_], edges_um: tuple[float, float, float], periodic: bool
) -> float:
    """Area of the marching-cubes mesh of a mask, end planes (and walls) not counted."""
    return float(_cube_counts(mask, periodic) @ _piece_areas_um2(edges_um))


def meshed_volume_um3(image: VoxelImage) -> float:
    """Volume in which a mesh lies: it runs from the centres of the outermost voxels."""
    nx, ny, nz = image.labels.shape
    meshed = (nz - 1) * (nx * ny if image.periodic else (nx - 1) * (ny - 1))
    return float(max(meshed, 1) * np.prod(image.voxel_size_um))


def euler_characteristic(image: VoxelImage) -> int:
    """Euler characteristic of the pore space: separate pores, minus loops, plus cavities.

    Voxels are connected through shared faces (6-connected). Well-connected pores have many loops
    and so a large negative number.
    """
    return int(_euler_characteristic(image.labels == PORE, image.periodic))


def _piece_areas_um2(edges_um: tuple[float, float, float]) -> NDArray[np.float64]:
    """Area of the mesh in a cube whose corner (a, b, c) is inside when bit 4a + 2b + c is set."""
    from skimage.measure import marching_cubes, mesh_surface_area

    areas = np.zeros(256)
    for code in range(1, 255):
        corners = np.unpackbits(np.array([code], dtype=np.uint8), bitorder="little")
        cube = corners.reshape(2, 2, 2).astype(np.float32)
        mesh = marching_cubes(cube, 0.5, spacing=edges_um)
        areas[code] = mesh_surface_area(mesh[0], mesh[1])
    return areas


@njit(cache=True)
def _face_counts(labels: NDArray[np.uint8], phases: int, periodic: bool) -> NDArray[np.int64]:
    """Count the faces of each axis by the phases before and behind them."""
    nx, ny, nz = labels.shape
    counts = np.zeros((3, phases, phases), dtype=np.int64)
    for i in range(nx):
        for j in range(ny):
            row = labels[i, j]
            if i > 0 or periodic:
                before = labels[i - 1, j]
                for k in range(nz):
                    counts[0, before[k], row[k]] += 1
            if j > 0 or periodic:
                before = labels[i, j - 1]
                for k in range(nz):
                    counts[1, before[k], row[k]] += 1
            for k in range(1, nz):
                counts[2, row[k - 1], row[k]] += 1
    return counts


@njit(cache=True)
def _cube_counts(mask: NDArray[np.bool_], periodic: bool) -> NDArray[np.int64]:
    """Count the 256 patterns of eight neighbouring voxels."""
    nx, ny, nz = mask.shape
    counts = np.zeros(256, dtype=np.int64)
    for i in range(0 if periodic else 1, nx):
        for j in range(0 if periodic else 1, ny):
            code = 0
            for k in range(nz):
                layer = (
                    (1 if mask[i - 1, j - 1, k] else 0)
                    | (4 if mask[i - 1, j, k] else 0)
                    | (16 if mask[i, j - 1, k] else 0)
                    | (64 if mask[i, j, k] else 0)
                )
                code = (code >> 1) & 85 | layer << 1  # the upper layer becomes the lower one
                if k > 0:
                    counts[code] += 1
    return counts


@njit(cache=True)
def _euler_characteristic(mask: NDArray[np.bool_], periodic: bool) -> int:
    """Voxels minus pairs plus squares minus cubes of connected voxels."""
    nx, ny, nz = mask.shape
    total = 0
    for i in range(nx):
        left = i > 0 or periodic
        for j in range(ny):
            front = j > 0 or periodic
            for k in range(nz):
                if not mask[i, j, k]:
                    continue
                x = left and mask[i - 1, j, k]
                y = front and mask[i, j - 1, k]
                z = k > 0 and mask[i, j, k - 1]
                xy = x and y and mask[i - 1, j - 1, k]
                xz = x and z and mask[i - 1, j, k - 1]
                yz = y and z and mask[i, j - 1, k - 1]
                xyz = xy and xz and yz and mask[i - 1, j - 1, k - 1]
                total += 1 - x - y - z + xy + xz + yz - xyz
    return total
