"""Rows of electrodes in files: read, checked, and put into one table."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from mesocast.columns import CELL_COLUMNS, PARAMETERS, Properties, check_row, is_variable, kind_of
from mesocast.errors import InputError, reading
from mesocast.storage.files import read_json
from mesocast.storage.layout import Layout
from mesocast.storage.tables import read_table, refuse_fractions, with_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

_LOGGER = logging.getLogger(__name__)

_TABLES = (".parquet", ".csv")
# Columns in per cent of which single values may be below 1, but not those of a whole dataset.
_NOT_ALL_BELOW_1_PCT = ("cr_pct", "active_surface_pct", "pore_percolating_pct")


def gather(rows: Sequence[Path]) -> pd.DataFrame:
    """Put the properties of conditions into a table, one row each, sorted by identifier.

    Parameters
    ----------
    rows
        Files that hold a row (``properties.json``), a list of rows (a pack's), or a dataset.

    Raises
    ------
    InputError
        A file is missing, broken, or not a row of the dataset.
    """
    checked = []
    for path in rows:
        is_table = path.suffix in _TABLES
        content = _records(path) if is_table else read_json(path)
        several = content if isinstance(content, list) else [content]
        checked += [
            check_row(row, f"{path}: row {number}" if is_table else str(path)).model_dump()
            for number, row in enumerate(several, start=1)
        ]
    if not checked:
        raise InputError("dataset: no conditions were given; allowed: at least one")
    return table_of(checked).sort_values("condition_id", ignore_index=True)


def records_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain values, None where one is missing."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def table_of(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Table of checked rows, with numbers and texts as such also where all are missing."""
    import pandas as pd

    table = pd.DataFrame(records, columns=_columns(name for row in records for name in row))
    text = table["condition_id"].dtype
    kinds: dict[str, Any] = {}
    for name in table.columns:
        kind, is_empty = kind_of(name), bool(table[name].isna().all())
        if is_empty or (kind == "number" and not _holds_words(table[name])):
            kinds[name] = text if kind == "string" else "float64"
    return table.astype(kinds).copy()  # in one block: pandas is slow on a hundred of them


def _holds_words(column: pd.Series) -> bool:
    """Whether a column is a design variable with choices."""
    return is_variable(str(column.name)) and any(isinstance(one, str) for one in column)


def _columns(names: Iterable[str]) -> list[str]:
    """Columns of a table: those of every dataset, and its design variables after the recipe."""
    known = list(Properties.model_fields)
    after = known.index(PARAMETERS[-1]) + 1
    own = dict.fromkeys(name for name in names if is_variable(name))
    return [*known[:after], *own, *known[after:]]


def with_cells(table: pd.DataFrame, results: Path) -> pd.DataFrame:
    """Add what a battery does with each electrode (``conditions/<id>/cell.json``).

    Electrodes without that file, as those of a campaign from before there were cells, keep what
    the table says of them.

    Raises
    ------
    InputError
        A file is broken, or its columns are none of a cell.
    """
    layout = Layout(results)
    added: dict[str, dict[str, Any]] = {}
    for name in table["condition_id"]:
        path = layout.cell(name)
        if path.exists():
            with reading(path, "a cell", KeyError, TypeError):
                added[name] = dict(read_json(path)["columns"])
    if not added:
        return table
    records = []
    for own in records_of(table):
        if own["condition_id"] in added:
            own.update(dict.fromkeys(CELL_COLUMNS) | added[own["condition_id"]])
        records.append(check_row(own, f"{layout.cell(own['condition_id'])}").model_dump())
    return table_of(records)


def _records(path: Path) -> list[dict[str, Any]]:
    """Rows of a dataset, without what is missing; bookkeeping that it does not tell has defaults.

    Columns that are none of Mesocast's are left out, and said once.
    """
    import pandas as pd

    texts = [name for name in Properties.model_fields if kind_of(name) == "string"]
    table = read_table(path, texts=texts)
    table = with_names(table, Properties.model_fields, str(path))
    others = [
        name
        for name in table.columns
        if name not in Properties.model_fields and not is_variable(name)
    ]
    if others:
        _LOGGER.info("%s: columns that are not used: %s", path, ", ".join(others))
    table = table.drop(columns=others)
    for name in PARAMETERS:
        if name not in table:
            raise InputError(
                f"{path}: column {name} is missing; there are {', '.join(map(str, table.columns))}"
            )
    table = _with_bookkeeping(table)
    return [
        {str(name): value for name, value in row.items() if not pd.isna(value)}
        for row in table.astype(object).to_dict("records")
    ]


def _with_bookkeeping(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table what measured electrodes do not have: identifiers, status, round, seed."""
    pairs = [tuple(pair) for pair in table[["am_pct", "sc_pct"]].to_numpy().tolist()]
    slurries = {pair: f"T{place:03d}" for place, pair in enumerate(dict.fromkeys(pairs), start=1)}
    defaults: dict[str, list[Any]] = {
        "slurry_id": [slurries[pair] for pair in pairs],
        "condition_id": [f"row-{number}" for number in range(1, len(table) + 1)],
        "status": ["ok"] * len(table),
        "reason": [""] * len(table),
        "round": [0] * len(table),
        "seed": [0] * len(table),
    }
    for name, default in defaults.items():
        if name not in table:
            table = table.assign(**{name: default})
    return table.assign(reason=table["reason"].astype(object).where(table["reason"].notna(), ""))


def read_file(path: Path) -> pd.DataFrame:
    """Read and check a dataset from any place.

    Parameters
    ----------
    path
        ``.parquet`` or ``.csv`` with columns of `mesocast.columns.Properties`; columns that may
        be empty may be missing, and so may all but the recipe of an electrode that is ok.

    Raises
    ------
    InputError
        The file is missing or broken, or a row is none of a dataset.
    """
    if path.suffix not in _TABLES:
        raise InputError(f"{path}: is no dataset; allowed: a file that ends on .parquet or .csv")
    table = gather([path])
    if table["condition_id"].duplicated().any():
        name = table.loc[table["condition_id"].duplicated(), "condition_id"].iloc[0]
        raise InputError(f"{path}: condition_id = {name} twice; allowed: once")
    refuse_fractions(table, _NOT_ALL_BELOW_1_PCT, str(path))
    return table
