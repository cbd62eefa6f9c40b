"""The subcommand that gathers electrodes into a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.cli.command import ROWS, Command, add_results, campaign_of

if TYPE_CHECKING:
    import argparse

    from mesocast.config.campaign import Campaign


def row_files_of(
    arguments: argparse.Namespace, campaign: Campaign, before: int | None = None
) -> list[Path]:
    """Files with the rows that are given, else all that the config asks for.

    Parameters
    ----------
    arguments
        With ``rows`` and ``results``.
    campaign
        The campaign.
    before
        Only the design and the rounds before this one; with None all rounds.
    """
    from mesocast.design.plan import kept_plan
    from mesocast.design.rounds import row_files

    if arguments.rows:
        return list(arguments.rows)
    plan = kept_plan(campaign, arguments.results)
    return row_files(campaign, plan, arguments.results, before=before)


def add_rows(parser: argparse.ArgumentParser) -> None:
    """Add the files of rows that ``row_files_of`` reads."""
    parser.add_argument("rows", type=Path, nargs="*", help=ROWS)


def _add_dataset(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    add_rows(parser)


def _dataset(arguments: argparse.Namespace) -> None:
    from mesocast.dataset.jobs import run_dataset

    campaign = campaign_of(arguments)
    run_dataset(campaign, arguments.results, row_files_of(arguments, campaign))


COMMANDS = (Command("dataset", "gather the properties of all conditions", _dataset, _add_dataset),)
