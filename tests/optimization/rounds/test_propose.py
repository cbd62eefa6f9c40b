"""Proposals of rounds: the same every time, inside of all bounds, aware of costs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mesocast.columns import check_row
from mesocast.config.campaign import Campaign
from mesocast.design.plan import make_plan
from mesocast.design.rounds import Proposal, condition_ids, places, slurry_ids
from mesocast.errors import InputError
from mesocast.optimization import jobs
from mesocast.optimization.jobs import run_proposal
from mesocast.optimization.rounds.propose import propose
from mesocast.storage.files import write_json
from mesocast.storage.layout import STAGES, Layout
from mesocast.storage.once import digest
from tests.conftest import TINY

if TYPE_CHECKING:
    from pathlib import Path


def _campaign(rounds: dict[str, Any] | None = None, **changes: Any) -> Campaign:
    settings = {"count": 2, "slurries": 2, "conditions": 6, **(rounds or {})}
    return Campaign.model_validate({**TINY, "rounds": settings, **changes})


@cache
def _table() -> pd.DataFrame:
    """Electrodes of the tiny design with smooth properties."""
    table = make_plan(_campaign()).table()
    am, sc, cr = (table[name] / 100 for name in ("am_pct", "sc_pct", "cr_pct"))
    return table.assign(
        status="ok",
        reason="",
        density_g_cm3=1.5 + 2 * cr + am,
        electronic_conductivity_S_m=0.3 * np.exp(3 * cr) * (1 - am),
        tortuosity_factor=1.5 + 2 * cr + sc,
        active_surface_pct=90 - 60 * cr - 100 * (1 - am),
    )


def _used(proposal: Proposal) -> dict[str, Any]:
    return {name: c for name, c in proposal.conditions.items() if not c.skipped}


def test_proposal_is_the_same_every_time_and_fills_all_places() -> None:
    campaign = _campaign()
    proposal = propose(campaign, _table(), 1)
    assert proposal == propose(campaign, _table(), 1)
    assert list(proposal.slurries) == slurry_ids(campaign, 1) == ["R1S01", "R1S02"]
    assert list(proposal.conditions) == condition_ids(campaign, 1)
    assert next(iter(proposal.conditions)) == "R1-C01"
    assert _used(proposal)


def test_recipes_are_within_bounds_and_belong_to_their_slurries() -> None:
    campaign = _campaign({"slurry_cost": 0.5})
    proposal = propose(campaign, _table(), 1)
    pairs = {s: (place.am_pct, place.sc_pct) for s, place in proposal.slurries.items()}
    known = _table().groupby("slurry_id")[["am_pct", "sc_pct"]].first()
    pairs |= {str(s): tuple(row) for s, row in zip(known.index, known.to_numpy(), strict=True)}
    recipes = set()
    for condition in proposal.conditions.values():
        assert (condition.am_pct, condition.sc_pct) == pairs[condition.slurry_id]
        for name in ("am_pct", "sc_pct", "cr_pct"):
            bounds = getattr(campaign.design, name)
            assert bounds.min <= getattr(condition, name) <= bounds.max
        recipes.add((condition.slurry_id, condition.cr_pct))
    assert len(recipes) == len(proposal.conditions)
    for name, condition in _used(proposal).items():
        if condition.slurry_id.startswith("R"):
            assert not proposal.slurries[condition.slurry_id].skipped, name


def test_costs_decide_between_old_slurries_and_new_ones() -> None:
    cheap = propose(_campaign({"slurry_cost": 0}), _table(), 1)
    dear = propose(_campaign({"slurry_cost": 1e6}), _table(), 1)
    assert any(not slurry.skipped for slurry in cheap.slurries.values())
    assert all(slurry.skipped for slurry in dear.slurries.values())
    assert {c.slurry_id for c in _used(dear).values()} <= set(_table()["slurry_id"])


def test_budget_is_kept_and_what_is_left_out_has_a_reason() -> None:
    proposal = propose(_campaign({"budget": 3}), _table(), 1)
    assert proposal.cost == len(_used(proposal)) <= 3
    reasons = {c.skipped for c in proposal.conditions.values() if c.skipped}
    assert len(reasons) == 1
    assert "budget" in reasons.pop()


def test_round_is_empty_when_nothing_improves() -> None:
    proposal = propose(_campaign({"smallest_gain": 1e6}), _table(), 1)
    assert not _used(proposal)
    assert proposal.cost == proposal.expected_gain == 0
    assert all("smallest_gain" in s.skipped for s in proposal.slurries.values())


def test_constraints_hold_on_parameters_and_are_expected_on_properties() -> None:
    limits = {"sc_pct": {"min": 60, "max": 60}, "density_g_cm3": {"max": 2.7}}
    proposal = propose(_campaign(optimum={"constraints": limits}), _table(), 1)
    assert _used(proposal)
    for condition in _used(proposal).values():
        assert condition.sc_pct == 60
        assert 1.5 + (2 * condition.cr_pct + condition.am_pct) / 100 < 2.75


def test_failed_and_skipped_electrodes_are_kept_out() -> None:
    table = _table()
    bad = table.iloc[[0]].assign(condition_id="R1-C09", status="skipped", density_g_cm3=np.nan)
    joined = pd.concat([table, bad], ignore_index=True)
    assert propose(_campaign(), joined, 2) == propose(_campaign(), table, 2)


def _rows(folder: Path, table: pd.DataFrame) -> list[Path]:
    paths = []
    for row in table.to_dict("records"):
        path = folder / f"{row['condition_id']}.json"
        write_json(path, check_row({str(k): v for k, v in row.items()}, "row").model_dump())
        paths.append(path)
    return paths


def test_written_proposal_stays_when_electrodes_are_added(tmp_path: Path) -> None:
    rows = _rows(tmp_path, _table())
    path = Layout(tmp_path).proposal(1)
    run_proposal(_campaign(), tmp_path, 1, rows[:-1])
    first = Proposal.read(path)
    path.unlink()
    run_proposal(_campaign({"count": 5}), tmp_path, 1, rows)
    assert Proposal.read(path) == first
    run_proposal(_campaign({"conditions": 3}), tmp_path, 1, rows)
    assert len(Proposal.read(path).conditions) == 3


def test_places_are_known_from_the_config_alone() -> None:
    slurries, conditions = places(_campaign({"slurries": 1, "conditions": 2}))
    assert slurries == ["R1S01", "R2S01"]
    assert conditions == ["R1-C01", "R1-C02", "R2-C01", "R2-C02"]
    assert places(Campaign.model_validate(TINY)) == ([], [])


def test_place_that_a_round_has_not_is_refused() -> None:
    proposal = propose(_campaign({"smallest_gain": 1e6}), _table(), 1)
    with pytest.raises(InputError, match=r"R1S09.*R1S01, R1S02"):
        proposal.slurry("R1S09")
    with pytest.raises(InputError, match="R2-C01"):
        proposal.condition("R2-C01")


def test_viscosity_changes_no_proposal_and_one_of_version_0_1_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 0.1 had the physics of viscosity in the identity; what it asked for is paid."""
    campaign = _campaign()
    asked: list[int] = []

    def proposed(campaign: Campaign, table: pd.DataFrame, number: int) -> Proposal:
        asked.append(number)
        return Proposal(number, 0.0, 0.0, {}, {})

    monkeypatch.setattr(jobs, "propose", proposed)
    monkeypatch.setattr("mesocast.storage.rows.gather", lambda rows: _table())
    run_proposal(campaign, tmp_path, 1, [])
    other = {"viscosity": {"shear_rates_1_s": [7.0, 70.0]}}
    assert _campaign(**other).physics("viscosity") != campaign.physics("viscosity")
    run_proposal(_campaign(**other), tmp_path, 1, [])
    assert asked == [1]

    optimum = campaign.optimum.model_dump(mode="json")
    identity = {
        "round": 1,
        "seed": campaign.seed,
        "settings": campaign.rounds.model_dump(mode="json", exclude={"count"}),
        "wanted": {name: optimum[name] for name in ("application", "goals", "constraints")},
        "box": campaign.box_pct,
        "physics": [campaign.physics(stage) for stage in (*STAGES, "viscosity")],
    }
    work = tmp_path / "rounds/1/work"
    (kept,) = work.glob("proposal-*")
    kept.rename(work / f"proposal-{digest(identity)}")
    Layout(tmp_path).proposal(1).unlink()
    run_proposal(campaign, tmp_path, 1, [])
    assert asked == [1]
    assert Layout(tmp_path).proposal(1).exists()


