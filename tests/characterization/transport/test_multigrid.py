from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.transport.faces import Faces
from mesocast.characterization.transport.multigrid import TOLERANCE, solve, solve_source
from mesocast.characterization.transport.preconditioner import COARSE_SCALE, Preconditioner
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGES = (0.3, 0.4, 0.5)


def random_faces(shape: tuple[int, int, int], seed: int = 2, spread: float = 3.0) -> Faces:
    """Conductances over several orders of magnitude."""
    generator = np.random.default_rng(seed)
    nx, ny, nz = shape
    return Faces(
        *(
            (10 ** generator.uniform(-spread, 0, (nx, ny, count))).astype(np.float32)
            for count in (nz, nz, nz + 1)
        )
    )


def matrix_and_source(faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    """Conductance matrix of the cells, and what the end plane at 1 feeds into them."""
    shape = faces.x.shape
    numbers = np.arange(faces.x.size).reshape(shape)
    matrix = np.zeros((faces.x.size,) * 2)
    source = np.zeros(faces.x.size)
    for axis, face in enumerate((faces.x, faces.y, faces.z[:, :, 1:-1])):
        one = np.roll(numbers, 1, axis) if axis < 2 else numbers[:, :, :-1]
        other = numbers if axis < 2 else numbers[:, :, 1:]
        pairs = one.ravel(), other.ravel(), face.ravel()
        for i, j, conductance in zip(*pairs, strict=True):
            matrix[[i, j], [i, j]] += conductance
            matrix[[i, j], [j, i]] -= conductance
    for layer in (0, -1):
        ends = numbers[:, :, layer].ravel()
        matrix[ends, ends] += faces.z[:, :, layer].ravel()
    source[numbers[:, :, 0].ravel()] = faces.z[:, :, 0].ravel()
    return matrix, source


@pytest.mark.parametrize("wrong", ["no number", "preconditioner of the wrong sign"])
def test_what_is_not_solved_is_not_taken_for_solved(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = random_faces((8, 8, 8))
    if wrong == "no number":
        faces.x[3, 3, 3] = np.nan
    else:
        apply = Preconditioner.__call__

        def negative(self: Preconditioner) -> NDArray[np.float32]:
            potential = apply(self)
            potential *= -1
            return potential

        monkeypatch.setattr(Preconditioner, "__call__", negative)
    with pytest.raises(PhysicsFailure, match="transport_not_converged"):
        solve(faces, EDGES)


@pytest.mark.parametrize("shape", [(8, 8, 8), (9, 7, 11), (2, 3, 40), (10, 10, 2), (5, 40, 3)])
def test_any_grid_agrees_with_a_direct_solution(shape: tuple[int, int, int]) -> None:
    faces = random_faces(shape)
    matrix, source = matrix_and_source(faces)
    exact = np.linalg.solve(matrix, source).reshape(shape)
    exact_conductance = (faces.z[:, :, 0] * (1 - exact[:, :, 0])).sum()

    default = solve(faces, EDGES)
    assert default.conductance == pytest.approx(exact_conductance, rel=TOLERANCE)
    assert default.conductance >= exact_conductance * (1 - 1e-6)  # dissipation is least

    tight = solve(faces, EDGES, tolerance=1e-12)
    assert tight.conductance == pytest.approx(exact_conductance, rel=1e-9)
    np.testing.assert_allclose(tight.potential, exact, atol=1e-5)
    assert tight.flux_imbalance < 1e-4


@pytest.mark.parametrize("shape", [(8, 10, 12), (9, 7, 11), (10, 9, 13)])
@pytest.mark.parametrize("edges", [EDGES, (0.1, 1.0, 1.0)])
def test_the_preconditioner_is_symmetric_and_positive(
    shape: tuple[int, int, int], edges: tuple[float, float, float]
) -> None:
    """Conjugate gradients rely on it; a post-smoother that is no mirror image breaks it."""
    faces = random_faces(shape)
    preconditioner = Preconditioner(faces, edges)
    assert len(preconditioner.levels) > 1
    inverse = np.empty((faces.x.size,) * 2)
    source = preconditioner.levels[0].source
    for column in range(faces.x.size):
        source[:] = 0
        source.flat[column] = 1
        inverse[:, column] = preconditioner()[:, :, 1:-1].ravel()
    asymmetry = np.abs(inverse - inverse.T).max() / np.abs(inverse).max()
    assert asymmetry < 1e-5
    assert np.linalg.eigvalsh((inverse + inverse.T) / 2).min() > 0


def test_the_error_estimate_bounds_the_error() -> None:
    faces = random_faces((16, 16, 16), spread=4.0)
    exact = solve(faces, EDGES, tolerance=1e-12).conductance
    for tolerance in (1e-2, 1e-3, 1e-4, 1e-5):
        solution = solve(faces, EDGES, tolerance=tolerance)
        assert abs(solution.conductance / exact - 1) <= solution.relative_error < tolerance


def test_coarse_grids_carry_the_conductance_of_the_fine_one() -> None:
    """A coarse face is the sum of its fine faces, once per coarsened axis reduced."""
    faces = random_faces((9, 6, 7))
    level = Preconditioner(faces, (1.0, 1.0, 1.0)).levels[0]
    x, y, z = level.coarser().faces
    assert (x.shape, y.shape, z.shape) == ((5, 3, 4), (5, 3, 4), (5, 3, 5))
    assert x.sum() == pytest.approx(COARSE_SCALE * faces.x[::2].sum(), rel=1e-5)
    assert y.sum() == pytest.approx(COARSE_SCALE * faces.y[:, ::2].sum(), rel=1e-5)
    assert z.sum() == pytest.approx(COARSE_SCALE * faces.z[:, :, [0, 2, 4, 6, 7]].sum(), rel=1e-5)
    assert z[:, :, -1].sum() == pytest.approx(COARSE_SCALE * faces.z[:, :, -1].sum(), rel=1e-5)


def test_an_axis_that_is_already_long_is_not_coarsened() -> None:
    level = Preconditioner(random_faces((8, 8, 8)), (1.0, 1.0, 4.0)).levels[0]
    assert level.factors == (2, 2, 1)
    assert level.coarser().factors == (2, 2, 1)
    assert level.coarser().coarser().factors == (2, 2, 2)


def test_a_single_cell_across_the_period_has_no_flux_to_itself() -> None:
    faces = random_faces((2, 2, 4))
    coarse = Preconditioner(faces, (1.0, 1.0, 1.0)).levels[0].coarser().faces
    assert coarse.x.shape == (1, 1, 2)
    assert not coarse.x.any()
    assert not coarse.y.any()
    assert coarse.z.all()


def test_a_uniform_block_is_solved_at_once() -> None:
    nx, ny, nz = 6, 4, 10
    faces = Faces(*(np.ones((nx, ny, count), dtype=np.float32) for count in (nz, nz, nz + 1)))
    faces.z[:, :, [0, -1]] = 2
    solution = solve(faces, (1.0, 1.0, 1.0))
    assert solution.conductance == pytest.approx(nx * ny / nz, rel=1e-12)
    assert solution.iterations <= 1


def test_no_convergence_is_a_physics_failure() -> None:
    with pytest.raises(PhysicsFailure, match="3 iterations") as failure:
        solve(random_faces((8, 8, 8)), EDGES, iteration_limit=3)
    assert failure.value.status == "transport_not_converged"


@pytest.mark.parametrize("shape", [(8, 8, 8), (9, 7, 11), (5, 40, 3)])
def test_sources_agree_with_a_direct_solution(shape: tuple[int, int, int]) -> None:
    """Only the upper plane lets out what enters the cells."""
    faces = random_faces(shape)
    faces.z[:, :, 0] = 0
    source = np.random.default_rng(3).random(shape)
    matrix, _ = matrix_and_source(faces)
    exact = np.linalg.solve(matrix, source.ravel())
    power = float(exact @ source.ravel())

    default = solve_source(faces, EDGES, source)
    assert default.power == pytest.approx(power, rel=TOLERANCE)
    tight = solve_source(faces, EDGES, source, tolerance=1e-12)
    assert tight.power == pytest.approx(power, rel=1e-9)
    np.testing.assert_allclose(tight.potential.ravel(), exact, rtol=1e-5)


@pytest.mark.parametrize("shape", [(8, 8, 8), (16, 12, 9)])
def test_without_end_planes_a_drive_agrees_with_least_squares(shape: tuple[int, int, int]) -> None:
    """A field of 1 along x; a cluster of its own does not harm."""
    faces = random_faces(shape)
    faces.z[:, :, [0, -1]] = 0
    faces.x[3:5, 2] = faces.y[3, 2:4] = 0  # a row of cells on its own
    drive = EDGES[0] * faces.x.astype(float)
    source = drive - np.roll(drive, -1, axis=0)
    matrix, _ = matrix_and_source(faces)
    exact = np.linalg.lstsq(matrix, source.ravel(), rcond=None)[0]
    power = EDGES[0] * drive.sum() - float(exact @ source.ravel())

    found = solve_source(faces, EDGES, source, drive_power=EDGES[0] * drive.sum(), tolerance=1e-10)
    assert found.power == pytest.approx(power, rel=1e-7)
    assert 0 < power < EDGES[0] * drive.sum()


def test_no_source_is_no_power() -> None:
    faces = random_faces((4, 4, 4))
    assert solve_source(faces, EDGES, np.zeros((4, 4, 4))).power == 0
