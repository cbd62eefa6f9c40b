"""A dataset's electrodes measured anew from their beads, without a simulation."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from mesocast.characterization.jobs import columns_of, measure
from mesocast.columns import CELL_COLUMNS, check_row
from mesocast.dataset.beads import BEADS, Beads
from mesocast.dataset.package import origin, release_of, write_dataset
from mesocast.errors import InputError
from mesocast.storage.layout import Layout
from mesocast.storage.rows import read_file, records_of, table_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from mesocast.config.campaign import Campaign


def remeasure(
    campaign: Campaign,
    folder: Path,
    output: Path,
    *,
    processes: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> pd.DataFrame:
    """Measure all electrodes of a published dataset and write a dataset of the same recipes.

    Recipe, status and what calendering did are taken over; whatever is measured on the beads is
    measured with the campaign's materials and methods. Columns of the cell are left out, since
    they belong to the old measurements; ``mesocast cell`` gives new ones.

    Parameters
    ----------
    campaign
        Materials and methods of measurement.
    folder
        Holds ``dataset.parquet`` and ``beads.parquet``.
    output
        Folder for the new dataset; not `folder`.
    processes
        Electrodes measured at the same time; what comes out does not depend on it.
    progress
        Told how many electrodes of how many are done.

    Returns
    -------
    DataFrame
        The new rows.

    Raises
    ------
    InputError
        A file is missing or broken, or an electrode has no beads.
    """
    if output.resolve() == folder.resolve():
        raise InputError(f"{output}: is the dataset that is measured; allowed: another folder")
    path = folder / BEADS
    table = read_file(Layout(folder).dataset)
    beads = Beads(path)
    films = table.loc[table["status"] == "ok", "condition_id"].tolist()
    missing = [name for name in films if (name, "pressed") not in beads]
    if missing:
        raise InputError(
            f"{path}: has no beads of {len(missing)} of {len(films)} electrodes, for instance "
            f"{missing[0]}; allowed: the beads of every electrode with status ok"
        )
    measured = dict(_measured(campaign, path, table[table["status"] == "ok"], processes, progress))
    rows = []
    for row in records_of(table):
        new = {**row, **measured.get(row["condition_id"], {}), **dict.fromkeys(CELL_COLUMNS)}
        rows.append(check_row(new, f"{path}: {row['condition_id']}").model_dump())
    new_table = table_of(rows)
    write_dataset(
        new_table,
        output,
        campaign=campaign.campaign,
        more={
            **origin(Layout(folder).dataset),
            "measured_anew": {
                "physics": campaign.physics("characterization"),
                "beads": str(path),
                "version": release_of(Layout(folder).dataset),
                "materials": campaign.materials.model_dump(mode="json"),
                "characterization": campaign.characterization.model_dump(mode="json"),
            },
        },
    )
    return new_table


def _measured(
    campaign: Campaign,
    path: Path,
    table: pd.DataFrame,
    processes: int,
    progress: Callable[[int, int], None],
) -> list[tuple[str, dict[str, Any]]]:
    """Measure the rows of a table; gives the columns of each by its identifier."""
    rows = records_of(table)
    names = [row["condition_id"] for row in rows]
    # Not forked: numerical libraries have threads of their own.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        found = []
        jobs = pool.map(_measure, repeat(campaign), repeat(path), rows)
        for name, columns in zip(names, jobs, strict=True):
            found.append((name, columns))
            progress(len(found), len(names))
    return found


def _measure(campaign: Campaign, path: Path, row: dict[str, Any]) -> dict[str, Any]:
    electrode = Beads(path).read(row["condition_id"])
    return columns_of(electrode, measure(campaign, electrode), row)
