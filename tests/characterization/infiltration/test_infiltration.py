"""Electrolyte in dry pores: tubes and bundles in closed form, and PoreSpy's own results."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.characterization.infiltration.capillarity import STEPS, capillarity
from mesocast.characterization.infiltration.flow import (
    kozeny_carman_um2,
    washburn_rate_mm_s05,
    washburn_time_ms,
)
from mesocast.characterization.infiltration.measure import infiltrate
from mesocast.characterization.transport.properties import PermeableCbd, pore_transport
from mesocast.characterization.voxels import OTHER, PORE, VoxelImage, voxelize
from mesocast.columns import FURTHER
from mesocast.config.characterization import InfiltrationSettings
from mesocast.electrode import ACTIVE_MATERIAL, Electrode
from mesocast.errors import InputError, PhysicsFailure

if TYPE_CHECKING:
    from numpy.typing import NDArray

porespy = pytest.importorskip("porespy")  # it allows no Python after 3.13

LIQUID = InfiltrationSettings(surface_tension_mN_m=30, contact_angle_deg=20, viscosity_mPa_s=3.5)
CBD_PHASE = PermeableCbd(0.05, 0.5)
EDGE_UM = 0.25


def disk(diameter: float, size: int) -> NDArray[np.bool_]:
    centre = (size - 1) / 2
    x, y = np.indices((size, size))
    return np.asarray((x - centre) ** 2 + (y - centre) ** 2 < (diameter / 2) ** 2)


def bundle(diameters: tuple[int, ...], depth: int = 12, periodic: bool = True) -> VoxelImage:
    """Straight tubes side by side."""
    size = max(diameters) + 4
    tubes = [np.pad(disk(d, d + 4), (0, size - d - 4)) for d in diameters]
    flat = np.concatenate(tubes)
    labels = np.where(np.repeat(flat[:, :, None], depth, axis=2), PORE, ACTIVE_MATERIAL)
    return VoxelImage(labels.astype(np.uint8), (EDGE_UM,) * 3, periodic=periodic)


def young_laplace_kPa(diameter_um: float) -> float:
    return 4 * 30 * float(np.cos(np.radians(20))) / diameter_um


@pytest.mark.parametrize("diameter", [5, 8, 9, 12, 17])
def test_a_tube_fills_at_the_pressure_of_young_and_laplace(diameter: int) -> None:
    """Within 16 %, as well as voxels tell its diameter (docs/electrolyte.md)."""
    found = capillarity(bundle((diameter,)), LIQUID)
    exact = young_laplace_kPa(diameter * EDGE_UM)
    assert found.imbibed_at_kPa(0.5) == pytest.approx(exact, rel=0.16)
    assert found.drained_at_kPa(0.5) == pytest.approx(exact, rel=0.16)
    assert found.trapped_share == 0


def test_pressure_goes_with_tension_angle_and_size() -> None:
    image = bundle((9,))
    base = capillarity(image, LIQUID).imbibed_at_kPa(0.5)
    other = InfiltrationSettings(surface_tension_mN_m=60, contact_angle_deg=60)
    ratio = 2 * np.cos(np.radians(60)) / np.cos(np.radians(20))
    assert capillarity(image, other).imbibed_at_kPa(0.5) == pytest.approx(base * ratio)
    larger = VoxelImage(image.labels, (4 * EDGE_UM,) * 3)
    assert capillarity(larger, LIQUID).imbibed_at_kPa(0.5) == pytest.approx(base / 4)


def test_a_bundle_fills_tube_by_tube_from_the_narrowest() -> None:
    diameters = (5, 9, 17)
    image = bundle(diameters)
    found = capillarity(image, LIQUID)
    size = max(diameters) + 4
    for place, diameter in enumerate(diameters):
        own = np.zeros(image.labels.shape, bool)
        own[place * size : (place + 1) * size] = True
        own &= found.pores
        exact = young_laplace_kPa(diameter * EDGE_UM)
        assert np.median(found.imbibition_kPa[own]) == pytest.approx(exact, rel=0.16)
        assert np.median(found.drainage_kPa[own]) == pytest.approx(exact, rel=0.16)
    curve = found.curve()
    assert (np.diff(curve["capillary_pressure_kPa"]) > 0).all()
    assert (np.diff(curve["saturation_imbibition"]) < 0).all()
    assert curve["saturation_imbibition"][0] == 1.0
    # Between two tubes' pressures the narrower ones are full; some more is in voxels' corners,
    # which no sphere reaches.
    areas = np.array([np.count_nonzero(disk(d, d + 2)) for d in diameters], float)
    filled = np.cumsum(areas) / areas.sum()
    for narrow, wide, share in zip(diameters, diameters[1:], filled, strict=False):
        between = np.sqrt(young_laplace_kPa(narrow * EDGE_UM) * young_laplace_kPa(wide * EDGE_UM))
        at = np.searchsorted(curve["capillary_pressure_kPa"], between)
        assert share <= curve["saturation_imbibition"][at] < share + 0.15


def test_curves_are_those_of_porespy() -> None:
    """Walls at the sides, so that PoreSpy alone can do it."""
    labels = np.where(
        porespy.generators.blobs([24, 24, 24], porosity=0.6, blobiness=1, seed=3),
        PORE,
        ACTIVE_MATERIAL,
    )
    image = VoxelImage(labels.astype(np.uint8), (EDGE_UM,) * 3, periodic=False)
    found = capillarity(image, LIQUID)

    pores = np.pad(labels == PORE, ((0, 0), (0, 0), (1, 0)))  # the collector
    inlets = np.zeros_like(pores)
    inlets[:, :, -1] = pores[:, :, -1]
    # In N/m, m, and the angle of the gas.
    pressures = porespy.filters.capillary_transform(
        im=pores, sigma=0.03, theta=160, voxel_size=EDGE_UM * 1e-6
    )
    steps = np.geomspace(1.01 * pressures[pores].max(), 0.99 * pressures[pores].min(), STEPS)
    wet = porespy.simulations.imbibition(pores, pc=pressures.copy(), inlets=inlets, steps=steps)
    dry = porespy.simulations.drainage(
        pores, pc=pressures.copy(), inlets=inlets, steps=steps, smooth=False
    )
    inside = labels == PORE
    theirs = np.where(np.isfinite(wet.im_pc), wet.im_pc, 0)[:, :, 1:][inside] / 1e3
    np.testing.assert_allclose(found.imbibition_kPa[inside], theirs, rtol=1e-4)
    np.testing.assert_allclose(
        found.drainage_kPa[inside], dry.im_pc[:, :, 1:][inside] / 1e3, rtol=1e-4
    )
    # Their curve counts the gas.
    ours = found.curve()
    for pressure, gas in zip(wet.pc, wet.snwp, strict=True):
        if not np.isfinite(pressure) or pressure / 1e3 > ours["capillary_pressure_kPa"][-1]:
            continue
        at = np.argmin(np.abs(ours["capillary_pressure_kPa"] - pressure / 1e3))
        near = ours["saturation_imbibition"][max(at - 1, 0) : at + 2]
        assert np.abs(near - (1 - gas)).min() < 0.02


def ink_bottle() -> VoxelImage:
    """A wide pore below a narrow neck, and narrow pores beside it that lead to its floor."""
    labels = np.full((30, 20, 24), ACTIVE_MATERIAL, np.uint8)
    labels[4:16, 4:16, 2:14] = PORE  # the bottle, 12 voxels wide
    labels[8:12, 8:12, 14:] = PORE  # its neck, 4 wide
    labels[20:24, 8:12, 2:] = PORE  # a way in to the floor, 4 wide
    labels[16:20, 8:12, 2:6] = PORE
    return VoxelImage(labels, (EDGE_UM,) * 3)


def test_a_bottle_behind_narrow_necks_keeps_its_gas() -> None:
    image = ink_bottle()
    found = capillarity(image, LIQUID)
    bottle = np.zeros(image.labels.shape, bool)
    bottle[4:16, 4:16, 2:14] = True
    assert found.trapped[bottle].mean() > 0.6
    curve = found.curve()
    assert curve["saturation_imbibition"][0] == 1.0
    assert curve["saturation_imbibition_with_trapped_gas"][0] == pytest.approx(
        1 - found.trapped_share
    )
    # In a vacuum less gas is left, and it sits where it is widest.
    thin = InfiltrationSettings(fill_pressure_kPa=101.325 / 4, contact_angle_deg=20)
    less = capillarity(image, thin)
    assert less.trapped_share == pytest.approx(found.trapped_share / 4, rel=0.01)
    assert not (less.trapped & ~found.trapped).any()


def test_an_open_bottle_keeps_none() -> None:
    image = ink_bottle()
    image.labels[4:16, 4:16, 14:] = PORE
    assert capillarity(image, LIQUID).trapped_share < 0.02


def test_pores_that_nothing_reaches_stay_dry() -> None:
    image = bundle((9,), depth=20)
    image.labels[:, :, 10] = ACTIVE_MATERIAL
    found = capillarity(image, LIQUID)
    assert found.trapped[:, :, :10].any()
    assert found.trapped_share == pytest.approx(10 / 19)
    assert found.imbibed_at_kPa(0.9) == 0


def test_a_pore_over_the_periodic_side_is_whole() -> None:
    """The same tube, cut by the side of the box."""
    image = bundle((9,))
    moved = VoxelImage(np.roll(image.labels, 6, axis=0), image.voxel_size_um)
    one, other = (capillarity(i, LIQUID) for i in (image, moved))
    np.testing.assert_allclose(np.roll(one.imbibition_kPa, 6, axis=0), other.imbibition_kPa)
    cut = VoxelImage(moved.labels, image.voxel_size_um, periodic=False)
    assert not np.allclose(capillarity(cut, LIQUID).imbibition_kPa, other.imbibition_kPa)


def test_washburns_law_of_a_tube() -> None:
    """L^2 = r gamma cos(theta) t / (2 eta), with the permeability of Hagen and Poiseuille."""
    radius, depth, porosity = 2.0, 60.0, 0.3
    tension = 30 * float(np.cos(np.radians(20)))
    found = washburn_time_ms(
        depth,
        filled=porosity,
        permeability_um2=porosity * radius**2 / 8,
        capillary_pressure_kPa=2 * tension / radius,
        viscosity_mPa_s=3.5,
    )
    exact_us = 2 * 3.5 * depth**2 / (radius * tension)  # mPa s um2 over um mN/m
    assert found == pytest.approx(exact_us * 1e-3)
    # In SI units.
    rate_m = depth * 1e-6 / (found * 1e-3) ** 0.5
    assert washburn_rate_mm_s05(depth, found) == pytest.approx(1e3 * rate_m)
    assert rate_m**2 == pytest.approx(radius * 1e-6 * tension * 1e-3 / (2 * 3.5e-3))


@pytest.mark.parametrize("diameter", [9, 16, 17])
def test_kozeny_and_carman_of_a_tube(diameter: int) -> None:
    """Two fifths of Hagen and Poiseuille's, less what a mesh of voxels has too much of wall."""
    image = bundle((diameter,))
    exact = np.pi * (diameter * EDGE_UM) ** 4 / 128 / np.prod(image.labels.shape[:2]) / EDGE_UM**2
    assert kozeny_carman_um2(image) / exact == pytest.approx(0.4, rel=0.17)


