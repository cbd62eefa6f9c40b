"""The subcommand that writes the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.cli.command import Command, add_results, campaign_of

if TYPE_CHECKING:
    import argparse


def _report(arguments: argparse.Namespace) -> None:
    from mesocast.report.page import write_report

    print(write_report(campaign_of(arguments), arguments.results))  # noqa: T201 - the answer


COMMANDS = (Command("report", "write the page that shows the campaign", _report, add_results),)
