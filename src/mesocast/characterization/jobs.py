"""Characterization as a job of a condition's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.columns import ADDED, CELL_COLUMNS, FURTHER
from mesocast.errors import PhysicsFailure
from mesocast.simulation.stage_job import read_film
from mesocast.storage.files import read_record, write_json, write_text
from mesocast.storage.layout import CALENDERING, CHARACTERIZATION
from mesocast.storage.once import file_digest, is_kept, run_once

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mesocast.characterization.result import Characterization
    from mesocast.config.campaign import Campaign
    from mesocast.electrode import Electrode


def run_characterization(campaign: Campaign, folder: Path) -> None:
    """Measure the electrode of a condition's folder: properties, voxel image, pictures, tables.

    Raises
    ------
    InputError
        The electrode's files are missing or broken.
    """
    from mesocast.characterization.files.write import CURVE_FILE

    before, electrode = read_film(folder, CHARACTERIZATION, folder, CALENDERING)
    campaign = campaign.at(before["recipe"])
    asked = campaign.characterization.measurements
    more = (CURVE_FILE,) if "infiltration" in asked else ()

    def produce(scratch: Path) -> None:
        _characterize(campaign, before, electrode, folder, scratch)
        for name in more:
            if not (scratch / name).exists():
                write_text(scratch / name, "")

    run_once(
        folder,
        CHARACTERIZATION.name,
        _identity(campaign, before, folder),
        (*CHARACTERIZATION.outputs, *more),
        produce,
    )


def _identity(campaign: Campaign, before: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What the properties of a calendered film depend on."""
    return {
        "physics": campaign.physics("characterization"),
        "electrode": file_digest(folder / CALENDERING.film),
        "calendering": before["measured"],
        "recipe": before["recipe"],
        "status": before["status"],
        "reason": before["reason"],
        **({"added": {name: p.version for name, p in ADDED.items()}} if ADDED else {}),
    }


def is_measured(campaign: Campaign, folder: Path) -> bool:
    """Whether the properties in a condition's folder are those that the campaign asks for now.

    Raises
    ------
    InputError
        The record of the calendering is missing or broken.
    """
    before = read_record(folder / CALENDERING.record, "recipe", "status", "reason", "measured")
    identity = _identity(campaign.at(before["recipe"]), before, folder)
    return is_kept(folder, CHARACTERIZATION.name, identity)


def _characterize(
    campaign: Campaign, before: dict[str, Any], electrode: Electrode, folder: Path, scratch: Path
) -> None:
    from mesocast.characterization.calendered import calendering_columns
    from mesocast.characterization.files.write import write_electrode_files, write_placeholders
    from mesocast.columns import check_row

    row: dict[str, Any] = {
        **before["recipe"],
        "status": before["status"],
        "reason": before["reason"],
        **calendering_columns(campaign, before["measured"], electrode, folder),
    }
    if len(electrode.radii_um) == 0:
        write_placeholders(before["reason"], scratch)
    else:
        result = measure(campaign, electrode)
        if before["status"] == "ok":
            row = columns_of(electrode, result, row)
        write_electrode_files(electrode, result, scratch)
    # What the cell adds is in a file of its own.
    checked = check_row(row, "properties").model_dump(exclude=set(CELL_COLUMNS))
    write_json(scratch / CHARACTERIZATION.record, checked)


def measure(campaign: Campaign, electrode: Electrode) -> Characterization:
    """Measure an electrode by a campaign's methods."""
    from mesocast.characterization.further import Wanted
    from mesocast.characterization.image import Phases
    from mesocast.characterization.measure import characterize

    settings = campaign.characterization
    return characterize(
        electrode,
        Phases.of(campaign),
        voxel_size_um=settings.voxel_size_um,
        coverage_tolerance_um=settings.coverage_tolerance_um,
        transport_method=settings.transport_method,
        conductivity_method=settings.conductivity_method,
        wanted=Wanted.of(settings),
    )


def columns_of(
    electrode: Electrode, result: Characterization, before: Mapping[str, Any]
) -> dict[str, Any]:
    """Columns of what was measured, with those that other packages add to a row.

    What has no result there is the row's status. What was asked for before and is not now is gone.
    """
    further = dict.fromkeys(column.name for columns in FURTHER.values() for column in columns)
    row = {**before, **further, **result.row(), "status": result.status, "reason": result.reason}
    for name, added in ADDED.items():
        try:
            row[name] = added.measure(electrode, row)
        except PhysicsFailure as failure:
            if row["status"] == "ok":
                row |= {"status": failure.status, "reason": f"{name}: {failure.reason}"}
    return row
