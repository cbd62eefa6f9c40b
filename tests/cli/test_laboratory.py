"""A round in the laboratory on the command line, and the same from Python."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import mesocast as mc
from mesocast.cli.ending import INPUT_IS_WRONG
from mesocast.errors import InputError
from mesocast.storage.layout import Layout
from tests.cli.calls import call, one_line

if TYPE_CHECKING:
    from pathlib import Path


def _ask(results: Path, capsys: pytest.CaptureFixture[str]) -> pd.DataFrame:
    assert call(["ask", "--results", str(results)]) == 0
    return pd.read_csv(io.StringIO(capsys.readouterr().out))


def test_a_round_in_the_laboratory(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layout = Layout(results)
    layout.report.write_text("an earlier page")
    asked = _ask(results, capsys)
    assert list(asked) == ["name", "slurry", "ask", "status", "am_pct", "sc_pct", "cr_pct"]
    assert asked["name"].tolist() == [f"A01-{number}" for number in range(1, 5)]
    assert layout.report.read_text() == "an earlier page"

    measured = asked[["name"]].assign(tortuosity_factor=2.5, tortuosity_factor_std=0.05)[:3]
    path = results.parent / "measured.csv"
    measured.to_csv(path, index=False, sep=";", decimal=",")
    tell = ["tell", str(path), "--results", str(results)]
    assert call(tell) == 0
    assert capsys.readouterr().out == "3 new, 0 changed, 0 told before\n"
    page = layout.report.read_text()
    assert "What was measured" in page
    assert "laboratory.csv" in page
    kept = layout.laboratory.read_text()
    assert call(tell) == 0
    assert capsys.readouterr().out == "0 new, 0 changed, 3 told before\n"
    assert layout.laboratory.read_text() == kept

    measured.assign(tortuosity_factor=2.6).to_csv(path, index=False)
    assert call(tell) == INPUT_IS_WRONG
    line = one_line(capsys)
    assert f"{path}: A01-1: tortuosity_factor = 2.6, told before as 2.5; allowed: the" in line
    assert layout.laboratory.read_text() == kept

    further = _ask(results, capsys)
    assert further["name"].tolist() == [f"A02-{number}" for number in range(1, 5)]
    table = pd.read_csv(layout.laboratory)
    assert table["status"].value_counts().to_dict() == {"pending": 5, "measured": 3}


def test_the_same_from_python(results: Path) -> None:
    found = mc.open(results)
    assert found.measured is None
    asked = found.ask()
    told = found.tell(asked[["name"]].assign(density_g_cm3=2.4))
    assert told.new == tuple(asked["name"])
    assert found.measured is not None
    assert found.measured.properties == ("density_g_cm3",)
    found.tell(pd.DataFrame([{"name": "A01-1", "density_g_cm3": 2.5}]), replace=True)
    assert found.measured.electrodes["measured"].tolist() == [2.5, 2.4, 2.4, 2.4]


def test_the_config_s_table_and_what_is_told_count_together(results: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("name,am_pct,sc_pct,cr_pct,density_g_cm3\nX,90,60,10,2.2\nY,92,60,10,2.3\n")
    found = mc.open(results)
    content = found.campaign.model_dump()
    content["verification"]["measured"] = str(own)
    found = mc.Results(mc.Campaign.model_validate(content), results)
    recipe = {"am_pct": 90, "sc_pct": 60, "cr_pct": 10}
    found.tell(pd.DataFrame([{"name": "X", **recipe, "tortuosity_factor": 3.0}]))
    assert found.measured is not None
    rows = found.measured.electrodes[["name", "property"]].to_numpy().tolist()
    assert rows == [["Y", "density_g_cm3"], ["X", "tortuosity_factor"]]
    # The same name for another electrode would hide a measurement.
    own.write_text("name,am_pct,sc_pct,cr_pct,density_g_cm3\nX,90,60,20,2.2\n")
    again = mc.Results(mc.Campaign.model_validate(content), results)
    with pytest.raises(InputError, match=r"own.csv: X has another recipe than X of .*laboratory"):
        _ = again.measured


def test_a_laboratory_s_file_that_is_none_is_named(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Layout(results).laboratory
    path.write_text("colour\nblue\n")
    assert call(["ask", "--results", str(results)]) == INPUT_IS_WRONG
    assert f"{path}: column name is missing" in one_line(capsys)
