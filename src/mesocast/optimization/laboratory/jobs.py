"""Asking a laboratory and being told, bound to a campaign's results folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mesocast.dataset.design_columns import DesignColumns, step_of
from mesocast.errors import InputError
from mesocast.optimization.jobs import make_problem
from mesocast.optimization.laboratory.ask import ask
from mesocast.optimization.laboratory.state import Laboratory, Told
from mesocast.optimization.rounds.propose import Axes
from mesocast.seeds import derived_seed
from mesocast.storage.layout import Layout
from mesocast.storage.lease import Lease
from mesocast.surrogates.jobs import read_surrogates
from mesocast.surrogates.measured.table import MeasuredTable, joined, read_measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign


def all_measured(campaign: Campaign, results: Path) -> MeasuredTable | None:
    """What the config's table holds and the laboratory told; None for nothing.

    Raises
    ------
    InputError
        A table is missing or broken, or both have one name for two recipes.
    """
    path, given = Layout(results).laboratory, campaign.verification.measured
    if given is None and not path.exists():
        return None
    design = DesignColumns.of(campaign)
    told = Laboratory.read(path, design).measured()
    if given is None:
        return told
    table = read_measured(Path(given), design)
    if told is None:
        return table
    recipes = dict(zip(told.names, told.recipes_pct, strict=True))
    steps = np.array([step_of(name, design.bounds.get(name)) for name in design.inputs])
    for name, recipe in zip(table.names, table.recipes_pct, strict=True):
        if name in recipes and np.any(np.abs(recipe - recipes[name]) >= steps):
            raise InputError(
                f"{given}: {name} has another recipe than {name} of {path}; allowed: a name of its "
                "own"
            )
    return joined(table, told)


def _alone(path: Path) -> Lease:
    """Lease of a laboratory's file: who changes it has read what was written before."""
    return Lease(path.with_name(f".{path.name}.lease"))


def _can_be_simulated(campaign: Campaign, recipe: Mapping[str, Value]) -> bool:
    """Whether the config allows the values that a recipe sets, also together."""
    try:
        campaign.at(recipe)
    except InputError:
        return False
    return True


def run_ask(campaign: Campaign, results: Path) -> pd.DataFrame:
    """Choose the next electrodes to make, and write them into ``laboratory.csv`` as pending.

    Who asks at the same time waits, and is given others.

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
    path, design = Layout(results).laboratory, DesignColumns.of(campaign)
    problem, surrogates = make_problem(campaign, results), read_surrogates(campaign, results)
    with _alone(path):
        laboratory = Laboratory.read(path, design)
        asked = ask(
            problem,
            surrogates,
            all_measured(campaign, results),
            laboratory.unmeasured_pct,
            campaign.laboratory,
            seed=derived_seed(campaign.seed, f"laboratory {len(laboratory.rows)}"),
            axes=Axes.of(campaign, problem),
            can_be_made=lambda recipe: _can_be_simulated(campaign, recipe),
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
    read_surrogates(campaign, results)  # what is told must have something to be held against
    path, design = Layout(results).laboratory, DesignColumns.of(campaign)
    with _alone(path):
        laboratory, found = Laboratory.read(path, design).tell(told, where, replace=replace)
        if found.new or found.changed:
            laboratory.write(path)
    return found
