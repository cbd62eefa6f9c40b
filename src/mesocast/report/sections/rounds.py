"""What the rounds after the design added; part of the section on the design."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mesocast.report.blocks import Table, Text
from mesocast.report.numbers import count, number

if TYPE_CHECKING:
    from mesocast.report.blocks import Block
    from mesocast.report.results import Results


def origin(round_number: int) -> str:
    """Where an electrode's recipe is from."""
    return f"round {round_number}" if round_number else "design"


def build(results: Results) -> list[Block]:
    """Write the blocks; none for a campaign without rounds."""
    if not results.proposals:
        return []
    used = results.dataset[results.dataset["status"] != "skipped"]
    rows, mixed = [], set[str]()
    for turn in range(len(results.proposals) + 1):
        electrodes, proposal = used[used["round"] == turn], results.proposals.get(turn)
        slurries = {*electrodes["slurry_id"]} - mixed
        mixed |= slurries
        name, objective = _best(results, turn)
        rows.append(
            (
                origin(turn),
                str(len(slurries)),
                str(len(electrodes)),
                str(int((electrodes["status"] != "ok").sum())),
                number(proposal.cost if proposal else None, 3),
                number(100 * proposal.expected_gain if proposal else None, 3),
                number(objective, 3),
                name,
            )
        )
    (name, first), (later, last) = _best(results, 0), _best(results, len(results.proposals))
    improved = (
        f"improved the best simulated objective from {number(first, 3)} ({name}) to "
        f"{number(last, 3)} ({later})"
        if last < first
        else f"did not improve the best simulated objective, {number(first, 3)} ({name})"
    )
    slurry_cost = results.campaign.rounds.slurry_cost
    return [
        Text(f"{count(len(results.proposals), 'round')} after the design {improved}."),
        Table(
            "What each round added",
            "Each round simulates what is expected to gain most per cost by all electrodes before "
            f"it. In the cost, a new slurry counts as much as {slurry_cost:g} of its electrodes. "
            "The expected gain is that of hypervolume and objective together, relative to their "
            "values before the round. Best is the lowest objective as this report defines it.",
            "dataset.parquet, rounds/<n>/proposal.json",
            (
                "Origin",
                "New slurries",
                "Electrodes",
                "Failed",
                "Cost",
                "Expected gain (%)",
                "Best objective so far",
                "Best electrode so far",
            ),
            tuple(rows),
        ),
    ]


def _best(results: Results, turn: int) -> tuple[str, float]:
    """Best electrode of the design and the rounds up to this one, and its objective."""
    rows = results.simulated[results.simulated["round"] <= turn]
    if rows.empty:
        return "–", math.nan
    return str(rows["condition_id"].iloc[0]), float(rows["objective"].iloc[0])
