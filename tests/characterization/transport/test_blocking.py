"""What a blocking impedance measurement finds: closed forms, and TauFactor's own solver."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import ndimage
from scipy.special import zeta

from mesocast.characterization.transport import multigrid
from mesocast.characterization.transport.blocking import blocking_impedance, blocking_problem
from mesocast.characterization.transport.properties import PermeableCbd, pore_transport
from mesocast.characterization.voxels import OTHER, PORE, VoxelImage, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeElectrode = Callable[..., Electrode]


def slit(width: int, depth: int, edge_um: float = 0.5) -> VoxelImage:
    """Parallel slits between plates of active material two voxels thick."""
    labels = np.full((width + 2, 2, depth), ACTIVE_MATERIAL, np.uint8)
    labels[:width] = PORE
    return VoxelImage(labels, (edge_um,) * 3)


def slit_factor(half_width_over_depth: float) -> float:
    """Closed form of a slit: a third of the resistance along it, what the current loses across it,
    less what it gains where the surface keeps the potential even; exact but for exp(-2 pi L / a).
    """
    a = half_width_over_depth
    return float(1 + a**2 - 6 * zeta(3) / np.pi**3 * a**3)


@pytest.mark.parametrize(
    ("width", "depth", "error"), [(4, 100, 1e-3), (8, 20, 4e-3), (16, 40, 1e-3), (32, 80, 3e-4)]
)
def test_a_slit_has_its_closed_form(width: int, depth: int, error: float) -> None:
    found = blocking_impedance(slit(width, depth))
    exact = slit_factor(width / 2 / depth)
    assert found.tortuosity_factor == pytest.approx(exact, abs=error)
    assert found.porosity == pytest.approx(width / (width + 2))
    assert found.charged_share == 1.0


def test_the_numbers_do_not_depend_on_the_unit_of_length() -> None:
    one, other = (blocking_impedance(slit(8, 20, edge)).tortuosity_factor for edge in (0.5, 3.0))
    assert one == pytest.approx(other, rel=1e-4)


def test_dead_ends_count_and_closed_pores_do_not() -> None:
    image = slit(8, 40)
    plain = blocking_impedance(image)
    closed = slit(8, 40)
    closed.labels[:, :, 20] = OTHER  # only the upper half is reached
    half = blocking_impedance(closed)
    with pytest.raises(PhysicsFailure, match="pore_not_percolating"):
        pore_transport(closed)
    # 19 voxels deep, but over the porosity and the thickness of the whole.
    exact = 39 / 40 * slit_factor(4 / 19) * 19 / 40
    assert half.tortuosity_factor == pytest.approx(exact, rel=0.02)
    assert half.charged_share == pytest.approx(0.48, abs=0.02)
    assert half.tortuosity_factor < plain.tortuosity_factor


def test_a_wall_at_the_far_end_is_all_of_the_resistance() -> None:
    """Only the deepest part of the slit has a wall that takes charge: not a third but the whole."""
    labels = slit(4, 60).labels
    labels[4:, :, 1:] = OTHER  # insulates and takes no charge
    found = blocking_impedance(VoxelImage(labels, (0.5, 0.5, 0.5)))
    assert found.tortuosity_factor == pytest.approx(3, rel=0.04)


def test_it_is_taufactors_electrode_solver() -> None:
    """With the solid rim and the whole voxel before the pores that TauFactor has."""
    from taufactor import ElectrodeSolver

    generator = np.random.default_rng(1)
    labels = np.full((12, 12, 14), ACTIVE_MATERIAL, np.uint8)
    labels[1:-1, 1:-1, 1:] = generator.random((10, 10, 13)) > 0.65
    labels[labels == 0] = PORE
    numbers, _ = ndimage.label(labels == PORE)
    top = np.unique(numbers[:, :, -1])
    labels[~np.isin(numbers, top[top > 0])] = ACTIVE_MATERIAL  # it would take what is closed, too
    problem = blocking_problem(VoxelImage(labels, (1.0, 1.0, 1.0), periodic=False), None, None)
    problem.faces.z[:, :, -1] /= 2
    solution = multigrid.solve_source(
        problem.faces, (1.0, 1.0, 1.0), problem.wall_um2, tolerance=1e-8
    )
    resistance = (solution.power + problem.loss_um3) / problem.wall_um2.sum() ** 2

    flat = np.ascontiguousarray((labels == PORE).transpose(2, 0, 1)[::-1]).astype(float)
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = ElectrodeSolver(flat, omega=1e-5, device="cpu")
        theirs.solve(iter_limit=20_000, verbose=False)
    assert resistance == pytest.approx(float(theirs.z.real), rel=1e-5)


def test_apertures_are_near_the_limit_of_small_voxels(packing: Electrode) -> None:
    """Sharp voxels reach it at first order in their edge: here extrapolated from 0.2 and 0.1."""
    sharp = {edge: blocking_impedance(voxelize(packing, edge, 8.0)) for edge in (0.4, 0.2, 0.1)}
    limit = 2 * sharp[0.1].tortuosity_factor - sharp[0.2].tortuosity_factor
    image = voxelize(packing, 0.4, 8.0)
    found = blocking_impedance(image, electrode=packing)
    assert found.tortuosity_factor == pytest.approx(limit, rel=0.06)
    assert abs(sharp[0.4].tortuosity_factor / limit - 1) > 0.1


def test_an_even_structure_has_the_factor_of_its_diffusion(make_electrode: MakeElectrode) -> None:
    """A cubic array of many layers is a transmission line, so both measurements find the same."""
    centres = [(2 * i, 2 * j, 2 * k + 1) for i in range(2) for j in range(2) for k in range(12)]
    electrode = make_electrode(centres, [0.85] * 48, lateral_um=(4.0, 4.0))
    image = voxelize(electrode, 0.2, 24.0)
    through = pore_transport(image, "aperture", electrode=electrode).tortuosity_factor
    found = blocking_impedance(image, electrode=electrode).tortuosity_factor
    assert found == pytest.approx(through, rel=0.03)


@pytest.mark.parametrize("by_apertures", [True, False])
def test_permeable_cbd_takes_the_charge(packing: Electrode, by_apertures: bool) -> None:
    image = voxelize(packing, 0.4, 8.0)
    electrode = packing if by_apertures else None
    cbd = PermeableCbd(0.05, 0.5)
    found = blocking_impedance(image, electrode=electrode, cbd=cbd)
    problem = blocking_problem(image, electrode, cbd)
    total = image.fraction(PORE) + 0.5 * image.fraction(CBD)
    assert found.porosity == pytest.approx(total)
    inside = problem.wall_um2[image.labels == CBD].sum()
    assert inside / problem.wall_um2.sum() > 0.9
    through = pore_transport(
        image, "aperture" if by_apertures else "multigrid", electrode=electrode, cbd=cbd
    )
    assert found.tortuosity_factor == pytest.approx(through.tortuosity_factor, rel=0.4)


def test_without_pores_or_way_in_there_is_no_number() -> None:
    full = VoxelImage(np.full((4, 4, 4), ACTIVE_MATERIAL, np.uint8), (1.0, 1.0, 1.0))
    with pytest.raises(PhysicsFailure, match="no_pores"):
        blocking_impedance(full)
    full.labels[:, :, :2] = PORE
    with pytest.raises(PhysicsFailure, match="pore_not_open"):
        blocking_impedance(full)
