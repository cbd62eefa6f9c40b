"""Tables as people bring them: any separator, decimal sign and encoding of spreadsheets."""

from __future__ import annotations

import codecs
import csv
import logging
import math
import re
from typing import TYPE_CHECKING

from mesocast.columns.units import look_like_fractions
from mesocast.errors import InputError, reading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    import pandas as pd

_LOGGER = logging.getLogger(__name__)

_SEPARATORS = (";", "\t", ",", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_EMPTY = frozenset(("", "na", "n/a", "nan", "null", "none", "-", "#n/a"))


def read_table(path: Path, *names: str, texts: Collection[str] = ()) -> pd.DataFrame:
    """Read a table of Parquet or text.

    Of text, the encoding (UTF-8, UTF-16, Windows-1252), the separator (comma, semicolon, tab, bar)
    and the decimal sign are recognised. Rows and unnamed columns that are empty are left out. Names
    of columns lose spaces around them; cells that are empty or say so are missing.

    Parameters
    ----------
    path
        The file; ``.parquet``, or text.
    names
        Columns that it must have.
    texts
        Columns that stay text, also where they look like numbers: identifiers.

    Raises
    ------
    InputError
        The file is missing or broken, a column is missing or named twice, or a row has more cells
        than the header.
    """
    if path.is_dir():  # which pandas would take for a dataset in parts
        raise InputError(f"{path}: is a folder; allowed: a file")
    table = _read(path, texts)
    missing = [name for name in names if name not in table]
    if missing:
        raise InputError(f"{path}: column {missing[0]} is missing; allowed: a table of Mesocast")
    return table


def with_names(table: pd.DataFrame, names: Iterable[str], where: str) -> pd.DataFrame:
    """Table whose columns have these names, whatever case they are written in.

    Raises
    ------
    InputError
        Two columns have one name.
    """
    known = {name.lower(): name for name in names}
    table = table.rename(columns=lambda name: known.get(str(name).lower(), str(name)))
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise InputError(f"{where}: column {twice[0]} stands twice; allowed: once, in any case")
    return table


def refuse_fractions(table: pd.DataFrame, names: Iterable[str], where: str) -> None:
    """Refuse a column in per cent that holds shares; columns that are not there hold none.

    Raises
    ------
    InputError
        All of a column's values look like shares.
    """
    for name in names:
        cells = (cell for cell in table.get(name, ()) if isinstance(cell, (int, float)))
        numbers = [cell for cell in cells if not math.isnan(cell)]
        if look_like_fractions(numbers):
            raise InputError(
                f"{where}: {name}: its largest value is {max(numbers):g}: looks like fractions; "
                "allowed: per cent"
            )


def _read(path: Path, texts: Collection[str]) -> pd.DataFrame:
    import pandas as pd

    if path.suffix == ".parquet":
        with reading(path, "a Parquet table"):
            return pd.read_parquet(path)
    with reading(path, "a table"):
        text = _decoded(path.read_bytes())
    lines = text.splitlines()
    if not lines:
        raise InputError(f"{path}: cannot be read as a table (it is empty)")
    separator = max(_SEPARATORS, key=lines[0].count)
    header, *rows = csv.reader(lines, delimiter=separator)
    names = [name.strip() for name in header]
    _check_names(names, path)
    cells: dict[str, list[str]] = {name: [] for name in names if not _is_unnamed(name)}
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(names) :]):
            raise InputError(
                f"{path}: line {number} has {len(row)} cells, the header {len(names)} "
                f"(separator {separator!r}); allowed: as many"
            )
        padded = [*row, *[""] * (len(names) - len(row))]
        for name, cell in zip(names, padded, strict=False):
            if name in cells:
                cells[name].append(cell.strip())
    comma = separator != ","
    return pd.DataFrame(
        {
            name: _text(found) if name in texts else _column(found, decimal_comma=comma)
            for name, found in cells.items()
        }
    )


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _is_unnamed(name: str) -> bool:
    """Whether a column is the index that pandas writes, or the comma at a line's end."""
    return not name or name.startswith("Unnamed: ")


def _check_names(names: list[str], path: Path) -> None:
    named = [name for name in names if not _is_unnamed(name)]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{path}: column {twice} stands twice; allowed: once")
    if not named:
        raise InputError(f"{path}: has no column with a name")


def _text(cells: list[str]) -> list[str | None]:
    return [None if cell.lower() in _EMPTY else cell for cell in cells]


def _column(cells: list[str], *, decimal_comma: bool) -> list[float | str | None]:
    """Give each cell's number, or its text; words beside a number make all of them text."""
    found: list[float | str | None] = []
    for cell in _text(cells):
        if cell is None:
            found.append(None)
            continue
        plain = cell.replace(",", ".") if decimal_comma and _DECIMAL_COMMA.fullmatch(cell) else cell
        try:
            found.append(int(plain) if plain.lstrip("+-").isdigit() else float(plain))
        except ValueError:
            found.append(cell)
    return found
