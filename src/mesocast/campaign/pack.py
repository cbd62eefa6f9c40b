"""Several electrodes of one slurry in one job."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mesocast.characterization.jobs import run_characterization
from mesocast.errors import InputError, Stopped
from mesocast.simulation.jobs import run_calendering
from mesocast.storage.disk import describe_fault
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign

_LOGGER = logging.getLogger(__name__)


def run_pack(
    campaign: Campaign,
    results: Path,
    slurry_id: str,
    rates_pct: Mapping[str, float],
    rows: Path,
    further: Mapping[str, Mapping[str, Value]] | None = None,
) -> None:
    """Calender and characterize several conditions of one slurry, one after the other.

    Each keeps its own folder, status and restarts. One that fails does not stop the others; it is
    raised at the end, so that the job is run again for it alone.

    Parameters
    ----------
    campaign
        The campaign.
    results
        Its results folder.
    slurry_id
        The slurry.
    rates_pct
        Net compression rate of each condition, by its identifier.
    rows
        File for the list of their rows.
    further
        Values of the campaign's own design variables from calendering on, by condition and column.

    Raises
    ------
    Stopped
        The job has to end; the conditions that are done stay.
    ExceptionGroup
        What failed, by condition.
    """
    layout = Layout(results)
    failures: list[Exception] = []
    for condition_id, cr_pct in rates_pct.items():
        folder = layout.condition(condition_id)
        try:
            run_calendering(
                campaign,
                layout.slurry(slurry_id),
                folder,
                condition_id=condition_id,
                cr_pct=cr_pct,
                further=(further or {}).get(condition_id),
            )
            run_characterization(campaign, folder)
        except (InputError, Stopped):
            raise
        except Exception as failure:
            if isinstance(failure, OSError) and describe_fault(failure):
                raise  # the next one would meet the same disk
            _LOGGER.exception("%s", condition_id)
            failure.add_note(condition_id)
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(rates_pct)} conditions failed", failures)
    write_json(
        rows,
        [read_json(layout.row(name)) for name in rates_pct],
    )
