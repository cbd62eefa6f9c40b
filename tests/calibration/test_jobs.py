"""The jobs of a calibration on a line whose coefficients are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from mesocast.calibration.answer import Calibration
from mesocast.calibration.jobs import read_calibration, read_plan, run_calibration, run_round
from mesocast.calibration.plan import film_seed
from mesocast.campaign.calibration_costs import (
    cpu_hours,
    describe_calibration,
    film_request,
)
from mesocast.campaign.checks import load
from mesocast.errors import InputError
from mesocast.report.calibration import write_calibration_page
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import Layout
from tests.calibration.line import (
    CALIBRATION,
    FRICTION,
    HIDDEN,
    PRESSURE,
    make_films,
    quantities,
    write_measured,
)

if TYPE_CHECKING:
    from pathlib import Path


def content(**changes: Any) -> dict[str, Any]:
    calibration = CALIBRATION | {"points": 12} | changes
    return {"campaign": "line", "cell": {"enabled": False}, "calibration": calibration}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the results of a calibration whose films are all there."""
    folder = tmp_path_factory.mktemp("line")
    measured = make_films(content(), folder, rounds=2)
    run_calibration(load(content()), folder, measured)
    return folder


def test_coefficients_are_found_again(results: Path) -> None:
    found = {c.name: c for c in read_calibration(results).coefficients}
    for name, value in HIDDEN.items():
        assert found[name].low <= value <= found[name].high
        assert found[name].width_of_prior < 0.5


def test_recipes_are_predicted_from_the_others_and_those_not_measured_too(results: Path) -> None:
    answer = read_calibration(results)
    inside, data = answer.covered
    assert data == 12  # six electrodes, two quantities
    assert inside >= 10
    wanted = {row.quantity: row for row in answer.rows if row.electrode == "g"}
    truth = quantities(HIDDEN, 96, "cr_pct=0")
    for name, row in wanted.items():
        assert row.predicted is None
        assert row.fitted.low <= truth[name] <= row.fitted.high
        assert row.fitted.high / row.fitted.low < 2
        # Two are predicted, so either is told wider where both are to be met.
        assert row.joint is not None
        assert row.joint.low < row.fitted.low < row.fitted.high < row.joint.high
    assert all(row.joint is None for row in answer.rows if row.measured is not None)


def test_noise_between_seeds_is_measured(results: Path) -> None:
    rows = [r for r in read_calibration(results).rows if r.quantity == "porosity_total"]
    mean = sum(row.seed_deviation for row in rows) / len(rows)
    assert mean == pytest.approx(0.003, rel=0.5)


def test_the_answer_is_kept_whole(results: Path) -> None:
    answer = read_calibration(results)
    assert Calibration.from_dict(answer.to_dict()) == answer
    assert answer.films == 2 * 4 * (12 + 2)
    assert answer.failed_films == 0
    films = pd.read_csv(Layout(results).calibration_films)
    assert len(films) == 2 * 7 * (12 + 2)
    assert {PRESSURE, FRICTION, "mass_ug", "seed", "porosity_total"} <= set(films)
    included = {"campaign": "next", "coefficients": str(Layout(results).coefficients)}
    campaign = load(included | {"cell": {"enabled": False}})
    assert campaign.drying.pressure_kPa == answer.best[PRESSURE]
    assert campaign.force_fields.dried.hertz.friction == answer.best[FRICTION]


def test_the_page_says_first_what_to_expect(results: Path) -> None:
    write_calibration_page(load(content()), results)
    text = Layout(results).calibration_page.read_text()
    body = text[text.index("<main>") :]
    places = [
        body.index(words)
        for words in (
            "What to expect for a new recipe",
            "measured values lie in",
            "Under pressure",
            "Correlations",
            "informs",
            "What to measure next",
        )
    ]
    assert "All of them at once" in body
    assert places == sorted(places)
    assert PRESSURE in body


def test_a_round_is_proposed_once_and_stays_when_the_table_changes(tmp_path: Path) -> None:
    measured = make_films(content(), tmp_path)
    campaign, path = load(content()), Layout(tmp_path).calibration_round(1)
    run_round(campaign, tmp_path, measured, 1)
    before = read_json(path)
    assert list(before["points"]) == ["R1P01", "R1P02"]
    assert before["mass_ug"] == 0.04
    write_measured(measured, seed=9, deviation=0.05)
    run_round(campaign, tmp_path, measured, 1)
    assert read_json(path) == before
    longer = load(content(points=20))
    run_round(longer, tmp_path, measured, 1)
    assert read_json(path) == before
    # More points at first leave those that were simulated as they are.
    first = read_json(Layout(tmp_path).calibration_round(0))["points"]
    run_round(longer, tmp_path, measured, 0)
    now = read_json(Layout(tmp_path).calibration_round(0))["points"]
    assert len(now) == 20
    assert {name: now[name] for name in first} == first


