from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold

from mesocast.columns import PARAMETERS
from mesocast.config.campaign import Campaign
from mesocast.errors import InputError
from mesocast.storage.rows import read_file
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.evidence.refit import refit_on_other_seeds
from mesocast.surrogates.methods.through_microstructure import ThroughMicrostructure
from mesocast.surrogates.registry import METHODS
from mesocast.surrogates.rows import Rows
from mesocast.surrogates.surrogate import Surrogate, fit_like, fit_surrogate
from tests.conftest import ELECTRODES

BOX = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
ENERGY, METHOD = "energy_stack_5C_Wh_L", "through_microstructure"
NOISE = {"electronic_conductivity_S_m": 0.2, "porosity_total": 0.02}


def law(x: Any, name: str) -> Any:
    """Smooth laws of the microstructure."""
    am, _, cr = x.T
    if name == "porosity_total":
        return 0.5 - 0.004 * cr + 0.003 * (am - 90)
    return 0.1 * np.exp(-(am - 86) * (0.2 + 0.01 * cr) + 0.05 * cr)


def energy(conductivity: Any, porosity: Any) -> Any:
    """Rise steeply with the conductivity and level off, as a cell does at high rate."""
    return 500 * (1 - porosity) / (1 + (0.03 / conductivity) ** 2)


def electrodes(slurries: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    low, high = np.array(list(BOX.values())).T
    x = random.uniform(low, high, (4 * slurries, 3))
    slurry = np.arange(len(x)) % slurries
    x[:, :2] = x[slurry, :2]
    made = {
        name: law(x, name) * np.exp(noise * random.standard_normal(len(x)))
        for name, noise in NOISE.items()
    }
    return pd.DataFrame(x, columns=list(PARAMETERS)).assign(
        condition_id=[f"C{n:03d}" for n in range(len(x))],
        slurry_id=[f"S{n:03d}" for n in slurry],
        status="ok",
        **made,
        **{ENERGY: energy(made["electronic_conductivity_S_m"], made["porosity_total"])},
    )


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return electrodes(16, 0)


@pytest.fixture(scope="module")
def surrogate(table: pd.DataFrame) -> Surrogate:
    return fit_surrogate(table, ENERGY, seed=1, method=METHOD, box_pct=BOX, unit="Wh/L")


def test_it_errs_less_than_a_process_of_the_column_on_simulated_electrodes() -> None:
    # Real structures, with a closed form in the place of the cell.
    table = read_file(ELECTRODES)
    table[ENERGY] = energy(table["electronic_conductivity_S_m"], table["porosity_total"])
    rows = Rows.from_table(table, ENERGY)
    errors = dict.fromkeys(("gaussian_process", METHOD), 0.0)
    for train, test in GroupKFold(3).split(rows.x, groups=rows.slurries):
        data = rows.training_data(train, test, box=rows.box(None), unit="", seed=1)
        for method in errors:
            residual = METHODS[method].fit(data, {})[0](rows.x[test]) - rows.y[test]
            errors[method] += float(residual @ residual)
    assert errors[METHOD] < 0.6 * errors["gaussian_process"]
    assert errors[METHOD] < 0.1 * ((rows.y - rows.y.mean()) ** 2).sum()


def test_its_parts_are_equations_of_the_columns_that_the_dataset_has(surrogate: Surrogate) -> None:
    model = surrogate.model
    assert isinstance(model, ThroughMicrostructure)
    assert set(model.parts) == set(NOISE)
    assert all(isinstance(part, Equation) for part in model.parts.values())
    assert model.outcome.inputs == ("am_pct", *model.parts)
    assert set(surrogate.facts["parts"]) == set(NOISE)


def test_what_is_written_is_read_again(surrogate: Surrogate, tmp_path: Any) -> None:
    surrogate.write(tmp_path / "one.json")
    again = Surrogate.read(tmp_path / "one.json")
    assert again.model == surrogate.model
    x = np.array(list(BOX.values())).mean(axis=1)[None]
    assert again(x) == surrogate(x)
    content = json.loads((tmp_path / "one.json").read_text())["model"]
    del content["box"]
    with pytest.raises(InputError, match="'box' in the file"):
        METHODS[METHOD].read(content)


def test_inside_is_that_of_the_recipe(surrogate: Surrogate) -> None:
    assert surrogate.model.is_inside([[91, 58, 20], [91, 58, 41]]).tolist() == [True, False]
    with pytest.raises(InputError, match=ENERGY):
        surrogate.model([[1.0, 2.0]])


def test_a_column_of_the_microstructure_gets_an_equation(table: pd.DataFrame) -> None:
    found = fit_surrogate(table, "porosity_total", seed=1, method=METHOD, box_pct=BOX)
    plain = fit_surrogate(table, "porosity_total", seed=1, method="sisso", box_pct=BOX)
    assert found.model == plain.model


def test_a_dataset_without_the_microstructure_is_refused(table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"no column that a cell takes; allowed: .*gaussian"):
        fit_surrogate(table.drop(columns=list(NOISE)), ENERGY, seed=1, method=METHOD, box_pct=BOX)


def test_a_constant_column_is_left_out(table: pd.DataFrame) -> None:
    same = table.assign(active_surface_pct=50.0)
    found = fit_surrogate(same, ENERGY, seed=1, method=METHOD, box_pct=BOX)
    assert isinstance(found.model, ThroughMicrostructure)
    assert set(found.model.parts) == set(NOISE)


def test_training_rows_and_columns_stay_together(table: pd.DataFrame) -> None:
    rows = Rows.from_table(table.iloc[::-1], ENERGY)
    train = np.arange(0, len(rows.y), 2)
    box = rows.box(BOX)
    data = rows.training_data(train, train + 1, box=box, unit="", seed=1)
    columns = data.microstructure
    assert data.y == pytest.approx(
        energy(columns["electronic_conductivity_S_m"], columns["porosity_total"])
    )
    assert Rows.from_table(table, "porosity_total").microstructure == {}


def test_other_seeds_change_the_microstructure_too(
    table: pd.DataFrame, surrogate: Surrogate
) -> None:
    members = refit_on_other_seeds({ENERGY: surrogate}, table, BOX, 3, seed=1)
    parts = [member[ENERGY].parts["electronic_conductivity_S_m"] for member in members]  # type: ignore[attr-defined]
    x = np.array([[91.0, 58.0, 20.0]])
    assert len({float(part(x)[0]) for part in parts}) == 3


def test_it_is_what_a_campaign_takes_for_goals_of_a_cell(
    table: pd.DataFrame, surrogate: Surrogate
) -> None:
    plain = Campaign(campaign="one")
    assert plain.surrogate_method == "sisso"
    asked: dict[str, Any] = {"campaign": "one", "optimum": {"application": "fast_charge"}}
    assert Campaign.model_validate(asked).surrogate_method == METHOD
    limited = asked | {"optimum": {"constraints": {ENERGY: {"min": 100}}}}
    assert Campaign.model_validate(limited).surrogate_method == METHOD
    own = Campaign.model_validate(asked | {"surrogates": {"method": "polynomial"}})
    assert own.surrogate_methods[0] == "polynomial"
    sisso = fit_surrogate(table, "porosity_total", seed=1, method="sisso", box_pct=BOX)
    assert fit_like(sisso, table, ENERGY, BOX).model == surrogate.model
    other = replace(sisso, method="polynomial")
    assert fit_like(other, table, ENERGY, BOX).method == "polynomial"
