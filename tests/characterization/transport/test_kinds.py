"""Conduction through particles of several kinds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.characterization.characterize import characterize
from mesocast.characterization.further import Wanted, measure_further
from mesocast.characterization.image import Phases
from mesocast.characterization.transport.four_point import four_point_conductivity
from mesocast.characterization.transport.kinds import ConductingKind, conduction_of_kinds
from mesocast.characterization.transport.properties import electronic_conduction
from mesocast.characterization.voxels import voxelize
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import InputError

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign

SIZE_UM = 4.0


def _stack(diameters_um: list[float], species: list[int]) -> Electrode:
    """Give one sphere above the other, 4 um apart, in a film 4 um wide."""
    radii = np.array(diameters_um) / 2
    centres = np.array([[2.0, 2.0, SIZE_UM * (i + 0.5)] for i in range(len(radii))])
    return Electrode(centres, radii, np.array(species), 4.0 * radii**3, (SIZE_UM, SIZE_UM))


def test_layers_of_two_kinds_conduct_within_the_bounds_of_wiener() -> None:
    # A sphere of 8 um covers all of its cell of 4 um (half diagonal 3.46 um).
    electrode = _stack([8.0, 8.001], [ACTIVE_MATERIAL, ACTIVE_MATERIAL])
    image = voxelize(electrode, 0.5, 2 * SIZE_UM)
    assert image.fraction(ACTIVE_MATERIAL) == 1
    kinds = (ConductingKind((8.0,), 1.0), ConductingKind((8.001,), 0.1))
    found = conduction_of_kinds(image, electrode, kinds, 2.0, "multigrid")
    # Painted later, the second kind wins wherever its sphere reaches.
    centre, radius = electrode.positions_um[1], electrode.radii_um[1]
    nx, ny, nz = image.labels.shape
    x, y, z = np.meshgrid(*(0.5 * (np.arange(n) + 0.5) for n in (nx, ny, nz)), indexing="ij")
    apart = [abs(v - c) for v, c in zip((x, y), centre[:2], strict=True)]
    near = [np.minimum(a, SIZE_UM - a) for a in apart]
    second = near[0] ** 2 + near[1] ** 2 + (z - centre[2]) ** 2 <= radius**2
    values = np.where(second, 0.1, 1.0)
    parallel = nz / (1 / values).sum(axis=2)
    series = nz / (1 / values.mean(axis=(0, 1))).sum()
    assert parallel.mean() * 0.999 <= found.effective_conductivity <= series * 1.001


def test_kinds_that_conduct_alike_are_one_material(kinds_film: Electrode) -> None:
    image = voxelize(kinds_film, 0.4, kinds_film.thickness_um)
    kinds = (ConductingKind((3.0,), 0.3), ConductingKind((4.0,), 0.3))
    found = conduction_of_kinds(image, kinds_film, kinds, 2.0, "multigrid")
    one = electronic_conduction(image, 0.3, 2.0, "multigrid")
    assert found.effective_conductivity == pytest.approx(one.effective_conductivity, rel=1e-6)


def test_a_four_point_probe_sees_each_kind(kinds_film: Electrode) -> None:
    image = voxelize(kinds_film, 0.4, kinds_film.thickness_um)
    alike, one_poor = (
        measure_further(
            image,
            Phases(0.3, 2.0, 0.5, kinds=kinds),
            Wanted(("four_point",)),
            kinds_film,
        ).columns["conductivity_four_point_S_m"]
        for kinds in (
            (ConductingKind((3.0,), 0.3), ConductingKind((4.0,), 0.3)),
            (ConductingKind((3.0,), 0.3), ConductingKind((4.0,), 0.003)),
        )
    )
    plain = four_point_conductivity(image, {ACTIVE_MATERIAL: 0.3, CBD: 2.0})
    assert alike == pytest.approx(plain, rel=1e-6)
    assert one_poor is not None
    assert one_poor < 0.95 * plain


def test_the_kind_that_conducts_counts(kinds_film: Electrode) -> None:
    image = voxelize(kinds_film, 0.4, kinds_film.thickness_um)

    def conductivity(small: float, large: float) -> float:
        kinds = (ConductingKind((3.0,), small), ConductingKind((4.0,), large))
        return conduction_of_kinds(
            image, kinds_film, kinds, 2.0, "multigrid"
        ).effective_conductivity

    low, high = conductivity(0.01, 0.01), conductivity(1.0, 1.0)
    assert low < conductivity(1.0, 0.01) < high
    assert low < conductivity(0.01, 1.0) < high


def test_particle_of_no_kind_is_refused(kinds_film: Electrode) -> None:
    image = voxelize(kinds_film, 0.4, kinds_film.thickness_um)
    with pytest.raises(InputError, match="a particle of 4 um is of none of them"):
        conduction_of_kinds(image, kinds_film, (ConductingKind((3.0,), 1.0),), 2.0, "multigrid")


def test_measurement_of_a_blend_knows_its_kinds(kinds_film: Electrode) -> None:
    def campaign(small: float, large: float) -> Campaign:
        kinds: list[dict[str, Any]] = [
            {
                "name": n,
                "density_g_cm3": 4.0,
                "electronic_conductivity_S_m": c,
                "diameters_um": [d],
                "number_fractions": [1],
            }
            for n, c, d in (("small", small, 3.0), ("large", large, 4.0))
        ]
        kinds[0]["mass_share"] = 0.5
        return load(
            {
                "campaign": "own",
                "cell": {"enabled": False},
                "materials": {"active_material": {"kinds": kinds}},
                "characterization": {"voxel_size_um": 0.4},
            }
        )

    one = characterize(kinds_film, campaign(1.0, 0.01))
    other = characterize(kinds_film, campaign(0.01, 1.0))
    assert one.electronic_conductivity_S_m != pytest.approx(other.electronic_conductivity_S_m)
    assert one.porosity_bulk == other.porosity_bulk


@pytest.fixture(scope="module")
def kinds_film() -> Electrode:
    """Give particles of 3 and 4 um with CBD between them, at random but touching the planes."""
    random = np.random.default_rng(4)
    count = 60
    species = np.array([ACTIVE_MATERIAL] * count + [CBD] * 120)
    radii = np.array([1.5, 2.0] * (count // 2) + [0.9] * 120)
    centres = random.uniform([0, 0, 1], [12, 12, 13], (len(radii), 3))
    return replace(
        _stack([3.0], [1]),
        positions_um=centres,
        radii_um=radii,
        species=species,
        masses_pg=radii**3,
        lateral_um=(12.0, 12.0),
    )
