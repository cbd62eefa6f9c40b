"""Slurry, drying and calendering on a small film."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.config.campaign import Campaign
from mesocast.config.force_fields import ForceField
from mesocast.config.simulation import CalenderingSettings, Convergence
from mesocast.electrode import Electrode
from mesocast.simulation import drying
from mesocast.simulation.calendering import _inertial_number, calender
from mesocast.simulation.composition import Composition, compose
from mesocast.simulation.convergence import CONTROL_STEPS
from mesocast.simulation.drying import dry
from mesocast.simulation.engine.film import FilmSimulation
from mesocast.simulation.packing import well_mixed
from mesocast.simulation.slurry import mix_slurry
from tests.conftest import TINY

if TYPE_CHECKING:
    from mesocast.simulation.stage import StageResult

# Large enough for the film to have an inside; some three hundred beads.
CAMPAIGN = Campaign.model_validate(
    {**TINY, "electrode": {"mass_ug": 0.004, "mass_loading_mg_cm2": 3.0}}
)
BLOCK_US = CONTROL_STEPS * CAMPAIGN.calendering.motion.time_step_ns * 1e-3


@dataclass(frozen=True)
class Chain:
    """One film through the stages."""

    composition: Composition
    slurry: StageResult
    dried: StageResult
    calendered: dict[float, StageResult]


def _slurry(composition: Composition) -> StageResult:
    return mix_slurry(composition, CAMPAIGN.force_fields.slurry, CAMPAIGN.slurry, seed=5)


def _calender(film: StageResult, cr_pct: float, settings: CalenderingSettings) -> StageResult:
    return calender(
        film.electrode,
        cr_pct=cr_pct,
        cbd_diameter_um=CAMPAIGN.materials.cbd.dry_diameter_um,
        force_field=CAMPAIGN.force_fields.dried,
        settings=settings,
    )


@pytest.fixture(scope="module")
def chain() -> Chain:
    """Run one film through all stages."""
    composition = compose(
        CAMPAIGN.materials,
        am_pct=90,
        sc_pct=58,
        mass_ug=CAMPAIGN.electrode.mass_ug,
        mass_loading_mg_cm2=CAMPAIGN.electrode.mass_loading_mg_cm2,
    )
    slurry = _slurry(composition)
    dried = dry(slurry.electrode, composition, CAMPAIGN.force_fields, CAMPAIGN.drying)
    return Chain(
        composition,
        slurry,
        dried,
        {cr: _calender(dried, cr, CAMPAIGN.calendering) for cr in (0.0, 10.0, 20.0, 35.0)},
    )


def test_every_stage_converged(chain: Chain) -> None:
    for result in (chain.slurry, chain.dried, *chain.calendered.values()):
        assert (result.status, result.reason) == ("ok", "")


def test_a_film_is_pressed_to_a_pressure(chain: Chain) -> None:
    """The plane stops where the pressure is first reached, on the way that a gap shares."""
    deep = chain.calendered[35.0]
    asked_kPa = deep.measured["pressure_model_kPa"] / 4
    found = calender(
        chain.dried.electrode,
        cr_pct=0.0,
        cbd_diameter_um=CAMPAIGN.materials.cbd.dry_diameter_um,
        force_field=CAMPAIGN.force_fields.dried,
        settings=CAMPAIGN.calendering,
        pressure_kPa=asked_kPa,
    )
    assert found.status == "ok"
    first = next(o for o in deep.history if o.phase == "press" and o.pressure_kPa >= asked_kPa)
    assert found.measured["pressure_model_kPa"] >= asked_kPa
    assert found.measured["gap_um"] == pytest.approx(first.plane_um, rel=1e-6)
    assert 0 < found.measured["cr_imposed_pct"] < 35


def test_mass_is_that_of_the_recipe_in_every_stage(chain: Chain) -> None:
    recipe = chain.composition
    assert chain.slurry.electrode.mass_pg == pytest.approx(recipe.wet_mass_pg, rel=1e-9)
    for result in (chain.dried, *chain.calendered.values()):
        assert result.electrode.mass_pg == pytest.approx(recipe.dry_mass_pg, rel=1e-9)
        assert len(result.electrode.radii_um) == recipe.counts.sum() + recipe.cbd_count


def test_slurry_density_is_the_ideal_mixing_one(chain: Chain) -> None:
    measured = chain.slurry.measured
    assert measured["density_g_cm3"] == pytest.approx(
        measured["ideal_mixing_density_g_cm3"], rel=0.02
    )


def test_drying_keeps_the_area_and_ends_at_its_pressure(chain: Chain) -> None:
    assert chain.dried.electrode.area_um2 == pytest.approx(chain.composition.area_um2)
    assert chain.dried.electrode.thickness_um < 0.8 * chain.slurry.electrode.thickness_um
    target, band = CAMPAIGN.drying.pressure_kPa, CAMPAIGN.drying.convergence.pressure_band_pct
    assert chain.dried.measured["pressure_kPa"] == pytest.approx(target, rel=2 * band / 100)


def test_dried_film_is_solid_beads_without_solvent(chain: Chain) -> None:
    film = chain.dried.electrode
    cbd = film.species == 2
    np.testing.assert_allclose(film.radii_um[cbd], 0.9)
    np.testing.assert_allclose(film.masses_pg[cbd], chain.composition.cbd_dry_mass_pg)


def test_pores_empty_after_the_film_has_stopped_shrinking(chain: Chain) -> None:
    history = chain.dried.history
    phases = list(dict.fromkeys(o.phase for o in history))
    assert phases == ["thin", "consolidate", "set", "rest"]
    consolidated = [o for o in history if o.phase == "consolidate"][-1]
    assert chain.dried.measured["consolidated_thickness_um"] == pytest.approx(
        consolidated.thickness_um
    )
    assert all(o.pressure_kPa == 0 for o in history if o.phase in phases[2:])


def test_the_wet_film_is_as_thick_as_what_it_is_made_of(chain: Chain) -> None:
    heights = [o.plane_um for o in chain.dried.history if o.phase == "thin"]
    settings, composition = CAMPAIGN.drying, chain.composition
    assert len(heights) == settings.shrink_increments
    np.testing.assert_allclose(np.diff(heights), np.diff(heights)[0])
    beads_um3 = composition.beads_volume_um3(settings.residual_solvent)
    fill = beads_um3 / composition.area_um2 / heights[-1]
    assert fill == pytest.approx(settings.consolidation_fill)


def test_a_bead_pressed_through_the_collector_is_put_back(chain: Chain) -> None:
    wet = chain.slurry.electrode
    positions_um = wet.positions_um.copy()
    positions_um[-1, 2] = -0.1  # a bead of CBD; no wall holds it there
    below = replace(wet, positions_um=positions_um)
    result = dry(below, chain.composition, CAMPAIGN.force_fields, CAMPAIGN.drying)
    assert result.status == "ok"
    assert len(result.electrode.radii_um) == len(wet.radii_um)
    assert result.electrode.positions_um[:, 2].min() > 0


def test_time_runs_on_through_drying(chain: Chain) -> None:
    times = [o.time_us for o in chain.dried.history]
    assert times == sorted(times)
    assert chain.dried.measured["simulated_time_us"] == times[-1]


def test_the_binder_sets_gradually(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every increment has its own coefficients, in proportion to the solvent that has left."""
    seen: list[tuple[float, float]] = []

    class Watched(FilmSimulation):
        def __init__(self, film: Electrode, force_field: ForceField, **options: Any) -> None:
            super().__init__(film, force_field, **options)
            self._attraction = force_field.active_material.epsilon_fJ_um

        def resize_cbd(self, diameter_um: float, mass_pg: float) -> None:
            seen.append((self._attraction, mass_pg))
            super().resize_cbd(diameter_um, mass_pg)

    monkeypatch.setattr(drying, "FilmSimulation", Watched)
    settings = CAMPAIGN.drying.model_copy(update={"setting_increments": 4})
    dry(chain.slurry.electrode, chain.composition, CAMPAIGN.force_fields, settings)
    wet, dried = (
        field.active_material.epsilon_fJ_um
        for field in (CAMPAIGN.force_fields.consolidating, CAMPAIGN.force_fields.dried)
    )
    attraction, mass_pg = np.transpose(seen[-4:])
    set_share = (attraction - wet) / (dried - wet)
    np.testing.assert_allclose(set_share, [0.25, 0.5, 0.75, 1.0])
    dry_pg, wet_pg = chain.composition.cbd_dry_mass_pg, chain.composition.cbd_wet_mass_pg
    solvent_left = (mass_pg - dry_pg) / (wet_pg - dry_pg) / settings.residual_solvent
    np.testing.assert_allclose(solvent_left, 1 - set_share, atol=1e-12)


