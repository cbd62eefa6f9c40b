from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.transport.percolation import spanning
from mesocast.characterization.transport.properties import (
    PermeableCbd,
    electronic_conduction,
    pore_transport,
)
from mesocast.characterization.voxels import PORE, VoxelImage, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeElectrode = Callable[..., Electrode]

EDGES_UM = (0.3, 0.4, 0.5)
# How close each method comes to the exact solution of the voxels' equations.
ACCURACY = {"multigrid": 1e-5, "taufactor": 1e-4}
on_voxels = pytest.mark.parametrize("method", ["multigrid", "taufactor"])


def filled(shape: tuple[int, int, int], label: int) -> VoxelImage:
    return VoxelImage(np.full(shape, label, dtype=np.uint8), EDGES_UM)


@on_voxels
def test_a_block_of_pore_has_tortuosity_factor_one(method: str) -> None:
    result = pore_transport(filled((4, 6, 11), PORE), method)
    assert result.tortuosity_factor == pytest.approx(1, rel=1e-6)
    assert result.percolating_share == 1.0
    assert result.bruggeman_exponent is None


@on_voxels
@pytest.mark.parametrize("size", [4, 5])
def test_a_straight_strip_has_tortuosity_factor_one(size: int, method: str) -> None:
    image = filled((size, size, 12), ACTIVE_MATERIAL)
    image.labels[: size // 2] = PORE
    result = pore_transport(image, method)
    assert result.tortuosity_factor == pytest.approx(1, rel=1e-6)
    assert result.porosity == pytest.approx((size // 2) / size)
    assert result.effective_diffusivity == pytest.approx((size // 2) / size, rel=1e-6)
    assert result.bruggeman_exponent == pytest.approx(1)


@on_voxels
def test_closed_pores_count_in_the_whole_porosity_only(method: str) -> None:
    image = filled((4, 4, 12), ACTIVE_MATERIAL)
    image.labels[0] = PORE
    image.labels[2, :, 3:9] = PORE
    result = pore_transport(image, method)
    assert result.tortuosity_factor == pytest.approx(1.5, rel=1e-6)
    assert result.tortuosity == pytest.approx(1.5**0.5, rel=1e-6)
    assert result.tortuosity_factor_percolating == pytest.approx(1.0, rel=1e-6)
    assert result.percolating_share == pytest.approx(2 / 3)


@on_voxels
def test_a_dead_end_conducts_nothing(method: str) -> None:
    image = filled((6, 6, 12), ACTIVE_MATERIAL)
    image.labels[:2] = PORE
    image.labels[2:5, :, 7] = PORE  # within one layer, so the strip's field stays linear
    result = pore_transport(image, method)
    assert result.percolating_share == 1.0
    assert result.effective_diffusivity == pytest.approx(2 / 6, rel=ACCURACY[method])


@on_voxels
def test_a_blocked_pore_space_is_no_number(method: str) -> None:
    image = filled((4, 4, 10), PORE)
    image.labels[:, :, 6] = CBD
    with pytest.raises(PhysicsFailure, match=r"reaches 3\.00 um .* 5\.00 um thick") as failure:
        pore_transport(image, method)
    assert failure.value.status == "pore_not_percolating"
    through = pore_transport(image, method, cbd=PermeableCbd(0.05, 0.5))
    assert through.effective_diffusivity == pytest.approx(
        1 / (0.9 + 0.1 / 0.05), rel=ACCURACY[method]
    )
    assert through.porosity == pytest.approx(0.95)


def test_an_image_without_pores_is_no_number() -> None:
    with pytest.raises(PhysicsFailure) as failure:
        pore_transport(filled((4, 4, 4), CBD), cbd=PermeableCbd(0.05, 0.0))
    assert failure.value.status == "no_pores"


def test_solids_that_do_not_connect_are_no_number() -> None:
    image = filled((4, 4, 10), PORE)
    image.labels[1, 1, :6] = ACTIVE_MATERIAL
    with pytest.raises(PhysicsFailure) as failure:
        electronic_conduction(image, 0.01, 5.0)
    assert failure.value.status == "solid_not_percolating"


def test_current_may_flow_across_the_periodic_sides() -> None:
    image = filled((6, 6, 8), PORE)
    image.labels[0, :, :5] = image.labels[5, :, 4:] = ACTIVE_MATERIAL
    assert electronic_conduction(image, 1.0, 1.0).effective_conductivity > 0


@on_voxels
@pytest.mark.parametrize("contrast", [10.0, 1e4])
def test_layers_in_series(contrast: float, method: str) -> None:
    image = filled((2, 4, 20), ACTIVE_MATERIAL)
    image.labels[:, :, 5:] = CBD
    result = electronic_conduction(image, 0.02, 0.02 * contrast, method)
    exact = 0.02 / (0.25 + 0.75 / contrast)
    assert result.effective_conductivity == pytest.approx(exact, rel=ACCURACY[method])


@on_voxels
@pytest.mark.parametrize("contrast", [10.0, 1e4])
@pytest.mark.parametrize("axis", [0, 1])
def test_layers_in_parallel(contrast: float, axis: int, method: str) -> None:
    image = filled((4, 4, 20), ACTIVE_MATERIAL)
    image.labels.swapaxes(0, axis)[1:] = CBD
    result = electronic_conduction(image, 0.02, 0.02 * contrast, method)
    exact = 0.02 * (0.25 + 0.75 * contrast)
    assert result.effective_conductivity == pytest.approx(exact, rel=ACCURACY[method])


def directly_solved(image: VoxelImage, conductivity: dict[int, float]) -> float:
    """Effective conductivity along z by assembling and solving the linear system."""
    sigma = np.vectorize(conductivity.get)(image.labels).astype(float)
    numbers = np.arange(sigma.size).reshape(sigma.shape)
    matrix = np.zeros((sigma.size, sigma.size))
    source = np.zeros(sigma.size)
    hx, hy, hz = image.voxel_size_um
    for axis, geometry in enumerate((hy * hz / hx, hx * hz / hy, hx * hy / hz)):
        last = slice(0, -1) if axis == 2 else slice(None)
        one, two = sigma, np.roll(sigma, -1, axis)
        with np.errstate(invalid="ignore"):
            conductance = np.nan_to_num(geometry * 2 * one * two / (one + two))[..., last]
        pair = numbers[..., last], np.roll(numbers, -1, axis)[..., last]
        for i, j, value in zip(*(part.ravel() for part in (*pair, conductance)), strict=True):
            matrix[[i, j], [i, j]] += value
            matrix[[i, j], [j, i]] -= value
    to_plane = 2 * sigma * hx * hy / hz
    for layer, potential in ((0, 1.0), (-1, 0.0)):
        ends = numbers[..., layer].ravel()
        matrix[ends, ends] += to_plane[..., layer].ravel()
        source[ends] += potential * to_plane[..., layer].ravel()
    potential_field = np.linalg.lstsq(matrix, source)[0].reshape(sigma.shape)
    current = (to_plane[..., 0] * (1 - potential_field[..., 0])).sum()
    nx, ny, nz = sigma.shape
    return float(current * nz * hz / (nx * hx * ny * hy))


@on_voxels
@pytest.mark.parametrize("shape", [(4, 6, 9), (5, 6, 8), (5, 7, 8)])
def test_unequal_edges_and_any_shape_agree_with_a_direct_solution(
    shape: tuple[int, int, int], method: str
) -> None:
    accuracy = 10 * ACCURACY[method]
    labels = np.random.default_rng(5).choice([PORE, ACTIVE_MATERIAL, CBD], size=shape)
    image = VoxelImage(labels.astype(np.uint8), EDGES_UM)
    solid = {PORE: 0.0, ACTIVE_MATERIAL: 0.3, CBD: 2.0}
    assert electronic_conduction(image, 0.3, 2.0, method).effective_conductivity == pytest.approx(
        directly_solved(image, solid), rel=accuracy
    )
    image.labels[image.labels == ACTIVE_MATERIAL] = PORE
    pores = {PORE: 1.0, CBD: 0.0}
    assert pore_transport(image, method).effective_diffusivity == pytest.approx(
        directly_solved(image, pores), rel=accuracy
    )


@pytest.mark.parametrize("beads", [90, 130, 175, 230, 320])
def test_multigrid_agrees_with_taufactor_at_any_porosity(
    make_electrode: MakeElectrode, beads: int
) -> None:
    """Five packings; TauFactor as published, with its own periodic sides."""
    from taufactor import PeriodicSolver

    generator = np.random.default_rng(beads)
    positions = generator.random((beads + 10, 3)) * 8
    electrode = make_electrode(
        positions.tolist(), [1.6] * 10 + [0.7] * beads, [1] * 10 + [2] * beads, (8.0, 8.0)
    )
    image = voxelize(electrode, 0.4, 8.0)
    assert image.voxel_size_um == (0.4, 0.4, 0.4)
    pores = pore_transport(image, "multigrid")
    # beads are chosen to span the range of electrodes
    assert 0.25 < pores.porosity < 0.65
    solver = PeriodicSolver(
        spanning(image.labels == PORE).transpose(2, 0, 1).astype(int), device="cpu"
    )
    solver.solve(verbose=False, conv_crit=1e-3)
    assert pores.effective_diffusivity == pytest.approx(float(solver.D_eff[0]), rel=1e-3)
    assert pores.tortuosity_factor == pytest.approx(
        pore_transport(image, "taufactor").tortuosity_factor, rel=1e-3
    )
    ours = electronic_conduction(image, 0.005, 0.8, "multigrid").effective_conductivity
    theirs = electronic_conduction(image, 0.005, 0.8, "taufactor").effective_conductivity
    assert ours == pytest.approx(theirs, rel=1e-3)


def test_walls_are_those_of_taufactor(packing: Electrode) -> None:
    """Without periodic sides, TauFactor as published has walls."""
    from taufactor import Solver

    image = replace(voxelize(packing, 0.4, 8.0), periodic=False)
    through = spanning(image.between_walls() == PORE)[:-1, :-1]
    solver = Solver(through.transpose(2, 0, 1).astype(int), device="cpu")
    solver.solve(verbose=False, conv_crit=1e-3)
    pores = pore_transport(image)
    assert pores.effective_diffusivity == pytest.approx(float(solver.D_eff[0]), rel=1e-3)
    periodic = pore_transport(replace(image, periodic=True))
    assert pores.effective_diffusivity < 0.99 * periodic.effective_diffusivity


def test_the_pores_that_span_between_walls_are_those_of_porespy(packing: Electrode) -> None:
    porespy = pytest.importorskip("porespy")  # it allows no Python after 3.13

    image = replace(voxelize(packing, 0.5, 8.0), periodic=False)
    pores = image.labels == PORE
    theirs = porespy.metrics.percolating_porosity(pores, axis=2)
    mine = pore_transport(image)
    assert theirs < pores.mean()
    assert mine.percolating_share * mine.porosity == pytest.approx(theirs)


def test_conductivities_stay_within_the_hashin_shtrikman_bounds(packing: Electrode) -> None:
    image = voxelize(packing, 0.4, 8.0)
    porosity = image.fraction(PORE)
    assert 0 < pore_transport(image).effective_diffusivity <= 2 * porosity / (3 - porosity)

    # Three phases, Hashin and Shtrikman, J. Appl. Phys. 33, 3125 (1962); the lower bound is 0.
    sigma = {PORE: 0.0, ACTIVE_MATERIAL: 0.01, CBD: 5.0}
    sums = sum(image.fraction(phase) / (value + 2 * 5.0) for phase, value in sigma.items())
    assert 0 < electronic_conduction(image, 0.01, 5.0).effective_conductivity <= 1 / sums - 10.0


def test_conductivity_scales_with_its_phases(packing: Electrode) -> None:
    image = voxelize(packing, 0.5, 8.0)
    small = electronic_conduction(image, 1e-8, 5e-6).effective_conductivity
    large = electronic_conduction(image, 1e2, 5e4).effective_conductivity
    assert large == pytest.approx(1e10 * small, rel=1e-9)


def test_an_insulating_phase_is_left_out(packing: Electrode) -> None:
    image = voxelize(packing, 0.5, 8.0)
    without = VoxelImage(
        np.where(image.labels == ACTIVE_MATERIAL, PORE, image.labels).astype(np.uint8),
        image.voxel_size_um,
    )
    assert electronic_conduction(image, 0.0, 2.0).effective_conductivity == pytest.approx(
        electronic_conduction(without, 1.0, 2.0).effective_conductivity, rel=1e-4
    )


def test_taufactor_that_does_not_converge_is_a_physics_failure(
    monkeypatch: pytest.MonkeyPatch, packing: Electrode, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mesocast.characterization.transport.taufactor_method.ITERATION_LIMIT", 100)
    with pytest.raises(PhysicsFailure, match="100 iterations") as failure:
        pore_transport(voxelize(packing, 0.3, 8.0), "taufactor")
    assert failure.value.status == "transport_not_converged"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("values", [(-1.0, 5.0), (0.0, 0.0), (float("nan"), 1.0)])
def test_impossible_conductivities_are_refused(values: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="am_conductivity_S_m"):
        electronic_conduction(filled((4, 4, 4), CBD), *values)


def test_unknown_methods_are_refused() -> None:
    with pytest.raises(InputError, match="magic: allowed are aperture, multigrid, taufactor"):
        pore_transport(filled((4, 4, 4), PORE), "magic")
    with pytest.raises(InputError, match="aperture: allowed are multigrid, taufactor"):
        electronic_conduction(filled((4, 4, 4), CBD), 1.0, 1.0, "aperture")


def test_an_image_has_no_apertures() -> None:
    with pytest.raises(InputError, match="needs the spheres"):
        pore_transport(filled((4, 4, 4), PORE), "aperture")


@pytest.mark.parametrize("values", [(0.0, 0.5), (1.1, 0.5), (0.05, 1.0), (0.05, -0.1)])
def test_impossible_cbd_is_refused(values: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="cbd_"):
        PermeableCbd(*values)


def meredith_tobias(ratio: float, fraction: float) -> float:
    """Conductivity of a simple cubic array of spheres over that of the matrix.

    Meredith and Tobias, J. Appl. Phys. 31, 1270 (1960), equation 14; its first two terms are
    Maxwell's. `ratio` is sphere over matrix.
    """
    a = (2 + ratio) / (1 - ratio)
    b = 0.409 * (6 + 3 * ratio) / (4 + 3 * ratio) * fraction ** (7 / 3)
    c = (3 - 3 * ratio) / (4 + 3 * ratio) * fraction ** (10 / 3)
    return float((a - 2 * fraction + b - 2.133 * c) / (a + fraction + b - 0.906 * c))


@pytest.mark.parametrize("fraction", [0.1, 0.3])
@pytest.mark.parametrize("ratio", [0.1, 10.0, 1e4])
def test_conduction_past_a_cubic_array_of_spheres(
    make_electrode: MakeElectrode, fraction: float, ratio: float
) -> None:
    radius = 10 * (3 * fraction / 4 / np.pi) ** (1 / 3)
    image = voxelize(make_electrode([(5, 5, 5)], [radius]), 10 / 90, 10.0)
    image.labels[image.labels == PORE] = CBD  # the matrix
    result = electronic_conduction(image, 0.01 * ratio, 0.01)
    assert result.effective_conductivity == pytest.approx(
        0.01 * meredith_tobias(ratio, fraction), rel=0.01
    )


@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.35])
@pytest.mark.parametrize("ratio", [None, 0.05])
def test_diffusion_past_a_cubic_array_of_spheres(
    make_electrode: MakeElectrode, fraction: float, ratio: float | None
) -> None:
    """With 16 cells per period, which sharp voxels cannot do."""
    radius = 10 * (3 * fraction / 4 / np.pi) ** (1 / 3)
    electrode = make_electrode([(5, 5, 5)], [radius], [CBD])
    cbd = PermeableCbd(ratio, 0.5) if ratio else None
    result = pore_transport(
        voxelize(electrode, 10 / 16, 10.0), "aperture", electrode=electrode, cbd=cbd
    )
    assert result.effective_diffusivity == pytest.approx(
        meredith_tobias(ratio or 0.0, fraction), rel=0.01
    )