def test_proposal_knows_the_variables_of_the_campaign() -> None:
    variables = {
        "set_mass_loading_mg_cm2": {"key": "electrode.mass_loading_mg_cm2", "min": 5, "max": 9},
        "set_hold_time_us": {"key": "calendering.hold_time_us", "min": 1, "max": 20},
    }
    design = {"slurries": 6, "conditions": 24, "variables": variables, "sc_pct": {"fixed": 60}}
    campaign = _campaign(design=design)
    table = make_plan(campaign).table()
    am, cr = table["am_pct"] / 100, table["cr_pct"] / 100
    loading, hold = table["set_mass_loading_mg_cm2"], table["set_hold_time_us"]
    table = table.assign(
        status="ok",
        reason="",
        density_g_cm3=1.5 + 2 * cr + am + 0.01 * hold,
        electronic_conductivity_S_m=0.3 * np.exp(3 * cr) * (1 - am) * loading,
        tortuosity_factor=1.5 + 2 * cr + 0.1 * loading,
        active_surface_pct=90 - 60 * cr - 100 * (1 - am),
    )
    proposal = propose(campaign, table, 1)
    assert proposal == propose(campaign, table, 1)
    for place in proposal.slurries.values():
        assert place.sc_pct == 60
        assert 5 <= float(place.further["set_mass_loading_mg_cm2"]) <= 9
        assert "set_hold_time_us" not in place.further
    films = {s.slurry_id: s.am_pct for s in make_plan(campaign).slurries}
    films |= {name: place.am_pct for name, place in proposal.slurries.items()}
    for condition in proposal.conditions.values():
        assert list(condition.further) == ["set_hold_time_us"]
        assert 1 <= float(condition.further["set_hold_time_us"]) <= 20
        assert condition.am_pct == films[condition.slurry_id]


