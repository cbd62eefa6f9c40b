"""Tables as spreadsheets and people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.errors import InputError
from mesocast.storage.rows import read_file
from mesocast.storage.tables import read_table

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = """condition_id,am_pct,sc_pct,cr_pct,density_g_cm3,status
1,90.5,58,0,1.75,ok
2,90.5,58,20.25,2.5e0,ok
3,94,62,10,,particles_lost
"""
GERMAN = PLAIN.replace(",", ";").replace(".", ",")
DIALECTS = {
    "plain": PLAIN.encode(),
    "windows line ends": PLAIN.replace("\n", "\r\n").encode(),
    "utf-8 with mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "utf-16": PLAIN.encode("utf-16"),
    "german": GERMAN.encode(),
    "german, utf-16": GERMAN.encode("utf-16"),
    "semicolons and points": PLAIN.replace(",", ";").encode(),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "tabs and decimal commas": PLAIN.replace(",", "\t").replace(".", ",").encode(),
    "bars": PLAIN.replace(",", "|").encode(),
    "spaces around names": PLAIN.replace("am_pct", " am_pct ").encode(),
    "other capitals": PLAIN.replace("am_pct", "AM_pct").encode(),
    "index of pandas": "\n".join(
        f"{'' if n == 0 else n},{line}" for n, line in enumerate(PLAIN.splitlines())
    ).encode(),
    "Unnamed: 0": "\n".join(
        f"{'Unnamed: 0' if n == 0 else n},{line}" for n, line in enumerate(PLAIN.splitlines())
    ).encode(),
    "commas at the end": "\n".join(line + "," for line in PLAIN.splitlines()).encode(),
    "empty rows": (PLAIN + ",,,,,\n\n , ,,,,\n").encode(),
    "a column of one's own": "\n".join(
        f"{line},{'comment' if n == 0 else 'wrinkled, a bit'!r}".replace("'", chr(34))
        for n, line in enumerate(PLAIN.splitlines())
    ).encode(),
    "a comment in Windows-1252": "\n".join(
        f"{line},{'remark' if n == 0 else 'schön'}" for n, line in enumerate(PLAIN.splitlines())
    ).encode("cp1252"),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_dialect_gives_the_same_electrodes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(DIALECTS[name])
    table = read_file(path)
    assert table["condition_id"].tolist() == ["1", "2", "3"]
    assert table["am_pct"].tolist() == [90.5, 90.5, 94.0]
    assert table["cr_pct"].tolist() == [0, 20.25, 10]
    assert table["density_g_cm3"].tolist()[:2] == [1.75, 2.5]
    assert table["density_g_cm3"].isna().tolist() == [False, False, True]
    # What measured electrodes do not have is there: films of one slurry have one identifier.
    assert table["slurry_id"].tolist() == ["T001", "T001", "T002"]
    assert table["round"].tolist() == [0, 0, 0]
    assert table["reason"].tolist() == ["", "", ""]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("90.5,58,0,1.75", "90.5,58,0,1.75,ok,7"), r"line 2 has 8 cells, the header 6"),
        (("1,90.5,58,0", "1,,58,0"), r"row 1: am_pct is empty; allowed: a number"),
        (("1,90.5,58,0", "1,much,58,0"), r"row 1: am_pct = 'much'; allowed: a number"),
        (("1,90.5,58,0", "1,905,58,0"), r"row 1: am_pct = 905: .*100"),
        (("cr_pct", "am_pct"), r"column am_pct stands twice"),
        (("cr_pct", "rate"), r"column cr_pct is missing; there are "),
        (("2,90.5", "1,90.5"), r"condition_id = 1 twice"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(PLAIN.replace(*change, 1))
    with pytest.raises(InputError, match=said) as raised:
        read_file(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_identifiers_stay_text_and_numbers_keep_every_digit(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("name,value\n007,0.1000000000000000055\n008,1e-300\n")
    table = read_table(path, texts=["name"])
    assert table["name"].tolist() == ["007", "008"]
    assert table["value"].tolist() == [0.1, 1e-300]
