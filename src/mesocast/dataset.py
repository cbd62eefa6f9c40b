"""All electrodes of a campaign in one table, with a description that machines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast import __version__
from mesocast.errors import InputError
from mesocast.files import read_json, replacing, write_json
from mesocast.properties import Properties, check_row, unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

_TYPES = {"string": "string", "integer": "integer", "number": "number"}


def gather(rows: Sequence[Path]) -> pd.DataFrame:
    """Put the properties of conditions into a table, one row each, sorted by identifier.

    Parameters
    ----------
    rows
        Files that hold a row (``properties.json``) or a list of rows (a pack's).

    Raises
    ------
    InputError
        A file is missing, broken, or not a row of the dataset.
    """
    import pandas as pd

    checked = []
    for path in rows:
        content = read_json(path)
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
    import pandas as pd

    path = folder / "dataset.parquet"
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a dataset ({error})") from error


def write(table: pd.DataFrame, folder: Path, *, campaign: str) -> None:
    """Write ``dataset.parquet``, ``dataset.csv`` and ``datapackage.json``.

    The data package follows Frictionless Data Package 1.0: a type, unit and description for each
    column.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, save in (("dataset.parquet", table.to_parquet), ("dataset.csv", table.to_csv)):
        with replacing(folder / name) as temporary:
            save(temporary, index=False)
    write_json(folder / "datapackage.json", package(campaign))


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
