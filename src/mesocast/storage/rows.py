"""Rows of electrodes, read and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.dataset.package import _DATASETS
from mesocast.dataset.table import gather
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


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
    if path.suffix not in _DATASETS:
        raise InputError(f"{path}: is no dataset; allowed: a file that ends on .parquet or .csv")
    table = gather([path])
    if table["condition_id"].duplicated().any():
        name = table.loc[table["condition_id"].duplicated(), "condition_id"].iloc[0]
        raise InputError(f"{path}: condition_id = {name} twice; allowed: once")
    return table


def _table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a dataset ({error})") from error
