"""The design: within bounds, even, stable when it grows."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.columns import PARAMETERS
from mesocast.config.campaign import Campaign
from mesocast.design import plan as plan_module
from mesocast.design.evenness import discrepancy
from mesocast.design.plan import check_packing, kept_plan, make_plan, packs
from mesocast.errors import InputError
from mesocast.seeds import derived_seed
from mesocast.storage.files import read_json
from mesocast.storage.layout import Layout
from mesocast.surrogates.evidence.noise_ceiling import replicates
from tests.conftest import TINY

if TYPE_CHECKING:
    from pathlib import Path


# As an earlier version wrote it, before a campaign had variables of its own.
PINNED = """\
condition_id,slurry_id,round,seed,am_pct,sc_pct,cr_pct
S001-C01,S001,0,1463286841,86.4,53.15,23.33
S002-C01,S002,0,899560842,93.13,59.48,14.87
S003-C01,S003,0,1762898253,95.7,49.28,39.14
S001-C02,S001,0,1463286841,86.4,53.15,3.33
S002-C02,S002,0,899560842,93.13,59.48,34.87
S003-C02,S003,0,1762898253,95.7,49.28,19.14
S001-C03,S001,0,1463286841,86.4,53.15,33.33
"""


def _campaign(**design: Any) -> Campaign:
    return Campaign.model_validate({**TINY, "design": design})


@pytest.mark.parametrize("pairing", ["rotated", "random"])
@pytest.mark.parametrize(("slurries", "conditions"), [(1, 1), (6, 24), (7, 25), (30, 174)])
def test_plan_has_the_asked_numbers_within_bounds_and_no_recipe_twice(
    pairing: str, slurries: int, conditions: int
) -> None:
    campaign = _campaign(slurries=slurries, conditions=conditions, pairing=pairing)
    plan = make_plan(campaign)
    table = plan.table()
    assert len(plan.slurries) == slurries
    assert len(table) == conditions
    assert table["condition_id"].is_unique
    assert not table.duplicated(["am_pct", "sc_pct", "cr_pct"]).any()
    assert len({(s.am_pct, s.sc_pct) for s in plan.slurries}) == slurries
    for name in ("am_pct", "sc_pct", "cr_pct"):
        bounds = getattr(campaign.design, name)
        assert table[name].between(bounds.min, bounds.max).all()


def test_parameters_are_plain_numbers_because_snakemake_records_their_text() -> None:
    plan = make_plan(_campaign(slurries=3, conditions=9))
    assert {type(s.am_pct) for s in plan.slurries} == {float}
    assert {type(s.seed) for s in plan.slurries} == {int}
    assert {type(c.cr_pct) for c in plan.conditions} == {float}


@pytest.mark.parametrize("pairing", ["rotated", "random"])
def test_a_longer_design_keeps_every_recipe_it_had(pairing: str) -> None:
    short = make_plan(_campaign(slurries=6, conditions=24, pairing=pairing))
    longer = make_plan(_campaign(slurries=6, conditions=31, pairing=pairing))
    assert set(short.conditions) < set(longer.conditions)
    assert short.slurries == longer.slurries
    wider = make_plan(_campaign(slurries=9, conditions=36, pairing=pairing))
    assert wider.slurries[:6] == short.slurries


def test_rotated_design_of_the_paper_is_more_even_than_random_and_than_the_published_dealing() -> (
    None
):
    campaign = _campaign(slurries=30, conditions=174)
    rotated = discrepancy(make_plan(campaign), campaign)
    assert rotated["design"] < 0.5 * rotated["random"]
    assert rotated["better_than_random"] == 1.0
    published = _campaign(slurries=30, conditions=174, pairing="random")
    assert rotated["design"] < discrepancy(make_plan(published), published)["design"]


def test_compression_rates_of_a_slurry_are_spread_over_the_range() -> None:
    plan = make_plan(_campaign(slurries=5, conditions=20))
    for slurry in plan.slurries:
        rates = sorted(c.cr_pct for c in plan.conditions if c.slurry_id == slurry.slurry_id)
        assert np.diff(rates) == pytest.approx([10, 10, 10], abs=0.02)


@pytest.mark.parametrize("pairing", ["rotated", "random"])
def test_conditions_of_a_slurry_are_dealt_over_its_films(pairing: str) -> None:
    single = make_plan(_campaign(slurries=6, conditions=32, pairing=pairing))
    double = make_plan(_campaign(slurries=6, conditions=32, pairing=pairing, seeds_per_slurry=2))
    assert len(double.slurries) == 12
    assert len({s.seed for s in double.slurries}) == 12
    recipe = ["am_pct", "sc_pct", "cr_pct"]
    both = [plan.table()[recipe].to_numpy().tolist() for plan in (single, double)]
    assert both[0] == both[1]  # the same electrodes, of other films
    films = double.table().groupby(["am_pct", "sc_pct"])["slurry_id"].value_counts()
    for _, counts in films.groupby(level=[0, 1]):
        assert len(counts) == 2
        assert counts.max() - counts.min() <= 1
    longer = make_plan(_campaign(slurries=8, conditions=40, pairing=pairing, seeds_per_slurry=2))
    assert longer.slurries[:12] == double.slurries


def test_every_film_of_a_slurry_has_low_and_high_rates() -> None:
    """So that chance in a film does not pass for what its compression rate does."""
    table = make_plan(_campaign(slurries=6, conditions=36, seeds_per_slurry=2)).table()
    spans = table.groupby("slurry_id")["cr_pct"].agg(np.ptp)
    assert spans.min() > 0.5 * (table["cr_pct"].max() - table["cr_pct"].min())
    middle = table.groupby(["am_pct", "sc_pct"])["cr_pct"].transform("median")
    sides = (table["cr_pct"] > middle).groupby(table["slurry_id"]).sum()
    assert set(sides) == {1, 2}


def test_more_films_than_conditions_are_refused() -> None:
    with pytest.raises(ValueError, match=r"seeds_per_slurry = 3 of 6 slurries makes 18 films"):
        _campaign(slurries=6, conditions=17, seeds_per_slurry=3)


def test_recipes_are_made_again_for_the_scatter_between_their_films() -> None:
    plain = make_plan(_campaign(slurries=6, conditions=30))
    plan = make_plan(_campaign(slurries=6, conditions=30, repeated={"recipes": 2, "seeds": 3}))
    assert plan.slurries[:6] == plain.slurries
    assert plan.conditions[:30] == plain.conditions
    assert [s.slurry_id for s in plan.slurries[6:]] == [
        "S001R02",
        "S001R03",
        "S002R02",
        "S002R03",
    ]
    assert [c.condition_id for c in plan.conditions[30:]] == [
        "S001R02-C01",
        "S001R03-C01",
        "S002R02-C01",
        "S002R03-C01",
    ]
    assert len({s.seed for s in plan.slurries}) == 10
    recipes = plan.table().groupby(["am_pct", "sc_pct", "cr_pct"])["seed"].nunique()
    assert sorted(recipes)[-3:] == [1, 3, 3]
    found = replicates(plan.table()[list(PARAMETERS)].to_numpy(float), np.arange(34.0))
    assert found is not None
    assert (found.recipes, found.rows) == (2, 6)
    both = [discrepancy(one, _campaign(slurries=6, conditions=30)) for one in (plain, plan)]
    assert both[0] == both[1]  # they fill no further space


def test_a_film_is_made_again_as_it_was_dried() -> None:
    design = {"slurries": 4, "conditions": 16, "seeds_per_slurry": 2, "repeated": {"recipes": 2}}
    plan = make_plan(_campaign(**design))
    again = [slurry for slurry in plan.slurries if "R" in slurry.slurry_id]
    assert len(again) == 2 * 7
    assert {slurry.slurry_id[:4] for slurry in again} == {"S001", "S003"}
    assert all(not slurry.mixed_as for slurry in again)


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ({"slurries": 3, "conditions": 12, "repeated": {"recipes": 4}}, "4 of 3 slurries"),
        (
            {
                "recipes": [{"am_pct": 90, "sc_pct": 60, "cr_pct": [0]}],
                "repeated": {"recipes": 1},
            },
            "with recipes; allowed: 0, or seeds_per_recipe",
        ),
        ({"dataset": "a.parquet", "repeated": {"recipes": 1}}, "with dataset; allowed: 0"),
    ],
)
def test_what_cannot_be_made_again_is_refused(design: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _campaign(**design)


def test_seeds_depend_on_campaign_seed_and_name_only() -> None:
    # What is kept was simulated with these: another number would simulate everything again.
    assert derived_seed(1, "S001") == 2044372876
    assert derived_seed(7, "surrogates") == 595438642
    assert derived_seed(1, "S001", "V01") == 2102408384
    assert len({derived_seed(s, n) for s in range(20) for n in ("S001", "S002", "V01")}) == 60
    assert 0 <= derived_seed(2**31 - 1, "x") < 2**31


def test_other_seed_gives_other_recipes() -> None:
    one = make_plan(_campaign(slurries=3, conditions=9))
    two = make_plan(
        Campaign.model_validate({**TINY, "seed": 4, "design": {"slurries": 3, "conditions": 9}})
    )
    assert one.slurries != two.slurries


def test_kept_plan_is_the_made_one_until_the_design_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = _campaign(slurries=3, conditions=7)
    plan = kept_plan(campaign, tmp_path)
    assert plan == make_plan(campaign)
    with monkeypatch.context() as patch:
        patch.setattr(plan_module, "make_plan", lambda campaign: pytest.fail("made again"))
        assert kept_plan(campaign, tmp_path) == plan
    longer = _campaign(slurries=3, conditions=8)
    assert kept_plan(longer, tmp_path) == make_plan(longer)
    path = tmp_path / "work/plan.json"
    path.write_text(path.read_text()[:100])
    assert kept_plan(longer, tmp_path) == make_plan(longer)


def test_kept_plan_follows_what_formulas_depend_on(tmp_path: Path) -> None:
    def campaign(voxel_size_um: float) -> Campaign:
        content = {
            "campaign": "x",
            "design": {
                "slurries": 3,
                "conditions": 7,
                "variables": {
                    "set_bead_scale": {"key": "drying.peclet_number", "min": 1, "max": 1.5}
                },
                "formulas": {"materials.cbd.dry_diameter_um": "set_bead_scale * 1.2"},
            },
            "characterization": {"voxel_size_um": voxel_size_um},
        }
        return Campaign.model_validate(content)

    kept_plan(campaign(0.25), tmp_path)
    key = read_json(tmp_path / "work/plan.json")["key"]
    kept_plan(campaign(0.3), tmp_path)
    assert read_json(tmp_path / "work/plan.json")["key"] != key


def test_single_jobs_are_refused_where_packs_were_made(tmp_path: Path) -> None:
    campaign = _campaign(slurries=3, conditions=7)
    plan = make_plan(campaign)
    check_packing(campaign, plan, tmp_path)
    pack = Layout(tmp_path).pack("S001-P01")
    pack.parent.mkdir()
    pack.write_text("{}")
    with pytest.raises(InputError, match=r"conditions_per_job = 1: .* allowed: at least 2"):
        check_packing(campaign, plan, tmp_path)
    pack.rename(pack.with_name("T001-P01.json"))  # of another design
    check_packing(campaign, plan, tmp_path)


def test_kept_plan_that_the_machine_cannot_read_now_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = _campaign(slurries=3, conditions=7)
    kept_plan(campaign, tmp_path)

    def stale(path: Path) -> None:
        raise OSError(errno.ESTALE, "Stale file handle", str(path))

    monkeypatch.setattr(plan_module, "read_json", stale)
    assert kept_plan(campaign, tmp_path) == make_plan(campaign)


def test_plan_of_the_three_numbers_is_what_it_was() -> None:
    plan = make_plan(_campaign(slurries=3, conditions=7))
    assert plan.table().to_csv(index=False) == PINNED


VARIABLES = {
    "set_setting_time_us": {"key": "drying.setting_time_us", "min": 10, "max": 40},
    "set_hold_time_us": {"key": "calendering.hold_time_us", "levels": [1, 5, 20]},
    "set_mass_loading_mg_cm2": {"key": "electrode.mass_loading_mg_cm2", "min": 5, "max": 9},
}


def test_slurries_and_films_are_shared_by_what_differs_later() -> None:
    campaign = _campaign(slurries=4, conditions=24, dryings_per_slurry=2, variables=VARIABLES)
    plan = make_plan(campaign)
    table = plan.table()
    assert [s.slurry_id for s in plan.slurries if not s.mixed_as] == [
        "S001",
        "S002",
        "S003",
        "S004",
    ]
    assert {s.slurry_id: s.mixed_as for s in plan.slurries if s.mixed_as} == {
        f"S00{i}D02": f"S00{i}" for i in range(1, 5)
    }
    mixed = table["slurry_id"].str.slice(0, 4)
    for name in ("am_pct", "sc_pct", "set_mass_loading_mg_cm2"):
        assert (table.groupby(mixed)[name].nunique() == 1).all()
    assert (table.groupby("slurry_id")["set_setting_time_us"].nunique() == 1).all()
    assert (table.groupby(mixed)["set_setting_time_us"].nunique() == 2).all()
    assert (table.groupby("slurry_id")["cr_pct"].nunique() == 3).all()
    assert set(table["set_hold_time_us"]) <= {1, 5, 20}
    assert table["set_setting_time_us"].between(10, 40).all()
    assert packs(plan, 2).keys() >= {"S001-P01", "S001D02-P01"}


def test_formula_leaves_out_what_its_key_does_not_allow() -> None:
    shares = "materials.active_material.number_fractions"
    campaign = Campaign.model_validate(
        {
            **TINY,
            "materials": {
                "active_material": {"diameters_um": [3, 5, 8], "number_fractions": [0.3, 0.3, 0.4]}
            },
            "design": {
                "slurries": 8,
                "conditions": 8,
                "variables": {
                    "set_small": {"key": f"{shares}.0", "min": 0.1, "max": 0.9},
                    "set_medium": {"key": f"{shares}.1", "min": 0.1, "max": 0.9},
                },
                "formulas": {f"{shares}.2": "1 - set_small - set_medium"},
            },
        }
    )
    plan = make_plan(campaign)
    assert len(plan.slurries) == 8
    assert all(
        float(s.further["set_small"]) + float(s.further["set_medium"]) < 1 for s in plan.slurries
    )


def test_latin_hypercube_has_each_share_of_the_range_once() -> None:
    campaign = _campaign(
        slurries=8,
        conditions=8,
        sampling="latin_hypercube",
        variables={"set_mass_loading_mg_cm2": VARIABLES["set_mass_loading_mg_cm2"]},
    )
    plan = make_plan(campaign)
    table = plan.table()
    for name, (low, high) in campaign.box_pct.items():
        places = np.floor(8 * (table[name] - low) / (high - low)).clip(0, 7)
        assert sorted(places) == list(range(8))
    assert make_plan(campaign) == plan
    assert set(discrepancy(plan, campaign)) == {
        "design",
        "random",
        "better_than_random",
        "slurries",
    }


def test_electrodes_that_differ_in_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="electrodes of one film differ in nothing"):
        make_plan(_campaign(slurries=2, conditions=4, cr_pct={"fixed": 10}))


def test_listed_recipes_have_values_of_the_variables() -> None:
    recipe = {"am_pct": 94, "sc_pct": 60, "cr_pct": [0, 20]}
    values = {"set_setting_time_us": 20.0, "set_hold_time_us": 5.0, "set_mass_loading_mg_cm2": 6.0}
    plan = make_plan(_campaign(recipes=[{**recipe, "set": values}], variables=VARIABLES))
    assert plan.slurries[0].further == {"set_setting_time_us": 20.0, "set_mass_loading_mg_cm2": 6.0}
    assert plan.conditions[1].further == {"set_hold_time_us": 5.0}


def test_choices_have_equal_shares_of_the_slurries_and_their_other_numbers_stay_even() -> None:
    material = {"key": "materials.active_material.material", "choices": ["NMC622", "LFP"]}
    content = {key: value for key, value in TINY.items() if key != "materials"}
    content["electrode"] = {"mass_ug": 0.02}
    design = {"slurries": 16, "conditions": 48, "variables": {"set_material": material}}
    campaign = Campaign.model_validate({**content, "design": design})
    plan = make_plan(campaign)
    slurries = plan.table().drop_duplicates("slurry_id")
    assert slurries["set_material"].value_counts().to_dict() == {"NMC622": 8, "LFP": 8}
    # Within a choice each quarter of the range of the active material has as many slurries.
    for _, own in slurries.groupby("set_material"):
        quarters = np.floor((own["am_pct"] - 86) / 2.5)
        assert quarters.value_counts().to_dict() == {0: 2, 1: 2, 2: 2, 3: 2}
    assert plan.table()["set_material"].isin(["NMC622", "LFP"]).all()
    assert discrepancy(plan, campaign)["better_than_random"] == 1
    fewer = Campaign.model_validate({**content, "design": {**design, "slurries": 12}})
    assert make_plan(fewer).slurries == plan.slurries[:12]
