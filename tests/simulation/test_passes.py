"""What films are pressed to: gap, pressure, line load, density, porosity; in several passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.campaign.checks import load
from mesocast.config.simulation import CalenderingSettings
from mesocast.errors import InputError, PhysicsFailure
from mesocast.simulation.calendering import calender
from mesocast.simulation.composition import compose, solid_density_g_cm3
from mesocast.simulation.convergence import Observation
from mesocast.simulation.drying import dry
from mesocast.simulation.passes import Passes, Target, line_load_N_mm, target_of
from mesocast.simulation.slurry import mix_slurry
from tests.conftest import TINY

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign
    from mesocast.electrode import Electrode
    from mesocast.simulation.stage import StageResult


def _campaign(**calendering: Any) -> Campaign:
    size = {"mass_ug": 0.004, "mass_loading_mg_cm2": 3.0}
    design = {"recipes": [{"am_pct": 90, "sc_pct": 58, "cr_pct": [0]}]}
    return load({**TINY, "electrode": size, "design": design, "calendering": calendering})


CAMPAIGN = _campaign()


@pytest.fixture(scope="module")
def dried() -> Electrode:
    materials, fields = CAMPAIGN.materials, CAMPAIGN.force_fields
    film = compose(materials, am_pct=90, sc_pct=58, **CAMPAIGN.electrode.model_dump())
    slurry = mix_slurry(film, fields.slurry, CAMPAIGN.slurry, seed=2)
    return dry(slurry.electrode, film, fields, CAMPAIGN.drying).electrode


def _pressed(film: Electrode, campaign: Campaign, cr_pct: float = 0.0) -> StageResult:
    found = calender(
        film,
        cr_pct=cr_pct,
        cbd_diameter_um=campaign.materials.cbd.dry_diameter_um,
        force_field=campaign.force_fields.dried,
        settings=campaign.calendering,
        solid_density_g_cm3=solid_density_g_cm3(campaign.materials, film),
    )
    assert found.status == "ok", found.reason
    return found


@pytest.fixture(scope="module")
def by_rate(dried: Electrode) -> StageResult:
    return _pressed(dried, _campaign(roll_diameter_mm=500), 25.0)


def test_result_says_everything_that_a_line_may_ask_for(
    dried: Electrode, by_rate: StageResult
) -> None:
    measured = by_rate.measured
    assert measured["cr_imposed_pct"] == pytest.approx(25, abs=0.5)
    # The plane stands on the highest beads of a film that is as thin as its rate says.
    thinnest_um = 0.75 * measured["thickness_before_um"]
    assert thinnest_um < measured["gap_um"] < thinnest_um + 0.5
    assert measured["passes"] == 1
    density = dried.mass_pg / dried.area_um2 / measured["thickness_um"]
    assert measured["density_g_cm3"] == pytest.approx(density)
    # Volume of the solids by their densities.
    materials, active = CAMPAIGN.materials, dried.species == 1
    solid_um3 = (
        dried.masses_pg[active].sum() / materials.active_material.density_g_cm3
        + dried.masses_pg[~active].sum() / materials.cbd.solid_density_g_cm3
    )
    film_um3 = dried.area_um2 * measured["thickness_um"]
    assert measured["porosity_by_mass"] == pytest.approx(1 - solid_um3 / film_um3)
    assert measured["line_load_N_mm"] > 0


def test_gap_is_the_rate_that_it_makes(dried: Electrode, by_rate: StageResult) -> None:
    """Bit for bit the same film, whatever the recipe's own rate is."""
    gap_um = by_rate.measured["gap_um"]
    found = _pressed(dried, _campaign(to={"gap_um": gap_um}), 10.0)
    assert found.measured["gap_um"] == pytest.approx(gap_um, rel=1e-9)
    assert found.measured["thickness_um"] == pytest.approx(
        by_rate.measured["thickness_um"], rel=1e-3
    )


def test_gap_that_the_film_does_not_fill_leaves_it_alone(dried: Electrode) -> None:
    found = _pressed(dried, _campaign(to={"gap_um": 200}), 30.0).measured
    assert (found["passes"], found["cr_imposed_pct"], found["pressure_model_kPa"]) == (0, 0, 0)


