"""The table of all electrodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.columns import Properties, check_row
from mesocast.dataset.package import _DATASETS, _column_type, _records
from mesocast.errors import InputError
from mesocast.storage.files import read_json
from mesocast.storage.rows import _table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd


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
        content = _records(path) if path.suffix in _DATASETS else read_json(path)
        checked += [
            check_row(row, str(path)).model_dump()
            for row in (content if isinstance(content, list) else [content])
        ]
    if not checked:
        raise InputError("dataset: no conditions were given; allowed: at least one")
    table = pd.DataFrame(checked, columns=list(Properties.model_fields))
    for name in table.columns:
        if _column_type(name) == "number":
            table[name] = table[name].astype("float64")
    return table.sort_values("condition_id", ignore_index=True)


def read(folder: Path) -> pd.DataFrame:
    """Read the dataset of a campaign's results folder.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    return _table(folder / "dataset.parquet")
