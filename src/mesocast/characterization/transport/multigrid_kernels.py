"""Compiled loops of the multigrid solver.

All fields have shape (nx, ny, nz). Potentials carry one more cell at each end along z, which holds
zero: shape (nx, ny, nz + 2). Face i along x lies between the cells i - 1 and i (face 0 closes the
period), face k along z between k - 1 and k; faces 0 and nz along z lead to the end planes. Rows
along z are worked on as a whole, in simple loops that the compiler turns into vector instructions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.characterization.transport.faces import Faces

    Array32 = NDArray[np.float32]
    Array64 = NDArray[np.float64]

# Reordering sums lets the compiler use vector instructions; on one machine the order is fixed.
_compiled = njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})


@_compiled
def inverse_diagonal(faces: Faces) -> Array32:
    """One over the sum of a cell's face conductances; 0 for a cell without conductance."""
    nx, ny, nz = faces.x.shape
    inverse = np.empty((nx, ny, nz), dtype=np.float32)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                total = (
                    faces.x[i, j, k]
                    + faces.x[(i + 1) % nx, j, k]
                    + faces.y[i, j, k]
                    + faces.y[i, (j + 1) % ny, k]
                    + faces.z[i, j, k]
                    + faces.z[i, j, k + 1]
                )
                inverse[i, j, k] = np.float32(1) / total if total > 0 else np.float32(0)
    return inverse