def test_pressure_and_line_load_stop_the_plane_where_they_are_reached(
    dried: Electrode, by_rate: StageResult
) -> None:
    scale = CAMPAIGN.calendering.pressure_scale or 0.0
    asked_MPa = scale * by_rate.measured["pressure_model_kPa"] / 1e3 / 3
    found = _pressed(dried, _campaign(to={"pressure_MPa": asked_MPa})).measured
    assert 1 <= scale * found["pressure_model_kPa"] / 1e3 / asked_MPa < 1.3
    assert 0 < found["cr_imposed_pct"] < 25
    asked_N_mm = by_rate.measured["line_load_N_mm"] / 3
    to = {"line_load_N_mm": asked_N_mm}
    found = _pressed(dried, _campaign(to=to, roll_diameter_mm=500)).measured
    assert 1 <= found["line_load_N_mm"] / asked_N_mm < 1.3
    assert 0 < found["cr_imposed_pct"] < 25


def test_film_reaches_its_density_after_spring_back(dried: Electrode, by_rate: StageResult) -> None:
    density = by_rate.measured["density_g_cm3"]
    found = _pressed(dried, _campaign(to={"density_g_cm3": density})).measured
    assert found["density_g_cm3"] == pytest.approx(density, rel=0.01)
    assert 2 <= found["passes"] <= 6


def test_porosity_is_a_density(dried: Electrode, by_rate: StageResult) -> None:
    target = target_of(
        _campaign(to={"porosity": by_rate.measured["porosity_by_mass"]}).calendering,
        cr_pct=0,
        pressure_kPa=None,
        solid_density_g_cm3=solid_density_g_cm3(CAMPAIGN.materials, dried),
    )
    assert target.kind == "density"
    assert target.value == pytest.approx(by_rate.measured["density_g_cm3"], rel=1e-9)


def test_several_passes_end_at_the_same_rate(dried: Electrode, by_rate: StageResult) -> None:
    found = _pressed(dried, _campaign(passes=2), 25.0)
    assert found.measured["passes"] == 2
    assert found.measured["cr_imposed_pct"] == pytest.approx(25, abs=0.1)
    phases = [o.phase for o in found.history]
    back = [i for i in range(1, len(phases)) if (phases[i - 1], phases[i]) == ("press", "hold")]
    assert len(back) == 2
    first = min(o.thickness_um for o in found.history[: back[0]] if o.phase == "press")
    before = found.measured["thickness_before_um"]
    assert first == pytest.approx(before * (1 - 0.125), rel=5e-3)


def _observation(plane_um: float, pressure_kPa: float) -> Observation:
    return Observation("press", 0.0, plane_um, pressure_kPa, 40.0, 0.0, 0.0)


def test_line_load_is_the_integral_over_the_nip() -> None:
    """Pressure falls with the gap as 1 - (h - g)/d; over x = sqrt(D (h - g)): 2/3 p sqrt(D d)."""
    depth_um, roll_mm, largest_kPa = 10.0, 400.0, 2000.0
    gaps = 30 + depth_um * np.linspace(1, 0, 2001) ** 2
    seen = [_observation(gap, largest_kPa * (1 - (gap - 30) / depth_um)) for gap in gaps]
    nip_mm = np.sqrt(roll_mm * depth_um * 1e-3)
    exact = 2 / 3 * 33 * largest_kPa * 1e-3 * nip_mm  # MPa mm
    assert line_load_N_mm(seen, roll_mm, 33) == pytest.approx(exact, rel=1e-3)


def _passes(target: Target) -> Passes:
    return Passes(target, CalenderingSettings(), before_um=50.0, mass_over_area=100.0)


def test_passes_towards_a_density_make_up_for_what_springs_back() -> None:
    """A film that gives back a fifth of each compression: 100 pg/um2 at 2.5 g/cm3 is 40 um."""
    passes, now, gap = _passes(Target("density", 2.5)), 50.0, 50.0
    seen = []
    while (way := passes.next(now, gap)) is not None:
        gap = way.gap_um
        now = gap + 0.2 * (50 - gap)
        seen.append(now)
    assert now == pytest.approx(40, rel=0.005)
    assert seen == sorted(seen, reverse=True)
    assert 2 <= passes.done <= 5


@pytest.mark.parametrize(
    ("target", "thickness_um", "status"),
    [
        (Target("density", 2.5), 39.0, "density_exceeded"),
        (Target("density", 6.0), 50.0, "gap_too_small"),
        (Target("gap", 10.0), 50.0, "gap_too_small"),
    ],
)
def test_what_cannot_be_reached_is_a_status(
    target: Target, thickness_um: float, status: str
) -> None:
    with pytest.raises(PhysicsFailure) as failed:
        _passes(target).next(thickness_um, 50.0)
    assert failed.value.status == status


