"""All electrodes of a campaign in one table, with a description that machines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast import __version__
from mesocast.errors import InputError
from mesocast.files import read_json, replacing, write_json
from mesocast.properties import Properties, check_row, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

_DATASETS = (".parquet", ".csv")
_TYPES = {"string": "string", "integer": "integer", "number": "number"}


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


def read_file(path: Path) -> pd.DataFrame:
    """Read and check a dataset from any place.

    Parameters
    ----------
    path
        ``.parquet`` or ``.csv`` with columns of `mesocast.properties.Properties`; columns that may
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


def _records(path: Path) -> list[dict[str, Any]]:
    """Rows of a dataset, without the numbers that are missing."""
    table = _table(path).astype(object)
    required = [name for name, field in Properties.model_fields.items() if field.is_required()]
    texts = [n for n in required if n in table and _column_type(n) == "string"]
    table[texts] = table[texts].fillna("")  # a CSV does not tell empty from missing
    return [
        {str(name): value for name, value in row.items() if value == value}  # noqa: PLR0124 - NaN
        for row in table.to_dict("records")
    ]


def write(
    table: pd.DataFrame, folder: Path, *, campaign: str, more: Mapping[str, Any] | None = None
) -> None:
    """Write ``dataset.parquet``, ``dataset.csv`` and ``datapackage.json``.

    The data package follows Frictionless Data Package 1.0: a type, unit and description for each
    column; ``more`` is added to it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, save in (("dataset.parquet", table.to_parquet), ("dataset.csv", table.to_csv)):
        with replacing(folder / name) as temporary:
            save(temporary, index=False)
    write_json(folder / "datapackage.json", {**package(campaign), **(more or {})})


def origin(path: Path) -> dict[str, Any]:
    """Say what the data package beside a dataset tells of where that comes from, if there is one.

    Returns
    -------
    dict
        Its ``licenses`` and ``provenance``, as far as they are there.
    """
    beside = path.with_name("datapackage.json")
    told = read_json(beside) if beside.exists() else {}
    return {name: told[name] for name in ("licenses", "provenance") if name in told}


def package(campaign: str) -> dict[str, Any]:
    """Describe the dataset's files and columns."""
    schema = {
        "fields": [
            {
                "name": name,
                "type": _column_type(name),
                "unit": unit_of(name) or "1",
                "description": field.description,
            }
            if _column_type(name) == "number"
            else {
                "name": name,
                "type": _column_type(name),
                "unit": "",
                "description": field.description,
            }
            for name, field in Properties.model_fields.items()
        ],
        "primaryKey": ["condition_id"],
        "missingValues": [""],
    }
    shared = {"profile": "tabular-data-resource", "schema": schema}
    return {
        "name": campaign.lower(),
        "title": f"Simulated electrodes of the Mesocast campaign {campaign}",
        "profile": "data-package",
        "mesocast_version": __version__,
        "resources": [
            {
                "name": "dataset",
                "path": "dataset.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                **shared,
            },
        ],
    }


def _column_type(name: str) -> str:
    """Frictionless type of a column."""
    annotation = Properties.model_fields[name].annotation
    text = str(annotation)
    if annotation is int:
        return "integer"
    return "number" if "float" in text else "string"
