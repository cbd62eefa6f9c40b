"""The dataset as files that other tools read: Parquet, CSV, Frictionless data package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast import __version__
from mesocast.columns import Properties, unit_of
from mesocast.storage.files import read_json, replacing, write_json
from mesocast.storage.rows import _table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

_DATASETS = (".parquet", ".csv")
_TYPES = {"string": "string", "integer": "integer", "number": "number"}


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
