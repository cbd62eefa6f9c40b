"""Cells of a campaign: files, what is kept, and the columns of the dataset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import bpx
import numpy as np
import pandas as pd
import pytest

from mesocast.cell import jobs
from mesocast.cell.jobs import cell_identity, run_cells
from mesocast.cli.main import main
from mesocast.columns import CELL_COLUMNS, Properties
from mesocast.config.campaign import Campaign
from mesocast.dataset.jobs import run_dataset
from mesocast.dataset.package import read_dataset
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import CELL_OUTPUTS, Layout
from mesocast.storage.rows import read_file, with_cells
from tests.conftest import ELECTRODES

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.cell.chemistry import Chemistry

NAMES = ("S003-C01", "S018-C02", "S029-C02")


def _campaign(**changes: Any) -> Campaign:
    return Campaign.model_validate({"campaign": "cells", **changes})


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three electrodes of the open dataset, of which one failed."""
    table = read_file(ELECTRODES)
    table = table[table["condition_id"].isin(NAMES)].reset_index(drop=True)
    table.loc[2, ["status", "reason"]] = ["not_percolating", "the pores are closed"]
    path = tmp_path_factory.mktemp("rows") / "dataset.parquet"
    table.drop(columns=list(CELL_COLUMNS)).to_parquet(path, index=False)
    return path