def test_passes_without_end_are_a_status() -> None:
    passes = _passes(Target("density", 2.5))
    for _ in range(10):
        assert passes.next(50.0, 45.0) is not None
    with pytest.raises(PhysicsFailure, match=r"2 of 2\.5 g/cm3 after 10 passes"):
        passes.next(50.0, 45.0)


def test_a_pressure_of_the_recipe_comes_before_the_settings() -> None:
    """A measured table says what each electrode was pressed to."""
    settings = _campaign(to={"gap_um": 30}).calendering
    asked = target_of(settings, cr_pct=0, pressure_kPa=7.0, solid_density_g_cm3=4.0)
    assert asked == Target("pressure", 7.0)


def _own(**calendering: Any) -> Campaign:
    design = {"recipes": [{"am_pct": 90, "sc_pct": 58, "cr_pct": [0]}]}
    return load({"campaign": "own", "design": design, "calendering": calendering})


def test_identity_is_that_of_before_unless_something_is_asked_for() -> None:
    default = load({"campaign": "own"})
    assert default.physics("calendering") == "v4-e8b6e5f07674"
    named = _own(passes=1, roll_diameter_mm=300)
    scaled = _own(pressure_scale=40)
    assert named.physics("calendering") == default.physics("calendering")
    assert scaled.physics("calendering") == default.physics("calendering")
    # Line loads are told of the rolls, so with rolls an electrode is measured again.
    assert _own().physics("characterization") == default.physics("characterization")
    assert named.physics("characterization") != default.physics("characterization")
    others: list[dict[str, Any]] = [{"passes": 2}, {"to": {"gap_um": 30}}, {"to": {"gap_um": 31}}]
    pressed: list[dict[str, Any]] = [
        {"to": {"pressure_MPa": 50}},
        {"to": {"pressure_MPa": 50}, "pressure_scale": 40},
    ]
    found = {_own(**change).physics("calendering") for change in ({}, *others, *pressed)}
    assert len(found) == 6


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"to": {}}, "nothing given; allowed: one of gap_um, pressure_MPa"),
    ({"to": {"gap_um": 30, "porosity": 0.3}}, "gap_um and porosity given"),
    ({"to": {"porosity": 30}}, "looks like per cent"),
    ({"to": {"pressure_MPa": 50}, "pressure_scale": None}, "need pressure_scale"),
    ({"to": {"line_load_N_mm": 200}}, "roll_diameter_mm is missing"),
    ({"to": {"density_g_cm3": 3}, "passes": 2}, "passes = 2 with to.density_g_cm3"),
    ({"passes": 0}, "passes"),
]


def test_rate_that_the_design_varies_is_not_passed_over() -> None:
    with pytest.raises(InputError, match=r"calendering\.to takes the place of cr_pct"):
        load({**TINY, "calendering": {"to": {"gap_um": 10}}})


def test_gap_and_share_of_small_particles_are_design_variables() -> None:
    """Beside a compression rate that is held fixed, as a line has it."""
    modes = "materials.active_material.size_modes"
    variables = {
        "set_gap_um": {"key": "calendering.to.gap_um", "min": 8, "max": 12},
        "set_small": {"key": f"{modes}.1.mass_share", "min": 0.1, "max": 0.4},
    }
    coarse = {"diameters_um": [4.5], "number_fractions": [1.0]}
    fine = {"diameters_um": [3.0], "number_fractions": [1.0], "mass_share": 0.2}
    campaign = load(
        {
            **TINY,
            "electrode": {"mass_ug": 0.004, "mass_loading_mg_cm2": 3.0},
            "design": {
                "slurries": 2,
                "conditions": 4,
                "cr_pct": {"fixed": 0},
                "variables": variables,
            },
            "materials": {
                "active_material": {"size_modes": [coarse, fine]},
                "cbd": TINY["materials"]["cbd"],
            },
            "calendering": {"to": {"gap_um": 10}},
        }
    )
    assert campaign.stage_of("set_gap_um") == "calendering"
    assert campaign.stage_of("set_small") == "slurry"
    own = campaign.at({"am_pct": 92.0, "sc_pct": 58.0, "set_gap_um": 9.0, "set_small": 0.3})
    assert own.calendering.to is not None
    assert own.calendering.to.gap_um == 9.0
    diameters, volumes = own.materials.active_material.sizes_by_volume()
    assert dict(zip(diameters, volumes, strict=True))[3.0] == pytest.approx(0.3)
    assert own.materials.active_material.number_fractions[0] > 0.5


@pytest.mark.parametrize(("change", "told"), WRONG)
def test_what_cannot_be_asked_for_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        _campaign(**change)
    assert "\n" not in str(refused.value)
