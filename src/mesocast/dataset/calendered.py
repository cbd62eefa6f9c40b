"""What the calender did, for rows that were written before it had columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.characterization.calendered import recorded_columns
from mesocast.columns import check_row
from mesocast.storage.files import read_record
from mesocast.storage.layout import CALENDERING, Layout
from mesocast.storage.rows import records_of, table_of

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def with_calendering(table: pd.DataFrame, results: Path) -> pd.DataFrame:
    """Fill what a row does not say from the record of its calendering, where that is at hand.

    So a campaign of an earlier version has these columns without measuring an electrode again.

    Raises
    ------
    InputError
        A record is broken.
    """
    layout, records, filled = Layout(results), records_of(table), False
    for row in records:
        path = layout.condition(row["condition_id"]) / CALENDERING.record
        if row.get("gap_um") is not None or not path.exists():
            continue
        found = recorded_columns(read_record(path, "measured")["measured"])
        known = {name: value for name, value in found.items() if value is not None}
        filled = filled or bool(known)
        row.update(check_row({**row, **known}, str(path)).model_dump())
    return table_of(records) if filled else table