@pytest.fixture(scope="module")
def results(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    run_cells(_campaign(), folder, [rows], folder / "cells/design.json")
    return folder


def test_every_electrode_gets_a_record_and_a_failed_one_says_why(results: Path) -> None:
    layout = Layout(results)
    listed = {r["condition_id"]: r["cell_status"] for r in read_json(layout.cells("design"))}

    assert listed == {"S003-C01": "ok", "S018-C02": "ok", "S029-C02": "no_electrode"}
    failed = read_json(layout.cell("S029-C02"))["columns"]
    assert failed == {
        "cell_status": "no_electrode",
        "cell_reason": "the electrode has status not_percolating: the pores are closed",
    }


def test_losses_in_the_record_close_the_energy_balance(results: Path) -> None:
    record = read_json(Layout(results).cell("S018-C02"))

    for run in record["half_cell"] + record["full_cell"]:
        total = run["energy_Wh_m2"] + sum(run["lost_Wh_m2"].values())
        assert total == pytest.approx(run["open_circuit_energy_Wh_m2"], rel=1e-3)


def test_curves_have_the_names_of_the_battery_data_format(results: Path) -> None:
    path = Layout(results).condition("S003-C01") / CELL_OUTPUTS[1]
    table = pd.read_csv(path)
    record = read_json(Layout(results).cell("S003-C01"))

    assert list(table.columns[:3]) == ["test_time_second", "current_ampere", "voltage_volt"]
    assert (table["current_ampere"] < 0).all()
    for cell in ("half", "full"):
        for run in record[f"{cell}_cell"]:
            own = table[(table["cell"] == cell) & (table["rate_C"] == run["rate_C"])]
            energy = np.trapezoid(
                -own["current_ampere"] * own["voltage_volt"], own["test_time_second"]
            )
            assert energy / 3600 * 1e4 == pytest.approx(run["energy_Wh_m2"], rel=1e-3)
            losses = own[[c for c in own.columns if c.startswith("loss_")]].sum(axis=1)
            gap = own["open_circuit_voltage_volt"] - own["voltage_volt"]
            assert np.abs(gap - losses).max() < 1e-3


def test_the_exported_cell_is_accepted_by_bpx(results: Path) -> None:
    path = Layout(results).condition("S003-C01") / CELL_OUTPUTS[2]
    found = bpx.parse_bpx_file(path)
    positive = found.parameterisation.positive_electrode
    row = read_file(ELECTRODES).set_index("condition_id").loc["S003-C01"]

    assert positive.porosity == row["porosity_total"]
    assert positive.transport_efficiency == pytest.approx(
        row["porosity_total"] / row["tortuosity_factor_permeable_cbd"]
    )
    assert positive.conductivity == row["electronic_conductivity_S_m"]
    active = positive.surface_area_per_unit_volume * positive.particle_radius / 3
    assert active == pytest.approx(row["am_fraction"], rel=0.02)
    assert positive.reaction_rate_constant == pytest.approx(
        2.305e-5 * row["active_surface_pct"] / 100
    )


def test_what_is_there_is_not_done_again(
    rows: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("an electrode was put into a cell again")

    monkeypatch.setattr(jobs, "cell", fail)
    before = Layout(results).cell("S003-C01").read_bytes()
    run_cells(_campaign(), results, [rows], results / "cells/design.json")

    assert Layout(results).cell("S003-C01").read_bytes() == before


def test_several_processes_give_the_same(rows: Path, results: Path, tmp_path: Path) -> None:
    table = read_file(rows)
    more = pd.concat([table.assign(condition_id=table["condition_id"] + s) for s in ("a", "b")])
    path = tmp_path / "dataset.parquet"
    more.to_parquet(path, index=False)
    run_cells(_campaign(), tmp_path, [path], tmp_path / "cells/design.json", processes=2)

    found = read_json(Layout(tmp_path).cell("S003-C01b"))
    assert found == read_json(Layout(results).cell("S003-C01"))


def test_trapped_gas_costs_energy_at_a_high_rate(rows: Path, tmp_path: Path) -> None:
    table = read_file(rows).iloc[:1]
    names = ["gas_trapped_pct", "surface_wetted_pct", "transport_wetted_relative"]
    found = []
    for gas in ((0.0, 100.0, 1.0), (30.0, 80.0, 0.5)):
        folder = tmp_path / f"{gas[0]:g}"
        folder.mkdir()
        table.assign(**dict(zip(names, gas, strict=True))).to_parquet(folder / "rows.parquet")
        campaign = _campaign(
            characterization={"measurements": ["infiltration"]}, cell={"trapped_gas": True}
        )
        run_cells(campaign, folder, [folder / "rows.parquet"], folder / "cells/design.json")
        found.append(read_json(Layout(folder).cell("S003-C01"))["columns"])
    dry, wet = found
    assert dry["cell_status"] == wet["cell_status"] == "ok"
    assert wet["areal_capacity_mAh_cm2"] == dry["areal_capacity_mAh_cm2"]
    assert wet["stack_electrolyte_uL_cm2"] < dry["stack_electrolyte_uL_cm2"]
    assert wet["energy_stack_C5_Wh_L"] == pytest.approx(dry["energy_stack_C5_Wh_L"], rel=0.02)
    assert wet["energy_stack_5C_Wh_L"] < 0.95 * dry["energy_stack_5C_Wh_L"]
    assert wet["overpotential_reaction_1C_mV"] > dry["overpotential_reaction_1C_mV"]


def test_the_dataset_gets_the_columns_and_keeps_its_own(rows: Path, results: Path) -> None:
    run_dataset(_campaign(), results, [rows])
    table = read_dataset(results)
    before = read_file(rows)

    assert list(table.columns) == list(Properties.model_fields)
    own = [name for name in table.columns if name not in CELL_COLUMNS]
    pd.testing.assert_frame_equal(table[own], before[own])
    by_name = table.set_index("condition_id")
    columns = read_json(Layout(results).cell("S003-C01"))["columns"]
    for name, value in columns.items():
        assert by_name.loc["S003-C01", name] == value
    assert by_name.loc["S029-C02", "cell_status"] == "no_electrode"
    assert by_name["energy_stack_C5_Wh_L"].isna().to_dict()["S029-C02"]


def test_a_campaign_from_before_there_were_cells_stays_valid(rows: Path, tmp_path: Path) -> None:
    table = with_cells(read_file(rows), tmp_path)

    assert table[list(CELL_COLUMNS)].isna().all().all()
    run_dataset(_campaign(cell={"enabled": False}), tmp_path, [rows])
    assert read_dataset(tmp_path)["energy_stack_C5_Wh_L"].isna().all()


def test_a_broken_record_is_one_line(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(Layout(tmp_path).cell("S003-C01"), {"columns": {"energy_stack_C5_Wh_L": -1.0}})
    config = tmp_path / "cells.yaml"
    config.write_text("campaign: cells\n")
    status = main(["dataset", "--config", str(config), "--results", str(tmp_path), str(rows)])

    told = capsys.readouterr().err.strip().splitlines()
    assert status == 2
    assert len(told) == 1
    assert "energy_stack_C5_Wh_L" in told[0]


def test_what_a_cell_depends_on_and_what_not() -> None:
    base = cell_identity(_campaign())

    assert cell_identity(_campaign(seed=3, surrogates={"splits": 7})) == base
    assert cell_identity(_campaign(cell={"ragone_loadings_mg_cm2": [5]})) == base
    assert cell_identity(_campaign(cell={"np_ratio": 1.2})) != base
    assert cell_identity(_campaign(cell={"loading_mg_cm2": None})) != base
    infiltrated = {"measurements": ["infiltration"]}
    assert cell_identity(_campaign(characterization=infiltrated)) == base
    with_gas = _campaign(characterization=infiltrated, cell={"trapped_gas": True})
    assert cell_identity(with_gas) != base
    other = {"active_material": {"density_g_cm3": 4.7}}
    assert cell_identity(_campaign(materials=other)) != base


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ({"more_rates_C": [0]}, "more_rates_C"),
        ({"np_ratio": 0.9}, "np_ratio"),
        ({"trapped_gas": True}, "cell.trapped_gas = true with characterization.measurements = []"),
        ({"loading_mg_cm2": -1}, "loading_mg_cm2"),
        ({"separator": {"porosity": 1.5}}, "porosity"),
        ({"chemistry": "none.json"}, "none.json: cannot be read"),
        ({"chemistry": "STOICHIOMETRY"}, "stoichiometry from 0.42424 to 1.3"),
        ({"chemistry": "INCOMPLETE"}, "Reaction rate constant"),
        ({"model": "SPMe", "particle_sizes": "distribution"}, "particle_sizes"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    tmp_path: Path,
    chemistry: Chemistry,
    capsys: pytest.CaptureFixture[str],
    cell: dict[str, Any],
    words: str,
) -> None:
    content = json.loads(json.dumps(chemistry.content))
    positive = content["Parameterisation"]["Positive electrode"]
    if cell.get("chemistry") == "STOICHIOMETRY":
        positive["Maximum stoichiometry"] = 1.3
    if cell.get("chemistry") == "INCOMPLETE":
        del positive["Reaction rate constant [mol.m-2.s-1]"]
    if cell.get("chemistry") in ("STOICHIOMETRY", "INCOMPLETE"):
        (tmp_path / "bad.json").write_text(json.dumps(content))
        cell = {"chemistry": str(tmp_path / "bad.json")}
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({"campaign": "cells", "cell": cell}))

    status = main(["check", "--config", str(config)])

    told = capsys.readouterr().err.strip().splitlines()
    assert status == 2
    assert len(told) == 1
    assert words in told[0]


def test_goals_of_a_cell_need_a_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    for optimum in (
        {"application": "power"},
        {"constraints": {"energy_stack_C5_Wh_L": {"min": 400}}},
    ):
        config.write_text(
            json.dumps({"campaign": "cells", "cell": {"enabled": False}, "optimum": optimum})
        )
        assert main(["check", "--config", str(config)]) == 2
        assert "cell.enabled = false, but the optimum needs" in capsys.readouterr().err