def test_films_that_failed_are_left_out_and_told(tmp_path: Path) -> None:
    short = content(points=6, masses_ug=[0.04])
    measured = make_films(short, tmp_path)
    layout = Layout(tmp_path)
    failed = {"status": "pressure_not_reached", "reason": "too soft", "quantities": {}}
    for point in read_json(layout.calibration_round(0))["points"]:
        for seed in (1, 2):
            path = layout.calibration_film(point, f"AM92SC66S{seed}")
            film = read_json(path)
            film["pressings"]["pressure_MPa=80"] = failed
            write_json(path, film)
    answer = run_calibration(load(short), tmp_path, measured)
    assert answer.left_out == ("f: porosity_total", "f: electronic_conductivity_S_m")
    assert not [row for row in answer.rows if row.electrode == "f"]
    write_calibration_page(load(short), tmp_path)
    assert "f: porosity_total was measured but" in layout.calibration_page.read_text()


def test_the_plan_names_everything_before_anything_runs(tmp_path: Path) -> None:
    measured = tmp_path / "measured.csv"
    write_measured(measured)
    campaign = load(content())
    plan = read_plan(campaign, measured)
    assert [r.recipe_id for r in plan.recipes] == [
        *("AM94SC60", "AM90SC58", "AM92SC66", "AM96SC69"),
    ]
    assert plan.recipes[1].pressings == ("cr_pct=0", "pressure_MPa=40")
    assert [len(points) for points in plan.rounds] == [12, 2]
    assert plan.has_voxels  # a conductivity needs them
    seeds = {film_seed(campaign, p, film) for p in plan.round_of for film in plan.films}
    assert len(seeds) == 14 * 8  # no seed twice
    hours = cpu_hours(campaign, plan)
    # Twice the mass is twice the work, but for the characterization's constant part.
    assert 1.2 < (hours[1] / 2) / (hours[0] / 12) < 2
    told = describe_calibration(campaign, plan)
    assert "2 coefficients by 12 data of 4 recipes" in told
    assert f"expected cost: {sum(hours):.3g} CPU-hours" in told
    asked = [
        film_request(campaign, plan, point, "AM94SC60S1", tmp_path / "none", attempt=1)
        for point in ("R0P01", "R1P01")
    ]
    assert asked[1].memory_MB > asked[0].memory_MB > 250


def test_films_stay_what_they_are_wherever_rows_come_and_go(tmp_path: Path) -> None:
    measured = tmp_path / "measured.csv"
    write_measured(measured)
    campaign = load(content())
    before = read_plan(campaign, measured).films
    head, *rows = measured.read_text().splitlines()
    measured.write_text("\n".join([head, "new,91,61,20,,,,,", *rows[::-1]]) + "\n")
    after = read_plan(campaign, measured).films
    assert set(after) - set(before) == {"AM91SC61S1", "AM91SC61S2"}
    for name, recipe in before.items():
        assert (after[name].am_pct, after[name].sc_pct) == (recipe.am_pct, recipe.sc_pct)
        assert set(after[name].pressings) == set(recipe.pressings)


@pytest.mark.parametrize(
    ("changes", "rows", "said"),
    [
        ({"coefficients": {}}, 7, "at least one key"),
        ({}, 0, "0 data for 2 coefficients"),
        ({}, 1, "one recipe only"),
        ({"masses_ug": [1e-6]}, 7, "masses_ug"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_before_any_job(
    changes: dict[str, Any], rows: int, said: str, tmp_path: Path
) -> None:
    measured = tmp_path / "measured.csv"
    write_measured(measured)
    lines = measured.read_text().splitlines()
    lines = [lines[0], *lines[1 : 1 + rows]] if rows else [lines[0], lines[-1]]
    measured.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=said):
        read_plan(load(content(**changes)), measured)


def test_pressures_need_a_scale(tmp_path: Path) -> None:
    measured = tmp_path / "measured.csv"
    write_measured(measured)
    campaign = load(content() | {"calendering": {"pressure_scale": None}})
    with pytest.raises(InputError, match=r"d: a pressure, but calendering\.pressure_scale"):
        read_plan(campaign, measured)
