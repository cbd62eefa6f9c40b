"""What failed, where in the chain, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.columns import PARAMETERS, is_variable, with_unit
from mesocast.columns.variables import told_value
from mesocast.report.blocks import Section, Table, Text
from mesocast.report.numbers import count
from mesocast.storage.layout import SIMULATED

if TYPE_CHECKING:
    import pandas as pd

    from mesocast.report.results import Results


def build(results: Results) -> Section:
    """Write the section."""
    failed, simulated = results.failed, len(results.everything) - len(results.unused)
    if failed.empty:
        text = (
            f"Nothing: all {simulated} electrodes, those of the verification included, have a "
            "result in every stage."
        )
        return Section("failures", "What failed and why", [Text(text), *_unused(results)])
    own = [name for name in failed.columns if is_variable(name)]
    return Section(
        "failures",
        "What failed and why",
        [
            Text(
                f"{count(len(failed), 'electrode')} of {simulated} have no result. "
                "They stay in the dataset with their status, and take no part in equations or "
                "optimum."
            ),
            Table(
                "Electrodes without a result",
                "The stage is the first one that failed; conditions of one slurry that fail in "
                "slurry or drying share one cause.",
                "dataset.parquet, slurries/<id>/, conditions/<id>/",
                (
                    *("Electrode", "AM %", "SC %", "CR %"),
                    *map(with_unit, own),
                    *("Seed", "Stage", "Status", "Reason"),
                ),
                tuple(
                    (
                        str(row["condition_id"]),
                        *(told_value(row[name]) for name in (*PARAMETERS, *own)),
                        str(row["seed"]),
                        _stage(results, row),
                        str(row["status"]),
                        str(row["reason"]),
                    )
                    for _, row in failed.iterrows()
                ),
                numeric=False,
            ),
            *_unused(results),
        ],
    )


def _unused(results: Results) -> list[Text]:
    """Say why rounds simulated less than they might have."""
    return [
        Text(f"Round {number}: {count(len(rows), 'place')} not used: {rows['reason'].iloc[0]}.")
        for number, rows in results.unused.groupby("round")
    ]


def _stage(results: Results, row: pd.Series[Any]) -> str:
    """First stage whose record is not ok."""
    records = {stage: results.record(stage, row) for stage in SIMULATED}
    for stage, record in records.items():
        if record is not None and record["status"] != "ok":
            return stage
    return "characterization" if all(records.values()) else "not recorded"
