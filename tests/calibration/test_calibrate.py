"""The calibration from tables alone, as a notebook calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import mesocast as mc
from mesocast.calibration.answer import Found, identified
from mesocast.calibration.coefficients import Coefficients
from mesocast.calibration.films import Simulated, assemble
from mesocast.calibration.jobs import read_plan
from mesocast.calibration.plan import Output, film_seed
from mesocast.calibration.table import simulated_of, table_of
from mesocast.dataset.measured import read_for_calibration
from mesocast.storage.files import read_json
from mesocast.storage.layout import Layout
from tests.calibration.line import CALIBRATION, FRICTION, HIDDEN, PRESSURE, make_films

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = {
    "campaign": "line",
    "cell": {"enabled": False},
    "calibration": CALIBRATION | {"points": 8, "masses_ug": [0.04]},
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the measured table; its films lie beside it."""
    return make_films(CONTENT, tmp_path_factory.mktemp("line"))


@pytest.fixture(scope="module")
def films(measured: Path) -> pd.DataFrame:
    """Give the films as a table."""
    campaign, layout = mc.load(CONTENT), Layout(measured.parent)
    plan = read_plan(campaign, measured)
    points = read_json(layout.calibration_round(0))["points"]
    return table_of(campaign, plan, points, _quantities(layout, plan.films, points))


def _quantities(layout: Layout, films: Any, points: Any) -> Any:
    return {
        point: {
            film: {
                pressing: found["quantities"]
                for pressing, found in read_json(layout.calibration_film(point, film))[
                    "pressings"
                ].items()
            }
            for film in films
        }
        for point in points
    }


def test_a_row_is_a_film_in_one_way_of_pressing(measured: Path, films: pd.DataFrame) -> None:
    campaign = mc.load(CONTENT)
    assert len(films) == 8 * 2 * 7  # points, seeds, electrodes
    row = films[(films["film"] == "AM90SC58S1") & films["pressure_MPa"].notna()].iloc[0]
    assert (row["am_pct"], row["sc_pct"], row["pressure_MPa"]) == (90, 58, 40)
    assert row["mass_ug"] == 0.04
    assert row["seed"] == film_seed(campaign, row["point"], "AM90SC58S1")
    assert 0.2 < row["porosity_total"] < 0.6


def test_the_table_says_what_the_folder_says(measured: Path, films: pd.DataFrame) -> None:
    campaign, layout = mc.load(CONTENT), Layout(measured.parent)
    plan, coefficients = read_plan(campaign, measured), Coefficients(campaign)
    points = read_json(layout.calibration_round(0))["points"]
    own = assemble(plan, coefficients, points, _quantities(layout, plan.films, points))
    found = simulated_of(campaign, read_for_calibration(measured), films)
    assert found.outputs == own.outputs
    assert (found.x == own.x).all()
    np.testing.assert_array_equal(found.values, own.values)
    # In another order, and with films of a recipe that nobody measured.
    other = films.assign(am_pct=85.0)
    mixed = simulated_of(
        campaign, read_for_calibration(measured), pd.concat([films.iloc[::-1], other])
    )
    assert sorted(mixed.x.tolist()) == sorted(own.x.tolist())
    assert mixed.values.shape == own.values.shape  # noqa: PD011 - no table


def test_films_of_one_recipe_go_together(measured: Path, films: pd.DataFrame) -> None:
    """The line's films have one deviation in all pressings; conductivities have none."""
    found = simulated_of(mc.load(CONTENT), read_for_calibration(measured), films)
    correlation = found.correlation()
    place = {(o.electrode, o.quantity[:8]): j for j, o in enumerate(found.outputs)}
    dried, pressed, other = (place[name, "porosity"] for name in "abc")
    outputs_of_recipe, freedom = 4, 8  # points, each with two seeds
    assert correlation[dried, pressed] == pytest.approx(freedom / (freedom + outputs_of_recipe))
    assert correlation[dried, other] == 0
    assert correlation[dried, place["a", "electron"]] == 0
    assert (np.linalg.eigvalsh(correlation) > 0.1).all()