def test_proposal_holds_choices_and_levels_only() -> None:
    variables = {
        "set_material": {
            "key": "materials.active_material.material",
            "choices": ["LFP", "NMC622", "LCO"],
        },
        "set_hold_time_us": {"key": "calendering.hold_time_us", "levels": [1, 5, 20]},
    }
    design = {"slurries": 9, "conditions": 27, "variables": variables, "sc_pct": {"fixed": 60}}
    campaign = _campaign(design=design)
    table = make_plan(campaign).table()
    am, cr = table["am_pct"] / 100, table["cr_pct"] / 100
    gain = table["set_material"].map({"LFP": 0.0, "NMC622": 0.6, "LCO": 0.2})
    table = table.assign(
        status="ok",
        reason="",
        density_g_cm3=1.5 + 2 * cr + am + gain,
        electronic_conductivity_S_m=0.3 * np.exp(3 * cr) * (1 - am) * (1 + gain),
        tortuosity_factor=1.5 + 2 * cr - gain,
        active_surface_pct=90 - 60 * cr - 100 * (1 - am) + gain,
    )
    proposal = propose(campaign, table, 1)
    assert {p.further["set_material"] for p in proposal.slurries.values()} <= {
        "LFP",
        "NMC622",
        "LCO",
    }
    assert next(iter(proposal.slurries.values())).further["set_material"] == "NMC622"
    for condition in proposal.conditions.values():
        assert list(condition.further) == ["set_hold_time_us"]
        assert condition.further["set_hold_time_us"] in (1, 5, 20)
