"""Tables of measured electrodes: what is read, and the one line about what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.dataset.measured import Datum, read_for_calibration
from mesocast.errors import InputError
from mesocast.surrogates.measured.table import read_measured

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "name,am_pct,sc_pct,cr_pct,gap_um,thickness_before_um,pressure_MPa,porosity_total,"
HEAD += "porosity_total_sd,thickness_um,thickness_um_sd,mass_loading_mg_cm2,springback_pct,"
HEAD += "springback_pct_sd"
GOOD = {
    "dried": "a,94,60,,,,,0.487,0.01,60,1,14,,",
    "by rate": "b,94,60,20,,,,0.40,0.01,,,,12,3",
    "by gap": "c,94,60,,40,50,,0.40,0.01,,,,,",
    "by pressure": "d,94,60,,,,42.7,0.372,0.01,,,,,",
    "to be predicted": "e,90,57,0,,,,,,,,,,",
}


def table(folder: Path, *rows: str) -> Path:
    path = folder / "measured.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n")
    return path


def test_the_ways_of_pressing_are_told_apart(tmp_path: Path) -> None:
    found = {e.name: e for e in read_for_calibration(table(tmp_path, *GOOD.values()))}
    assert (found["a"].cr_pct, found["a"].pressure_MPa) == (0, None)
    assert (found["b"].cr_pct, found["b"].pressure_MPa) == (20, None)
    assert found["c"].cr_pct == pytest.approx(20)
    assert (found["d"].cr_pct, found["d"].pressure_MPa) == (None, 42.7)
    assert found["a"].data == {"thickness_um": Datum(60, 1), "porosity_total": Datum(0.487, 0.01)}
    assert found["b"].data["springback_pct"] == Datum(12, 3)
    assert found["e"].data == {}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,,60,,,,,0.48,0.01,,,,,", ["row 2", "am_pct", "missing"]),
        ("a,94,,,,,,0.48,0.01,,,,,", ["row 2", "sc_pct", "missing"]),
        ("a,0,60,,,,,0.48,0.01,,,,,", ["row 2", "am_pct = 0", "allowed"]),
        ("a,94,60,70,,,,0.48,0.01,,,,,", ["row 2", "cr_pct = 70", "below 60"]),
        ("a,94,60,,,,,41,0.01,,,,,", ["row 2", "porosity_total = 41", "write 0.41", "at most 1"]),
        ("a,94,60,,,,,0.41,-0.01,,,,,", ["row 2", "porosity_total_sd = -0.01", "above 0"]),
        ("a,94,60,,,,,0.41,,,,,,", ["row 2", "porosity_total_std", "missing"]),
        ("a,94,60,,,,,0.41,1.0,,,,,", ["row 2", "porosity_total_sd = 1", "at most 0.289"]),
        ("a,94,60,,,,,n.d.,0.01,,,,,", ["row 2", "porosity_total = 'n.d.'", "a number"]),
        ("a,94,60,20,,,30,0.41,0.01,,,,,", ["row 2", "cr_pct and pressure_MPa", "one of them"]),
        ("a,94,60,,44,,,0.41,0.01,,,,,", ["row 2", "gap_um", "thickness_before_um"]),
        ("a,94,60,,1,138,,0.41,0.01,,,,,", ["row 2", "gap_um = 1", "138"]),
        ("a,94,60,,,,-3,0.41,0.01,,,,,", ["row 2", "pressure_MPa = -3", "at least 0"]),
        ("a,94,60,,,,,,,60,1,,,", ["row 2", "thickness_um", "mass_loading_mg_cm2"]),
        ("a,94,60,,,,,,,,,,12,3", ["row 2", "springback_pct", "not pressed"]),
        ("dried,94,60,,,,,0.41,0.01,,,,,", ["dried stands twice"]),
    ],
)
def test_a_wrong_row_is_said_in_one_line(tmp_path: Path, row: str, said: list[str]) -> None:
    path = table(tmp_path, "dried,94,60,,,,,0.487,0.01,,,,,", row)
    with pytest.raises(InputError) as refused:
        read_for_calibration(path)
    for word in (str(path), *said):
        assert word in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("am_pct,porosity_total,porosity_total_sd\n94,0.4,0.01\n", "sc_pct"),
        ("am_pct,sc_pct,porosity_total\n94,60,0.4\n", "porosity_total_std is missing"),
        ("am_pct,sc_pct,colour\n94,60,blue\n", "no column of a measured quantity"),
        ("am_pct,sc_pct,porosity_total,porosity_total_sd\n94,60,?,0.01\n", "'?'"),
        ("am_pct,sc_pct,cr_pct,CR_PCT\n94,60,20,20\n", "column cr_pct stands twice"),
        (
            "am_pct,sc_pct,cr_pct,density_g_cm3,density_g_cm3_sd\n94,60,0.25,2,0.1\n94,60,0.3,2,1\n",
            "cr_pct: its largest value is 0.3: looks like fractions",
        ),
    ],
)
def test_a_wrong_table_is_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "measured.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"measured\.csv") as refused:
        read_for_calibration(path)
    assert said in str(refused.value)


@pytest.mark.parametrize("end", ["_std", "_sd"])
def test_both_endings_of_a_standard_deviation_are_read(end: str, tmp_path: Path) -> None:
    path = tmp_path / "measured.csv"
    path.write_text(f"am_pct,sc_pct,cr_pct,porosity_total,porosity_total{end}\n94,60,20,0.4,0.01\n")
    (electrode,) = read_for_calibration(path)
    assert electrode.data == {"porosity_total": Datum(0.4, 0.01)}


def test_columns_are_known_in_any_case_and_others_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "measured.csv"
    path.write_text(
        "Name,AM_pct,SC_pct,CR_pct,Porosity_total,porosity_total_STD,porosity,operator\n"
        "a,94,60,20,0.4,0.01,0.39,Eve\n"
    )
    with caplog.at_level("INFO"):
        (electrode,) = read_for_calibration(path)
    assert (electrode.name, electrode.cr_pct) == ("a", 20)
    assert electrode.data == {"porosity_total": Datum(0.4, 0.01)}
    assert "columns that are not used: porosity, operator" in caplog.text


def test_one_table_is_calibrated_with_and_compared(tmp_path: Path) -> None:
    path = table(tmp_path, *GOOD.values())
    compared = read_measured(path)
    assert compared.names == ("a", "b", "c", "e")  # not the one that is pressed to a pressure
    for electrode in read_for_calibration(path):
        if (datum := electrode.data.get("porosity_total")) and electrode.cr_pct is not None:
            number = compared.names.index(electrode.name)
            assert compared.recipes_pct[number, 2] == electrode.cr_pct
            assert compared.properties["porosity_total"][number] == datum.value
            assert compared.deviations["porosity_total"][number] == datum.standard_deviation
