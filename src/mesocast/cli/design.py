"""The subcommand that writes the design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.cli.command import Command, add_results, campaign_of

if TYPE_CHECKING:
    import argparse


def _design(arguments: argparse.Namespace) -> None:
    from mesocast.design.jobs import run_design

    run_design(campaign_of(arguments), arguments.results)


COMMANDS = (Command("design", "write the table of recipes", _design, add_results),)
