"""Measured electrodes on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.cli.ending import INPUT_IS_WRONG
from mesocast.storage.files import read_json
from tests.cli.calls import call, one_line

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "am_pct;sc_pct;cr_pct;tortuosity_factor\n" + "".join(
    f"{am};{sc};{cr};{2.2 + 0.02 * cr:.2f}\n".replace(".", ",")
    for am, sc, cr in ((88, 50, 5), (90, 60, 20), (93, 66, 35), (95, 55, 12), (87, 68, 28))
)


def _words(campaign: Path, table: Path) -> list[str]:
    return ["compare", "--measured", str(table), "--results", str(campaign)]


def test_a_table_is_laid_beside_the_simulations(
    campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "measured.csv"
    table.write_text(TABLE)
    assert call([*_words(campaign, table), "--folder", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "tortuosity_factor  5" in said
    assert "best as corrected" in said
    content = read_json(tmp_path / "out/measured.json")
    assert len(content["electrodes"]) == 5
    assert content["bias"][0]["difference"] > 0.3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty"),
        (
            "am_pct,sc_pct,porosity_total\n92,60,41\n",
            "= 41; looks like per cent, write 0.41",
        ),
        ("am_pct,sc_pct,colour\n92,60,black\n", "holds no measured property"),
    ],
)
def test_a_table_that_is_none_is_named(
    text: str, expected: str, campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "measured.csv"
    table.write_text(text)
    assert call(_words(campaign, table)) == INPUT_IS_WRONG
    line = one_line(capsys)
    assert str(table) in line
    assert expected in line


@pytest.mark.parametrize("words", [[], ["a.tif"], ["a.tif", "b", "--measured", "c.csv"]])
def test_images_or_a_table_are_wanted(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["compare", *words]) == INPUT_IS_WRONG
    assert "wants two images or a table" in one_line(capsys)


def test_results_that_are_not_there_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "measured.csv"
    table.write_text(TABLE)
    assert call(_words(tmp_path / "none", table)) == INPUT_IS_WRONG
    assert f"{tmp_path / 'none'}: is no results folder" in one_line(capsys)
