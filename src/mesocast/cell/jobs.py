"""Cells as jobs: of the electrodes of a campaign, and of one row."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.cell.bpx_export import to_bpx
from mesocast.cell.chemistry import Chemistry, read_chemistry
from mesocast.cell.curves import discharge_table
from mesocast.cell.overpotentials import ended_by, limited_by
from mesocast.cell.porous_electrode import NEEDED, OF_TRAPPED_GAS
from mesocast.cell.result import CellResult, cell, failed_columns
from mesocast.errors import PhysicsFailure
from mesocast.storage.files import write_json, write_text
from mesocast.storage.layout import CELL_OUTPUTS, CHARACTERIZATION, Layout
from mesocast.storage.once import digest, run_once
from mesocast.storage.rows import gather, records_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.cell.discharge import Discharge
    from mesocast.config.campaign import Campaign

# Raise it when the cell changes: then electrodes are put into cells again, and none is simulated.
VERSION = 1
# Columns that decide what a cell does, besides the settings.
_IDENTITY = ("status", "am_pct", "mass_loading_mg_cm2", *NEEDED)


def chemistry_of(campaign: Campaign) -> Chemistry:
    """Materials of the campaign's cells.

    Raises
    ------
    InputError
        The BPX file is missing or broken, or lacks a value.
    """
    path = campaign.cell.chemistry
    return read_chemistry(None if path is None else Path(path))


def cell_identity(campaign: Campaign) -> str:
    """Digest of everything but the electrode that a cell depends on."""
    settings = campaign.cell.model_dump(
        mode="json", exclude={"enabled", "chemistry", "ragone_loadings_mg_cm2"}
    )
    if not campaign.cell.trapped_gas:  # results of before there was such a choice stay
        settings.pop("trapped_gas")
    material = campaign.materials.active_material.model_dump(mode="json")
    chemistry = chemistry_of(campaign).content
    return digest(
        {
            "version": VERSION,
            "settings": settings,
            "chemistry": chemistry,
            "material": {k: material[k] for k in material if k in _MATERIAL},
            **({"kinds": material["kinds"]} if material.get("kinds") else {}),
        }
    )


_MATERIAL = ("density_g_cm3", "diameters_um", "number_fractions")


def run_cells(
    campaign: Campaign,
    results: Path,
    rows: Sequence[Path],
    output: Path,
    *,
    processes: int = 1,
) -> None:
    """Put electrodes into cells; each keeps its result, which a later run takes over.

    Parameters
    ----------
    campaign, results
        The campaign and its results folder.
    rows
        Files that hold the rows of the electrodes.
    output
        File for the list of them with their status.
    processes
        Electrodes that are discharged at the same time; what comes out does not depend on it.

    Raises
    ------
    InputError
        A row is missing or broken, PyBaMM is not installed, or the BPX file cannot be used.
    """
    identity = cell_identity(campaign)
    records = records_of(gather(rows))
    # Like electrodes share a model, so each process takes neighbours in thickness.
    records.sort(key=lambda row: (row["thickness_um"] or 0.0, row["condition_id"]))
    if processes <= 1 or len(records) < 2 * processes:
        statuses = _run_batch(campaign, results, records, identity)
    else:
        share = -(-len(records) // processes)
        batches = [records[i : i + share] for i in range(0, len(records), share)]
        # Not forked: PyBaMM's solvers and numerical libraries have threads of their own.
        with ProcessPoolExecutor(len(batches), mp_context=get_context("spawn")) as pool:
            jobs = [pool.submit(_run_batch, campaign, results, b, identity) for b in batches]
            statuses = {name: status for job in jobs for name, status in job.result().items()}
    write_json(
        output, [{"condition_id": name, "cell_status": statuses[name]} for name in sorted(statuses)]
    )


def run_cell(campaign: Campaign, folder: Path) -> str:
    """Put the electrode of a condition's folder into cells; see ``run_cells``.

    Returns
    -------
    str
        Its ``cell_status``.

    Raises
    ------
    InputError
        The row is missing or broken, PyBaMM is not installed, or the BPX file cannot be used.
    """
    (row,) = records_of(gather([folder / CHARACTERIZATION.record]))
    return _run_one(campaign, chemistry_of(campaign), cell_identity(campaign), row, folder)


def _run_batch(
    campaign: Campaign, results: Path, records: Sequence[Mapping[str, Any]], identity: str
) -> dict[str, str]:
    """Put some electrodes into cells; gives their statuses."""
    chemistry, layout = chemistry_of(campaign), Layout(results)
    return {
        row["condition_id"]: _run_one(
            campaign, chemistry, identity, row, layout.cell(row["condition_id"]).parent
        )
        for row in records
    }


def _run_one(
    campaign: Campaign,
    chemistry: Chemistry,
    identity: str,
    row: Mapping[str, Any],
    folder: Path,
) -> str:
    """Put one electrode into cells, unless its folder has the result; gives its status."""
    decisive = (
        *_IDENTITY,
        *(OF_TRAPPED_GAS if campaign.cell.trapped_gas else ()),
        *campaign.design.variables,
    )

    def produce(scratch: Path) -> None:
        try:
            found: CellResult | PhysicsFailure = cell(
                row,
                chemistry,
                material=campaign.at(row).materials.active_material,
                settings=campaign.cell,
            )
        except PhysicsFailure as failure:
            found = failure
        write_cell(found, scratch, title=f"{campaign.campaign} {row['condition_id']}")

    run_once(
        folder,
        "cell",
        {"cell": identity, **{name: row[name] for name in decisive}},
        CELL_OUTPUTS,
        produce,
    )
    record = json.loads((folder / CELL_OUTPUTS[0]).read_text())
    return str(record["columns"]["cell_status"])


def write_cell(found: CellResult | PhysicsFailure, folder: Path, *, title: str) -> None:
    """Write ``CELL_OUTPUTS``: the record, the curves and the BPX file.

    Parameters
    ----------
    found
        The result, or why there is none; the curves and the BPX file are empty then.
    folder
        Where to.
    title
        Title of the BPX file.
    """
    record, curves, exported = (folder / name for name in CELL_OUTPUTS)
    if isinstance(found, PhysicsFailure):
        write_json(record, {"columns": failed_columns(found)})
        write_text(curves, "")
        write_text(exported, "")
        return
    write_json(record, cell_record(found))
    write_text(curves, curves_text(found))
    write_json(exported, to_bpx(found.electrode, found.chemistry, found.settings, title=title))


def curves_text(result: CellResult) -> str:
    """Discharge curves of both cells as CSV; see ``discharge_table``."""
    import pandas as pd

    tables = [discharge_table(result.half, "half"), discharge_table(result.full, "full")]
    return pd.concat(tables, ignore_index=True).to_csv(index=False, float_format="%.6g")


def cell_record(result: CellResult) -> dict[str, Any]:
    """Give what ``cell.json`` holds: columns, discharges, stack, and where values come from."""
    return {
        "columns": result.columns(),
        "electrode": asdict(result.electrode),
        "np_ratio": result.settings.np_ratio,
        "stack": asdict(result.stack),
        "half_cell": [_discharged(found) for found in result.half],
        "full_cell": [
            _discharged(found)
            | {"energy_Wh_L": result.energy_Wh_L(found), "power_W_L": result.power_W_L(found)}
            for found in result.full
        ],
    }


def _discharged(found: Discharge) -> dict[str, Any]:
    return {
        "rate_C": found.rate_C,
        "capacity_mAh_g": found.capacity_mAh_g,
        "energy_Wh_m2": found.energy_Wh_m2,
        "open_circuit_energy_Wh_m2": found.open_circuit_energy_Wh_m2,
        "lost_Wh_m2": found.lost_Wh_m2,
        "limited_by": limited_by(found),
        "ended_by": ended_by(found),
        "failure": found.failure,
    }
