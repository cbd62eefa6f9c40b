"""The dataset as files that other tools read: Parquet, CSV, Frictionless data package."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from mesocast.columns import column, is_variable, kind_of, unit_of
from mesocast.dataset.beads import BEADS, beads_resource
from mesocast.dataset.crate import write_crate
from mesocast.storage.files import read_json, replacing, write_json
from mesocast.storage.layout import Layout
from mesocast.storage.tables import read_table
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa


def write_dataset(
    table: pd.DataFrame, folder: Path, *, campaign: str, more: Mapping[str, Any] | None = None
) -> None:
    """Write ``dataset.parquet``, ``dataset.csv``, ``datapackage.json`` and the RO-Crate.

    The data package follows Frictionless Data Package 1.0: a type, unit and description for each
    column; ``more`` is added to it. A table of beads that lies in the folder is described, too.
    """
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    layout = Layout(folder)
    with replacing(layout.dataset) as temporary:
        table.to_parquet(temporary, index=False, schema=_schema(table))
    with replacing(layout.dataset_csv) as temporary:
        table.to_csv(temporary, index=False)
    texts = [name for name in table.columns if pd.api.types.is_string_dtype(table[name])]
    content = package(campaign, table.columns, texts)
    if (folder / BEADS).exists():
        content["resources"].append(beads_resource())
    for resource in content["resources"]:
        # Not its `hash`, which Frictionless's readers hold Parquet against without counting it.
        resource["sha256"] = hashlib.sha256((folder / resource["path"]).read_bytes()).hexdigest()
    write_json(layout.data_package, {**content, **(more or {})})
    # No output of the workflow: campaigns from before it was written stay finished.
    write_crate(folder)


def _schema(table: pd.DataFrame) -> pa.Schema:
    """Types of the columns in Parquet; those without a value have the type that they would have."""
    import pyarrow as pa

    schema = pa.Schema.from_pandas(table, preserve_index=False)
    text = schema.field("condition_id").type
    for place, field in enumerate(schema):
        if pa.types.is_null(field.type):
            is_text = kind_of(field.name) == "string"
            schema = schema.set(place, field.with_type(text if is_text else pa.float64()))
    return schema


def read_dataset(folder: Path) -> pd.DataFrame:
    """Read the dataset of a campaign's results folder.

    Raises
    ------
    InputError
        The file is missing or broken.
    """
    return read_table(Layout(folder).dataset)


def origin(path: Path) -> dict[str, Any]:
    """Say what the data package beside a dataset tells of where that comes from, if there is one.

    Returns
    -------
    dict
        Its ``contributors``, ``licenses`` and ``provenance``, as far as they are there.
    """
    told = _told_beside(path)
    names = ("contributors", "licenses", "provenance")
    return {name: told[name] for name in names if name in told}


def release_of(path: Path) -> str:
    """Version of a dataset that was published; empty where none is told."""
    return str(_told_beside(path).get("version", ""))


def _told_beside(path: Path) -> dict[str, Any]:
    beside = path.with_name("datapackage.json")
    return dict(read_json(beside)) if beside.exists() else {}


def package(campaign: str, columns: Iterable[str], texts: Collection[str] = ()) -> dict[str, Any]:
    """Describe the dataset's files and columns; design variables among ``texts`` hold words."""

    def kind(name: str) -> str:
        return "string" if is_variable(name) and name in texts else kind_of(name)

    schema = {
        "fields": [
            {
                "name": name,
                "type": kind(name),
                "unit": unit_of(name) or ("1" if kind(name) == "number" else ""),
                "description": column(name).description,
            }
            for name in columns
        ],
        "primaryKey": ["condition_id"],
        "missingValues": [""],
    }
    return {
        "name": campaign.lower(),
        "title": f"Simulated electrodes of the Mesocast campaign {campaign}",
        "profile": "data-package",
        "mesocast_version": VERSION,
        "resources": [
            {
                "name": "dataset",
                "path": "dataset.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "profile": "tabular-data-resource",
                "schema": schema,
            },
            {
                "name": "dataset-parquet",
                "path": "dataset.parquet",
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "title": "The same as Parquet",
                "schema": schema,
            },
        ],
    }
