"""The dataset as a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.dataset.calendered import with_calendering
from mesocast.dataset.package import origin, write_dataset
from mesocast.storage.rows import gather, with_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesocast.config.campaign import Campaign


def run_dataset(campaign: Campaign, results: Path, rows: Sequence[Path]) -> None:
    """Gather the rows of all electrodes and write the dataset with its data package.

    Raises
    ------
    InputError
        A row is missing or broken.
    """
    given = campaign.design.dataset
    more = origin(Path(given)) if given else None
    table = with_calendering(gather(rows), results)
    if campaign.cell.enabled:
        table = with_cells(table, results)
    write_dataset(table, results, campaign=campaign.campaign, more=more)
