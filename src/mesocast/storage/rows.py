"""Rows of electrodes in files: read, checked, and put into one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.columns import Properties, check_row, kind_of
from mesocast.errors import InputError, reading
from mesocast.storage.files import read_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

_TABLES = (".parquet", ".csv")


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
    import pandas as pd

    checked = []
    for path in rows:
        content = _records(path) if path.suffix in _TABLES else read_json(path)
        checked += [
            check_row(row, str(path)).model_dump()
            for row in (content if isinstance(content, list) else [content])
        ]
    if not checked:
        raise InputError("dataset: no conditions were given; allowed: at least one")
    table = pd.DataFrame(checked, columns=list(Properties.model_fields))
    for name in table.columns:
        if kind_of(name) == "number":
            table[name] = table[name].astype("float64")
    return table.sort_values("condition_id", ignore_index=True)


def _records(path: Path) -> list[dict[str, Any]]:
    """Rows of a dataset, without the numbers that are missing."""
    import pandas as pd

    table = read_table(path).astype(object)
    required = [name for name, field in Properties.model_fields.items() if field.is_required()]
    texts = [n for n in required if n in table and kind_of(n) == "string"]
    table[texts] = table[texts].fillna("")  # a CSV does not tell empty from missing
    return [
        {str(name): value for name, value in row.items() if not pd.isna(value)}
        for row in table.to_dict("records")
    ]


def read_file(path: Path) -> pd.DataFrame:
    """Read and check a dataset from any place.

    Parameters
    ----------
    path
        ``.parquet`` or ``.csv`` with columns of `mesocast.columns.Properties`; columns that may
        be empty may be missing.

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
    return table


def read_table(path: Path, *names: str) -> pd.DataFrame:
    """Read a table as it is, with at least these columns.

    Raises
    ------
    InputError
        The file is missing or broken, or a column is missing.
    """
    import pandas as pd

    if path.is_dir():  # which pandas would take for a dataset in parts
        raise InputError(f"{path}: is a folder; allowed: a file")
    with reading(path, "a table"):
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    missing = [name for name in names if name not in table]
    if missing:
        raise InputError(f"{path}: column {missing[0]} is missing; allowed: a table of Mesocast")
    return table