def test_the_more_solvent_is_left_then_the_looser_is_the_film(chain: Chain) -> None:
    """Swollen beads keep the particles apart while the film is pressed: what remains of wetness."""
    thickness = []
    for share in (0.0, 0.3):
        settings = CAMPAIGN.drying.model_copy(update={"residual_solvent": share})
        result = dry(chain.slurry.electrode, chain.composition, CAMPAIGN.force_fields, settings)
        assert result.status == "ok"
        assert result.electrode.mass_pg == pytest.approx(chain.composition.dry_mass_pg, rel=1e-9)
        thickness.append(result.measured["thickness_um"])
    assert thickness[1] > 1.05 * thickness[0]


def test_forces_and_masses_scaled_alike_change_pressures_only(chain: Chain) -> None:
    """So the hardness of the binder is one factor, which a film does not tell."""
    factor = 3.0
    field = CAMPAIGN.force_fields.dried.model_dump()
    for part in ("active_material", "cbd"):
        field[part]["epsilon_fJ_um"] *= factor
    for part in ("hertz", "active_material_hertz", "wall"):
        field[part]["normal_stiffness_kPa"] *= factor
    settings = CAMPAIGN.calendering
    soft = _calender(chain.dried, 20.0, settings)
    hard = calender(
        replace(chain.dried.electrode, masses_pg=factor * chain.dried.electrode.masses_pg),
        cr_pct=20.0,
        cbd_diameter_um=CAMPAIGN.materials.cbd.dry_diameter_um,
        force_field=ForceField.model_validate(field),
        settings=settings.model_copy(
            update={"holding_pressure_kPa": factor * settings.holding_pressure_kPa}
        ),
    )
    ratio = hard.measured["pressure_model_kPa"] / soft.measured["pressure_model_kPa"]
    assert ratio == pytest.approx(factor, rel=0.05)
    assert hard.measured["thickness_um"] == pytest.approx(soft.measured["thickness_um"], rel=0.01)


