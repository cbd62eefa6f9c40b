"""What a campaign does once its electrodes are measured, by the files that this leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.config.campaign import Campaign


@dataclass(frozen=True)
class Step:
    """One step and its files.

    Parameters
    ----------
    name
        What is made.
    files
        What it leaves, in the results folder.
    """

    name: str
    files: tuple[Path, ...]

    @property
    def done(self) -> int:
        """How many of its files are there."""
        return sum(path.exists() for path in self.files)

    @property
    def is_done(self) -> bool:
        """Whether all are."""
        return self.done == len(self.files)


def steps_to_page(campaign: Campaign, results: Path) -> list[Step]:
    """Give all steps from the measured electrodes to the page, in their order."""
    layout, method = Layout(results), campaign.surrogate_method
    rounds = range(1, campaign.rounds.count + 1)
    evidence = [layout.sensitivity(method), layout.comparison]
    evidence += [layout.validation(method, name) for name in campaign.targets]
    found = {
        "rounds": [layout.proposal(number) for number in rounds],
        "dataset": [layout.dataset],
        "surrogates": [layout.surrogate(method, name) for name in campaign.modelled],
        "evidence": evidence,
        "optimum": [layout.optimum],
        "alternatives": [layout.tradeoffs, layout.robustness],
        "verification": [layout.verification],
        "cells": [layout.cells("ragone")] if campaign.cell.enabled else [],
        "report": [layout.report],
    }
    return [Step(name, tuple(files)) for name, files in found.items() if files]
