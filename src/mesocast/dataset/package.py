"""The dataset as files that other tools read: Parquet, CSV, Frictionless data package."""

from __future__ import annotations

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
    for path, save in ((layout.dataset, table.to_parquet), (layout.dataset_csv, table.to_csv)):
        with replacing(path) as temporary:
            save(temporary, index=False)
    texts = [name for name in table.columns if pd.api.types.is_string_dtype(table[name])]
    content = package(campaign, table.columns, texts)
    if (folder / BEADS).exists():
        content["resources"].append(beads_resource())
    write_json(layout.data_package, {**content, **(more or {})})
    # No output of the workflow: campaigns from before it was written stay finished.
    write_crate(folder)


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
        Its ``licenses`` and ``provenance``, as far as they are there.
    """
    beside = path.with_name("datapackage.json")
    told = read_json(beside) if beside.exists() else {}
    return {name: told[name] for name in ("licenses", "provenance") if name in told}


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
    shared = {"profile": "tabular-data-resource", "schema": schema}
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
                **shared,
            },
        ],
    }
