"""Size classes from what is measured of particle sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.config.materials import ActiveMaterial
from mesocast.errors import InputError
from mesocast.simulation.composition import compose, size_errors_pct

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.config.campaign import Campaign

SIGMA = 0.4
# A log-normal distribution of volume with a median of 6 um.
LOGNORMAL = {
    "d10_um": 6 * np.exp(-1.2815516 * SIGMA),
    "d50_um": 6.0,
    "d90_um": 6 * np.exp(1.2815516 * SIGMA),
}


def _campaign(*modes: dict[str, Any], **more: Any) -> Campaign:
    return load(
        {"campaign": "own", "materials": {"active_material": {"size_modes": list(modes), **more}}}
    )


def _material(*modes: dict[str, Any]) -> ActiveMaterial:
    return _campaign(*modes).materials.active_material


def _moments(material: ActiveMaterial) -> tuple[float, float]:
    """D[4,3] and surface per volume of the size classes."""
    sizes, numbers = np.array(material.diameters_um), np.array(material.number_fractions)
    volumes = numbers * sizes**3 / (numbers * sizes**3).sum()
    return float(volumes @ sizes), float(6 * (volumes / sizes).sum())


def test_classes_have_the_volume_and_the_surface_of_a_lognormal_distribution() -> None:
    """Its moments are known: D[4,3] = D50 exp(s^2/2), surface = 6 exp(s^2/2) / D50."""
    exact = np.exp(SIGMA**2 / 2)
    mean_um, surface = _moments(_material(LOGNORMAL))
    assert surface == pytest.approx(6 * exact / 6, rel=2e-3)
    # What is stated in docs/how-to/material.md: wider means come out low, less with more classes.
    assert -0.02 < mean_um / (6 * exact) - 1 < 0
    finer_um, _ = _moments(_material({**LOGNORMAL, "classes": 12}))
    assert mean_um < finer_um < 6 * exact


def test_every_class_has_the_same_volume_and_deciles_are_met() -> None:
    material = _material({"d10_um": 3, "d50_um": 6, "d90_um": 9})  # not symmetric
    sizes, numbers = np.array(material.diameters_um), np.array(material.number_fractions)
    volumes = numbers * sizes**3 / (numbers * sizes**3).sum()
    np.testing.assert_allclose(volumes, 0.2, rtol=1e-4)
    found = [material.percentile_um(percent) for percent in (10, 50, 90)]
    np.testing.assert_allclose(found, [3, 6, 9], rtol=1e-3)


@pytest.mark.parametrize("column", ["below_pct", "volume_pct"])
def test_table_of_a_laser_diffraction_becomes_the_same_classes(tmp_path: Path, column: str) -> None:
    from statistics import NormalDist

    sizes = np.geomspace(0.6, 60, 90)
    below = np.array([100 * NormalDist().cdf(np.log(size / 6) / SIGMA) for size in sizes])
    values = below if column == "below_pct" else np.diff(below, prepend=0.0)
    path = tmp_path / "sizes.csv"
    rows = [f"{size:.6g};{value:.6f}" for size, value in zip(sizes, values, strict=True)]
    path.write_text("\n".join([f"diameter_um;{column}", *rows]))
    told = _material({"table": str(path)})
    known = _material(LOGNORMAL)
    np.testing.assert_allclose(told.diameters_um, known.diameters_um, rtol=5e-3)
    np.testing.assert_allclose(told.number_fractions, known.number_fractions, rtol=1e-2)
    # The config holds the numbers, so the results open where the table is not.
    content = told.model_dump(mode="json")
    path.unlink()
    assert ActiveMaterial.model_validate(content) == told


def test_modes_are_blended_by_mass() -> None:
    coarse = {"diameters_um": [8.0], "number_fractions": [1.0]}
    fine = {"diameters_um": [2.0], "number_fractions": [1.0], "mass_share": 0.2}
    material = _material(coarse, fine)
    assert material.diameters_um == (2.0, 8.0)
    numbers = np.array(material.number_fractions)
    volumes = numbers * np.array(material.diameters_um) ** 3
    assert volumes[0] / volumes.sum() == pytest.approx(0.2, rel=1e-4)


def test_share_of_a_mode_is_a_number_of_the_config() -> None:
    """What a resolved config says follows its modes, not the classes that were computed before."""
    campaign = _campaign(LOGNORMAL, {"d10_um": 1.5, "d50_um": 2, "d90_um": 3, "mass_share": 0.1})
    content = campaign.model_dump(mode="json")
    content["materials"]["active_material"]["size_modes"][1]["mass_share"] = 0.3
    more = load(content)
    assert more.materials.active_material.percentile_um(10) < 2.0
    assert campaign.materials.active_material.percentile_um(10) > 2.6
    assert more.physics("slurry") != campaign.physics("slurry")


def test_identity_is_that_of_the_resolved_numbers() -> None:
    modes = _campaign(LOGNORMAL)
    material = modes.materials.active_material
    plain = load(
        {
            "campaign": "own",
            "materials": {
                "active_material": {
                    "diameters_um": material.diameters_um,
                    "number_fractions": material.number_fractions,
                }
            },
        }
    )
    for stage in ("slurry", "drying", "calendering", "characterization"):
        assert modes.physics(stage) == plain.physics(stage)


def test_errors_of_a_film_count_whole_particles() -> None:
    def errors(mass_ug: float) -> dict[str, float]:
        film = compose(
            modes.materials, am_pct=92, sc_pct=60, mass_ug=mass_ug, mass_loading_mg_cm2=6.7
        )
        return size_errors_pct(modes.materials.active_material, film)

    modes = _campaign(LOGNORMAL)
    large, small = errors(5.0), errors(0.02)
    # In a large film what is left is the error of the classes.
    assert abs(large["specific surface"]) < 0.1
    assert -2 < large["D[4,3]"] < 0
    assert abs(small["D[4,3]"]) < 15
    assert small != large


SHARP = {"diameters_um": [3.0], "number_fractions": [1.0]}
WRONG: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
    "nothing": ([{"classes": 5}], {}, "0 ways to give the sizes"),
    "two ways": ([{**LOGNORMAL, **SHARP}], {}, "2 ways to give the sizes"),
    "one decile missing": ([{"d10_um": 1, "d50_um": 2}], {}, "d90_um is missing"),
    "deciles mixed up": ([{"d10_um": 3, "d50_um": 2, "d90_um": 4}], {}, "allowed: ascending"),
    "not cumulative": (
        [{"upper_um": [1, 2, 3], "below_pct": [0, 60, 50]}],
        {},
        "below_pct falls from 60 to 50",
    ),
    "cut off": ([{"upper_um": [1, 2], "below_pct": [0, 60]}], {}, "from 0 to 60 %"),
    "shares above 1": (
        [{**SHARP, "mass_share": 0.7}, {**LOGNORMAL, "mass_share": 0.7}],
        {},
        "add up to 1.4",
    ),
    "nothing left": ([{**SHARP, "mass_share": 1.0}, LOGNORMAL], {}, "leave nothing"),
    "two left out": ([SHARP, LOGNORMAL], {}, "missing twice"),
    "sizes twice": ([LOGNORMAL], {"diameters_um": [3.0], "number_fractions": [1]}, "both given"),
    "no table": ([{"table": "nowhere.csv"}], {}, "nowhere.csv"),
    "unknown key": ([{"d95_um": 3}], {}, "size_modes.0.d95_um: unknown key"),
    "wrong unit": ([{**LOGNORMAL, "d50_um": 6e-6}], {}, "looks like m"),
}


@pytest.mark.parametrize(("modes", "more", "told"), WRONG.values(), ids=WRONG)
def test_what_is_no_distribution_is_refused_in_one_line(
    modes: list[dict[str, Any]], more: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told) as refused:
        _campaign(*modes, **more)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("diameter_um,share\n1,2\n", "no volumes"),
        ("diameter_um,below_pct\n1,0\n2,fine\n", "holds no number"),
        ("diameter_um,volume_pct\n1,20\n2,30\n", "adds up to 50"),
        ("size,below_pct\n1,20\n", "column diameter_um is missing"),
    ],
)
def test_table_that_is_none_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "sizes.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=told):
        _material({"table": str(path)})