def test_film_stays_on_the_collector_when_it_springs_back(chain: Chain) -> None:
    def touching(result: StageResult) -> int:
        film = result.electrode
        return int((film.positions_um[:, 2] < 1.02 * film.radii_um).sum())

    dried = touching(chain.dried)
    assert dried > 0
    for result in chain.calendered.values():
        assert touching(result) >= 0.8 * dried
    # The plane presses more beads down, and they stay there when it goes.
    assert touching(chain.calendered[35.0]) > 2 * dried


def test_more_compression_gives_a_thinner_film_that_sprang_back_a_little(chain: Chain) -> None:
    rates = sorted(chain.calendered)
    thickness = [chain.calendered[cr].measured["thickness_um"] for cr in rates]
    assert thickness == sorted(thickness, reverse=True)
    for cr in rates[1:]:
        measured = chain.calendered[cr].measured
        # The film is looked at after every block, in which one so thin may fall further.
        block_um = CAMPAIGN.calendering.plane_speed_m_s * BLOCK_US
        block_pct = 100 * block_um / measured["thickness_before_um"]
        assert cr - 0.1 < measured["cr_imposed_pct"] < cr + 1.5 * block_pct
        assert measured["thickness_um"] < measured["thickness_before_um"]
        # Three particles thick, and rough: the surface ends above the gap, the thickness may not.
        assert chain.calendered[cr].electrode.highest_um > measured["gap_um"]
        assert measured["gap_um"] > (1 - cr / 100) * measured["thickness_before_um"]
        assert 0.7 * cr < measured["cr_retained_pct"] < measured["cr_imposed_pct"]
    hardest = chain.calendered[rates[-1]].measured
    assert hardest["cr_retained_pct"] < 0.95 * hardest["cr_imposed_pct"]


def test_uncalendered_film_only_rests(chain: Chain) -> None:
    measured = chain.calendered[0.0].measured
    assert measured["pressure_model_kPa"] == 0
    assert measured["cr_imposed_pct"] == 0
    assert measured["cr_retained_pct"] == 0


