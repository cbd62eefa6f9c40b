"""Rounds after the design: their places, and the proposals that fill them.

Every round has a fixed number of places for slurries and conditions, whose identifiers are known
before anything runs. The round's proposal says what each place holds. A place that the optimizer
does not use is skipped: it keeps the recipe that would have come next and the reason, and costs
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.columns.variables import Value  # noqa: TC001 - pydantic needs it
from mesocast.design.plan import packs
from mesocast.errors import InputError
from mesocast.storage.layout import Layout
from mesocast.storage.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesocast.config.campaign import Campaign
    from mesocast.design.plan import Plan


@dataclass(frozen=True)
class ProposedSlurry:
    """A place for a slurry; ``skipped`` says why it is not mixed, and is empty when it is.

    ``further`` has the campaign's own design variables up to the drying.
    """

    am_pct: float
    sc_pct: float
    skipped: str = ""
    further: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class ProposedCondition:
    """A place for an electrode, of a new slurry or of one that is there.

    ``further`` has the campaign's own design variables from calendering on.
    """

    slurry_id: str
    am_pct: float
    sc_pct: float
    cr_pct: float
    skipped: str = ""
    further: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal(Record):
    """What a round simulates; the file ``rounds/<n>/proposal.json``.

    Parameters
    ----------
    round
        Its number, from 1.
    expected_gain
        Relative gain of all that is simulated (`mesocast.optimization.rounds.batch`).
    cost
        Of what is simulated, in units of one condition.
    slurries, conditions
        What each place holds, by its identifier.
    """

    round: int
    expected_gain: float
    cost: float
    slurries: dict[str, ProposedSlurry]
    conditions: dict[str, ProposedCondition]

    def slurry(self, slurry_id: str) -> ProposedSlurry:
        """Give what a place for a slurry holds.

        Raises
        ------
        InputError
            The round has no such place.
        """
        if slurry_id not in self.slurries:
            raise _missing(slurry_id, self.slurries)
        return self.slurries[slurry_id]

    def condition(self, condition_id: str) -> ProposedCondition:
        """Give what a place for a condition holds; errors as for `slurry`."""
        if condition_id not in self.conditions:
            raise _missing(condition_id, self.conditions)
        return self.conditions[condition_id]


def _missing(name: str, there: Iterable[str]) -> InputError:
    return InputError(f"proposal: {name}: no such place; allowed: {', '.join(there)}")


def slurry_ids(campaign: Campaign, number: int) -> list[str]:
    """Places for slurries of a round."""
    return [f"R{number}S{place:02d}" for place in range(1, campaign.rounds.slurries + 1)]


def condition_ids(campaign: Campaign, number: int) -> list[str]:
    """Places for conditions of a round."""
    return [f"R{number}-C{place:02d}" for place in range(1, campaign.rounds.conditions + 1)]


def row_files(
    campaign: Campaign, plan: Plan, results: Path, *, before: int | None = None
) -> list[Path]:
    """Files that hold the rows of the dataset: a pack's, or an electrode's own.

    Parameters
    ----------
    campaign, plan
        The campaign and its design.
    results
        The campaign's results folder.
    before
        Only the design and the rounds before this one; with None all rounds.
    """
    layout = Layout(results)
    if campaign.design.dataset is not None:
        return [Path(campaign.design.dataset)]
    shared = packs(plan, campaign.jobs.conditions_per_job)
    packed = {condition.condition_id for pack in shared.values() for condition in pack}
    alone = [c.condition_id for c in plan.conditions if c.condition_id not in packed]
    design = [layout.pack(name) for name in shared] + [layout.row(name) for name in alone]
    numbers = range(1, before or campaign.rounds.count + 1)
    return design + [path for n in numbers for path in round_files(campaign, results, n)]


def round_files(campaign: Campaign, results: Path, number: int) -> list[Path]:
    """Files that hold the rows of a round."""
    return [Layout(results).row(name) for name in condition_ids(campaign, number)]


def places(campaign: Campaign) -> tuple[list[str], list[str]]:
    """Places for slurries and for conditions of all rounds."""
    numbers = range(1, campaign.rounds.count + 1)
    return (
        [name for number in numbers for name in slurry_ids(campaign, number)],
        [name for number in numbers for name in condition_ids(campaign, number)],
    )
