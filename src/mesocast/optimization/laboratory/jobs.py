"""Asking a laboratory and being told, bound to a campaign's results folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.errors import InputError
from mesocast.optimization.jobs import make_problem
from mesocast.optimization.laboratory.ask import ask
from mesocast.optimization.laboratory.state import Laboratory, Told
from mesocast.seeds import derived_seed
from mesocast.storage.layout import Layout
from mesocast.surrogates.jobs import read_surrogates
from mesocast.surrogates.measured.table import MeasuredTable, joined, read_measured

if TYPE_CHECKING:
    import pandas as pd

    from mesocast.config.campaign import Campaign


def all_measured(campaign: Campaign, results: Path) -> MeasuredTable | None:
    """What the config's table holds and the laboratory told; None for nothing.

    Raises
    ------
    InputError
        A table is missing or broken.
    """
    told = Laboratory.read(Layout(results).laboratory).measured()
    given = campaign.verification.measured
    if given is None:
        return told
    table = read_measured(Path(given))
    return table if told is None else joined(table, told)


def _only_recipes(campaign: Campaign) -> None:
    """Refuse a campaign whose electrodes a table of measured ones could not tell apart."""
    if campaign.design.variables or campaign.fixed:
        raise InputError(
            "design.variables: a laboratory is asked for and tells the three numbers of a recipe "
            "alone; allowed: a campaign that varies these and nothing else"
        )


def run_ask(campaign: Campaign, results: Path) -> pd.DataFrame:
    """Choose the next electrodes to make, and write them into ``laboratory.csv`` as pending.

    Returns
    -------
    DataFrame
        ``name``, ``slurry``, ``ask``, ``status`` and the recipe of each.

    Raises
    ------
    InputError
        Dataset, surrogates or ``laboratory.csv`` are missing or broken, or no electrode is
        expected to gain anything.
    """
    _only_recipes(campaign)
    path = Layout(results).laboratory
    laboratory = Laboratory.read(path)
    asked = ask(
        make_problem(campaign, results),
        read_surrogates(campaign, results),
        all_measured(campaign, results),
        laboratory.unmeasured_pct,
        campaign.laboratory,
        seed=derived_seed(campaign.seed, f"laboratory {len(laboratory.rows)}"),
    )
    if not asked:
        raise InputError(
            "optimum: no further electrode is expected to gain anything; allowed: goals and "
            "constraints that leave something to gain"
        )
    laboratory, rows = laboratory.with_asked(asked)
    laboratory.write(path)
    return rows


def run_tell(
    campaign: Campaign, results: Path, told: pd.DataFrame, where: str, *, replace: bool = False
) -> Told:
    """Write what was measured into ``laboratory.csv``.

    Parameters
    ----------
    campaign, results
        The campaign, which must have surrogates, and its folder.
    told, where, replace
        See `mesocast.optimization.laboratory.state.Laboratory.tell`.

    Raises
    ------
    InputError
        The table is wrong, or tells another value for what was told before.
    """
    _only_recipes(campaign)
    read_surrogates(campaign, results)  # what is told must have something to be held against
    path = Layout(results).laboratory
    laboratory, found = Laboratory.read(path).tell(told, where, replace=replace)
    if found.new or found.changed:
        laboratory.write(path)
    return found
