"""The columns of an electrode in its cells, and what follows from them by hand."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import mesocast as mc
from mesocast.cell.discharge import CellModel, Discharge
from mesocast.cell.parameters import negative_thickness_um
from mesocast.cell.ragone import energy_at_power, ragone
from mesocast.cell.result import CellResult, cell, discharge
from mesocast.cell.stack import stack_of
from mesocast.columns import CELL_COLUMNS, RATES, check_row, kind_of
from mesocast.config.cell import CellSettings
from mesocast.storage.rows import read_file
from tests.conftest import ELECTRODES, ROOT

if TYPE_CHECKING:
    from mesocast.cell.chemistry import Chemistry
    from mesocast.cell.porous_electrode import PorousElectrode


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, Any]]:
    table = read_file(ELECTRODES).set_index("condition_id", drop=False)
    names = ("S003-C01", "S018-C02", "S029-C02")
    return {n: {str(k): v for k, v in table.loc[n].items()} for n in names}


@pytest.fixture(scope="module")
def result(rows: dict[str, dict[str, Any]]) -> CellResult:
    found = mc.cell(rows["S003-C01"])
    assert isinstance(found, CellResult)
    return found


def test_the_columns_are_those_of_the_dataset(
    rows: dict[str, dict[str, Any]], result: CellResult
) -> None:
    columns = result.columns()

    assert set(columns) <= set(CELL_COLUMNS)
    missing = set(CELL_COLUMNS) - set(columns)
    assert missing == set()
    filled = {k: v for k, v in rows["S003-C01"].items() if k not in CELL_COLUMNS and not pd.isna(v)}
    row = check_row({**filled, **columns}, "row").model_dump()
    assert row["cell_status"] == "ok"
    assert all(
        kind_of(n) == ("string" if isinstance(columns[n], str) else "number") for n in columns
    )


def test_energies_follow_from_the_discharge_and_the_stack(result: CellResult) -> None:
    columns = result.columns()
    full = next(run for run in result.full if run.rate_C == 2.0)
    half = next(run for run in result.half if run.rate_C == 2.0)
    electrode = result.electrode

    volume_cm3_cm2 = sum(result.stack.thickness_um.values()) * 1e-4
    assert columns["energy_stack_2C_Wh_L"] == pytest.approx(
        full.energy_Wh_m2 / 1e4 / (volume_cm3_cm2 / 1e3)
    )
    mass_g_cm2 = sum(result.stack.mass_mg_cm2.values()) / 1e3
    assert columns["energy_stack_2C_Wh_kg"] == pytest.approx(
        full.energy_Wh_m2 / 1e4 / (mass_g_cm2 / 1e3)
    )
    assert columns["energy_coating_2C_Wh_L"] == pytest.approx(
        half.energy_Wh_m2 / (electrode.thickness_um * 1e-3)
    )
    energy, power = columns["energy_stack_2C_Wh_L"], columns["power_stack_2C_W_L"]
    assert isinstance(energy, float)
    assert power == pytest.approx(energy / full.duration_h)
    active_g_m2 = electrode.loading_mg_cm2 * 10 * electrode.active_mass_fraction
    assert columns["capacity_2C_mAh_g"] == pytest.approx(1e3 * full.capacity_Ah_m2 / active_g_m2)
    slow = next(run for run in result.full if run.rate_C == 0.2)
    assert columns["capacity_retention_2C"] == pytest.approx(
        full.capacity_Ah_m2 / slow.capacity_Ah_m2
    )


def test_the_stack_by_hand(electrode: PorousElectrode, chemistry: Chemistry) -> None:
    settings = CellSettings(np_ratio=1.2)
    found = stack_of(electrode, chemistry, settings)
    negative_um = negative_thickness_um(electrode, chemistry, 1.2)

    assert found.thickness_um == {
        "aluminium foil": 7.5,
        "positive coating": 84.0,
        "separator": pytest.approx(20.0),
        "negative coating": negative_um,
        "copper foil": 5.0,
    }
    active = 0.1 * negative_um * 0.68601 * 2.26
    inactive = 0.1 * negative_um * (1 - 0.253991 - 0.68601) * 1.6
    assert found.mass_mg_cm2["negative coating"] == pytest.approx(active + inactive, rel=1e-4)
    assert found.mass_mg_cm2["aluminium foil"] == pytest.approx(0.1 * 7.5 * 2.70)
    assert found.mass_mg_cm2["positive coating"] == pytest.approx(electrode.loading_mg_cm2)
    pores_um = 0.3975 * 84 + 0.47 * 20 + 0.253991 * negative_um
    assert found.electrolyte_uL_cm2 == pytest.approx(0.1 * pores_um, rel=1e-6)
    assert found.mass_mg_cm2["electrolyte"] == pytest.approx(0.12 * pores_um, rel=1e-6)
    # N/P 1.2 means a negative electrode with 1.2 times the charge in its window.
    capacity = 29730 * 96485.33212 * (0.75668 - 0.005504) / 3600
    ratio = (
        negative_um * 0.68601 * capacity / (84.0 * 0.4492 * 46200 * 96485.33212 * 0.53786 / 3600)
    )
    assert ratio == pytest.approx(1.2, rel=1e-4)


def test_the_best_by_the_published_objective_is_not_the_best_in_a_cell(
    rows: dict[str, dict[str, Any]], result: CellResult
) -> None:
    published = cell(rows["S018-C02"]).columns()
    fast = cell(rows["S029-C02"]).columns()
    dense = result.columns()

    def energy(columns: dict[str, Any], rate: str) -> float:
        return float(columns[f"energy_stack_{rate}_Wh_L"])

    assert energy(dense, "C5") > energy(published, "C5") > energy(fast, "C5")
    assert energy(fast, "5C") > energy(published, "5C")
    assert published["limited_by_5C"] == "electronic"


def test_the_rate_of_80_pct_is_where_80_pct_are_left(result: CellResult) -> None:
    rate = result.rate_at_80_pct_C
    assert rate is not None
    slow = next(run for run in result.full if run.rate_C == 0.2)
    at = discharge(result.electrode, rate, half=False, chemistry=result.chemistry)

    assert at.capacity_Ah_m2 / slow.capacity_Ah_m2 == pytest.approx(0.8, abs=0.01)


def test_the_power_is_that_at_which_the_energy_is_left(
    electrode: PorousElectrode, chemistry: Chemistry
) -> None:
    settings = CellSettings(power_at_energy_Wh_L=400.0)
    found = cell(electrode, chemistry, settings=settings, loading_mg_cm2=20)
    points = ragone(
        electrode, chemistry, settings, loadings_mg_cm2=[20], rates_C=[1, 2, 2.5, 3, 3.5, 4, 5]
    )
    power = found.power_at_energy_W_L
    assert power is not None
    above = [p for p in points if p.power_W_L > power]
    below = [p for p in points if p.power_W_L < power]

    assert max(p.energy_Wh_L for p in above) < 400 < min(p.energy_Wh_L for p in below)
    assert energy_at_power(points, power) < 400
    never = CellSettings(power_at_energy_Wh_L=900.0)
    assert cell(electrode, chemistry, settings=never).power_at_energy_W_L == 0


def test_a_thicker_electrode_has_more_energy_slow_and_less_fast(
    electrode: PorousElectrode, chemistry: Chemistry
) -> None:
    points = ragone(electrode, chemistry, loadings_mg_cm2=[10, 30], rates_C=[0.2, 5.0])
    energy = {(p.loading_mg_cm2, p.rate_C): p.energy_Wh_L for p in points}

    assert energy[30, 0.2] > energy[10, 0.2]
    assert energy[30, 5.0] < energy[10, 5.0]


def test_as_simulated_when_no_loading_is_asked_for(rows: dict[str, dict[str, Any]]) -> None:
    found = cell(rows["S003-C01"], settings=CellSettings(loading_mg_cm2=None))

    assert found.electrode.loading_mg_cm2 == pytest.approx(6.7, rel=1e-6)
    assert found.columns()["capacity_retention_5C"] > 0.85  # type: ignore[operator]


def test_a_discharge_that_fails_leaves_the_others(
    electrode: PorousElectrode, chemistry: Chemistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = CellModel.discharge

    def failing(self: CellModel, one: PorousElectrode, rate_C: float) -> Discharge:
        found = real(self, one, rate_C)
        return replace(found, failure="5C: PyBaMM: IDA_CONV_FAIL") if rate_C == 5.0 else found

    monkeypatch.setattr(CellModel, "discharge", failing)
    columns = cell(electrode, chemistry).columns()

    assert columns["cell_status"] == "solver"
    assert columns["cell_reason"] == (
        "half cell at 5C: PyBaMM: IDA_CONV_FAIL; full cell at 5C: PyBaMM: IDA_CONV_FAIL"
    )
    assert "energy_stack_5C_Wh_L" not in columns
    assert "energy_stack_2C_Wh_L" in columns


def test_what_comes_out_does_not_depend_on_what_was_asked_before(
    rows: dict[str, dict[str, Any]], result: CellResult
) -> None:
    for name in ("S029-C02", "S018-C02"):
        cell(rows[name])

    assert cell(rows["S003-C01"]).columns() == result.columns()


def test_the_room_and_its_function_share_a_name() -> None:
    code = (
        "import mesocast as mc, mesocast.cell.stack\n"
        "assert callable(mc.cell)\n"
        "from mesocast.cell.chemistry import default_chemistry\n"
        "assert mc.cell.room is mc.cell\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_example_of_the_page_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (ROOT / "docs/cell.md").read_text().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(ROOT)
    exec(compile(code, "cell.md", "exec"), {"__name__": "cell"})

    energy, limit = capsys.readouterr().out.split()
    assert 400 < float(energy) < 550
    assert limit == "electronic"


def test_rates_of_the_columns_are_what_their_names_say() -> None:
    assert {name: rate for name, (_, rate) in RATES.items()} == {
        "C5": 0.2,
        "1C": 1.0,
        "2C": 2.0,
        "5C": 5.0,
    }
