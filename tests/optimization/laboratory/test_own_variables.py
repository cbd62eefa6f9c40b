"""A laboratory that is asked for more than the three numbers of a recipe."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from mesocast.config.campaign import Campaign
from mesocast.dataset.design_columns import DesignColumns
from mesocast.errors import InputError
from mesocast.optimization.asked import with_formulas
from mesocast.optimization.laboratory import jobs
from mesocast.optimization.laboratory.ask import Asked
from mesocast.optimization.laboratory.state import Laboratory
from mesocast.optimization.objective import DEFAULT_GOALS, Objective
from mesocast.optimization.problem import Problem
from mesocast.storage.layout import Layout
from mesocast.surrogates.fit import Surrogates, fit
from mesocast.surrogates.measured.table import measured_table
from mesocast.verification.measured import compare_measured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

CAMPAIGN = Campaign.model_validate(
    {
        "campaign": "line",
        "design": {
            "sc_pct": {"fixed": 60},
            "variables": {
                "set_mass_loading_mg_cm2": {
                    "key": "electrode.mass_loading_mg_cm2",
                    "levels": [4, 6, 10],
                },
                "set_small_share": {
                    "key": "materials.active_material.number_fractions.0",
                    "min": 0.1,
                    "max": 0.5,
                },
                "set_hold_time_us": {"key": "calendering.hold_time_us", "min": 2, "max": 10},
            },
            # Leaves a part of the design: shares below 0.25.
            "formulas": {
                "materials.active_material.number_fractions.1": "1 - set_small_share",
                "materials.cbd.nanoporosity": "4 * set_small_share",
            },
        },
        "materials": {"active_material": {"diameters_um": [4, 8], "number_fractions": [0.2, 0.8]}},
        "laboratory": {"electrodes": 5, "slurries": 3, "slurry_cost": 1},
    }
)
DESIGN = DesignColumns.of(CAMPAIGN)
LOW, HIGH = np.array([CAMPAIGN.box_pct[name] for name in DESIGN.inputs]).T


def _properties(recipes: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    am, cr, loading, share, hold = ((recipes - LOW) / (HIGH - LOW)).T
    return {
        "density_g_cm3": 2.2 + 0.3 * cr + 0.2 * am + 0.1 * share,
        "electronic_conductivity_S_m": 0.3 - 0.1 * am + 0.05 * hold + 0.05 * share,
        "tortuosity_factor": 2 + cr + 0.5 * loading,
        "active_surface_pct": 70 - 20 * cr - 10 * loading,
    }


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    recipes = qmc.scale(qmc.Sobol(5, rng=1).random(32), LOW, HIGH)
    found = pd.DataFrame(recipes, columns=list(DESIGN.inputs)).assign(**_properties(recipes))
    names = [f"S{number:02d}" for number in range(len(found))]
    return found.assign(condition_id=names, slurry_id=names, status="ok", sc_pct=60.0)


@pytest.fixture(scope="module")
def surrogates(table: pd.DataFrame) -> Surrogates:
    bounds = CAMPAIGN.box_pct
    return fit(table, list(DEFAULT_GOALS), method="polynomial", bounds_pct=bounds, splits=2)


@pytest.fixture(scope="module")
def problem(table: pd.DataFrame, surrogates: Surrogates) -> Problem:
    objective = Objective.from_table(table, DEFAULT_GOALS)
    spans = {name: surrogate.span for name, surrogate in surrogates.items()}
    plain = Problem(dict(surrogates), objective, CAMPAIGN.box_pct, {}, spans, CAMPAIGN.fixed)
    return with_formulas(plain, CAMPAIGN)


@pytest.fixture
def asking(
    problem: Problem, surrogates: Surrogates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """Results of the campaign whose surrogates are these."""
    monkeypatch.setattr(jobs, "make_problem", lambda *_: problem)
    monkeypatch.setattr(jobs, "read_surrogates", lambda *_: surrogates)
    return tmp_path


def test_recipes_have_all_variables_within_levels_and_formulas(asking: Path) -> None:
    rows = jobs.run_ask(CAMPAIGN, asking)
    names = ("am_pct", "sc_pct", "cr_pct", *CAMPAIGN.design.variables)
    assert tuple(rows.columns) == ("name", "slurry", "ask", "status", *names)
    assert len(rows) == 5
    recipes = rows[list(DESIGN.inputs)].to_numpy(float)
    assert np.all((recipes >= LOW) & (recipes <= HIGH))
    assert set(rows["sc_pct"]) == {60.0}
    assert set(rows["set_mass_loading_mg_cm2"]) <= {4.0, 6.0, 10.0}
    assert (4 * rows["set_small_share"] <= 1).all()
    assert (rows["set_small_share"] > 0.1).any()
    # What a slurry is made by is that of all its electrodes; what the calender does is theirs.
    of_film = ["am_pct", "set_mass_loading_mg_cm2", "set_small_share"]
    films = rows.drop_duplicates(["slurry", *of_film])
    assert len(films) == len(rows.drop_duplicates(of_film)) == rows["slurry"].nunique()
    assert rows.duplicated([*DESIGN.inputs]).sum() == 0
    for recipe in rows.to_dict("records"):
        CAMPAIGN.at({str(name): value for name, value in recipe.items()})  # can be simulated
    kept = pd.read_csv(Layout(asking).laboratory)
    pd.testing.assert_frame_equal(kept, rows, check_dtype=False)


def test_what_was_asked_is_told_by_name_or_by_all_that_was_set(asking: Path) -> None:
    rows = jobs.run_ask(CAMPAIGN, asking)
    told = rows[["name"]].assign(density_g_cm3=2.4)
    assert jobs.run_tell(CAMPAIGN, asking, told[:2], "t").new == ("A01-1", "A01-2")
    # A spreadsheet shows fewer digits than were asked for.
    nameless = rows[["am_pct", "sc_pct", "cr_pct", *CAMPAIGN.design.variables]].round(3)[2:3]
    found = jobs.run_tell(CAMPAIGN, asking, nameless.assign(density_g_cm3=2.3), "t")
    assert found.new == ("A01-3",)
    other = nameless.assign(density_g_cm3=2.3, set_hold_time_us=2.5)
    assert jobs.run_tell(CAMPAIGN, asking, other, "t").new == ("M001",)
    measured = jobs.all_measured(CAMPAIGN, asking)
    assert measured is not None
    assert measured.inputs == DESIGN.inputs
    assert len(measured) == 4
    further = jobs.run_ask(CAMPAIGN, asking)
    assert further["name"].tolist()[0] == "A02-1"
    with pytest.raises(InputError, match="column set_mass_loading_mg_cm2 is missing"):
        jobs.run_tell(CAMPAIGN, asking, nameless[["am_pct", "cr_pct"]], "t")


def test_a_bias_along_an_own_variable_is_found_and_corrected(
    problem: Problem, surrogates: Surrogates, table: pd.DataFrame
) -> None:
    recipes = qmc.scale(qmc.Sobol(5, rng=7).random(16), LOW, HIGH)
    line = pd.DataFrame(recipes, columns=list(DESIGN.inputs))
    share = (recipes[:, 3] - LOW[3]) / (HIGH[3] - LOW[3])
    noise = 0.01 * np.random.default_rng(1).standard_normal(16)
    line["tortuosity_factor"] = _properties(recipes)["tortuosity_factor"] + share + noise
    measured = measured_table(line.assign(tortuosity_factor_std=0.01), design=DESIGN)
    found = compare_measured(
        problem, surrogates, table, measured, resolution_pct=CAMPAIGN.resolution
    )
    bias = found.bias.set_index("property").loc["tortuosity_factor"]
    assert bias["set_small_share"] == pytest.approx(1, abs=0.1)
    others = [bias[name] for name in DESIGN.inputs if name != "set_small_share"]
    assert np.abs(others).max() < 0.15
    assert bias["rmse_corrected"] < 0.2 * bias["rmse_predicted"]
    # The simulated optimum takes the most of the small share that the formula allows.
    ends = [found.uncorrected.parameters, found.corrected.parameters]
    assert ends[0]["set_small_share"] > ends[1]["set_small_share"]
    assert all(4 * end["set_small_share"] <= 1 for end in ends)
    assert found.corrected.recipe.further.keys() == set(CAMPAIGN.design.variables)
    again = found.predict(line)["tortuosity_factor"]
    assert np.abs(again - line["tortuosity_factor"]).max() < 0.1


def test_who_asks_at_the_same_time_waits_and_loses_nothing(
    asking: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sees what the other was given; without a lease both would write the same names."""
    seen: list[int] = []

    def slowly(*_: Any, seed: int, **__: Any) -> list[Asked]:
        seen.append(seed)
        time.sleep(0.3)
        return [Asked(1, tuple(LOW.tolist()))]

    monkeypatch.setattr(jobs, "ask", slowly)
    together: list[Callable[[], object]] = [
        *[lambda: jobs.run_ask(CAMPAIGN, asking)] * 2,
        lambda: jobs.run_tell(
            CAMPAIGN,
            asking,
            pd.DataFrame([{**dict(zip(DESIGN.inputs, HIGH, strict=True)), "density_g_cm3": 2.4}]),
            "t",
        ),
    ]
    threads = [threading.Thread(target=one) for one in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = Laboratory.read(Layout(asking).laboratory, DESIGN).rows
    assert sorted(rows) == ["A01-1", "A02-1", "M001"]
    assert len(set(seen)) == 2
    assert not list(asking.glob(".*"))


def test_choices_are_asked_told_and_corrected_by_their_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line's LFP is off, whatever the simulations say of it."""
    material = {"key": "materials.active_material.material", "choices": ["NMC111", "LFP"]}
    design = {"sc_pct": {"fixed": 60}, "variables": {"set_material": material}}
    campaign = Campaign.model_validate({"campaign": "line", "design": design})
    unit = qmc.Sobol(2, rng=1).random(32)
    words = np.array(["NMC111", "LFP"])[np.arange(32) % 2]
    table = pd.DataFrame({"am_pct": 86 + 10 * unit[:, 0], "cr_pct": 40 * unit[:, 1]}).assign(
        sc_pct=60.0, set_material=words, status="ok"
    )
    names = [f"S{number:02d}" for number in range(32)]
    is_lfp, cr = (words == "LFP").astype(float), unit[:, 1]
    table = table.assign(
        condition_id=names,
        slurry_id=names,
        density_g_cm3=2.2 + 0.3 * cr - 0.2 * is_lfp,
        electronic_conductivity_S_m=0.3 - 0.1 * unit[:, 0],
        tortuosity_factor=2 + cr + 0.1 * is_lfp,
        active_surface_pct=70 - 20 * cr,
    )
    bounds = campaign.box_pct
    made = fit(table, list(DEFAULT_GOALS), method="polynomial", bounds_pct=bounds, splits=2)
    spans = {name: surrogate.span for name, surrogate in made.items()}
    objective = Objective.from_table(table, DEFAULT_GOALS)
    sought = Problem(dict(made), objective, bounds, {}, spans, campaign.fixed)
    monkeypatch.setattr(jobs, "make_problem", lambda *_: sought)
    monkeypatch.setattr(jobs, "read_surrogates", lambda *_: made)
    rows = jobs.run_ask(campaign, tmp_path)
    assert set(rows["set_material"]) <= {"NMC111", "LFP"}
    assert (rows.groupby("slurry")["set_material"].agg(set).map(len) == 1).all()
    both = table[:16][["am_pct", "cr_pct", "set_material"]].assign(
        sc_pct=60.0,
        tortuosity_factor=table["tortuosity_factor"] + 0.5 * is_lfp,
        tortuosity_factor_std=0.02,
    )
    assert jobs.run_tell(campaign, tmp_path, both, "t").new[0] == "M001"
    measured = jobs.all_measured(campaign, tmp_path)
    assert measured is not None
    found = compare_measured(sought, made, table, measured)
    bias = found.bias.iloc[0]
    assert bias["set_material"] == pytest.approx(0.5, abs=0.1)
    assert set(found.electrodes["set_material"]) == {"NMC111", "LFP"}
    assert (found.electrodes["simulated_electrodes"] == 1).all()
    assert found.corrected.parameters["set_material"] == "NMC111"
    predicted = found.predict(both)["tortuosity_factor"]
    assert np.abs(predicted - both["tortuosity_factor"]).max() < 0.1
