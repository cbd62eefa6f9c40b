"""A folder with a dataset as an RO-Crate: what is in it, from what and under which licence.

RO-Crate 1.1 (Soiland-Reyes et al., Data Science 5, 97 (2022)): a JSON-LD file beside the data, in
the vocabulary of schema.org, which archives and search engines read. All that it says stands in the
data package, or is the size of a file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mesocast.dataset.beads import BEADS
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "ro-crate-metadata.json"
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_PROFILE = "https://w3id.org/ro/crate/1.1"
_DATA_PACKAGE = "https://specs.frictionlessdata.io/data-package/"
_RUN = "#simulation"
# Programs that a stage records, by the name in the data package.
_PROGRAMS = {"mesocast": "Mesocast", "lammps": "LAMMPS", "taufactor": "TauFactor"}

_DESCRIPTION = (
    "Lithium-ion battery electrodes simulated from recipe to microstructure: recipe, seed and "
    "measured properties of each."
)

Entity = dict[str, Any]


def write_crate(folder: Path) -> None:
    """Write ``ro-crate-metadata.json`` for a folder that holds a dataset and its data package.

    Raises
    ------
    InputError
        The data package is missing or broken.
    """
    layout = Layout(folder)
    kinds = {
        layout.dataset_csv: ("The electrodes, one row each", "text/csv"),
        layout.dataset: ("The same as Parquet", "application/vnd.apache.parquet"),
        folder / BEADS: ("The beads of each film", "application/vnd.apache.parquet"),
        layout.data_package: ("Unit and meaning of each column", "application/json"),
        layout.campaign: ("The campaign's config with all defaults", "application/json"),
        layout.design: ("The recipes of the design", "text/csv"),
    }
    files = [
        {
            "@id": path.name,
            "@type": "File",
            "name": name,
            "encodingFormat": encoding,
            "contentSize": str(path.stat().st_size),
        }
        for path, (name, encoding) in kinds.items()
        if path.exists()
    ]
    write_json(folder / NAME, crate(read_json(layout.data_package), files))


def crate(package: Mapping[str, Any], files: list[Entity]) -> dict[str, Any]:
    """Describe a dataset by what its data package says.

    Parameters
    ----------
    package
        Content of ``datapackage.json``.
    files
        Entities of the files that are there.

    Returns
    -------
    dict
        The JSON-LD document.
    """
    provenance = package.get("provenance", {})
    stages = provenance.get("stages", {}).values()
    ended = max((s["last_finished"] for s in stages if "last_finished" in s), default=_now())
    programs = _programs(package)
    columns = _columns(package)
    licence = _licence(package)
    for file in files:
        if file["@id"] == "datapackage.json":
            file["conformsTo"] = {"@id": _DATA_PACKAGE}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": package["title"],
        "description": package.get("description", _DESCRIPTION),
        "datePublished": ended[:10],
        "license": {"@id": licence["@id"]},
        "hasPart": [{"@id": file["@id"]} for file in files],
        "variableMeasured": [{"@id": column["@id"]} for column in columns],
        "mentions": {"@id": _RUN},
    }
    if version := package.get("version"):
        root["version"] = version
    authors = _authors(package)
    if authors:
        root["author"] = [{"@id": author["@id"]} for author in authors]
    made = [f for f in files if f["@id"].startswith("dataset.") or f["@id"] == BEADS]
    run = {
        "@id": _RUN,
        "@type": "CreateAction",
        "name": "Simulation of the electrodes",
        "endTime": ended,
        "instrument": [{"@id": program["@id"]} for program in programs],
        "result": [{"@id": file["@id"]} for file in made],
    }
    if hardware := provenance.get("hardware"):
        run["description"] = f"Simulated on {hardware}."
    descriptor = {
        "@id": NAME,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _PROFILE},
        "about": {"@id": "./"},
    }
    graph = [descriptor, root, *files, run, *authors, *programs, *columns, licence]
    return {"@context": _CONTEXT, "@graph": graph}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _authors(package: Mapping[str, Any]) -> list[Entity]:
    return [
        {"@id": f"#author-{number}", "@type": "Organization", "name": told["title"]}
        for number, told in enumerate(package.get("contributors", []), start=1)
    ]


def _programs(package: Mapping[str, Any]) -> list[Entity]:
    """Programs with their versions: those that the stages recorded, else the one that wrote."""
    stages = package.get("provenance", {}).get("stages", {}).values()
    versions = {
        name: sorted({v for stage in stages for v in stage.get(name, [])}) for name in _PROGRAMS
    }
    versions["mesocast"] = versions["mesocast"] or [package["mesocast_version"]]
    return [
        {
            "@id": f"#{name}-{version}",
            "@type": "SoftwareApplication",
            "name": _PROGRAMS[name],
            "version": version,
        }
        for name, found in versions.items()
        for version in found
    ]


def _columns(package: Mapping[str, Any]) -> list[Entity]:
    return [
        {
            "@id": f"#{field['name']}",
            "@type": "PropertyValue",
            "name": field["name"],
            "description": field["description"],
            **({"unitText": field["unit"]} if field["unit"] else {}),
        }
        for field in package["resources"][0]["schema"]["fields"]
    ]


def _licence(package: Mapping[str, Any]) -> Entity:
    if licences := package.get("licenses"):
        first = licences[0]
        return {"@id": first["path"], "@type": "CreativeWork", "name": first["name"]}
    text = "No licence is given: ask those who ran the campaign."
    return {"@id": "#licence", "@type": "CreativeWork", "name": "None", "description": text}