@pytest.mark.parametrize(
    ("solid", "drag", "error"), [(0.343, 15.4, 0.1), (0.45, 28.1, 0.2), (0.5236, 42.1, 0.2)]
)
def test_kozeny_and_carman_of_a_cubic_array(solid: float, drag: float, error: float) -> None:
    """Against Stokes flow (Zick and Homsy, J. Fluid Mech. 115, 13 (1982))."""
    size = 32
    radius = size * (3 * solid / 4 / np.pi) ** (1 / 3)
    axis = np.arange(size) + 0.5 - size / 2
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    labels = np.where(x**2 + y**2 + z**2 < radius**2, ACTIVE_MATERIAL, PORE).astype(np.uint8)
    image = VoxelImage(np.tile(labels, (1, 1, 4)), (EDGE_UM,) * 3)
    exact = 2 * (radius * EDGE_UM) ** 2 / (9 * solid * drag)
    assert kozeny_carman_um2(image) == pytest.approx(exact, rel=error)


@pytest.mark.parametrize("by_apertures", [True, False])
def test_columns_of_a_packing(packing: Electrode, by_apertures: bool) -> None:
    image = voxelize(packing, 0.4, 8.0)
    electrode = packing if by_apertures else None
    found = infiltrate(image, LIQUID, CBD_PHASE, electrode)
    row: dict[str, Any] = found.columns

    assert list(row) == [column.name for column in FURTHER["infiltration"]]
    pressures = [row[f"imbibition_pressure_{share}_kPa"] for share in (10, 50, 90)]
    assert pressures == sorted(pressures, reverse=True)
    assert row["drainage_pressure_50_kPa"] >= row["imbibition_pressure_50_kPa"]
    assert 0 < row["gas_trapped_pct"] < 100
    assert row["gas_trapped_pct"] == pytest.approx(100 * found.capillarity.trapped_share)
    assert 0 < row["surface_wetted_pct"] < 100
    assert 0 < row["transport_wetted_relative"] < 1
    wet = infiltrate(
        image, InfiltrationSettings(fill_pressure_kPa=1e-3), CBD_PHASE, electrode
    ).columns
    assert wet["transport_wetted_relative"] == pytest.approx(1, abs=1e-6)
    assert wet["surface_wetted_pct"] == 100


