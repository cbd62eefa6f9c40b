"""The dataset: one row per condition, with a data package that others can read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mesocast.characterization.result import NO_COLUMNS, Characterization
from mesocast.columns import Properties, check_row, unit_of
from mesocast.dataset.package import origin, read_dataset, write_dataset
from mesocast.errors import InputError
from mesocast.storage import rows
from mesocast.storage.files import read_json, write_json
from mesocast.storage.rows import gather

if TYPE_CHECKING:
    from pathlib import Path

ROW: dict[str, Any] = {
    "condition_id": "S001-C01",
    "slurry_id": "S001",
    "round": 0,
    "seed": 7,
    "status": "ok",
    "reason": "",
    "am_pct": 90.0,
    "sc_pct": 60.0,
    "cr_pct": 20.0,
    "porosity_bulk": 0.35,
    "electronic_conductivity_S_m": 0.12345678901234567,
}


def _files(folder: Path, *changes: dict[str, Any]) -> list[Path]:
    paths = []
    for number, change in enumerate(changes):
        path = folder / f"{number}.json"
        write_json(path, check_row({**ROW, **change}, "row").model_dump())
        paths.append(path)
    return paths


def test_rows_are_sorted_and_failed_ones_keep_their_reason(tmp_path: Path) -> None:
    table = gather(
        _files(
            tmp_path,
            {"condition_id": "S002-C01"},
            {"status": "particles_lost", "reason": "3 beads left the film", "porosity_bulk": None},
        )
    )
    assert list(table["condition_id"]) == ["S001-C01", "S002-C01"]
    assert list(table["status"]) == ["particles_lost", "ok"]
    assert table["reason"][0] == "3 beads left the film"
    assert pd.isna(table["porosity_bulk"][0])


def test_parquet_and_csv_hold_the_same_and_every_digit(tmp_path: Path) -> None:
    table = gather(_files(tmp_path, {}, {"condition_id": "S001-C02"}))
    write_dataset(table, tmp_path / "results", campaign="demo")
    pd.testing.assert_frame_equal(read_dataset(tmp_path / "results"), table, check_exact=True)
    # Pandas 2 reads the last digit of a text only when it is asked to.
    text = pd.read_csv(tmp_path / "results/dataset.csv", float_precision="round_trip")
    name = "electronic_conductivity_S_m"
    assert (text[name] == table[name]).all()
    assert list(text.columns) == list(table.columns) == list(Properties.model_fields)


def test_a_column_without_a_value_has_its_type_all_the_same(tmp_path: Path) -> None:
    write_dataset(gather(_files(tmp_path, {})), tmp_path / "results", campaign="demo")
    schema = pq.read_schema(tmp_path / "results/dataset.parquet")
    table = read_dataset(tmp_path / "results")
    assert table[["cell_status", "energy_stack_5C_Wh_L"]].isna().all(axis=None)
    assert pa.types.is_floating(schema.field("energy_stack_5C_Wh_L").type)
    assert schema.field("cell_status").type == schema.field("status").type
    for resource in read_json(tmp_path / "results/datapackage.json")["resources"]:
        content = (tmp_path / "results" / resource["path"]).read_bytes()
        assert resource["sha256"] == hashlib.sha256(content).hexdigest()


def test_data_package_is_valid_and_describes_every_column(tmp_path: Path) -> None:
    from frictionless import Package, validate

    table = gather(_files(tmp_path, {}, {"condition_id": "S001-C02", "status": "bad"}))
    write_dataset(table, tmp_path / "results", campaign="demo")
    path = str(tmp_path / "results/datapackage.json")
    report = validate(path)
    assert report.valid, report.flatten(["type", "message"])
    fields = Package(path).get_resource("dataset").schema.fields
    assert [field.name for field in fields] == list(table.columns)
    for field in fields:
        assert field.description
        assert "unit" in field.custom
        if field.name.endswith("_pct"):
            assert field.custom["unit"] in ("%", "wt %")
        if field.name.endswith("_um"):
            assert field.custom["unit"] in ("um", "1/um")


def test_a_wrong_value_in_the_csv_is_found_by_the_data_package(tmp_path: Path) -> None:
    from frictionless import validate

    write_dataset(gather(_files(tmp_path, {})), tmp_path / "results", campaign="demo")
    csv = tmp_path / "results/dataset.csv"
    csv.write_text(csv.read_text().replace("0.35", "dense"))
    assert not validate(str(tmp_path / "results/datapackage.json")).valid


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"porosity_bulk": 1.2}, "porosity_bulk"),
        ({"active_surface_pct": -1.0}, "active_surface_pct"),
        ({"colour": "red"}, "colour"),
        ({"seed": None}, "seed"),
        ({"tortuosity_factor": float("nan")}, "tortuosity_factor"),
    ],
)
def test_impossible_rows_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_row({**ROW, **change}, "row")


def test_every_result_of_the_characterization_is_a_column() -> None:
    names = Characterization.__dataclass_fields__.keys() - NO_COLUMNS
    assert names <= Properties.model_fields.keys()


def test_units_are_known() -> None:
    assert unit_of("thickness_um") == "um"
    assert unit_of("tortuosity_factor") == ""


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json"):
        gather([tmp_path / "none.json"])
    with pytest.raises(InputError, match=r"dataset\.parquet"):
        read_dataset(tmp_path)
    with pytest.raises(InputError, match="no conditions"):
        gather([])


@pytest.mark.parametrize("name", ["dataset.csv", "dataset.parquet"])
def test_dataset_can_be_read_back_from_any_place(name: str, tmp_path: Path) -> None:
    failed = {"condition_id": "S002-C01", "status": "particles_lost", "porosity_bulk": None}
    table = gather(_files(tmp_path, {}, failed))
    write_dataset(table, tmp_path / "results", campaign="demo")
    back = rows.read_file(tmp_path / "results" / name)
    pd.testing.assert_frame_equal(back, table, check_exact=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "condition_id,status\nS1-C1,ok\n",
            "column am_pct is missing; there are condition_id, status",
        ),
        ("", "cannot be read"),
        ("TWICE", "condition_id = S001-C01 twice"),
    ],
)
def test_what_is_no_dataset_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    if text == "TWICE":
        table = gather(_files(tmp_path, {}))
        pd.concat([table, table]).to_csv(path, index=False)
    else:
        path.write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        rows.read_file(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_origin_is_what_the_data_package_beside_a_dataset_tells(tmp_path: Path) -> None:
    assert origin(tmp_path / "dataset.parquet") == {}
    told = {"licenses": [{"name": "CC-BY-4.0"}], "provenance": {"hardware": "an abacus"}}
    write_json(tmp_path / "datapackage.json", {"name": "films", "resources": [], **told})
    assert origin(tmp_path / "dataset.parquet") == told
