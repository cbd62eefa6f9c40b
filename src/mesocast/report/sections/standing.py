"""Where a campaign stands that has no answer yet, or can have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.design.rounds import places
from mesocast.errors import InputError
from mesocast.recipe import Recipe
from mesocast.report.blocks import Headline, Notice, Section, Table, Text
from mesocast.report.numbers import count, number
from mesocast.report.steps import steps_to_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mesocast.report.blocks import Block
    from mesocast.report.results import Results

_FULL = "Once the campaign has gone on to its end, report.html takes the place of this page."


def build(results: Results, absent: Mapping[str, str]) -> Section:
    """Write the section.

    Parameters
    ----------
    results
        Of a campaign that is not at its end.
    absent
        Sections that cannot be written yet, and why, where that is not a file that is still to
        come.
    """
    planned, table = _planned(results), _measured(results)
    blocks: list[Block] = [Headline(_sentence(planned, table))]
    if (best := _best(results, table)) is not None:
        blocks.append(Text(best))
    rows = [("electrodes", str(len(table)), str(planned))]
    rows += [
        (step.name, str(step.done), str(len(step.files)))
        for step in steps_to_page(results.campaign, results.folder)
    ]
    caption = (
        "Files that are there of those that the campaign writes, in the order of its steps. "
        f"`mesocast status {results.folder}` tells what runs and which jobs failed, and why."
    )
    header = ("Step", "There", "Planned")
    blocks.append(Table("How far it is", caption, str(results.folder), header, tuple(rows)))
    if absent:
        reasons: dict[str, list[str]] = {}
        for title, reason in absent.items():
            reasons.setdefault(reason, []).append(title)
        waiting = reasons.pop("", [])
        remarks = [f"Not to be shown yet: {', '.join(waiting)}. {_FULL}"] if waiting else []
        remarks += [f"{', '.join(titles)}: {reason}" for reason, titles in reasons.items()]
        blocks.append(Notice(tuple(remarks)))
    return Section("standing", "Where it stands", blocks)


def _planned(results: Results) -> int:
    _, of_rounds = places(results.campaign)
    try:
        designed = len(results.design)
    except InputError:
        designed = results.campaign.design.conditions
    return designed + len(of_rounds)


def _measured(results: Results) -> pd.DataFrame:
    import pandas as pd

    try:
        return results.dataset
    except InputError:  # none is done
        return pd.DataFrame({"status": [], "reason": [], "condition_id": []})


def _sentence(planned: int, table: pd.DataFrame) -> str:
    made = table[table["status"] != "skipped"]
    good = int((made["status"] == "ok").sum())
    if made.empty:
        return f"Under way: none of {count(planned, 'electrode')} is measured yet."
    statuses = made.loc[made["status"] != "ok", "status"].value_counts()
    causes = ", ".join(f"{n} {status}" for status, n in statuses.items())
    if good == 0 and len(table) >= planned:
        return (
            f"No recipe can be given: none of {count(len(made), 'electrode')} that were made came "
            f"through ({causes}). What failed and why stands below."
        )
    failed = f", {causes}" if causes else ""
    return (
        f"No recipe yet: of {count(planned, 'electrode')} {len(made)} are measured ({good} ok"
        f"{failed})."
    )


def _best(results: Results, table: pd.DataFrame) -> str | None:
    """Say which electrode is the best so far; None where that cannot be told."""
    try:
        best = results.allowed.iloc[0]
    except (InputError, IndexError):
        return None
    recipe = Recipe.of(best.to_dict()).label
    several = count(int((table["status"] == "ok").sum()), "electrode")
    return (
        f"The best of {several} so far is {best['condition_id']} ({recipe}): objective "
        f"{number(float(best['objective']), 3)}, where 0 is best in all that is asked for."
    )