def test_gas_that_closes_the_way_lets_nothing_through() -> None:
    """A tube with a belly: gas stays in it."""
    labels = bundle((14,), depth=24).labels
    narrow = bundle((5,), depth=24).labels
    size = labels.shape[0]
    whole = np.full_like(labels, ACTIVE_MATERIAL)
    off = (size - narrow.shape[0]) // 2
    whole[off : off + narrow.shape[0], off : off + narrow.shape[1]] = narrow
    whole[:, :, 5:19] = labels[:, :, 5:19]
    found = infiltrate(VoxelImage(whole, (EDGE_UM,) * 3), LIQUID, CBD_PHASE).columns
    assert found["gas_trapped_pct"] is not None
    assert found["gas_trapped_pct"] > 50
    assert found["transport_wetted_relative"] is not None
    assert found["transport_wetted_relative"] < 0.6


def test_without_pores_or_way_in_there_is_no_number() -> None:
    full = VoxelImage(np.full((6, 6, 6), ACTIVE_MATERIAL, np.uint8), (1.0, 1.0, 1.0))
    with pytest.raises(PhysicsFailure, match="no_pores"):
        capillarity(full, LIQUID)
    full.labels[:, :, :2] = PORE
    with pytest.raises(PhysicsFailure, match="pore_not_open"):
        capillarity(full, LIQUID)


def test_no_porespy_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "porespy", None)
    with pytest.raises(InputError, match=r"porespy is not installed; allowed: pip install"):
        capillarity(bundle((5,)), LIQUID)


def test_gas_closes_apertures(packing: Electrode) -> None:
    """What the image shows as other is closed, though no sphere is there."""
    image = voxelize(packing, 0.4, 8.0)
    before = pore_transport(image, "aperture", electrode=packing).effective_diffusivity
    some = VoxelImage(image.labels.copy(), image.voxel_size_um)
    some.labels[:8, :, 10] = OTHER
    past = pore_transport(some, "aperture", electrode=packing).effective_diffusivity
    assert 0 < past < before
    closed = VoxelImage(image.labels.copy(), image.voxel_size_um)
    closed.labels[:, :, 10] = OTHER
    with pytest.raises(PhysicsFailure, match="pore_not_percolating"):
        pore_transport(closed, "aperture", electrode=packing)