def test_one_weighing_is_one_measurement() -> None:
    outputs = tuple(
        Output(name, "AM94SC60", "cr_pct=0", quantity, 1.0, 0.1, 12.0)
        for name in "ab"
        for quantity in ("porosity_by_mass", "thickness_um", "density_g_cm3", "porosity_bulk")
    )
    none = np.zeros((1, 1))
    found = Simulated(outputs, (), none, np.zeros((8, 1, 1)), none[0], (0.1,))
    own = np.eye(4)
    own[:3, :3] = 0.95 * np.outer([1, 1, -1], [1, 1, -1]) + 0.05 * np.eye(3)
    np.testing.assert_allclose(found.measurement_correlation(), np.kron(np.eye(2), own))


@pytest.mark.parametrize(
    ("best", "low", "high", "width", "is_at_a_bound"),
    [
        (10.1, 10.0, 12.0, 0.1, True),
        (10.1, 10.0, 12.0, 0.9, False),
        (30.0, 20.0, 40.0, 0.2, False),
        (99.0, 80.0, 99.9, 0.3, True),
        (99.0, 40.0, 80.0, 0.6, False),  # the most probable draw of a wide posterior, by chance
    ],
)
def test_a_coefficient_at_a_bound_asks_for_wider_ones(
    best: float, low: float, high: float, width: float, *, is_at_a_bound: bool
) -> None:
    found = Found("a", 10, 100, "log", best, low, high, width)
    assert found.is_at_a_bound == is_at_a_bound
    assert ("wider" in identified(found)) == is_at_a_bound


def test_coefficients_are_found_from_tables(measured: Path, films: pd.DataFrame) -> None:
    told: list[str] = []
    found = mc.calibrate(mc.load(CONTENT), pd.read_csv(measured), films, report=told.append)
    by_name = {c.name: c for c in found.coefficients}
    for name, value in HIDDEN.items():
        assert by_name[name].low <= value <= by_name[name].high
    assert found.mass_ug == 0.04
    assert "predicting 94/60 from the others" in told
    assert PRESSURE in found._repr_html_()
    assert FRICTION in found._repr_html_()


def test_the_mass_of_the_predictions_may_be_another(measured: Path, films: pd.DataFrame) -> None:
    campaign, electrodes = mc.load(CONTENT), read_for_calibration(measured)
    both = pd.concat([films, films.assign(mass_ug=0.02)])
    assert simulated_of(campaign, electrodes, both).all_masses_ug == (0.02, 0.04)
    small = simulated_of(campaign, electrodes, both, mass_ug=0.02)
    assert small.all_masses_ug == (0.04, 0.02)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (lambda t: t.drop(columns=FRICTION), f"films: column {FRICTION} is missing; allowed: "),
        (lambda t: t.drop(columns="seed"), "films: column seed is missing"),
        (lambda t: t.iloc[:0], "films: no row"),
        (lambda t: t.assign(mass_ug=None), "films: row 1: mass_ug is empty"),
        (lambda t: t.assign(porosity_total="wide"), "films: row 1: porosity_total = 'wide'"),
        (lambda t: t.assign(cr_pct=1.0, pressure_MPa=2.0), "row 1: cr_pct and pressure_MPa"),
        (lambda t: t.assign(am_pct=50.0), "no film has what was measured"),
    ],
)
def test_tables_of_films_that_cannot_be_read_are_refused(
    changed: Any, message: str, measured: Path, films: pd.DataFrame
) -> None:
    with pytest.raises(mc.InputError, match=message):
        mc.calibrate(mc.load(CONTENT), measured, changed(films))


def test_a_mass_that_no_film_has_is_refused(measured: Path, films: pd.DataFrame) -> None:
    with pytest.raises(mc.InputError, match=r"mass_ug = 1: no film has it; allowed: 0\.04"):
        mc.calibrate(mc.load(CONTENT), measured, films, mass_ug=1.0)
