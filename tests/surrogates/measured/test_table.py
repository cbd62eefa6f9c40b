"""Tables of measured electrodes, as people bring them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.measured.table import only_simulated, read_measured

if TYPE_CHECKING:
    from pathlib import Path


def test_a_german_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "gemessen.csv"
    path.write_bytes(
        "name;am_pct;sc_pct;cr_pct;porosity_total;porosity_total_std;Prüfer\n"
        "A;92,5;60;20;0,31;0,01;Jürgen\nB;90;58;;0,42;;\n;;;;;;\n".encode("cp1252")
    )
    found = read_measured(path)
    assert found.names == ("A", "B")
    assert found.recipes_pct.tolist() == [[92.5, 60, 20], [90, 58, 0]]
    assert found.properties["porosity_total"].tolist() == [0.31, 0.42]
    deviations = found.deviations["porosity_total"]
    assert deviations[0] == 0.01
    assert math.isnan(deviations[1])
    assert found.remarks == ("Columns that are no property of an electrode: Prüfer.",)


def test_columns_in_another_case_are_neither_missing_nor_unknown(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("Name,AM_pct,SC_pct,CR_pct,Porosity_total\nA,92,60,20,0.3\n")
    found = read_measured(path)
    assert found.recipes_pct.tolist() == [[92, 60, 20]]
    assert found.remarks == ()


def test_thickness_and_loading_are_a_density(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        "am_pct,sc_pct,cr_pct,thickness_um,thickness_um_sd,mass_loading_mg_cm2\n92,60,20,50,1,12\n"
    )
    found = read_measured(path)
    assert list(found.properties) == ["density_g_cm3"]
    assert found.properties["density_g_cm3"][0] == pytest.approx(2.4)
    assert found.deviations["density_g_cm3"][0] == pytest.approx(2.4 / 50)


def test_a_gap_is_a_compression_and_a_pressure_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        "am_pct,sc_pct,gap_um,thickness_before_um,pressure_MPa,porosity_total\n"
        "92,60,45,60,,0.3\n92,60,,,80,0.28\n92,60,,,,0.45\n"
    )
    found = read_measured(path)
    assert found.recipes_pct[:, 2].tolist() == [25, 0]
    assert "pressed to a pressure" in found.remarks[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("am_pct,cr_pct,porosity_total\n92,20,0.3\n", "column sc_pct is missing"),
        ("am_pct,sc_pct,porosity_total\n92,,0.3\n", "row 1: sc_pct is missing"),
        (
            "am_pct,sc_pct,porosity_total\n0.92,60,0.3\n",
            "row 1: am_pct = 0.92; looks",
        ),
        ("am_pct,sc_pct,cr_pct,porosity_total\n92,60,70,0.3\n", "row 1: cr_pct = 70: allowed"),
        (
            "am_pct,sc_pct,porosity_total\n92,60,41\n",
            "= 41; looks like per cent, write 0.41",
        ),
        ("am_pct,sc_pct,porosity_total\n92,60,many\n", "row 1: porosity_total = 'many'"),
        (
            "am_pct,sc_pct,porosity_total,porosity_total_std\n92,60,0.4,-1\n",
            "row 1: porosity_total_std = -1; allowed: above 0",
        ),
        ("am_pct,sc_pct,colour\n92,60,black\n", "holds no measured property"),
        ("am_pct,sc_pct,porosity_total\n", "holds no electrode"),
        ("name,am_pct,sc_pct,porosity_total\nA,92,60,0.4\nA,92,61,0.4\n", "A stands twice"),
        ("am_pct,sc_pct,gap_um,porosity_total\n92,60,30,0.4\n", "gap_um = 30 without"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"allowed|holds") as caught:
        read_measured(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert expected in str(caught.value)


def test_what_no_simulated_electrode_has_is_left_out_with_a_remark(tmp_path: Path) -> None:
    """A dataset of an earlier version has no springback; what a line was set to is no result."""
    path = tmp_path / "m.csv"
    path.write_text(
        "am_pct,sc_pct,gap_um,thickness_before_um,passes,porosity_total,springback_pct\n"
        "92,60,45,60,2,0.3,40\n"
    )
    found = read_measured(path)
    assert list(found.properties) == ["porosity_total", "springback_pct"]
    earlier = pd.DataFrame({"porosity_total": [0.3, math.nan], "springback_pct": [None, None]})
    left = only_simulated(found, earlier)
    assert (list(left.properties), list(left.deviations)) == (["porosity_total"],) * 2
    assert left.remarks[-1] == "No simulated electrode has springback_pct: left out."
    with pytest.raises(InputError, match="no value of porosity_total, springback_pct; allowed"):
        only_simulated(found, earlier[[]])