def test_calendering_is_quasi_static(chain: Chain) -> None:
    assert chain.calendered[0.0].measured["inertial_number"] == 0
    for rate in (20.0, 35.0):
        assert 0 < chain.calendered[rate].measured["inertial_number"] < 0.05


@pytest.mark.parametrize(
    ("speed_m_s", "gap_um", "pressure_kPa", "expected"),
    [
        # In SI: strain rate 1 m/s / 10 um = 1e5 1/s; 4 um sqrt(4000 kg/m3 / 10 MPa) = 80 ns.
        (1.0, 10.0, 1e4, 8e-3),
        (2.0, 10.0, 1e4, 16e-3),
        (1.0, 5.0, 1e4, 16e-3),
        (1.0, 10.0, 4e4, 4e-3),
        (1.0, 10.0, 0.0, 0.0),
    ],
)
def test_inertial_number_is_that_of_the_largest_particle(
    speed_m_s: float, gap_um: float, pressure_kPa: float, expected: float
) -> None:
    radii = np.array([1.0, 2.0, 1.0])
    film = Electrode(
        positions_um=np.array([[1.0, 1.0, 1.0], [5.0, 5.0, 2.0], [8.0, 8.0, 1.0]]),
        radii_um=radii,
        species=np.array([2, 1, 1]),
        masses_pg=4.0 * 4 / 3 * np.pi * radii**3,
        lateral_um=(10.0, 10.0),
    )
    assert _inertial_number(film, speed_m_s, gap_um, pressure_kPa) == pytest.approx(expected)


def test_pressure_rises_as_the_gap_closes(chain: Chain) -> None:
    largest = [chain.calendered[cr].measured["pressure_model_kPa"] for cr in (10.0, 20.0, 35.0)]
    assert largest == sorted(largest)
    press = [o for o in chain.calendered[35.0].history if o.phase == "press"]
    assert press[-1].pressure_kPa > 3 * press[len(press) // 2].pressure_kPa


def test_a_log_follows_the_plane_down(chain: Chain, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "mesocast"):
        result = _calender(chain.dried, 35.0, CAMPAIGN.calendering)
    lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith("press: ")]
    press_us = sum(o.phase == "press" for o in result.history) * BLOCK_US
    assert len(lines) == pytest.approx(press_us / CAMPAIGN.calendering.convergence.window_us, abs=2)
    heights = [float(re.findall(r"plane at ([\d.]+) um", line)[0]) for line in lines]
    assert heights == sorted(heights, reverse=True)
    thinnest_um = 0.65 * result.measured["thickness_before_um"]
    assert f"down to {thinnest_um:.2f} um" in lines[-1]


def test_the_same_seed_gives_the_same_numbers_and_another_one_does_not(chain: Chain) -> None:
    again = _slurry(chain.composition)
    np.testing.assert_array_equal(again.electrode.positions_um, chain.slurry.electrode.positions_um)
    one, two = (well_mixed(chain.composition, seed) for seed in (5, 6))
    assert not np.allclose(one.positions_um, two.positions_um)


def test_a_stage_that_runs_out_of_time_says_what_still_moves(chain: Chain) -> None:
    short = CAMPAIGN.drying.model_copy(update={"convergence": Convergence(longest_us=10)})
    result = dry(chain.slurry.electrode, chain.composition, CAMPAIGN.force_fields, short)
    assert result.status == "not_converged"
    assert "10 us" in result.reason
    assert "pressure" in result.reason or "thickness" in result.reason


def test_placement_keeps_active_material_apart_and_inside(chain: Chain) -> None:
    film = well_mixed(chain.composition, 9)
    active = film.species == 1
    centres, radii = film.positions_um[active], film.radii_um[active]
    apart = centres[:, None] - centres[None]
    apart[..., :2] -= film.lateral_um[0] * np.round(apart[..., :2] / film.lateral_um[0])
    gaps = np.linalg.norm(apart, axis=-1) - radii[:, None] - radii[None]
    assert gaps[~np.eye(len(radii), dtype=bool)].min() >= 0
    assert (centres[:, 2] - radii).min() >= 0
    assert (centres[:, 2] + radii).max() <= chain.composition.slurry_thickness_um