@_compiled
def coarse_faces(
    fine: Array32, axis: int, factors: tuple[int, int, int], scale: np.float32
) -> Array32:
    """Sum the fine faces in each coarse face of one axis, times a scale."""
    counts = fine.shape
    fx, fy, fz = factors
    # Along z the faces are one more than the cells; the last is an end plane, kept also behind an
    # odd number of cells. Inner faces of a coarse cell vanish.
    coarse = np.zeros(
        (
            (counts[0] + fx - 1) // fx,
            (counts[1] + fy - 1) // fy,
            (counts[2] - 1 + fz - 1) // fz + 1 if axis == 2 else (counts[2] + fz - 1) // fz,
        ),
        dtype=np.float32,
    )
    if axis < 2 and coarse.shape[axis] == 1:
        return coarse  # the only cell along a periodic axis is its own neighbour: no flux
    for i in range(counts[0]):
        if axis == 0 and i % fx > 0:
            continue
        for j in range(counts[1]):
            if axis == 1 and j % fy > 0:
                continue
            row, target = fine[i, j], coarse[i // fx, j // fy]
            if axis == 2:
                for k in range(0, counts[2] - 1, fz):
                    target[k // fz] += scale * row[k]
                target[-1] += scale * row[-1]
            else:
                for k in range(counts[2]):
                    target[k // fz] += scale * row[k]
    return coarse


@njit(cache=True, error_model="numpy", inline="always")
def _inflow(
    row: Array32 | Array64,
    potential: Array32 | Array64,
    faces: Faces,
    i: int,
    j: int,
) -> None:
    """Write what flows into each cell of row (i, j) from its six neighbours."""
    nx, ny, nz = faces.x.shape
    after_i = i + 1 if i + 1 < nx else 0
    after_j = j + 1 if j + 1 < ny else 0
    left, right = faces.x[i, j], faces.x[after_i, j]
    front, back = faces.y[i, j], faces.y[i, after_j]
    along = faces.z[i, j]
    at_left, at_right = potential[i - 1 if i > 0 else nx - 1, j], potential[after_i, j]
    at_front, at_back = potential[i, j - 1 if j > 0 else ny - 1], potential[i, after_j]
    here = potential[i, j]
    for k in range(nz):
        own = here[k + 1]
        row[k] = (
            along[k] * (here[k] - own)
            + along[k + 1] * (here[k + 2] - own)
            + left[k] * (at_left[k + 1] - own)
            + right[k] * (at_right[k + 1] - own)
            + front[k] * (at_front[k + 1] - own)
            + back[k] * (at_back[k + 1] - own)
        )


@njit(cache=True, error_model="numpy", inline="always")
def _relax_row(
    row: Array32,
    potential: Array32,
    source: Array32,
    inverse: Array32,
    faces: Faces,
    i: int,
    j: int,
    colour: int,
) -> None:
    """Relax the cells of one colour in row (i, j); ``row`` is room to work in."""
    _inflow(row, potential, faces, i, j)
    source_row, inverse_row, here = source[i, j], inverse[i, j], potential[i, j]
    for k in range(len(row)):
        row[k] = here[k + 1] + (row[k] + source_row[k]) * inverse_row[k]
    for k in range((i + j + colour) % 2, len(row), 2):
        here[k + 1] = row[k]


@_compiled
def relax(
    potential: Array32, source: Array32, inverse: Array32, faces: Faces, colour: int, mirrored: bool
) -> None:
    """Gauss-Seidel in place on the cells of one colour (0 or 1) of a chequerboard.

    Cells of one colour do not see each other, so that their order is free, unless an odd number
    of cells puts one colour on both sides of the period: `mirrored` then reverses the rows.
    """
    nx, ny, nz = source.shape
    row = np.empty(nz, dtype=np.float32)
    for number in range(nx * ny):
        place = nx * ny - 1 - number if mirrored else number
        _relax_row(row, potential, source, inverse, faces, place // ny, place % ny, colour)


@_compiled
def relax_both(
    potential: Array32,
    source: Array32,
    inverse: Array32,
    faces: Faces,
    first: int,
    from_zero: bool,
) -> None:
    """Relax colour `first`, then the other, in one pass over the memory.

    The second colour follows one plane behind the first, when all its neighbours are done. So this
    gives what two calls of `relax` give, for even numbers of cells along x and y only: else cells
    of one colour are neighbours across the period. `from_zero` takes the potential as zero.
    """
    nx, ny, nz = source.shape
    row = np.empty(nz, dtype=np.float32)
    for i in range(nx + 2):
        if i < nx:
            for j in range(ny):
                if from_zero:
                    source_row, inverse_row, here = source[i, j], inverse[i, j], potential[i, j]
                    for k in range(nz):
                        here[k + 1] = source_row[k] * inverse_row[k]
                    for k in range((i + j + first + 1) % 2, nz, 2):
                        here[k + 1] = 0
                else:
                    _relax_row(row, potential, source, inverse, faces, i, j, first)
        # The plane 0 waits for its neighbour across the period, the last one.
        behind = i - 1 if i <= nx else 0
        if i >= 2:
            for j in range(ny):
                _relax_row(row, potential, source, inverse, faces, behind, j, 1 - first)


@_compiled
def restrict(
    coarse_source: Array32,
    potential: Array32,
    source: Array32,
    faces: Faces,
    factors: tuple[int, int, int],
) -> None:
    """Sum the residual over the fine cells of each coarse cell."""
    nx, ny, nz = source.shape
    coarse_nx, coarse_ny, coarse_nz = coarse_source.shape
    row = np.empty(nz, dtype=np.float32)
    total = np.zeros(nz + 1, dtype=np.float32)  # one more, so that an odd row ends with a pair
    for coarse_i in range(coarse_nx):
        for coarse_j in range(coarse_ny):
            total[:] = 0
            for i in range(coarse_i * factors[0], min((coarse_i + 1) * factors[0], nx)):
                for j in range(coarse_j * factors[1], min((coarse_j + 1) * factors[1], ny)):
                    _inflow(row, potential, faces, i, j)
                    source_row = source[i, j]
                    for k in range(nz):
                        total[k] += row[k] + source_row[k]
            target = coarse_source[coarse_i, coarse_j]
            if factors[2] == 2:
                for k in range(coarse_nz):
                    target[k] = total[2 * k] + total[2 * k + 1]
            else:
                target[:] = total[:nz]


@_compiled
def prolong(potential: Array32, coarse_potential: Array32, factors: tuple[int, int, int]) -> None:
    """Add each coarse cell's correction to its fine cells."""
    nx, ny, padded = potential.shape
    coarse_nx, coarse_ny, _ = coarse_potential.shape
    correction = np.zeros(padded, dtype=np.float32)
    for coarse_i in range(coarse_nx):
        for coarse_j in range(coarse_ny):
            coarse_row = coarse_potential[coarse_i, coarse_j]
            for k in range(padded - 2):
                correction[k + 1] = coarse_row[k // factors[2] + 1]
            for i in range(coarse_i * factors[0], min((coarse_i + 1) * factors[0], nx)):
                for j in range(coarse_j * factors[1], min((coarse_j + 1) * factors[1], ny)):
                    row = potential[i, j]
                    for k in range(padded):
                        row[k] += correction[k]


@_compiled
def apply(direction: Array64, faces: Faces, product: Array64) -> float:
    """Write the operator times a direction into `product`; return direction . product."""
    nx, ny, nz = product.shape
    total = 0.0
    for i in range(nx):
        for j in range(ny):
            row, here = product[i, j], direction[i, j]
            _inflow(row, direction, faces, i, j)
            for k in range(nz):
                row[k] = -row[k]
            for k in range(nz):
                total += here[k + 1] * row[k]
    return total


@_compiled
def advance(solution: Array64, direction: Array64, step: float) -> None:
    """Step along the direction."""
    nx, ny, padded = solution.shape
    for i in range(nx):
        for j in range(ny):
            row, way = solution[i, j], direction[i, j]
            for k in range(padded):
                row[k] += step * way[k]


@_compiled
def lower(residual: Array64, product: Array64, step: float, source: Array32) -> None:
    """Take the step's part off the residual; copy what is left into the preconditioner's source."""
    nx, ny, nz = residual.shape
    for i in range(nx):
        for j in range(ny):
            residual_row, product_row, source_row = residual[i, j], product[i, j], source[i, j]
            for k in range(nz):
                residual_row[k] -= step * product_row[k]
                source_row[k] = residual_row[k]


@_compiled
def dot(residual: Array64, preconditioned: Array32) -> float:
    """Sum of residual times preconditioned residual."""
    nx, ny, nz = residual.shape
    total = 0.0
    for i in range(nx):
        for j in range(ny):
            one, other = residual[i, j], preconditioned[i, j]
            for k in range(nz):
                total += one[k] * other[k + 1]
    return total


@_compiled
def turn(direction: Array64, preconditioned: Array32, share: float) -> None:
    """Replace the direction by the preconditioned residual plus a share of the old direction."""
    nx, ny, padded = direction.shape
    for i in range(nx):
        for j in range(ny):
            row, new = direction[i, j], preconditioned[i, j]
            for k in range(padded):
                row[k] = new[k] + share * row[k]


@_compiled
def layer_fluxes(potential: Array64, faces: Faces) -> tuple[Array64, float]:
    """Flux through each of the nz + 1 planes of faces along z, and the dissipation.

    The potential includes the values of the end planes in its outermost cells.
    """
    nx, ny, nz = faces.x.shape
    fluxes = np.zeros(nz + 1)
    dissipation = 0.0
    for i in range(nx):
        for j in range(ny):
            here, along = potential[i, j], faces.z[i, j]
            before_i, before_j = potential[(i - 1) % nx, j], potential[i, (j - 1) % ny]
            across, third = faces.x[i, j], faces.y[i, j]
            for k in range(nz + 1):
                drop = here[k] - here[k + 1]
                fluxes[k] += along[k] * drop
                dissipation += along[k] * drop**2
            for k in range(nz):
                dissipation += across[k] * (here[k + 1] - before_i[k + 1]) ** 2
                dissipation += third[k] * (here[k + 1] - before_j[k + 1]) ** 2
    return fluxes, dissipation
