from __future__ import annotations

import numpy as np
import pytest

from mesocast.characterization.transport import electronic_conduction, pore_transport
from mesocast.characterization.voxels import PORE, VoxelImage, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import InputError, PhysicsFailure

EDGES_UM = (0.3, 0.4, 0.5)


def filled(shape: tuple[int, int, int], label: int) -> VoxelImage:
    return VoxelImage(np.full(shape, label, dtype=np.uint8), EDGES_UM)


def test_a_block_of_pore_has_tortuosity_factor_one() -> None:
    result = pore_transport(filled((4, 6, 11), PORE))
    assert result.tortuosity_factor == pytest.approx(1, rel=1e-6)
    assert result.percolating_share == 1.0


@pytest.mark.parametrize("size", [4, 5])
def test_a_straight_strip_has_tortuosity_factor_one(size: int) -> None:
    image = filled((size, size, 12), ACTIVE_MATERIAL)
    image.labels[: size // 2] = PORE
    result = pore_transport(image)
    assert result.tortuosity_factor == pytest.approx(1, rel=1e-6)
    assert result.porosity == pytest.approx((size // 2) / size)
    assert result.effective_diffusivity == pytest.approx((size // 2) / size, rel=1e-6)


def test_closed_pores_count_in_the_whole_porosity_only() -> None:
    image = filled((4, 4, 12), ACTIVE_MATERIAL)
    image.labels[0] = PORE
    image.labels[2, :, 3:9] = PORE
    result = pore_transport(image)
    assert result.tortuosity_factor == pytest.approx(1.5, rel=1e-6)
    assert result.tortuosity_factor_percolating == pytest.approx(1.0, rel=1e-6)
    assert result.percolating_share == pytest.approx(2 / 3)


def test_a_dead_end_conducts_nothing() -> None:
    image = filled((6, 6, 12), ACTIVE_MATERIAL)
    image.labels[:2] = PORE
    image.labels[2:5, :, 7] = PORE  # within one layer, so the strip's field stays linear
    result = pore_transport(image)
    assert result.percolating_share == 1.0
    assert result.effective_diffusivity == pytest.approx(2 / 6, rel=1e-4)


def test_a_blocked_pore_space_is_no_number() -> None:
    image = filled((4, 4, 10), PORE)
    image.labels[:, :, 6] = CBD
    with pytest.raises(PhysicsFailure, match=r"reaches 3\.00 um .* 5\.00 um thick") as failure:
        pore_transport(image)
    assert failure.value.status == "pore_not_percolating"


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


@pytest.mark.parametrize("contrast", [10.0, 1e4])
def test_layers_in_series(contrast: float) -> None:
    image = filled((2, 4, 20), ACTIVE_MATERIAL)
    image.labels[:, :, 5:] = CBD
    result = electronic_conduction(image, 0.02, 0.02 * contrast)
    exact = 0.02 / (0.25 + 0.75 / contrast)
    assert result.effective_conductivity == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("contrast", [10.0, 1e4])
@pytest.mark.parametrize("axis", [0, 1])
def test_layers_in_parallel(contrast: float, axis: int) -> None:
    image = filled((4, 4, 20), ACTIVE_MATERIAL)
    image.labels.swapaxes(0, axis)[1:] = CBD
    result = electronic_conduction(image, 0.02, 0.02 * contrast)
    exact = 0.02 * (0.25 + 0.75 * contrast)
    assert result.effective_conductivity == pytest.approx(exact, rel=1e-4)


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


@pytest.mark.parametrize("shape", [(4, 6, 9), (5, 6, 8), (5, 7, 8)])
def test_unequal_edges_and_any_shape_agree_with_a_direct_solution(
    shape: tuple[int, int, int],
) -> None:
    labels = np.random.default_rng(5).choice([PORE, ACTIVE_MATERIAL, CBD], size=shape)
    image = VoxelImage(labels.astype(np.uint8), EDGES_UM)
    solid = {PORE: 0.0, ACTIVE_MATERIAL: 0.3, CBD: 2.0}
    assert electronic_conduction(image, 0.3, 2.0).effective_conductivity == pytest.approx(
        directly_solved(image, solid), rel=1e-3
    )
    image.labels[image.labels == ACTIVE_MATERIAL] = PORE
    pores = {PORE: 1.0, CBD: 0.0}
    assert pore_transport(image).effective_diffusivity == pytest.approx(
        directly_solved(image, pores), rel=1e-3
    )


def test_pores_agree_with_taufactor_as_published(packing: Electrode) -> None:
    from taufactor import PeriodicSolver

    image = voxelize(packing, 0.5, 8.0)
    assert image.voxel_size_um == (0.5, 0.5, 0.5)
    solver = PeriodicSolver((image.labels == PORE).transpose(2, 0, 1).astype(int), device="cpu")
    solver.solve(verbose=False, conv_crit=1e-3)
    assert pore_transport(image).tortuosity_factor == pytest.approx(solver.tau[0], rel=1e-3)


def test_one_and_several_conductivities_agree(packing: Electrode) -> None:
    """The two-phase and the multi-phase solver meet where the phases become equal."""
    image = voxelize(packing, 0.45, 7.6)
    assert len(set(image.voxel_size_um)) > 1
    equal = electronic_conduction(image, 3.0, 3.0).effective_conductivity
    nearly = electronic_conduction(image, 3.0, 3.0 * (1 + 1e-9)).effective_conductivity
    assert nearly == pytest.approx(equal, rel=1e-3)


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
    monkeypatch.setattr("mesocast.characterization.taufactor_method.ITERATION_LIMIT", 100)
    with pytest.raises(PhysicsFailure, match="100 iterations") as failure:
        pore_transport(voxelize(packing, 0.3, 8.0))
    assert failure.value.status == "transport_not_converged"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("values", [(-1.0, 5.0), (0.0, 0.0), (float("nan"), 1.0)])
def test_impossible_conductivities_are_refused(values: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="am_conductivity_S_m"):
        electronic_conduction(filled((4, 4, 4), CBD), *values)


def test_unknown_methods_are_refused() -> None:
    with pytest.raises(InputError, match="magic: allowed are taufactor"):
        pore_transport(filled((4, 4, 4), PORE), "magic")
