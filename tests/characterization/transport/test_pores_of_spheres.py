"""Transport through the pores of spheres: apertures, and CBD that lets something through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.characterization.transport.properties import (
    PermeableCbd,
    pore_transport,
)
from mesocast.characterization.voxels import PORE, voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeElectrode = Callable[..., Electrode]


def test_apertures_are_near_the_limit_of_small_voxels(packing: Electrode) -> None:
    """Sharp voxels reach it at first order in their edge: here extrapolated from 0.2 and 0.1."""
    sharp = {
        edge: pore_transport(voxelize(packing, edge, 8.0)).effective_diffusivity
        for edge in (0.4, 0.2, 0.1)
    }
    limit = 2 * sharp[0.1] - sharp[0.2]
    image = voxelize(packing, 0.4, 8.0)
    aperture = pore_transport(image, "aperture", electrode=packing).effective_diffusivity
    assert aperture == pytest.approx(limit, rel=0.04)
    assert abs(sharp[0.4] / limit - 1) > 0.2


def sieve(make_electrode: MakeElectrode, radius_um: float) -> Electrode:
    """A square layer of spheres 2 um apart; holes stay open below a radius of 2 ** 0.5."""
    centres = [(2 * i, 2 * j, 4) for i in range(4) for j in range(4)]
    return make_electrode(centres, [radius_um] * 16, [CBD] * 16, (8.0, 8.0))


def test_apertures_keep_a_throat_that_voxels_close(make_electrode: MakeElectrode) -> None:
    electrode = sieve(make_electrode, 1.25)
    image = voxelize(electrode, 0.8, 8.0)
    with pytest.raises(PhysicsFailure, match="pore_not_percolating"):
        pore_transport(image, "multigrid")
    result = pore_transport(image, "aperture", electrode=electrode)
    assert result.percolating_share == 1.0
    fine = pore_transport(voxelize(electrode, 0.1, 8.0), "aperture", electrode=electrode)
    assert result.effective_diffusivity == pytest.approx(fine.effective_diffusivity, rel=0.5)


def test_apertures_that_are_blocked_are_no_number(make_electrode: MakeElectrode) -> None:
    electrode = sieve(make_electrode, 1.45)
    image = voxelize(electrode, 0.2, 8.0)
    with pytest.raises(PhysicsFailure, match=r"reaches [34]\.\d\d um .* 8\.00 um thick") as failure:
        pore_transport(image, "aperture", electrode=electrode)
    assert failure.value.status == "pore_not_percolating"
    permeable = pore_transport(image, "aperture", electrode=electrode, cbd=PermeableCbd(0.05, 0.5))
    assert 0.05 < permeable.effective_diffusivity < 1


@pytest.mark.parametrize("method", ["aperture", "multigrid"])
def test_permeable_cbd_lies_between_solid_and_pore(packing: Electrode, method: str) -> None:
    image = voxelize(packing, 0.4, 8.0)

    def diffusivity(cbd: PermeableCbd | None, film: Electrode = packing) -> float:
        return pore_transport(
            voxelize(film, 0.4, 8.0), method, electrode=film, cbd=cbd
        ).effective_diffusivity

    active = packing.species == ACTIVE_MATERIAL
    without_cbd = Electrode(
        packing.positions_um[active],
        packing.radii_um[active],
        packing.species[active],
        packing.masses_pg[active],
        packing.lateral_um,
    )
    assert diffusivity(PermeableCbd(1e-7, 0.5)) == pytest.approx(diffusivity(None), rel=1e-3)
    assert diffusivity(PermeableCbd(1.0, 0.5)) == pytest.approx(
        diffusivity(None, without_cbd), rel=1e-5
    )
    at_ratio = [diffusivity(PermeableCbd(ratio, 0.5)) for ratio in (0.02, 0.05, 0.2)]
    assert diffusivity(None) < at_ratio[0] < at_ratio[1] < at_ratio[2]
    result = pore_transport(image, method, electrode=packing, cbd=PermeableCbd(0.05, 0.5))
    assert result.porosity == pytest.approx(image.fraction(PORE) + 0.5 * image.fraction(CBD))
    assert result.tortuosity_factor == pytest.approx(result.porosity / at_ratio[1])
